"""How a process that stays is told to end: a first signal asks it to, a second one hurries it."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from masterflow.logs import get_logger

log = get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """What a process hears of SIGTERM and SIGINT; use it inside `stop_signals()`."""

    def __init__(self) -> None:
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
            return
        log.warning("process_hurries")
        for hurry in self._hurries:
            hurry()


@contextmanager
def stop_signals() -> Iterator[Stop]:
    """Listen for the signals to end for as long as the block lasts, in a running loop."""
    loop, stop = asyncio.get_running_loop(), Stop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stop.tell)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
