"""How long a search may go on: a work limit that is the same on every machine, and the clock as a safety net.

CP-SAT's deterministic time counts work, not seconds. A search that stops by work gives the same plan every time; one
that stops by the clock does not. So the work limit is set to come first, also on a slow or a busy machine.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

# An idle core does 0.5 to 0.65 units a second (measured); the limit leaves room for a machine four times busier.
WORK_PER_SECOND_AND_WORKER = 0.14
LEAST_WORK = 0.1
CLOCK_SHARE = 0.95  # of the time limit: the solver looks at the clock only between batches of work


@dataclass(slots=True)
class Budget:
    """Work and time left of one planning run."""

    seconds: float
    workers: int
    clock: Callable[[], float] = time.monotonic
    spent: float = 0.0
    clock_ran_out: bool = False
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def work(self) -> float:
        """All work of the run, in units of CP-SAT's deterministic time."""
        return self.seconds * WORK_PER_SECOND_AND_WORKER * self.workers

    @property
    def work_left(self) -> float:
        """What is left of it."""
        return max(0.0, self.work - self.spent)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.started

    @property
    def seconds_left(self) -> float:
        """Seconds until the clock ends the run."""
        return max(0.0, CLOCK_SHARE * self.seconds - self.elapsed)

    @property
    def over(self) -> bool:
        """Whether work or time is used up; remembers when it was the time."""
        if self.seconds_left <= 0:
            self.clock_ran_out = True
        return self.clock_ran_out or self.work_left < LEAST_WORK

    def spend(self, work: float) -> None:
        """Note work that was done."""
        self.spent += work
