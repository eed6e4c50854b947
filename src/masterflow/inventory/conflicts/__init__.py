"""Contradictions between sources: the queue that people work off, and what they decided."""
