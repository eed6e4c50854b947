"""The audit as people read it: who commanded what, what came of it, and what was refused."""
