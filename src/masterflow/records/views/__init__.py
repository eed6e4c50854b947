"""Filters of lists that people keep, for themselves or for their engagement."""
