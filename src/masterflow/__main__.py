"""`python -m masterflow` is the command line."""

from masterflow.cli import main

main()
