"""The counters' rows, and what the history says of an event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg
import orjson

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.analytics.tally import PHASE_DONE, WAITS, Happening, Tally
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.relay import RelayedEvent
from masterflow.tenancy.types import Tenant


@dataclass(frozen=True, slots=True)
class Day:
    """The key of one row of a day."""

    tenant: Tenant
    day: date
    flow_type: str


@dataclass(slots=True)
class Standing:
    """One engagement's flows by type and status, and the newest event that is counted in."""

    by_type: Tally
    as_of: datetime


Standings = dict[Tenant, Standing]
Days = dict[Day, Tally]


async def happenings(connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> list[Happening | None]:
    """Each event with what its flow's history says of it; None where the flow is gone."""
    rows = await connection.fetch(
        _HISTORY,
        [event.flow_id for event in events],
        [event.seq for event in events],
        [event.data.get("status") for event in events],
        [event.phase if _is_measured(event) else None for event in events],
        [event.at for event in events],
        [status.value for status in WAITS],
    )
    return [_happening(event, row) for event, row in zip(events, rows, strict=True)]


async def locked(connection: asyncpg.Connection, standings: Standings, days: Days) -> tuple[Standings, Days]:
    """The rows of these keys as they are, held until the transaction ends."""
    return (
        await _standings(connection, list(standings)),
        await _days(connection, list(days)),
    )


async def write(connection: asyncpg.Connection, standings: Standings, days: Days) -> None:
    """Put these rows in the place of those of the same keys."""
    await connection.execute(
        """INSERT INTO flow_standings (client_account_id, engagement_id, by_type, as_of)
           SELECT client, engagement, by_type::jsonb, at
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) AS new (client, engagement, by_type, at)
           ON CONFLICT (client_account_id, engagement_id)
           DO UPDATE SET by_type = excluded.by_type, as_of = excluded.as_of""",
        *_keys(list(standings)),
        [_text(standing.by_type) for standing in standings.values()],
        [standing.as_of for standing in standings.values()],
    )
    await connection.execute(
        """INSERT INTO flow_days (client_account_id, engagement_id, day, flow_type, facts)
           SELECT client, engagement, day, flow_type, facts::jsonb
           FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::varchar[], $5::text[])
               AS new (client, engagement, day, flow_type, facts)
           ON CONFLICT (client_account_id, engagement_id, day, flow_type) DO UPDATE SET facts = excluded.facts""",
        *_keys([key.tenant for key in days]),
        [key.day for key in days],
        [key.flow_type for key in days],
        [_text(facts) for facts in days.values()],
    )


async def delete(connection: asyncpg.Connection, standings: Sequence[Tenant], days: Sequence[Day]) -> None:
    """Take rows away that count nothing."""
    await connection.execute(
        """DELETE FROM flow_standings USING unnest($1::uuid[], $2::uuid[]) AS gone (client, engagement)
           WHERE client_account_id = client AND engagement_id = engagement""",
        *_keys(standings),
    )
    await connection.execute(
        """DELETE FROM flow_days d USING unnest($1::uuid[], $2::uuid[], $3::date[], $4::varchar[])
               AS gone (client, engagement, day, flow_type)
           WHERE client_account_id = client AND engagement_id = engagement
               AND d.day = gone.day AND d.flow_type = gone.flow_type""",
        *_keys([key.tenant for key in days]),
        [key.day for key in days],
        [key.flow_type for key in days],
    )


async def everything(connection: asyncpg.Connection) -> tuple[Standings, Days]:
    """Every row of every tenant, held until the transaction ends."""
    return (
        _standings_from(await connection.fetch(f"{_STANDINGS} FOR UPDATE")),
        _days_from(await connection.fetch(f"{_DAYS} FOR UPDATE")),
    )


async def standings_of(connection: asyncpg.Connection, client: UUID, engagements: Sequence[UUID]) -> Standings:
    """How many flows these engagements have."""
    rows = await connection.fetch(
        f"{_STANDINGS} WHERE client_account_id = $1 AND engagement_id = ANY($2::uuid[])", client, list(engagements)
    )
    return _standings_from(rows)


async def days_of(
    connection: asyncpg.Connection,
    client: UUID,
    engagements: Sequence[UUID],
    *,
    first: date,
    last: date,
    flow_type: str | None,
) -> Days:
    """What happened in these engagements from `first` to `last`."""
    rows = await connection.fetch(
        f"""{_DAYS} WHERE client_account_id = $1 AND engagement_id = ANY($2::uuid[]) AND day BETWEEN $3 AND $4
            AND ($5::varchar IS NULL OR flow_type = $5)""",
        client,
        list(engagements),
        first,
        last,
        flow_type,
    )
    return _days_from(rows)


async def engagements_of(
    connection: asyncpg.Connection, client: UUID, user_id: UUID, roles: Sequence[str]
) -> list[UUID]:
    """The client's engagements in which a person has one of `roles`, given there or for the whole client."""
    rows = await connection.fetch(
        """SELECT DISTINCT e.id FROM engagements e
           JOIN memberships m ON m.client_account_id = e.client_account_id
               AND (m.engagement_id = e.id OR m.engagement_id IS NULL)
           WHERE e.client_account_id = $1 AND m.user_id = $2 AND m.role = ANY($3::varchar[]) ORDER BY e.id""",
        client,
        user_id,
        list(roles),
    )
    return [row["id"] for row in rows]


async def _standings(connection: asyncpg.Connection, tenants: Sequence[Tenant]) -> Standings:
    rows = await connection.fetch(
        f"""{_STANDINGS} JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (client, engagement)
                ON client_account_id = client AND engagement_id = engagement FOR UPDATE OF s""",
        *_keys(tenants),
    )
    return _standings_from(rows)


async def _days(connection: asyncpg.Connection, days: Sequence[Day]) -> Days:
    rows = await connection.fetch(
        f"""{_DAYS} JOIN unnest($1::uuid[], $2::uuid[], $3::date[], $4::varchar[])
                AS wanted (client, engagement, wanted_day, wanted_type)
                ON client_account_id = client AND engagement_id = engagement AND day = wanted_day
                AND flow_type = wanted_type FOR UPDATE OF d""",
        *_keys([key.tenant for key in days]),
        [key.day for key in days],
        [key.flow_type for key in days],
    )
    return _days_from(rows)


def _happening(event: RelayedEvent, row: Mapping[str, object]) -> Happening | None:
    flow_type, before, after = row["flow_type"], row["before"], event.data.get("status")
    waited, took = row["waited_us"], row["took_us"]
    if flow_type is None:
        return None
    return Happening(
        flow_type=str(flow_type),
        day=event.at.date(),
        kind=event.kind,
        phase=event.phase,
        before=FlowStatus(before) if isinstance(before, str) else None,
        after=FlowStatus(after) if after is not None else None,
        waited_us=waited if isinstance(waited, int) else None,
        took_us=took if isinstance(took, int) else None,
        code=event.data.get("code"),
        error_class=event.data.get("class"),
    )


def _is_measured(event: RelayedEvent) -> bool:
    return event.kind == PHASE_DONE and event.data.get("measured") is not False


def _keys(tenants: Sequence[Tenant]) -> tuple[list[UUID], list[UUID]]:
    return [tenant.client_account_id for tenant in tenants], [tenant.engagement_id for tenant in tenants]


def _standings_from(rows: Sequence[asyncpg.Record]) -> Standings:
    return {
        Tenant(row["client_account_id"], row["engagement_id"]): Standing(orjson.loads(row["by_type"]), row["as_of"])
        for row in rows
    }


def _days_from(rows: Sequence[asyncpg.Record]) -> Days:
    return {
        Day(Tenant(row["client_account_id"], row["engagement_id"]), row["day"], row["flow_type"]): orjson.loads(
            row["facts"]
        )
        for row in rows
    }


def _text(tally: Tally) -> str:
    return orjson.dumps(tally).decode()


_STANDINGS = "SELECT client_account_id, engagement_id, by_type::text AS by_type, as_of FROM flow_standings s"
_DAYS = "SELECT client_account_id, engagement_id, day, flow_type, facts::text AS facts FROM flow_days d"

# Of each event: its flow's type, the status before it, how long the flow had that status if the event ends a wait, and
# how long the phase ran if it ends one. Each looks a few rows back along the keys of the flow alone. A result belongs
# to the event that was written by the same statement: of several iterations the one nearest in time.
_HISTORY = f"""
SELECT f.flow_type, p.status AS before,
    (extract(epoch FROM asked.at - w.since) * 1000000)::bigint AS waited_us,
    (extract(epoch FROM greatest(r.finished_at, r.started_at) - r.started_at) * 1000000)::bigint AS took_us
FROM unnest($1::uuid[], $2::integer[], $3::varchar[], $4::varchar[], $5::timestamptz[])
    WITH ORDINALITY AS asked (flow_id, seq, status, phase, at, place)
LEFT JOIN {FLOWS} f ON f.flow_id = asked.flow_id
LEFT JOIN LATERAL (
    SELECT e.data ->> 'status' AS status FROM flow_events e
    WHERE e.flow_id = asked.flow_id AND e.seq < asked.seq AND e.data ? 'status' ORDER BY e.seq DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT min(e.at) AS since FROM flow_events e
    WHERE asked.status <> p.status AND p.status = ANY($6::varchar[])
        AND e.flow_id = asked.flow_id AND e.seq < asked.seq AND e.data ->> 'status' = p.status
        AND e.seq > coalesce((
            SELECT o.seq FROM flow_events o
            WHERE o.flow_id = asked.flow_id AND o.seq < asked.seq AND o.data ? 'status'
                AND o.data ->> 'status' <> p.status
            ORDER BY o.seq DESC LIMIT 1
        ), 0)
) w ON true
LEFT JOIN LATERAL (
    SELECT x.started_at, x.finished_at FROM phase_results x
    WHERE asked.phase IS NOT NULL AND x.flow_id = asked.flow_id AND x.phase = asked.phase
    ORDER BY abs(extract(epoch FROM x.finished_at - asked.at)) LIMIT 1
) r ON true
ORDER BY asked.place"""
