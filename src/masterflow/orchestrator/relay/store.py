"""The relay's row, the events it has not passed on, and the transaction that holds all of it together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from masterflow.db.session import Database
from masterflow.orchestrator.relay.types import Hole, Poisoned, Position, RelayedEvent

CHANNEL = "masterflow_events"
NAME = "events"
_LOCK = 0x6D66_726C  # one process relays at a time

EVENT_COLUMNS = "e.id, e.client_account_id, e.engagement_id, e.flow_id, e.seq, e.kind, e.phase, e.actor, e.data, e.at"


class RelayStore:
    """The statements of one relaying transaction."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def position(self) -> tuple[Position, int]:
        """How far the relay has come, and the oldest transaction that runs: all older ones have ended, and what they
        wrote is seen by every later statement here."""
        row = await self.connection.fetchrow(
            """SELECT position, holes, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest
               FROM relay_positions WHERE name = $1""",
            NAME,
        )
        return Position(row["position"], tuple(Hole(*hole) for hole in row["holes"])), row["oldest"]

    async def appeared(self, holes: Sequence[Hole], *, limit: int) -> list[RelayedEvent]:
        """Events that were missing."""
        rows = await self.connection.fetch(
            f"""SELECT {EVENT_COLUMNS} FROM unnest($1::bigint[], $2::bigint[]) AS hole (low, high)
                JOIN flow_events e ON e.id BETWEEN hole.low AND hole.high ORDER BY e.id LIMIT $3""",
            [hole.low for hole in holes],
            [hole.high for hole in holes],
            limit,
        )
        return [event_from(row) for row in rows]

    async def after(self, last: int, *, limit: int) -> list[RelayedEvent]:
        """Events above `last`."""
        rows = await self.connection.fetch(
            f"SELECT {EVENT_COLUMNS} FROM flow_events e WHERE e.id > $1 ORDER BY e.id LIMIT $2", last, limit
        )
        return [event_from(row) for row in rows]

    async def horizon(self) -> int:
        """A transaction id above that of every transaction that has written anything until now."""
        return int(await self.connection.fetchval("SELECT pg_current_xact_id()::text::bigint"))

    async def save(self, position: Position) -> None:
        """Write how far the relay has come."""
        await self.connection.execute(
            "UPDATE relay_positions SET position = $2, holes = $3, updated_at = clock_timestamp() WHERE name = $1",
            NAME,
            position.last,
            [[hole.low, hole.high, hole.horizon] for hole in position.holes],
        )

    async def record(self, poisoned: Sequence[Poisoned]) -> None:
        """Keep what folds could not take in."""
        await self.connection.executemany(
            "INSERT INTO relay_failures (event_id, fold, error) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [(one.event_id, one.fold, one.error) for one in poisoned],
        )

    async def notify(self, payload: str) -> None:
        """Wake who listens, when this commits."""
        await self.connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)


@asynccontextmanager
async def relaying(database: Database) -> AsyncIterator[RelayStore | None]:
    """The transaction of the one process that relays, None if another does.

    The lock is the transaction's: it is let go together with what was written, even if the connection breaks.
    """
    async with database.moving_together() as connection:
        mine = await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK)
        yield RelayStore(connection) if mine else None


async def is_behind(database: Database) -> bool:
    """Whether there is something to relay, or a hole to look at."""
    async with database.moving() as connection:
        return bool(
            await connection.fetchval(
                """SELECT p.holes <> '[]' OR EXISTS (SELECT FROM flow_events e WHERE e.id > p.position)
                   FROM relay_positions p WHERE p.name = $1""",
                NAME,
            )
        )


async def failures(database: Database) -> int:
    """How many times a fold could not take an event in, since the beginning."""
    async with database.moving() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM relay_failures"))


def event_from(row: asyncpg.Record) -> RelayedEvent:
    """An event from a row selected with `EVENT_COLUMNS`."""
    values = dict(row)
    return RelayedEvent(**(values | {"data": values["data"] or {}}))
