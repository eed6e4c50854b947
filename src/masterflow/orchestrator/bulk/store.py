"""Jobs and their items."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.bulk.types import (
    BulkCommand,
    BulkItem,
    BulkItems,
    BulkJob,
    BulkJobs,
    Chosen,
    ItemOutcome,
    JobStatus,
    Selection,
)
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.store import MINE
from masterflow.tenancy.types import Principal, Tenant

JOBS_CHANNEL = "masterflow_jobs"  # of Postgres: client, engagement and id of a job that moved on


class BulkStore:
    """The jobs of one engagement, on an open transaction of its tenant."""

    def __init__(self, connection: asyncpg.Connection, tenant: Tenant) -> None:
        self._connection = connection
        self._tenant = tenant
        self._mine = (tenant.client_account_id, tenant.engagement_id)

    async def choose(self, selection: Selection, *, deleted: bool, limit: int) -> list[Chosen]:
        """Flows that a selection meets, oldest first."""
        rows = await self._connection.fetch(
            _CHOOSE,
            *self._mine,
            deleted,
            list(selection.flow_ids) if selection.flow_ids is not None else None,
            selection.flow_type,
            selection.status,
            selection.created_after,
            selection.created_before,
            selection.name_contains,
            limit,
        )
        return [
            Chosen(r["flow_id"], r["flow_name"], r["flow_type"], FlowStatus(r["flow_status"]), r["version"])
            for r in rows
        ]

    async def insert(
        self,
        job_id: UUID,
        actor: Principal,
        command: BulkCommand,
        selection: Mapping[str, Any],
        reason: str | None,
        items: Sequence[tuple[UUID, int]],
    ) -> None:
        """Write a job and the flows it is about."""
        await self._connection.execute(
            """INSERT INTO bulk_jobs (client_account_id, engagement_id, id, command, selection, reason, ordered_by,
                   ordered_by_email, items)
               VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9)""",
            *self._mine,
            job_id,
            command,
            json_text(selection),
            reason,
            actor.user_id,
            actor.email,
            len(items),
        )
        await self._connection.execute(
            """INSERT INTO bulk_job_items (client_account_id, engagement_id, job_id, position, flow_id, version)
               SELECT $1, $2, $3, chosen.position, chosen.flow_id, chosen.version
               FROM unnest($4::uuid[], $5::integer[]) WITH ORDINALITY AS chosen (flow_id, version, position)""",
            *self._mine,
            job_id,
            [flow_id for flow_id, _ in items],
            [version for _, version in items],
        )

    async def job(self, job_id: UUID) -> BulkJob | None:
        """One job with its counts."""
        row = await self._connection.fetchrow(f"{_JOBS} AND id = $3", *self._mine, job_id)
        return _job(row) if row else None

    async def jobs(self, *, behind: tuple[datetime, UUID] | None, limit: int) -> BulkJobs:
        """The engagement's jobs, newest first, `behind` the last one of the page before."""
        rows = await self._connection.fetch(
            f"""{_JOBS} AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
                ORDER BY created_at DESC, id DESC LIMIT $5""",
            *self._mine,
            *(behind or (None, None)),
            limit,
        )
        return [_job(row) for row in rows]

    async def items(self, job_id: UUID, *, outcome: ItemOutcome | None, after: int, limit: int) -> BulkItems:
        """Flows of a job in their order, behind position `after`."""
        rows = await self._connection.fetch(
            f"""SELECT position, flow_id, version, outcome, detail, at FROM bulk_job_items
                WHERE {MINE} AND job_id = $3 AND ($4::varchar IS NULL OR outcome = $4) AND position > $5
                ORDER BY position LIMIT $6""",
            *self._mine,
            job_id,
            outcome,
            after,
            limit,
        )
        return [_item(row) for row in rows]

    async def cancel(self, job_id: UUID) -> bool:
        """End a running job: what has not had its turn never will; False if it runs no more."""
        ended = await self._connection.fetchval(
            f"""UPDATE bulk_jobs SET status = 'cancelled', finished_at = clock_timestamp()
                WHERE {MINE} AND id = $3 AND status = 'running' RETURNING true""",
            *self._mine,
            job_id,
        )
        if ended:
            await self._connection.execute(
                f"""UPDATE bulk_job_items SET outcome = 'cancelled', at = clock_timestamp()
                    WHERE {MINE} AND job_id = $3 AND outcome IS NULL""",
                *self._mine,
                job_id,
            )
        return bool(ended)

    async def take(self, job_id: UUID, position: int) -> BulkItem | None:
        """Hold an item that has not had its turn until this transaction ends; None if it had, or another holds it."""
        row = await self._connection.fetchrow(
            f"""SELECT position, flow_id, version, outcome, detail, at FROM bulk_job_items
                WHERE {MINE} AND job_id = $3 AND position = $4 AND outcome IS NULL FOR UPDATE SKIP LOCKED""",
            *self._mine,
            job_id,
            position,
        )
        return _item(row) if row else None

    async def mark(self, job_id: UUID, position: int, outcome: ItemOutcome, detail: str | None) -> None:
        """Write what became of an item."""
        await self._connection.execute(
            f"""UPDATE bulk_job_items SET outcome = $5, detail = $6, at = clock_timestamp()
                WHERE {MINE} AND job_id = $3 AND position = $4""",
            *self._mine,
            job_id,
            position,
            outcome,
            detail,
        )


async def running_jobs(connection: asyncpg.Connection) -> list[UUID]:
    """Jobs of every tenant that have something left, oldest first."""
    rows = await connection.fetch("SELECT id FROM bulk_jobs WHERE status = 'running' ORDER BY created_at LIMIT 100")
    return [row["id"] for row in rows]


async def hold(connection: asyncpg.Connection, job_id: UUID) -> BulkJob | None:
    """Hold a running job until this transaction ends; None if it runs no more, or another worker holds it.

    Its outcomes are not counted: that reads all its items, and this is asked for every few of them.
    """
    row = await connection.fetchrow(
        f"{_UNCOUNTED} WHERE id = $1 AND status = 'running' FOR UPDATE OF job SKIP LOCKED", job_id
    )
    return _job(row) if row else None


async def left(connection: asyncpg.Connection, job_id: UUID, *, limit: int) -> list[int]:
    """Positions of a job's next items."""
    rows = await connection.fetch(
        "SELECT position FROM bulk_job_items WHERE job_id = $1 AND outcome IS NULL ORDER BY position LIMIT $2",
        job_id,
        limit,
    )
    return [row["position"] for row in rows]


async def tell(connection: asyncpg.Connection, job: BulkJob) -> None:
    """Tell the streams of a job's engagement, once this transaction commits, that the job moved on."""
    owner = job.tenant
    told = f"{owner.client_account_id} {owner.engagement_id} {job.id}"
    await connection.execute("SELECT pg_notify($1, $2)", JOBS_CHANNEL, told)


async def finish(connection: asyncpg.Connection, job_id: UUID) -> None:
    """Write that a held job is done."""
    await connection.execute(
        "UPDATE bulk_jobs SET status = 'done', finished_at = clock_timestamp() WHERE id = $1", job_id
    )


def _job(row: asyncpg.Record) -> BulkJob:
    counts: Mapping[str, int] = orjson.loads(row["counts"] or "{}")
    return BulkJob(
        id=row["id"],
        tenant=Tenant(row["client_account_id"], row["engagement_id"]),
        command=BulkCommand(row["command"]),
        selection=orjson.loads(row["selection"]),
        reason=row["reason"],
        ordered_by=row["ordered_by"],
        ordered_by_email=row["ordered_by_email"],
        status=JobStatus(row["status"]),
        items=row["items"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        **{str(outcome): counts.get(outcome, 0) for outcome in ItemOutcome},
    )


def _item(row: asyncpg.Record) -> BulkItem:
    outcome = ItemOutcome(row["outcome"]) if row["outcome"] else None
    return BulkItem(row["position"], row["flow_id"], row["version"], outcome, row["detail"], row["at"])


_COLUMNS = """id, client_account_id, engagement_id, command, selection::text AS selection, reason, ordered_by,
    ordered_by_email, status, items, created_at, finished_at"""
_UNCOUNTED = f"SELECT {_COLUMNS}, NULL AS counts FROM bulk_jobs job"
_HEAD = f"""
SELECT {_COLUMNS}, (
        SELECT jsonb_object_agg(counted.outcome, counted.items)::text FROM (
            SELECT item.outcome, count(*) AS items FROM bulk_job_items item
            WHERE item.job_id = job.id AND item.outcome IS NOT NULL GROUP BY item.outcome) AS counted
    ) AS counts
FROM bulk_jobs job"""
_JOBS = f"{_HEAD} WHERE {MINE}"

_CHOOSE = f"""
SELECT flow_id, flow_name, flow_type, flow_status, version FROM {FLOWS}
WHERE {MINE} AND (deleted_at IS NOT NULL) = $3 AND ($4::uuid[] IS NULL OR flow_id = ANY($4))
    AND ($5::varchar IS NULL OR flow_type = $5) AND ($6::varchar IS NULL OR flow_status = $6)
    AND ($7::timestamptz IS NULL OR created_at > $7) AND ($8::timestamptz IS NULL OR created_at < $8)
    AND ($9::text IS NULL OR position(lower($9) IN lower(flow_name)) > 0)
ORDER BY created_at, flow_id LIMIT $10"""
