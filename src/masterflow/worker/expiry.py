"""Deleting what is kept for a while and no longer, a little at a time."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from masterflow.db.keys import DELETED_AT_ONCE, delete_expired
from masterflow.db.retention import RETENTION
from masterflow.db.session import Database
from masterflow.worker.worker import Duty

MOST_AT_ONCE = 50  # statements of one kind in one turn; what is left then waits for the next


def expiry(database: Database, *, period: timedelta) -> Duty:
    """The duty of a worker to delete what is over, of every tenant: answers under idempotency keys, and what
    `RETENTION` names. Several workers do not wait for each other.
    """

    async def delete_what_is_over() -> int:
        deleted = 0
        async with database.moving() as connection:
            deleted += await _until_few(connection, delete_expired, DELETED_AT_ONCE)
            for kept in RETENTION:
                deleted += await _until_few(connection, kept.delete_some, kept.at_once)
        return deleted

    return Duty(period, delete_what_is_over)


async def _until_few(
    connection: asyncpg.Connection, delete_some: Callable[[asyncpg.Connection], Awaitable[int]], at_once: int
) -> int:
    """Delete until a statement finds fewer than it takes, or it was enough for one turn; answers how many rows."""
    deleted = 0
    for _ in range(MOST_AT_ONCE):
        found = await delete_some(connection)
        deleted += found
        if found < at_once:
            break
    return deleted
