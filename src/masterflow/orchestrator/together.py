"""Commands that share one transaction of the caller's: what is written beside them holds exactly when they do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import asyncpg

from masterflow.orchestrator.engine import Segment


@dataclass(frozen=True, slots=True)
class Together:
    """The transaction that commands join, and the segments that begin once it has committed."""

    connection: asyncpg.Connection
    segments: list[Segment] = field(default_factory=list)


_JOINED: ContextVar[Together | None] = ContextVar("masterflow_together", default=None)


def joined() -> Together | None:
    """What the commands of this task share, if they do."""
    return _JOINED.get()


@asynccontextmanager
async def together(connection: asyncpg.Connection) -> AsyncIterator[Together]:
    """Let the commands of this block write on `connection`, all or nothing; the caller tells the engine after."""
    unit = Together(connection)
    token = _JOINED.set(unit)
    try:
        async with connection.transaction():  # within the caller's: an error undoes this block alone
            yield unit
    finally:
        _JOINED.reset(token)
