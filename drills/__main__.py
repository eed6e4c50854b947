"""Run the drills and print their table; exit code 1 when one of them does not hold."""

import argparse
import secrets
import sys
import time

from drills import DRILLS
from drills.report import table
from drills.site import without_sync
from masterflow.logs import configure_logs


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m drills", description="Put faults into a running Masterflow.")
    parser.add_argument("--full", action="store_true", help="many more trials: hours")
    parser.add_argument("--quick", action="store_true", help="few trials, as the tests run them")
    parser.add_argument("--only", action="append", choices=list(DRILLS), help="this drill; may be given again")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run; it is printed")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    configure_logs(level="ERROR")  # the drills' own processes keep theirs in files
    if given.quick:
        without_sync()
    outcomes = []
    for name in given.only or DRILLS:
        began = time.monotonic()
        print(f"{name} …", flush=True)
        outcomes += DRILLS[name]().run(seed=seed, full=given.full, quick=given.quick)
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    print(table(outcomes))
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
