"""Asking again while the database is away: a flow that was run must not wait for the reconciler because a restart of
Postgres fell between its body and its commit."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from time import monotonic
from typing import ParamSpec, TypeVar

from masterflow.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

LONGEST = timedelta(seconds=60)  # after that the reconciler finds the flow
REST = timedelta(milliseconds=500)


def patient(call: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """`call`, repeated while the database is away. Only for what is fenced: the first time may have had its effect
    though nobody heard of it, and the second must find that out.

    Raises:
        Unavailable: the database was away for `LONGEST`.
    """

    @wraps(call)
    async def patiently(*args: P.args, **kwargs: P.kwargs) -> T:
        until = monotonic() + LONGEST.total_seconds()
        while True:
            try:
                return await call(*args, **kwargs)
            except Unavailable:
                if monotonic() >= until:
                    raise
            await asyncio.sleep(REST.total_seconds())

    return patiently
