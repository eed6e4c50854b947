"""Waiting for a condition instead of sleeping for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")

PATIENCE = timedelta(seconds=60)
GLANCE = timedelta(milliseconds=10)


async def eventually(look: Callable[[], Awaitable[T]], *, within: timedelta = PATIENCE) -> T:
    """What `look` answers, as soon as that is true.

    Raises:
        TimeoutError: it never was.
    """
    async with asyncio.timeout(within.total_seconds()):
        while not (seen := await look()):  # noqa: ASYNC110  the condition lives in a database or another process
            await asyncio.sleep(GLANCE.total_seconds())
        return seen
