"""What the hot reads cost: buffers of Postgres at a size, and CPU of the server for a request.

    python benchmarks/reads.py [--flows 20000] [--clients 100] [--requests 1000] [--rounds 3]

Loads so many flows of so many clients, one of which owns a tenth, into an embedded Postgres, and explains the
statements that the product runs, as its app role with row-level security on. Beside each stands the same question to
the schema that ADR-006 gives: its table alone, with the same rows. Then one server process answers over HTTP: a flow
and a list, against a bare endpoint that reads eight columns by the primary key with asyncpg. Buffers repeat exactly;
CPU differs between machines, its ratio hardly. `--flows 1000000 --clients 1000` takes minutes and about 15 GB of disk.
"""

import argparse
import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import psutil
import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import URL, make_url
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from masterflow.api.app import create_app
from masterflow.api.parts import Services
from masterflow.db.embedded import EmbeddedPostgres
from masterflow.db.migrate import migrate
from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import derive_urls
from masterflow.inventory.filestore import FileStore
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.analytics import store as analytics
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine_inline import InlineEngine
from masterflow.orchestrator.gatekeeping.store import GateStore
from masterflow.orchestrator.store import FlowStore, ListQuery
from masterflow.orchestrator.types import GateStatus
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.tokens import hash_of
from masterflow.tenancy.types import Tenant
from masterflow.testing import empty_flow

SECRET = "benchmark-roles"
PAGE = 25
CONNECTIONS = 8
WHALE, ORDINARY = 1, 2  # the numbers of two clients
MOST_LIST, MOST_DASHBOARD, MOST_CPU = 40, 10, 4.0
GROWING = frozenset({FLOWS, "flow_events", "phase_results", "gates", "flow_standings", "flow_days"})


def id_of(what: str, number: int) -> UUID:
    """The id that the loaded rows have: computed in the database and here alike."""
    return UUID(hashlib.md5(f"{what}{number}".encode()).hexdigest())


def tenant_of(client: int, *, second: bool = False) -> Tenant:
    """The first or the second engagement of a client; the second is the small one."""
    return Tenant(id_of("client", client), id_of("engagement", 2 * client + second))


def token_of(client: int) -> str:
    """The secret of a lead's token in the client's first engagement."""
    return f"mf_benchmark_{client}"


# Flows: a tenth to the whale, a fifth of each client's in its second engagement. Documents of 2.8 KB together in the
# three columns that hold them; of sixty-four different ones, which the database stores anew for every row.
LOAD = f"""
CREATE TEMP TABLE document AS
SELECT n, (SELECT jsonb_object_agg('field_' || k, md5(n || '-' || k)) FROM generate_series(1, 19) k) AS body
FROM generate_series(0, 63) n;

INSERT INTO client_accounts (id, name)
SELECT md5('client' || c)::uuid, 'client ' || c FROM generate_series(1, $clients) c;
INSERT INTO engagements (id, client_account_id, name)
SELECT md5('engagement' || e)::uuid, md5('client' || e / 2)::uuid, 'engagement ' || e
FROM generate_series(2, 2 * $clients + 1) e;
INSERT INTO users (id, email, name)
SELECT md5('user' || c)::uuid, 'lead@' || c || '.example', 'Lead' FROM generate_series(1, $clients) c;
INSERT INTO memberships (client_account_id, engagement_id, user_id, role)
SELECT md5('client' || c)::uuid, md5('engagement' || 2 * c)::uuid, md5('user' || c)::uuid, 'lead'
FROM generate_series(1, $clients) c;

INSERT INTO {FLOWS} (flow_id, flow_type, client_account_id, engagement_id, user_id, flow_status, flow_configuration,
    flow_persistence_data, agent_collaboration_log, phase_execution_times, learning_patterns, created_at, updated_at,
    flow_name, current_phase, phase_index, version, status_changed_at, last_error)
SELECT md5('flow' || i)::uuid, (ARRAY['discovery', 'assessment', 'planning'])[1 + i / 7 % 3],
    md5('client' || client)::uuid, md5('engagement' || 2 * client + CASE WHEN i / 3 % 5 = 0 THEN 1 ELSE 0 END)::uuid,
    'lead', status, d.body, '{{}}', d.body, '{{"one": 1.5, "two": 22.25}}', d.body, at, at, 'Flow ' || i, 'two', 2, 3,
    at, CASE WHEN status = 'failed' THEN '{{"code": "phase.failed", "message": "It failed, as some do."}}'::jsonb END
FROM generate_series(1, $flows) i
CROSS JOIN LATERAL (
    SELECT CASE WHEN i % 10 = 0 THEN 1 ELSE 2 + i % ($clients - 1) END AS client,
        (ARRAY['completed', 'completed', 'running', 'waiting_for_approval', 'failed', 'completed', 'paused',
               'completed', 'waiting_for_input', 'cancelled'])[1 + (i / 11) % 10] AS status,
        timestamptz '2026-11-01 12:00Z' - i * interval '30 days' / $flows AS at
) r
JOIN document d ON d.n = i % 64;

INSERT INTO flow_events (client_account_id, engagement_id, flow_id, seq, kind, phase, actor, data, at)
SELECT client_account_id, engagement_id, flow_id, seq, (ARRAY['flow_created', 'phase_completed', 'flow_moved'])[seq],
    'one', 'engine',
    CASE seq WHEN 1 THEN '{{"status": "running"}}'::jsonb WHEN 3 THEN jsonb_build_object('status', flow_status) END,
    created_at
FROM {FLOWS}, generate_series(1, 3) seq;

INSERT INTO phase_results (client_account_id, engagement_id, flow_id, iteration, phase_index, phase, output, attempt,
    started_at, finished_at)
SELECT client_account_id, engagement_id, flow_id, 1, 1, 'two', flow_configuration, 1, created_at, created_at
FROM {FLOWS} WHERE flow_status = 'waiting_for_approval';

INSERT INTO gates (client_account_id, engagement_id, flow_id, iteration, phase_index, phase, status, asks,
    approver_role, four_eyes, content_hash, opened_at)
SELECT client_account_id, engagement_id, flow_id, 1, 1, 'two', 'open', 'Is it right?', 'approver', false, '\\x00',
    created_at
FROM {FLOWS} WHERE flow_status = 'waiting_for_approval';

INSERT INTO flow_standings (client_account_id, engagement_id, by_type, as_of)
SELECT client_account_id, engagement_id, jsonb_object_agg(flow_type, by_status), max(at)
FROM (SELECT client_account_id, engagement_id, flow_type, jsonb_object_agg(flow_status, n) AS by_status, max(at) AS at
      FROM (SELECT client_account_id, engagement_id, flow_type, flow_status, count(*) AS n, max(updated_at) AS at
            FROM {FLOWS} GROUP BY 1, 2, 3, 4) s GROUP BY 1, 2, 3) t
GROUP BY 1, 2;

INSERT INTO flow_days (client_account_id, engagement_id, day, flow_type, facts)
SELECT client_account_id, engagement_id, (created_at AT TIME ZONE 'UTC')::date AS day, flow_type, jsonb_build_object(
    'counts', jsonb_build_object('created', count(*), 'completed', count(*) FILTER (WHERE flow_status = 'completed')),
    'phases', '{{"one": {{"count": 3, "us": 5000000, "buckets": {{"70": 1, "74": 2}}}}}}'::jsonb)
FROM {FLOWS} GROUP BY 1, 2, 3, 4 ORDER BY day;
"""

# The table of ADR-006 as it is written there, and the same rows.
ADR = f"""
CREATE SCHEMA adr;
CREATE TABLE adr.{FLOWS} (
    flow_id UUID PRIMARY KEY,
    flow_type VARCHAR(50) NOT NULL,
    client_account_id UUID NOT NULL,
    engagement_id UUID NOT NULL,
    user_id VARCHAR(255) NOT NULL,
    flow_status VARCHAR(50) NOT NULL,
    flow_configuration JSONB NOT NULL,
    flow_persistence_data JSONB NOT NULL,
    agent_collaboration_log JSONB,
    memory_usage_metrics JSONB,
    phase_execution_times JSONB,
    learning_patterns JSONB,
    created_at TIMESTAMP DEFAULT NOW(),
    updated_at TIMESTAMP DEFAULT NOW()
);
INSERT INTO adr.{FLOWS}
SELECT flow_id, flow_type, client_account_id, engagement_id, user_id, flow_status, flow_configuration,
    flow_persistence_data, agent_collaboration_log, memory_usage_metrics, phase_execution_times, learning_patterns,
    created_at, updated_at
FROM {FLOWS};
GRANT USAGE ON SCHEMA adr TO masterflow_app;
GRANT SELECT ON adr.{FLOWS} TO masterflow_app;
"""

ADR_HEAD = f"SELECT flow_id, flow_type, user_id, flow_status, created_at, updated_at FROM adr.{FLOWS}"
ADR_MINE = "client_account_id = $1 AND engagement_id = $2"


async def load(admin: URL, *, flows: int, clients: int) -> None:
    """Fill a migrated database. Indexes other than primary keys are made after the rows."""
    connection = await asyncpg.connect(admin.render_as_string(hide_password=False))
    try:
        indexes = await connection.fetch(
            """SELECT indexname, indexdef FROM pg_indexes
               WHERE tablename = ANY($1::name[]) AND indexname NOT LIKE 'pk_%'""",
            list(GROWING),
        )
        await connection.execute(
            "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'"
        )
        await connection.execute("".join(f"DROP INDEX {index['indexname']};" for index in indexes))
        for statement in f"{LOAD}{ADR}".replace("$flows", str(flows)).replace("$clients", str(clients)).split(";\n"):
            if statement.strip():
                await connection.execute(statement)
        for index in indexes:
            await connection.execute(index["indexdef"])
        for client in (WHALE, ORDINARY):
            await connection.execute(
                """INSERT INTO api_tokens (client_account_id, engagement_id, user_id, name, token_hash, expires_at)
                   VALUES ($1, $2, $3, 'benchmark', $4, now() + interval '1 day')""",
                *(id_of("client", client), id_of("engagement", 2 * client), id_of("user", client)),
                hash_of(token_of(client)),
            )
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


@dataclass(slots=True)
class Explaining:
    """A connection that explains what it is asked, and answers it: what a store runs is what is measured."""

    connection: asyncpg.Connection
    plans: list[dict[str, Any]] = field(default_factory=list)

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Rows, after their plan was noted."""
        told = await self.connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", *values)
        self.plans.append(orjson.loads(told)[0]["Plan"])
        return await self.connection.fetch(statement, *values)

    async def fetchrow(self, statement: str, *values: object) -> asyncpg.Record | None:
        """The first row, after its plan was noted."""
        rows = await self.fetch(statement, *values)
        return rows[0] if rows else None

    @property
    def buffers(self) -> int:
        """Pages of 8 KB that the statements looked at."""
        return sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in self.plans)

    @property
    def scanned(self) -> set[str]:
        """Tables that were read from beginning to end."""
        return {name for plan in self.plans for name in _scanned(plan)}


def _scanned(plan: dict[str, Any]) -> set[str]:
    here = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return here.union(*(_scanned(part) for part in plan.get("Plans", [])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one read costs, here and on the schema of ADR-006 (None: it has no place for what is read)."""

    name: str
    whose: str
    rows: int
    buffers: int
    scanned: frozenset[str]
    adr_buffers: int | None
    most: int | None


Ask = Callable[[Explaining], Any]


@dataclass(frozen=True, slots=True)
class Reads:
    """Measures the reads of one engagement."""

    database: Database
    registry: FlowTypeRegistry
    tenant: Tenant
    whose: str

    async def all(self) -> list[Read]:
        """Each read, once warm."""
        mine = (self.tenant.client_account_id, self.tenant.engagement_id)
        newest = f"{ADR_HEAD} WHERE {ADR_MINE} ORDER BY updated_at DESC, flow_id DESC LIMIT {PAGE + 1}"
        by_status = newest.replace("ORDER", "AND flow_status = $3 ORDER")
        deep = newest.replace("ORDER", "AND (updated_at, flow_id) < ($3, $4) ORDER")
        counts = f"SELECT flow_type, flow_status, count(*) FROM adr.{FLOWS} WHERE {ADR_MINE} GROUP BY 1, 2"
        cursor, flow_id = await self._middle()
        naive = cursor.replace(tzinfo=None)
        return [
            *[
                await self._read(
                    f"list {PAGE} that are {status.replace('_', ' ')}",
                    self._page(statuses=(status,)),
                    (by_status, *mine, status.value),
                    most=MOST_LIST,
                )
                for status in (FlowStatus.RUNNING, FlowStatus.COMPLETED, FlowStatus.FAILED)
            ],
            await self._read(f"list {PAGE} newest", self._page(), (newest, *mine), most=MOST_LIST),
            await self._read(
                f"list {PAGE} of one type",
                self._page(flow_types=("planning",)),
                (newest.replace("ORDER", "AND flow_type = $3 ORDER"), *mine, "planning"),
                most=None,
            ),
            await self._read(
                f"list {PAGE} that run or failed",
                self._page(statuses=(FlowStatus.RUNNING, FlowStatus.FAILED)),
                (newest.replace("ORDER", "AND flow_status = ANY($3) ORDER"), *mine, ["running", "failed"]),
                most=MOST_LIST,
            ),
            await self._read(
                f"list {PAGE} from the middle",
                self._page(after=(cursor, flow_id)),
                (deep, *mine, naive, flow_id),
                most=MOST_LIST,
            ),
            await self._read(
                "one flow",
                lambda store: store.find(flow_id),
                (f"{ADR_HEAD} WHERE {ADR_MINE} AND flow_id = $3", *mine, flow_id),
                most=None,
            ),
            await self._read("its history", lambda store: store.events(flow_id, after=0, limit=50), None, most=None),
            await self._read(
                f"inbox: {PAGE} open gates, those due first",
                lambda store: self._gates(store).open_gates(roles=None, limit=PAGE),
                None,
                most=None,
            ),
            await self._read(
                f"gates: the {PAGE} newest that are open",
                lambda store: self._gates(store).summaries(status=GateStatus.OPEN, flow_id=None, limit=PAGE),
                None,
                most=None,
            ),
            await self._read("dashboard: by type and status", self._standing, (counts, *mine), most=MOST_DASHBOARD),
            await self._read("report of 30 days", self._days, None, most=None),
        ]

    def _page(self, **asked: Any) -> Callable[[FlowStore], Any]:
        query = ListQuery(**asked, limit=PAGE)
        return lambda store: store.page(query)

    def _gates(self, store: FlowStore) -> GateStore:
        return GateStore(store.connection, self.tenant, self.registry)

    async def _standing(self, store: FlowStore) -> analytics.Standings:
        return await analytics.standings_of(
            store.connection, self.tenant.client_account_id, [self.tenant.engagement_id]
        )

    async def _days(self, store: FlowStore) -> analytics.Days:
        return await analytics.days_of(
            store.connection,
            self.tenant.client_account_id,
            [self.tenant.engagement_id],
            first=date(2026, 10, 2),
            last=date(2026, 11, 1),
            flow_type=None,
        )

    async def _middle(self) -> tuple[Any, UUID]:
        async with self.database.reading(self.tenant) as connection:
            row = await connection.fetchrow(
                f"""SELECT status_changed_at, flow_id FROM {FLOWS} WHERE {ADR_MINE}
                    ORDER BY status_changed_at DESC, flow_id DESC
                    OFFSET (SELECT count(*) / 2 FROM {FLOWS} WHERE {ADR_MINE}) LIMIT 1""",
                self.tenant.client_account_id,
                self.tenant.engagement_id,
            )
        return row["status_changed_at"], row["flow_id"]

    async def _read(
        self, name: str, ask: Callable[[FlowStore], Any], adr: tuple[Any, ...] | None, *, most: int | None
    ) -> Read:
        async with self.database.reading(self.tenant) as connection:
            for _ in range(2):  # the first warms the catalogue
                explaining = Explaining(connection)
                found = await ask(FlowStore(explaining, self.tenant, self.registry))
            beside = Explaining(connection)
            if adr is not None:
                await beside.fetch(*adr)
        return Read(
            name=name,
            whose=self.whose,
            rows=len(found) if isinstance(found, list | dict) else 1,
            buffers=explaining.buffers,
            scanned=frozenset(explaining.scanned & GROWING),
            adr_buffers=beside.buffers if adr is not None else None,
            most=most,
        )


async def measure(database: Database) -> list[Read]:
    """The reads of an ordinary client, of the one that owns a tenth, and of a small engagement beside a large one."""
    registry = FlowTypeRegistry([empty_flow(3)])
    whose = (
        (tenant_of(ORDINARY), "ordinary"),
        (tenant_of(WHALE), "whale"),
        (tenant_of(WHALE, second=True), "small beside whale"),
    )
    return [read for tenant, name in whose for read in await Reads(database, registry, tenant, name).all()]


class Both:
    """The product, and beside it the bare endpoint, in one process on equal pools."""

    def __init__(self, product: ASGIApp, bare: ASGIApp) -> None:
        self._product = product
        self._bare = bare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_bare = scope["type"] == "http" and scope["path"].startswith("/bare/")
        await (self._bare if is_bare else self._product)(scope, receive, send)


def bare_application(database: Database) -> FastAPI:
    """FastAPI and asyncpg, and nothing that a product needs: no token, no errors, no schema of the answer."""
    app = FastAPI()
    tenant = tenant_of(ORDINARY)

    @app.get("/bare/{flow_id}")
    async def get(flow_id: UUID) -> Response:
        async with database._hot["app"].acquire() as connection, connection.transaction():  # noqa: SLF001
            await connection.execute("SELECT set_config('app.client', $1, true)", str(tenant.client_account_id))
            row = await connection.fetchrow(
                f"""SELECT flow_id, flow_type, flow_status, current_phase, phase_index, version, created_at, updated_at
                    FROM {FLOWS} WHERE flow_id = $1""",
                flow_id,
            )
        return Response(orjson.dumps(dict(row), default=str), media_type="application/json")

    return app


async def serve(admin: URL, port: int) -> None:
    """The server process: ends when it is killed."""
    urls = derive_urls(admin, SECRET)
    database = await Database(urls, pool_size=CONNECTIONS).open()
    services = Services(
        urls=urls,
        database=database,
        files=FileStore(Path(tempfile.gettempdir()).as_uri(), max_bytes=1),
        tenancy=Tenancy(database),
        orchestrator=MasterFlowOrchestrator(database, FlowTypeRegistry([empty_flow(3)]), InlineEngine()),
    )
    product = create_app(services, max_upload_bytes=1)
    config = uvicorn.Config(Both(product, bare_application(database)), port=port, log_config=None, access_log=False)
    await uvicorn.Server(config).serve()


@dataclass(frozen=True, slots=True)
class Server:
    """The process that answers, and where."""

    process: psutil.Process
    port: int

    async def cpu_us(self, path: str, requests: int) -> float:
        """CPU of the server process for a request, in microseconds."""
        before = self.process.cpu_times()
        done = await asyncio.gather(*(self._ask(path, requests // CONNECTIONS) for _ in range(CONNECTIONS)))
        after = self.process.cpu_times()
        return (after.user - before.user + after.system - before.system) * 1e6 / sum(done)

    async def _ask(self, path: str, requests: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        asked = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token_of(ORDINARY)}\r\n\r\n".encode()
        for _ in range(requests):
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head[:16]:
                raise RuntimeError(f"{path} answered {head[:80]!r}")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.close()
        return requests


@asynccontextmanager
async def server(admin: URL) -> AsyncIterator[Server]:
    """A server process for as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "READS_URL": admin.render_as_string(False)}
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(port)], env=environment)  # noqa: ASYNC220
    try:
        while True:
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield Server(psutil.Process(process.pid), port)
    finally:
        process.kill()
        process.wait()


async def cpu(admin: URL, flow_id: UUID, *, requests: int, rounds: int) -> dict[str, float]:
    """Microseconds of CPU a request: of each path the least of the rounds, which take turns."""
    paths = {
        "bare": f"/bare/{flow_id}",
        "get": f"/api/v1/flows/{flow_id}",
        "status": f"/api/v1/flows/{flow_id}/status",
        "list": f"/api/v1/flows?status=completed&limit={PAGE}",
    }
    async with server(admin) as running:
        for path in paths.values():
            await running.cpu_us(path, requests // 4)
        measured = [{name: await running.cpu_us(path, requests) for name, path in paths.items()} for _ in range(rounds)]
    return {name: min(run[name] for run in measured) for name in paths}


def table(reads: list[Read], spent: dict[str, float]) -> str:
    """Everything measured, and what it may be."""
    lines = [f"{'read':<34}{'whose':<20}{'rows':>6}{'buffers':>9}{'limit':>7}{'ADR-006':>10}  scanned whole"]
    for read in reads:
        limit = f"<= {read.most}" if read.most else ""
        adr = f"{read.adr_buffers:,}" if read.adr_buffers is not None else "-"
        scanned = ", ".join(sorted(read.scanned))
        lines.append(f"{read.name:<34}{read.whose:<20}{read.rows:>6}{read.buffers:>9,}{limit:>7}{adr:>10}  {scanned}")
    lines.append(f"\n{'request':<34}{'CPU, microseconds':>20}{'times bare':>14}{'limit':>8}")
    for name, least in spent.items():
        limit = f"<= {MOST_CPU:g}" if name in {"get", "list"} else ""
        lines.append(f"{name:<34}{least:>20,.0f}{least / spent['bare']:>14.2f}{limit:>8}")
    return "\n".join(lines)


async def benchmark(admin: URL, *, flows: int, clients: int, requests: int, rounds: int) -> str:
    """Load, measure, and say it."""
    await asyncio.to_thread(migrate, derive_urls(admin, SECRET))
    started = perf_counter()
    await load(admin, flows=flows, clients=clients)
    loaded = perf_counter() - started
    database = await Database(derive_urls(admin, SECRET), pool_size=2).open()
    try:
        reads = await measure(database)
        async with database.reading(tenant_of(ORDINARY)) as connection:
            flow_id = await connection.fetchval(
                f"SELECT flow_id FROM {FLOWS} WHERE client_account_id = $1 AND engagement_id = $2 LIMIT 1",
                tenant_of(ORDINARY).client_account_id,
                tenant_of(ORDINARY).engagement_id,
            )
    finally:
        await database.close()
    spent = await cpu(admin, flow_id, requests=requests, rounds=rounds)
    return f"{flows:,} flows of {clients:,} clients, loaded in {loaded:.0f} s\n\n{table(reads, spent)}"


def main() -> None:
    """Run it, or be the server process."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("flows", 20_000), ("clients", 100), ("requests", 1_000), ("rounds", 3), ("serve", 0)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    given = arguments.parse_args()
    if given.serve:
        asyncio.run(serve(make_url(os.environ["READS_URL"]), given.serve))
        return
    folder = Path(tempfile.mkdtemp(prefix="masterflow-benchmark-"))
    folder.chmod(0o755)
    running = EmbeddedPostgres(
        folder, options=("fsync=off", "full_page_writes=off", "shared_buffers=1GB", "max_wal_size=8GB")
    )
    try:
        admin = running.start()
        print(
            asyncio.run(
                benchmark(admin, **{name: getattr(given, name) for name in ("flows", "clients", "requests", "rounds")})
            )
        )
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
