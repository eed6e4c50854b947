"""Counting against quotas, in the transaction that creates or starts a flow: what is refused leaves no count behind.

Nothing is scanned: what was created is kept in one row of the engagement, and of what runs no more of the client's
entries in the index of states are read than it takes to count one too many.
"""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from masterflow.errors import QuotaExceeded
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.quotas.types import ClientQuotas, Quotas
from masterflow.tenancy.types import Tenant

SOON = timedelta(seconds=30)  # when flows that run may have ended
ASK = "Ask the operator for more (`masterflow client quota`)."


class QuotaStore:
    """The counters and quotas of one engagement, on an open transaction."""

    def __init__(self, connection: asyncpg.Connection, tenant: Tenant) -> None:
        self._connection = connection
        self._mine = (tenant.client_account_id, tenant.engagement_id)

    async def count_created(self, defaults: Quotas, *, runs: bool) -> None:
        """Count one more flow.

        Raises:
            QuotaExceeded: the engagement has as many as it may have, or as many of this hour, or as many that run.
        """
        row = await self._connection.fetchrow(_COUNT, *self._mine)
        limits = _limits(row, defaults)
        if limits.flows and row["counted"] > limits.flows:
            raise QuotaExceeded(
                f"This engagement has {row['counted'] - 1:,} flows, and may have {limits.flows:,}.",
                hint=f"Use another engagement. {ASK}",
            )
        if limits.created_per_hour and row["created_in_hour"] > limits.created_per_hour:
            raise QuotaExceeded(
                f"{row['created_in_hour'] - 1:,} flows were created in this engagement within the hour, "
                f"and {limits.created_per_hour:,} may be.",
                hint=f"Wait for the next hour. {ASK}",
                retry_after=_rest_of_hour(row["now"]),
            )
        if runs:
            await self._refuse_more_than(limits.running)

    async def require_running(self, defaults: Quotas) -> None:
        """Check that not more run than may, the flow that was just moved among them.

        For executing, resuming, retrying and rolling back. A flow that gets its input or passes its gate is not
        checked: it was begun before, and goes on.

        Raises:
            QuotaExceeded: more do.
        """
        row = await self._connection.fetchrow(_LIMITS, self._mine[0])
        most = _limits(row, defaults).running
        if most:
            await self._connection.execute(_LOCK, *self._mine)  # one at a time, or two would see one too few
        await self._refuse_more_than(most)

    async def _refuse_more_than(self, most: int) -> None:
        if not most:
            return
        running = await self._connection.fetchval(_RUNNING, *self._mine, most + 1)
        if running > most:
            raise QuotaExceeded(
                f"As many flows of this engagement run as may at once: {most:,}.",
                hint=f"Wait until some have ended, or pause some. {ASK}",
                retry_after=SOON,
            )


async def set_quotas(connection: asyncpg.Connection, client_account_id: UUID, quotas: ClientQuotas) -> None:
    """Write what one client's engagements may have, as the owner of the tables."""
    await connection.execute(
        """INSERT INTO client_quotas (client_account_id, running, created_per_hour, flows) VALUES ($1, $2, $3, $4)
           ON CONFLICT (client_account_id) DO UPDATE SET running = excluded.running,
               created_per_hour = excluded.created_per_hour, flows = excluded.flows, changed_at = now()""",
        client_account_id,
        quotas.running,
        quotas.created_per_hour,
        quotas.flows,
    )


async def quotas_of(connection: asyncpg.Connection, client_account_id: UUID) -> ClientQuotas:
    """What was written for one client; nothing if nothing was."""
    row = await connection.fetchrow(_LIMITS, client_account_id)
    return ClientQuotas(running=row["running"], created_per_hour=row["created_per_hour"], flows=row["flows"])


def _limits(row: asyncpg.Record, defaults: Quotas) -> Quotas:
    return Quotas(
        running=_first(row["running"], defaults.running),
        created_per_hour=_first(row["created_per_hour"], defaults.created_per_hour),
        flows=_first(row["flows"], defaults.flows),
    )


def _first(override: int | None, default: int) -> int:
    return default if override is None else override


def _rest_of_hour(now: datetime) -> timedelta:
    return timedelta(hours=1) - timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)


_OWN = "SELECT running, created_per_hour, flows FROM client_quotas WHERE client_account_id = $1"
# One row also where nothing was written for the client.
_LIMITS = f"SELECT own.* FROM (SELECT) AS one LEFT JOIN ({_OWN}) AS own ON true"

_COUNT = f"""
WITH counted AS (
    INSERT INTO flow_counters AS kept (client_account_id, engagement_id, flows, hour, created_in_hour)
    VALUES ($1, $2, 1, date_trunc('hour', clock_timestamp(), 'UTC'), 1)
    ON CONFLICT (client_account_id, engagement_id) DO UPDATE SET flows = kept.flows + 1, hour = excluded.hour,
        created_in_hour = CASE WHEN kept.hour = excluded.hour THEN kept.created_in_hour + 1 ELSE 1 END
    RETURNING flows, created_in_hour
)
SELECT counted.flows AS counted, counted.created_in_hour, clock_timestamp() AS now,
    own.running, own.created_per_hour, own.flows
FROM counted LEFT JOIN ({_OWN}) AS own ON true"""

# A flow that there is was counted, so there is a row.
_LOCK = "SELECT FROM flow_counters WHERE client_account_id = $1 AND engagement_id = $2 FOR UPDATE"

_RUNNING = f"""
SELECT count(*) FROM (
    SELECT FROM {FLOWS} WHERE client_account_id = $1 AND engagement_id = $2 AND flow_status = 'running' AND runs_here
    LIMIT $3
) AS counted"""
