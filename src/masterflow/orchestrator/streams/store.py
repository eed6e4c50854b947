"""What streams read: the relay's position and who has news as the engine's role, the news as their own tenant's."""

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg
import orjson

from masterflow.db.session import Database
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.relay.store import NAME as RELAY
from masterflow.orchestrator.streams.cursor import Cursor, Range
from masterflow.orchestrator.streams.types import FlowProgress, StreamedEvent
from masterflow.orchestrator.types import Progress
from masterflow.tenancy.types import Tenant

_COLUMNS = "e.id, e.flow_id, f.flow_type, e.seq, e.kind, e.phase, e.actor, e.data ->> 'status' AS status, e.at"
_MINE = "e.client_account_id = $1 AND e.engagement_id = $2"
_IN_RANGES = f"""
SELECT {_COLUMNS} FROM unnest($3::bigint[], $4::bigint[]) AS r (low, high)
JOIN flow_events e ON e.id BETWEEN r.low AND r.high
JOIN {FLOWS} f ON f.flow_id = e.flow_id
WHERE {_MINE} ORDER BY e.id LIMIT $5"""
_OF_FLOW = f"""
SELECT {_COLUMNS} FROM flow_events e JOIN {FLOWS} f ON f.flow_id = e.flow_id
WHERE {_MINE} AND e.flow_id = $3 AND e.seq > $4 ORDER BY e.seq LIMIT $5"""


async def position(connection: asyncpg.Connection) -> Cursor:
    """How far the relay has come."""
    row = await connection.fetchrow("SELECT position, holes::text FROM relay_positions WHERE name = $1", RELAY)
    return Cursor(row["position"], tuple((low, high) for low, high, _ in orjson.loads(row["holes"])))


async def first_events(
    connection: asyncpg.Connection, ranges: Sequence[Range], *, limit: int
) -> tuple[set[Tenant], int | None]:
    """Whose flows the first `limit` events in `ranges` are about, and the id of the last of them; None if these are
    all there are."""
    rows = await connection.fetch(
        """SELECT e.id, e.client_account_id, e.engagement_id FROM unnest($1::bigint[], $2::bigint[]) AS r (low, high)
           JOIN flow_events e ON e.id BETWEEN r.low AND r.high ORDER BY e.id LIMIT $3""",
        *_ends(ranges),
        limit,
    )
    whose = {Tenant(row["client_account_id"], row["engagement_id"]) for row in rows}
    return whose, rows[-1]["id"] if len(rows) == limit else None


async def owners(connection: asyncpg.Connection, flow_ids: Collection[UUID]) -> set[Tenant]:
    """Whose these flows are."""
    rows = await connection.fetch(
        f"SELECT DISTINCT client_account_id, engagement_id FROM {FLOWS} WHERE flow_id = ANY($1::uuid[])", list(flow_ids)
    )
    return {Tenant(row["client_account_id"], row["engagement_id"]) for row in rows}


async def events_in(database: Database, tenant: Tenant, ranges: Sequence[Range], *, limit: int) -> list[StreamedEvent]:
    """An engagement's events in `ranges`, which do not overlap, in order of id."""
    async with database.reading(tenant) as connection:
        rows = await connection.fetch(
            _IN_RANGES,
            tenant.client_account_id,
            tenant.engagement_id,
            *_ends(ranges),
            limit,
        )
    return [StreamedEvent(**dict(row)) for row in rows]


async def events_of(
    database: Database, tenant: Tenant, flow_id: UUID, *, after: int, limit: int
) -> list[StreamedEvent]:
    """A flow's events numbered above `after`."""
    async with database.reading(tenant) as connection:
        rows = await connection.fetch(
            _OF_FLOW,
            tenant.client_account_id,
            tenant.engagement_id,
            flow_id,
            after,
            limit,
        )
    return [StreamedEvent(**dict(row)) for row in rows]


async def progress_of(database: Database, tenant: Tenant, flow_ids: Collection[UUID]) -> list[FlowProgress]:
    """How far these flows are, those of the engagement that run."""
    async with database.reading(tenant) as connection:
        rows = await connection.fetch(
            f"""SELECT flow_id, flow_persistence_data -> 'progress' AS progress FROM {FLOWS}
                WHERE client_account_id = $1 AND engagement_id = $2 AND flow_id = ANY($3::uuid[])
                    AND flow_status = 'running' AND flow_persistence_data ? 'progress'""",
            tenant.client_account_id,
            tenant.engagement_id,
            list(flow_ids),
        )
    return [FlowProgress(row["flow_id"], Progress(**row["progress"])) for row in rows]


def _ends(ranges: Sequence[Range]) -> tuple[list[int], list[int]]:
    return [low for low, _ in ranges], [high for _, high in ranges]
