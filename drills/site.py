"""A place of its own for a drill: a durable Postgres, tenants with tokens, and Masterflow processes that can be killed.

Only processes that were started here are ever signalled, and all of them are gone when the block ends.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypedDict, Unpack
from uuid import uuid4

import asyncpg
import httpx
import psutil
import psycopg
from sqlalchemy.engine import URL

from drills.process import become
from masterflow.db.embedded import EmbeddedPostgres, programs
from masterflow.db.migrate import migrate
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls, derive_urls
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal

UNSYNCED = ("fsync=off", "full_page_writes=off")
"""Settings for a Postgres that need not survive the machine: a killed process loses nothing that the kernel has."""

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(["drills.preloaded"])
PATIENCE_SECONDS = 60.0
LEFTOVERS_SECONDS = 20.0

# What bodies of the drills' flows do to the world outside: `slot` makes an effect happen once, if the body uses it.
EFFECTS = """
CREATE SCHEMA drill;
CREATE TABLE drill.effects (flow_id uuid, iteration integer, phase text, slot text UNIQUE, pid integer);
CREATE TABLE drill.published (flow_id uuid, iteration integer, phase text, pid integer);
GRANT USAGE ON SCHEMA drill TO masterflow_app, masterflow_engine;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA drill TO masterflow_app, masterflow_engine;
"""


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Postgres:
    """One server on one folder and one port, which can be killed and started again."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    admin: URL | None = None
    _server: EmbeddedPostgres | None = None

    def start(self) -> URL:
        """Start it; after a kill, it recovers from its log first."""
        self._server = EmbeddedPostgres(self.folder, options=self.options, port=self.port)
        self.admin = self._server.start()
        return self.admin

    @property
    def process(self) -> psutil.Process:
        """The postmaster: `setpriv` has become it."""
        assert self._server is not None
        assert self._server.pid is not None
        return psutil.Process(self._server.pid)

    def kill(self) -> None:
        """SIGKILL to the postmaster; its backends end by themselves when they notice, and are waited for."""
        postmaster = self.process
        backends = postmaster.children(recursive=True)
        postmaster.kill()
        assert self._server is not None
        self._server.stop()
        _, alive = psutil.wait_procs(backends, LEFTOVERS_SECONDS)
        for backend in alive:
            backend.kill()
        psutil.wait_procs(alive, LEFTOVERS_SECONDS)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP to the postmaster and every backend for as long as the block lasts."""
        stopped = [self.process, *self.process.children(recursive=True)]
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                with _may_be_gone():
                    process.resume()

    def stop(self) -> None:
        """Stop it in good order."""
        if self._server is not None:
            self._server.stop()


@contextmanager
def _may_be_gone() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return


@dataclass(slots=True)
class Child:
    """One Masterflow process of this drill, forked from a process that has imported everything already."""

    arguments: list[str]
    environment: dict[str, str]
    log: Path
    supervised: bool = False
    process: BaseProcess | None = None

    def start(self) -> "Child":
        """Start it, as it was before if it was killed."""
        self.process = FORKS.Process(target=become, args=(self.arguments, self.environment, str(self.log)))
        self.process.start()
        return self

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.process is not None
        assert self.process.pid is not None
        return self.process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self.process is not None and self.process.is_alive()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self.lives:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A lead of one engagement, who may also approve, and the token that speaks for them."""

    lead: Principal
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What a request of this tenant carries."""
        return {"Authorization": f"Bearer {self.token}"}


class How(TypedDict, total=False):
    """How a process of a site runs: see `Site._child`."""

    mutant: str | None
    flows: str
    fast: bool
    through: int | None
    pool: int | None
    log_to: Path | None


@dataclass(slots=True)
class Site:
    """Everything of one drill."""

    folder: Path
    postgres: Postgres
    urls: DatabaseUrls
    port: int = field(default_factory=free_port)
    children: list[Child] = field(default_factory=list)

    @property
    def admin(self) -> str:
        """The superuser's URL, for what a drill checks and for nothing else."""
        assert self.urls.admin is not None
        return self.urls.admin.render_as_string(hide_password=False)

    @property
    def base(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self, **how: Unpack[How]) -> Child:
        """Start the API."""
        return self._child(["serve", "--port", str(self.port)], "api", **how)

    def worker(self, **how: Unpack[How]) -> Child:
        """Start a worker."""
        return self._child(["worker"], f"worker{len(self.children)}", **how)

    def _child(
        self,
        command: list[str],
        name: str,
        *,
        mutant: str | None = None,
        flows: str = "counted",
        fast: bool = False,
        through: int | None = None,
        pool: int | None = None,
        log_to: Path | None = None,
    ) -> Child:
        """A process; `through` is the port of a proxy that it takes for the database, `pool` its connections."""
        options = ["--flows", flows, *(["--mutant", mutant] if mutant else []), *(["--fast"] if fast else [])]
        options += ["--pool", str(pool)] if pool else []
        log = (log_to or self.folder) / f"{name}{uuid4().hex[:6] if log_to else ''}.log"
        child = Child([*options, *command], self._environment(through), log)
        self.children.append(child.start())
        return child

    def _environment(self, through: int | None) -> dict[str, str]:
        app, engine = (url.set(port=through or url.port) for url in (self.urls.app, self.urls.engine))
        return {
            "DRILL_FOLDER": str(self.folder),
            "MASTERFLOW_DATA_DIR": str(self.folder / "data"),
            "MASTERFLOW_DATABASE_APP_URL": app.render_as_string(hide_password=False),
            "MASTERFLOW_DATABASE_ENGINE_URL": engine.render_as_string(hide_password=False),
            "MASTERFLOW_WORKER_PROCESSES": "1",
            "MASTERFLOW_LOG_LEVEL": "WARNING",
        }

    async def tenant(self, name: str) -> Tenancy:
        """A client with an engagement and a lead who approves their own work."""
        operator = LocalOperator(self.urls.owner)
        client = await operator.create_client(f"{name} {uuid4().hex[:6]}")
        engagement = await operator.create_engagement(client, "programme")
        email = f"lead@{client.id.hex[:8]}.example"
        await operator.add_member(engagement.tenant, email=email, role=Role.LEAD)
        await operator.set_self_approval(engagement.tenant, True)
        issued = await operator.create_token(engagement.tenant, email, name="drill")
        return Tenancy(await operator.principal(engagement.tenant, email), issued.secret)

    @asynccontextmanager
    async def database(self, pool_size: int = 4) -> AsyncIterator[Database]:
        """Pools of the drill itself."""
        database = await Database(self.urls, pool_size=pool_size).open()
        try:
            yield database
        finally:
            await database.close()

    async def fetch(self, query: str, *values: object) -> list[asyncpg.Record]:
        """Ask as superuser."""
        connection = await asyncpg.connect(self.admin)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def watch(self) -> None:
        """Start again what ended without being asked to, as a supervisor does, until cancelled."""
        while True:
            for child in self.children:
                if child.supervised and not child.lives:
                    child.start()
            await asyncio.sleep(0.2)

    async def answers(self, path: str = "/health/live") -> None:
        """Wait until the API answers with success."""
        async with httpx.AsyncClient(base_url=self.base, timeout=5, trust_env=False) as client:
            await until(lambda: _is_fine(client, path))

    async def workers_live(self, count: int) -> None:
        """Wait until so many workers beat."""

        async def enough() -> bool:
            rows = await self.fetch("SELECT count(*) FROM workers WHERE beat_at > now() - interval '5 seconds'")
            return bool(rows[0][0] >= count)

        await until(enough)

    def amcheck(self) -> str | None:
        """What pg_amcheck finds wrong; None is nothing."""
        command = [str(programs() / "bin" / "pg_amcheck"), "--install-missing", "--heapallindexed", self.admin]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        return None if done.returncode == 0 else (done.stdout + done.stderr).strip()[-400:]


async def _is_fine(client: httpx.AsyncClient, path: str) -> bool:
    try:
        return (await client.get(path)).status_code == 200
    except httpx.HTTPError:
        return False


async def until(look: Callable[[], object], *, seconds: float = PATIENCE_SECONDS, every: float = 0.05) -> None:
    """Wait until `look` answers something true.

    Raises:
        TimeoutError: it never did.
    """
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if await seen if asyncio.iscoroutine(seen) else seen:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{seconds:g} s were not enough")
        await asyncio.sleep(every)


_settings: list[str] = []


def without_sync() -> None:
    """Let every Postgres of this process from now on leave the disk to the kernel: for quick runs."""
    _settings[:] = UNSYNCED


def with_sync() -> None:
    """Take that back."""
    _settings.clear()


@asynccontextmanager
async def site(*, options: tuple[str, ...] = (), folder: Path | None = None) -> AsyncIterator[Site]:
    """A fresh site; `options` are further settings of its Postgres, `folder` where it shall lie."""
    own = Path(tempfile.mkdtemp(prefix="masterflow-drill-")) if folder is None else folder
    own.chmod(0o755)
    postgres = Postgres(own / "postgres", (*_settings, *options))
    made: Site | None = None
    try:
        admin = postgres.start()
        urls = derive_urls(admin, str(admin.password))
        await asyncio.to_thread(migrate, urls)
        with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(EFFECTS)
            connection.execute("CHECKPOINT")  # whatever a planted fault forgets, it is not this
        made = Site(own, postgres, urls)
        yield made
    finally:
        for child in made.children if made is not None else ():
            child.kill()
        postgres.stop()
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)
