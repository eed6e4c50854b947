"""A Masterflow process of a drill: the command line itself, with the drill's flow types and at most one planted fault.

`--fast` shortens the worker's periods, for drills whose wall-clock figures are not told. What is planted is planted
here, in the drill's own process, and nowhere in the product.
"""

import argparse
import ctypes
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from drills.mutants import plant
from drills.toys import toys
from masterflow import bootstrap
from masterflow.cli import main, serving
from masterflow.orchestrator import FlowTypeRegistry
from masterflow.worker.periods import Periods

FAST = Periods(
    beat=timedelta(milliseconds=200),
    look=timedelta(milliseconds=200),
    sweep=timedelta(milliseconds=300),
    reconcile=timedelta(seconds=2),
    lost_after=timedelta(seconds=1),
    frozen_after=timedelta(seconds=3),
    drain=timedelta(seconds=1),
)


def become(arguments: list[str], environment: dict[str, str], log: str) -> None:
    """Be `masterflow`, with `arguments` such as `--mutant NAME --flows NAME --fast serve --port 8700`."""
    end_with_parent()
    for name in [name for name in os.environ if name.startswith("MASTERFLOW_")]:
        del os.environ[name]
    os.environ.update(environment)
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutant")
    parser.add_argument("--flows", default="counted")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--pool", type=int, default=serving.POOL_SIZE)
    given, command = parser.parse_known_args(arguments)
    serving.POOL_SIZE = given.pool
    if given.fast:
        # it joins the worker, and gives it its periods
        bootstrap.Periods = lambda **_: FAST  # type: ignore[attr-defined, assignment]
    if given.mutant:
        plant(given.mutant)
    registry = FlowTypeRegistry(toys(given.flows))
    bootstrap.load_registry = lambda: registry
    sys.argv = ["masterflow", *command]
    main()


def end_with_parent() -> None:
    """Ask the kernel to end this process with the one that forks them all, so that nothing outlives a drill."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
