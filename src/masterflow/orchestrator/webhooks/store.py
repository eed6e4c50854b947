"""Rows of webhooks and deliveries: for people inside their tenant, for the relay and the sender across tenants."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa

from masterflow.db.keyset import read_cursor, write_cursor
from masterflow.db.session import Database, Session
from masterflow.db.tables.webhooks import webhook_deliveries as deliveries
from masterflow.db.tables.webhooks import webhooks
from masterflow.errors import NotFound
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.webhooks.types import (
    Claim,
    Delivery,
    DeliveryPage,
    DeliveryState,
    Outcome,
    Webhook,
)
from masterflow.tenancy.types import Tenant

_SHOWN = [c for c in webhooks.c if c.name in Webhook.__dataclass_fields__]
_DELIVERED = [c for c in deliveries.c if c.name in Delivery.__dataclass_fields__]
_AGAIN = {"state": DeliveryState.PENDING, "attempts": 0, "next_at": sa.func.clock_timestamp(), "ended_at": None}


class WebhookStore:
    """The webhooks of one engagement in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def insert(self, values: Mapping[str, Any]) -> Webhook:
        """A new webhook."""
        made = sa.insert(webhooks).values(**self._session.stamp(webhooks), **values).returning(*_SHOWN)
        return _webhook((await self._session.execute(made)).mappings().one())

    async def update(self, webhook_id: UUID, values: Mapping[str, Any]) -> Webhook:
        """A webhook with other values.

        Raises:
            NotFound: the engagement has none with this id.
        """
        changed = sa.update(webhooks).where(self._one(webhook_id)).values(**values).returning(*_SHOWN)
        return _webhook(_found((await self._session.execute(changed)).mappings().one_or_none()))

    async def get(self, webhook_id: UUID) -> Webhook:
        """One webhook.

        Raises:
            NotFound: the engagement has none with this id.
        """
        row = await self._session.execute(sa.select(*_SHOWN).where(self._one(webhook_id)))
        return _webhook(_found(row.mappings().one_or_none()))

    async def sealed(self, webhook_id: UUID) -> bytes:
        """The sealed secret of a webhook, held until the transaction ends.

        Raises:
            NotFound: the engagement has none with this id.
        """
        row = await self._session.execute(sa.select(webhooks.c.secret).where(self._one(webhook_id)).with_for_update())
        secret: bytes = _found(row.mappings().one_or_none())["secret"]
        return secret

    async def list(self) -> tuple[Webhook, ...]:
        """All of the engagement, oldest first."""
        query = sa.select(*_SHOWN).where(self._session.mine(webhooks)).order_by(webhooks.c.created_at, webhooks.c.id)
        return tuple(_webhook(row) for row in (await self._session.execute(query)).mappings())

    async def delete(self, webhook_id: UUID) -> Webhook:
        """Remove a webhook and its deliveries.

        Raises:
            NotFound: the engagement has none with this id.
        """
        gone = await self._session.execute(sa.delete(webhooks).where(self._one(webhook_id)).returning(*_SHOWN))
        return _webhook(_found(gone.mappings().one_or_none()))

    async def add_delivery(self, webhook_id: UUID, *, kind: str, body: str) -> Delivery:
        """A delivery that no event asked for."""
        values = {"webhook_id": webhook_id, "kind": kind, "body": body}
        made = sa.insert(deliveries).values(**self._session.stamp(deliveries), **values).returning(*_DELIVERED)
        return _delivery((await self._session.execute(made)).mappings().one())

    async def deliveries(
        self, webhook_id: UUID, *, state: DeliveryState | None, cursor: str | None, limit: int
    ) -> DeliveryPage:
        """Deliveries of a webhook, newest first."""
        query = sa.select(*_DELIVERED).where(self._session.mine(deliveries), deliveries.c.webhook_id == webhook_id)
        if state is not None:
            query = query.where(deliveries.c.state == state)
        order = sa.tuple_(deliveries.c.created_at, deliveries.c.id)
        if cursor is not None:
            query = query.where(order < sa.tuple_(*read_cursor(cursor)))
        query = query.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc()).limit(limit + 1)
        found = [_delivery(row) for row in (await self._session.execute(query)).mappings()]
        page = tuple(found[:limit])
        return DeliveryPage(page, write_cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None)

    async def replay(self, webhook_id: UUID, delivery_id: UUID) -> Delivery:
        """Make one delivery again; one that is pending is only hurried.

        Raises:
            NotFound: the webhook has none with this id.
        """
        mine = self._session.mine(deliveries) & (deliveries.c.webhook_id == webhook_id)
        pending = deliveries.c.state == DeliveryState.PENDING
        values = _AGAIN | {"attempts": sa.case((pending, deliveries.c.attempts), else_=0)}
        again = sa.update(deliveries).where(mine, deliveries.c.id == delivery_id).values(**values)
        row = (await self._session.execute(again.returning(*_DELIVERED))).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such delivery.", hint="List the webhook's deliveries.")
        return _delivery(row)

    async def replay_after(self, webhook_id: UUID, after: datetime) -> int:
        """Make again what was made after a moment and is not pending; answers how many."""
        again = sa.update(deliveries).where(
            self._session.mine(deliveries),
            deliveries.c.webhook_id == webhook_id,
            deliveries.c.created_at > after,
            deliveries.c.state != DeliveryState.PENDING,
        )
        return (await self._session.execute(again.values(**_AGAIN))).rowcount

    def _one(self, webhook_id: UUID) -> sa.ColumnElement[bool]:
        return sa.and_(self._session.mine(webhooks), webhooks.c.id == webhook_id)


class SendingStore:
    """What the sender does, across tenants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, *, limit: int, limit_for_one: int, busy: Sequence[UUID], lease: timedelta) -> Sequence[Claim]:
        """Deliveries that are due, for one sender: nobody else gets them before `lease` is over. Of each webhook no
        more than `limit_for_one`, counting those that `busy` names: once for each request that still runs.
        """
        async with self._database.moving() as connection:
            rows = await connection.fetch(_CLAIM, limit, lease, limit_for_one, busy)
        return [
            Claim(
                delivery_id=row["id"],
                webhook_id=row["webhook_id"],
                tenant=Tenant(row["client_account_id"], row["engagement_id"]),
                url=row["url"],
                body=row["body"],
                attempts=row["attempts"],
                secret=row["secret"],
                previous_secret=row["previous_secret"],
            )
            for row in rows
        ]

    @asynccontextmanager
    async def recording(self) -> AsyncIterator["OutcomeStore"]:
        """One transaction in which outcomes are written."""
        async with self._database.moving_together() as connection:
            yield OutcomeStore(connection)


class OutcomeStore:
    """What became of deliveries, in one transaction."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def end(
        self, claim: Claim, outcome: Outcome, *, state: DeliveryState, again_in: timedelta | None = None
    ) -> bool:
        """Write what an attempt came to; False if somebody else has claimed the delivery since."""
        return bool(
            await self._connection.fetchval(
                """UPDATE webhook_deliveries SET state = $3::varchar, status_code = $4, error = $5, response = $6,
                       duration_ms = $7, next_at = clock_timestamp() + coalesce($8::interval, '0'),
                       ended_at = CASE WHEN $3::varchar = 'pending' THEN NULL ELSE clock_timestamp() END
                   WHERE id = $1 AND attempts = $2 AND state = 'pending' RETURNING true""",
                claim.delivery_id,
                claim.attempts,
                state,
                outcome.status_code,
                outcome.error,
                outcome.response,
                outcome.duration_ms,
                again_in,
            )
        )

    async def succeeded(self, webhook_id: UUID) -> None:
        """Forget earlier failures of a webhook."""
        await self._connection.execute("UPDATE webhooks SET failures = 0 WHERE id = $1 AND failures > 0", webhook_id)

    async def failed(self, webhook_id: UUID) -> int:
        """Count a delivery that was given up; answers how many there are without a success between."""
        query = "UPDATE webhooks SET failures = failures + 1 WHERE id = $1 RETURNING failures"
        return await self._connection.fetchval(query, webhook_id) or 0

    async def pause(self, webhook_id: UUID, reason: str) -> None:
        """Send nothing more until a person says so."""
        await self._connection.execute(
            "UPDATE webhooks SET active = false, paused_because = $2 WHERE id = $1 AND active", webhook_id, reason
        )


async def make_deliveries(connection: asyncpg.Connection, event_ids: Sequence[int]) -> None:
    """A delivery for every active webhook that one of these events matches, and that is not older than it."""
    await connection.execute(_MAKE, event_ids)


def _found(row: sa.RowMapping | None) -> sa.RowMapping:
    if row is None:
        raise NotFound("There is no such webhook.", hint="List the webhooks of this engagement.")
    return row


def _webhook(row: sa.RowMapping) -> Webhook:
    return Webhook(**(dict(row) | {name: tuple(row[name]) for name in ("kinds", "flow_types")}))


def _delivery(row: sa.RowMapping) -> Delivery:
    return Delivery(**(dict(row) | {"state": DeliveryState(row["state"])}))


_AT = """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""

_MAKE = f"""
INSERT INTO webhook_deliveries (client_account_id, engagement_id, webhook_id, event_id, kind, body)
SELECT w.client_account_id, w.engagement_id, w.id, e.id, e.kind, jsonb_build_object(
    'type', e.kind, 'timestamp', {_AT}, 'data', jsonb_build_object(
        'flow_id', e.flow_id, 'flow_type', f.flow_type, 'engagement_id', e.engagement_id, 'seq', e.seq, 'kind', e.kind,
        'phase', e.phase, 'actor', e.actor, 'status', e.data ->> 'status', 'at', {_AT}))::text
FROM flow_events e
JOIN {FLOWS} f ON f.flow_id = e.flow_id
JOIN webhooks w ON w.client_account_id = e.client_account_id AND w.engagement_id = e.engagement_id
WHERE e.id = ANY($1::bigint[]) AND w.active AND e.at >= w.created_at
    AND (w.kinds = '{{}}' OR e.kind = ANY(w.kinds)) AND (w.flow_types = '{{}}' OR f.flow_type = ANY(w.flow_types))
ORDER BY e.id
ON CONFLICT (webhook_id, event_id) DO NOTHING"""

_CLAIM = """
WITH due AS (
    SELECT d.id FROM webhooks w CROSS JOIN LATERAL (
        SELECT p.id, p.next_at, p.event_id FROM webhook_deliveries p
        WHERE p.webhook_id = w.id AND p.state = 'pending' AND p.next_at <= clock_timestamp()
        ORDER BY p.next_at, p.event_id
        LIMIT greatest(0, $3::int - (SELECT count(*) FROM unnest($4::uuid[]) b WHERE b = w.id))
        FOR UPDATE SKIP LOCKED
    ) d
    WHERE w.active ORDER BY d.next_at, d.event_id LIMIT $1
)
UPDATE webhook_deliveries d SET attempts = d.attempts + 1, next_at = clock_timestamp() + $2::interval
FROM due, webhooks w
WHERE d.id = due.id AND w.id = d.webhook_id
RETURNING d.id, d.webhook_id, d.client_account_id, d.engagement_id, d.body, d.attempts, w.url, w.secret,
    CASE WHEN w.previous_until > clock_timestamp() THEN w.previous_secret END AS previous_secret"""
