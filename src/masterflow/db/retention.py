"""What is kept for a while and no longer: for how long, and the statement that deletes some of what is over.

Each statement finds what is over by an index, takes no more than `$2` rows and, where rows can be held, waits
for nobody who holds one.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import asyncpg

KEPT_LINKS = timedelta(days=1)  # after they could be used
KEPT_SESSIONS = timedelta(days=30)  # after they were over


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Rows of one table. `over` is the moment from which they are kept `kept_for`; `belonging` names a table whose rows
    go with them, by the id in the given column; of an append-only table, which never `changes`, no row can be held."""

    table: str
    key: tuple[str, ...]
    over: str
    kept_for: timedelta
    belonging: tuple[str, str] | None = None
    changes: bool = True
    at_once: int = 1_000  # rows, in one statement

    async def delete_some(self, connection: asyncpg.Connection) -> int:
        """Delete the oldest of what is over, of every tenant; answers how many rows of the table."""
        done: str = await connection.execute(self._statement, self.kept_for, self.at_once)
        return int(done.rpartition(" ")[2])

    @property
    def _statement(self) -> str:
        key = ", ".join(self.key)
        more = ""
        if self.belonging is not None:
            name, column = self.belonging
            more = f", belonging AS (DELETE FROM {name} WHERE {column} IN (SELECT {key} FROM gone))"
        return f"""
WITH gone AS (
    SELECT {key} FROM {self.table} WHERE {self.over} < clock_timestamp() - $1::interval
    ORDER BY {self.over} LIMIT $2 {"FOR UPDATE SKIP LOCKED" if self.changes else ""}
){more}
DELETE FROM {self.table} WHERE ({key}) IN (SELECT {key} FROM gone)"""


RETENTION: Final = (
    Retention(table="webhook_deliveries", key=("id",), over="ended_at", kept_for=timedelta(days=30)),
    Retention(table="schedule_runs", key=("schedule_id", "id"), over="at", kept_for=timedelta(days=365), changes=False),
    Retention(
        table="bulk_jobs",
        key=("id",),
        over="finished_at",
        kept_for=timedelta(days=90),
        belonging=("bulk_job_items", "job_id"),
        at_once=10,
    ),
    Retention(table="relay_failures", key=("event_id", "fold"), over="at", kept_for=timedelta(days=90)),
    Retention(table="sign_in_links", key=("id",), over="expires_at", kept_for=KEPT_LINKS),
    Retention(table="sessions", key=("id",), over="expires_at", kept_for=KEPT_SESSIONS),
)
