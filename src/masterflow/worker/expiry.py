"""Deleting what is kept for a while and no longer: the answers under idempotency keys."""

from datetime import timedelta

from masterflow.db.keys import DELETED_AT_ONCE, delete_expired
from masterflow.db.session import Database
from masterflow.worker.worker import Duty

EVERY = timedelta(minutes=5)
MOST_AT_ONCE = 50  # statements of one turn; what is left then waits for the next


def expiry(database: Database) -> Duty:
    """The duty of a worker to delete expired keys of every tenant; several workers do not wait for each other."""

    async def delete_expired_keys() -> int:
        deleted = 0
        async with database.moving() as connection:
            for _ in range(MOST_AT_ONCE):
                found = await delete_expired(connection)
                deleted += found
                if found < DELETED_AT_ONCE:
                    break
        return deleted

    return Duty(EVERY, delete_expired_keys)
