"""Moves every flow: one service for commands, one row for the truth, one engine behind a protocol."""
