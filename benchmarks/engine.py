"""How fast flows move, against what Postgres allows, and what a phase costs it.

    python benchmarks/engine.py [--flows 200] [--phases 5] [--concurrency 200] [--connections 16] [--rounds 3]

Each round runs, on one embedded Postgres with fsync on: the worker on DBOS; the floor, which is the same phase-done
statement from the same role and connections without an engine; a bare UPDATE of the same rows. Phases are empty and
have no gates. Times differ between machines; the counts (commits, WAL, HOT) repeat.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from uuid import UUID, uuid4

import asyncpg
import psycopg
from sqlalchemy.engine import URL

from masterflow.db.embedded import EmbeddedPostgres
from masterflow.db.migrate import migrate
from masterflow.db.session import Database
from masterflow.db.urls import derive_urls
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.checkpoint import FLOWS, PhaseDone, commit_phase
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.spec import FlowType
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal, Tenant
from masterflow.testing import empty_flow
from masterflow.worker.worker import Worker

IDLE = timedelta(seconds=5)
WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


@dataclass(frozen=True, slots=True)
class Counts:
    """What Postgres counts: transactions, bytes of WAL, updates of the master table and those that were HOT."""

    commits: int
    wal_bytes: int
    updates: int
    hot_updates: int

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(
            self.commits - other.commits,
            self.wal_bytes - other.wal_bytes,
            self.updates - other.updates,
            self.hot_updates - other.hot_updates,
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: how long, and what it cost."""

    seconds: float
    phases: int
    counts: Counts
    start_wal_bytes: int = 0  # of the commands that started the flows, which are no part of a phase

    @property
    def per_second(self) -> float:
        return self.phases / self.seconds


@dataclass
class Bench:
    """A database with one tenant, and the flow type whose flows are moved."""

    admin: URL
    database: Database
    principal: Principal
    kind: FlowType
    concurrency: int
    connections: int

    @property
    def registry(self) -> FlowTypeRegistry:
        return FlowTypeRegistry([self.kind])

    async def counts(self) -> Counts:
        """What Postgres has counted, once every connection of ours has reported: else an idle one waits ten seconds."""
        await self._report()
        connection = await asyncpg.connect(self.admin.render_as_string(hide_password=False))
        try:
            row = await connection.fetchrow(
                f"""SELECT d.xact_commit, ({WAL}) AS wal, t.n_tup_upd, t.n_tup_hot_upd
                    FROM pg_stat_database d, pg_stat_user_tables t
                    WHERE d.datname = current_database() AND t.relname = '{FLOWS}'"""
            )
        finally:
            await connection.close()
        return Counts(row["xact_commit"], int(row["wal"]), row["n_tup_upd"], row["n_tup_hot_upd"])

    async def _report(self) -> None:
        for pool in (self.database.moving, self.database.asking):
            everybody = asyncio.Barrier(self.connections)
            await asyncio.gather(*(_reported(pool, everybody) for _ in range(self.connections)))

    async def flows(self, count: int) -> list[UUID]:
        """Flows that have not started, made without an engine."""
        orchestrator = MasterFlowOrchestrator(self.database, self.registry, DbosEngine(self.database.urls))
        made = [await orchestrator.create_flow(self.principal, self.kind.name, {}, start=False) for _ in range(count)]
        return [flow.flow_id for flow in made]

    async def start_all(self, flow_ids: list[UUID]) -> int:
        """Start flows in one transaction; answers the bytes of WAL that their starts wrote."""
        async with self.database.moving_together() as connection:
            before = await connection.fetchval(WAL)
            await connection.execute(
                f"""UPDATE {FLOWS} SET flow_status = 'running', run_epoch = run_epoch + 1, version = version + 1
                    WHERE flow_id = ANY($1::uuid[])""",
                flow_ids,
            )
            await connection.execute("SELECT enqueue_segment(id, 1) FROM unnest($1::uuid[]) AS id", flow_ids)
            return int(await connection.fetchval(WAL) - before)

    async def engine(self, count: int) -> Measured:
        """The worker on DBOS moves `count` flows from start to end."""
        await self._moved(await self.flows(max(10, count // 4)))  # pages, plans and the queue are warm after it
        flow_ids = await self.flows(count)
        before = await self.counts()
        seconds, start_wal = await self._moved(flow_ids)
        return Measured(seconds, count * len(self.kind.phases), await self.counts() - before, start_wal)

    async def _moved(self, flow_ids: list[UUID]) -> tuple[float, int]:
        """Seconds from the start of these flows to the end of the last, and the WAL of the starts; the worker is gone
        after, and has reported."""
        engine = CountingEngine(self.database.urls)
        worker = Worker(self.database, self.registry, engine, concurrency=self.concurrency)
        await worker.start()
        started, ended = perf_counter(), engine.after(len(flow_ids))
        start_wal = await self.start_all(flow_ids)
        await ended
        seconds = perf_counter() - started
        await worker.stop(within=timedelta(0))
        return seconds, start_wal

    async def idle_commits_per_second(self) -> float:
        """What a worker without work costs."""
        worker = Worker(self.database, self.registry, DbosEngine(self.database.urls), concurrency=self.concurrency)
        before, started = await self.counts(), perf_counter()
        await worker.start()
        await asyncio.sleep(IDLE.total_seconds())
        await worker.stop(within=timedelta(0))
        seconds = perf_counter() - started
        return (await self.counts() - before).commits / seconds

    async def idle_commits(self) -> int:
        """What it costs to start a worker and stop it at once."""
        before = await self.counts()
        worker = Worker(self.database, self.registry, DbosEngine(self.database.urls), concurrency=self.concurrency)
        await worker.start()
        await worker.stop(within=timedelta(0))
        return (await self.counts() - before).commits

    async def floor(self, count: int) -> Measured:
        """The phase-done statement alone, for as many flows at a time."""
        await self._statements(await self.flows(max(10, count // 4)), self._phase_done)
        return await self._measured(count, self._phase_done)

    async def bare(self, count: int) -> Measured:
        """One UPDATE of the row instead of a phase."""
        return await self._measured(count, self._update)

    async def _measured(self, count: int, statement: Callable[[UUID, UUID, int], Awaitable[None]]) -> Measured:
        flow_ids = await self.flows(count)
        token = await self._claim(flow_ids)
        before, started = await self.counts(), perf_counter()
        await self._statements(flow_ids, statement, token)
        seconds = perf_counter() - started
        spent = await self.counts() - before
        await self._end(flow_ids)
        return Measured(seconds, count * len(self.kind.phases), spent)

    async def _end(self, flow_ids: list[UUID]) -> None:
        """Leave no flow running that no worker knows."""
        async with self.database.moving() as connection:
            await connection.execute(
                f"UPDATE {FLOWS} SET flow_status = 'completed', run_token = NULL WHERE flow_id = ANY($1::uuid[])",
                flow_ids,
            )

    async def _statements(
        self, flow_ids: list[UUID], statement: Callable[[UUID, UUID, int], Awaitable[None]], token: UUID | None = None
    ) -> None:
        held = token or await self._claim(flow_ids)

        async def one(flow_id: UUID) -> None:
            for index in range(len(self.kind.phases)):
                await statement(flow_id, held, index)

        await asyncio.gather(*(one(flow_id) for flow_id in flow_ids))

    async def _claim(self, flow_ids: list[UUID]) -> UUID:
        token = uuid4()
        async with self.database.moving() as connection:
            await connection.execute(
                f"UPDATE {FLOWS} SET flow_status = 'running', run_token = $2 WHERE flow_id = ANY($1::uuid[])",
                flow_ids,
                token,
            )
        return token

    async def _phase_done(self, flow_id: UUID, token: UUID, index: int) -> None:
        done = PhaseDone(
            client_account_id=self.principal.tenant.client_account_id,
            flow_id=flow_id,
            token=token,
            phase_index=index,
            output="{}",
            attempt=1,
            started_at=datetime.now(UTC),
            seconds=0.0,
            actor="engine",
            asks=False,
        )
        async with self.database.moving() as connection:
            if await commit_phase(connection, self.kind, done) is None:
                raise RuntimeError("the floor lost a flow")

    async def _update(self, flow_id: UUID, token: UUID, index: int) -> None:
        async with self.database.moving() as connection:
            await connection.execute(
                f"""UPDATE {FLOWS} SET phase_index = phase_index + 1, version = version + 1
                    WHERE flow_id = $1 AND run_token = $2 AND phase_index = $3""",
                flow_id,
                token,
                index,
            )


async def _reported(pool: Callable[[], AbstractAsyncContextManager[asyncpg.Connection]], all_: asyncio.Barrier) -> None:
    async with pool() as connection:
        await all_.wait()
        await connection.execute("SELECT pg_stat_force_next_flush()")


class CountingEngine(DbosEngine):
    """DBOS, telling when so many segments have ended."""

    _left = 0
    _ended: asyncio.Future[None]

    def after(self, segments: int) -> "asyncio.Future[None]":
        self._left, self._ended = segments, asyncio.get_running_loop().create_future()
        return self._ended

    async def start(self, run: Callable[[Segment], Awaitable[None]], *, worker_id: UUID, concurrency: int) -> None:
        async def counted(segment: Segment) -> None:
            await run(segment)
            self._left -= 1
            if self._left == 0:
                self._ended.set_result(None)

        await super().start(counted, worker_id=worker_id, concurrency=concurrency)


async def make_bench(admin: URL, *, phases: int, concurrency: int, connections: int) -> Bench:
    """Migrate a database and make a tenant in it."""
    urls = derive_urls(admin, "benchmark-roles")
    await asyncio.to_thread(migrate, urls)
    tenant, user = Tenant(uuid4(), uuid4()), uuid4()
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("INSERT INTO client_accounts (id, name) VALUES (%s, %s)", (tenant.client_account_id, "b"))
        connection.execute(
            "INSERT INTO engagements (id, client_account_id, name) VALUES (%s, %s, 'b')",
            (tenant.engagement_id, tenant.client_account_id),
        )
        connection.execute("INSERT INTO users (id, email, name) VALUES (%s, 'b@b.example', 'b')", (user,))
    database = await Database(urls, pool_size=connections).open()
    principal = Principal(user, "b@b.example", tenant, frozenset({Role.LEAD}))
    return Bench(admin, database, principal, empty_flow(phases), concurrency, connections)


def table(engine: list[Measured], floor: list[Measured], bare: list[Measured], *, flows: int, idle: float) -> str:
    """The best round of each, and the counts of the engine's best round."""
    best = max(engine, key=lambda run: run.per_second)
    floor_best, bare_best = (max(runs, key=lambda run: run.per_second) for runs in (floor, bare))
    spent = best.counts
    moves = 2 * flows  # started and completed: the updates that change the status
    rows = [
        ("phases per second, worker on DBOS", f"{best.per_second:,.0f}"),
        ("phases per second, floor", f"{floor_best.per_second:,.0f}"),
        ("bare UPDATEs per second", f"{bare_best.per_second:,.0f}"),
        ("worker / floor", f"{best.per_second / floor_best.per_second:.2f}"),
        ("worker / bare UPDATE", f"{best.per_second / bare_best.per_second:.2f}"),
        ("commits per phase, all of them (<= 1.6)", f"{spent.commits / best.phases:.2f}"),
        (
            "bytes of WAL per phase, all tables (<= 1,300)",
            f"{(spent.wal_bytes - best.start_wal_bytes) / best.phases:,.0f}",
        ),
        ("bytes of WAL to start a flow, besides", f"{best.start_wal_bytes / flows:,.0f}"),
        ("bytes of WAL per phase, floor", f"{floor_best.counts.wal_bytes / floor_best.phases:,.0f}"),
        ("HOT share of updates that keep the status", f"{spent.hot_updates / (spent.updates - moves):.1%}"),
        ("commits per second of an idle worker", f"{idle:.0f}"),
    ]
    return "\n".join(f"{name:<50}{value:>12}" for name, value in rows)


def new_folder() -> Path:
    """A folder that the server's own user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="masterflow-benchmark-"))
    folder.chmod(0o755)
    return folder


async def main() -> None:
    """Run the rounds and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("flows", 200), ("phases", 5), ("concurrency", 200), ("connections", 16), ("rounds", 3)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    given = arguments.parse_args()
    server = EmbeddedPostgres(new_folder())
    bench = await make_bench(
        server.start(), phases=given.phases, concurrency=given.concurrency, connections=given.connections
    )
    try:
        runs = [
            (await bench.engine(given.flows), await bench.floor(given.flows), await bench.bare(given.flows))
            for _ in range(given.rounds)
        ]
        idle = await bench.idle_commits_per_second()
        engine, floor, bare = (list(kind) for kind in zip(*runs, strict=True))
        print(table(engine, floor, bare, flows=given.flows, idle=idle))
    finally:
        await bench.database.close()
        server.stop()


if __name__ == "__main__":
    asyncio.run(main())
