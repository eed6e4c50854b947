"""Segments: the stretch of a flow between two waits, run phase by phase by the worker that claimed it."""
