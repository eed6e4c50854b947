"""Signing in with a browser: one-time links, and the sessions that they open."""
