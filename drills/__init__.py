"""Drills: faults put into a running Masterflow on purpose, and what must hold all the same.

    python -m drills [--full] [--only NAME] [--seed N]

Each drill runs the correct build and then a build with a planted fault, which it must find: a drill that finds nothing
where something is wrong proves nothing. `docs/howto/drills.md` says what each shows.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from drills.report import Outcome


class Drill(Protocol):
    """A module of this package that can be run as a drill."""

    def run(self, *, seed: int, full: bool, quick: bool) -> list[Outcome]:
        """Run it: `quick` as tests do, `full` for hours, and neither for the table."""
        ...


def _of(module: str) -> Callable[[], Drill]:
    return lambda: import_module(f"drills.{module}")


MODULES = (
    "kills",
    "every_write",
    "histories",
    "commands",
    "lost_answers",
    "exhaustion",
    "full_disk",
    "poison",
    "upgrade",
    "frozen",
    "backups",
    "steady",
)
DRILLS = {name: _of(name) for name in MODULES}
