"""The command line: one file a noun, one boundary that turns errors into sentences and exit codes."""

from masterflow.cli.root import commands, main

__all__ = ["commands", "main"]
