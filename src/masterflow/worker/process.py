"""How a process that stays is told to end: a first signal asks it to, a second one hurries it."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from masterflow.logs import get_logger

log = get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """What a process hears of SIGTERM and SIGINT; use it inside `stop_signals()`."""

    def __init__(self, asked: Callable[[], object] | None = None) -> None:
        self._at_first = asked
        self._asked = asyncio.Event()
        self._hurries: list[Callable[[], object]] = []

    async def asked(self) -> None:
        """Wait for the first signal."""
        await self._asked.wait()

    def hurry_with(self, hurry: Callable[[], object]) -> None:
        """Call `hurry` at the second signal and at every later one: it ends at once what the first let finish."""
        self._hurries.append(hurry)

    def tell(self) -> None:
        """Take one signal."""
        if not self._asked.is_set():
            log.info("process_stops")
            self._asked.set()
            if self._at_first is not None:
                self._at_first()
            return
        log.warning("process_hurries")
        for hurry in self._hurries:
            hurry()


class Deadline:
    """Ends this process by force some time after it was asked to end: a part may wait for a database that is away, in a
    thread that nobody can stop. Everything that matters is in the database by then, and others take over the rest."""

    def __init__(self, within: timedelta, *, end: Callable[[int], object] = os._exit) -> None:
        self._within = within
        self._end = end
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Count from now on."""
        self._timer = threading.Timer(self._within.total_seconds(), self._give_up)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """The process has come to its end by itself."""
        if self._timer is not None:
            self._timer.cancel()

    def _give_up(self) -> None:
        log.error("process_gave_up", seconds=self._within.total_seconds())
        self._end(1)


@contextmanager
def stop_signals(asked: Callable[[], object] | None = None) -> Iterator[Stop]:
    """Listen for the signals to end for as long as the block lasts, in a running loop; the first one calls `asked`."""
    loop, stop = asyncio.get_running_loop(), Stop(asked)
    for number in SIGNALS:
        loop.add_signal_handler(number, stop.tell)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
