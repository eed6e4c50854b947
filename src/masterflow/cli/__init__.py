"""The command line: one file a noun, one boundary that turns errors into sentences and exit codes."""

from masterflow.cli.root import app, main

__all__ = ["app", "main"]
