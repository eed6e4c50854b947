"""`python -m masterflow` is the command line."""

from masterflow.cli import main

if __name__ == "__main__":  # processes that compute for a worker import this module too
    main()
