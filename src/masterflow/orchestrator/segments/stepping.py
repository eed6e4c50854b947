"""Drives a coroutine step by step and tells when one step kept the event loop to itself for too long."""

import types
from collections.abc import Callable, Coroutine, Generator
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST_STEP = timedelta(milliseconds=100)


@types.coroutine
def stepped(
    coroutine: Coroutine[Any, Any, T],
    blocked: Callable[[timedelta], None],
    *,
    longest: timedelta = LONGEST_STEP,
) -> Generator[Any, Any, T]:
    """Await `coroutine`; call `blocked` for every stretch between two awaits that lasted longer than `longest`."""
    limit = longest.total_seconds()
    step: Callable[[], Any] = partial(coroutine.send, None)
    while True:
        started = perf_counter()
        try:
            waited_for = step()
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            took = perf_counter() - started
            if took > limit:
                blocked(timedelta(seconds=took))
        try:
            step = partial(coroutine.send, (yield waited_for))
        except BaseException as error:  # noqa: BLE001  # boundary: errors and cancellations pass through to the body
            step = partial(coroutine.throw, error)
