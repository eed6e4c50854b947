"""A crash before and after every write of a flow: after a restart it must end as if nothing had happened.

The driver is wrapped in the drill's own process: write statements and commits are counted in a run without a crash, and
then the flow is run again for each of them, with `os._exit` right before it or right after it. What is compared is the
number of rows of every table, the results, and where the flow ended. Flows run on the inline engine here, whose memory
is lost with the process: the rows alone have to bring the flow back. The planted fault is a phase commit in two
transactions.
"""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import orjson
import psycopg
from asyncpg.connection import Connection
from sqlalchemy.engine import URL, make_url

from drills.mutants import plant
from drills.report import Found, Outcome, skip, told
from drills.site import FORKS, UNSYNCED, Site, site
from drills.toys import growing
from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import derive_urls
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.segments.compute import ComputePool
from masterflow.orchestrator.segments.runner import SegmentRunner
from masterflow.orchestrator.types import ListedFlow, Verdict
from masterflow.spec import FlowType
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.types import Principal, Tenant
from masterflow.testing import Kit, running_orchestrator
from masterflow.worker.periods import Periods
from masterflow.worker.store import WorkerStore
from masterflow.worker.upkeep import Upkeep

NAME = "crash at every write"
CRASHED = 77
TRIAL_SECONDS = 120
TOY = "growing"
TYPES = ("discovery", "assessment", "planning")
WRITES = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+\w+\s|DELETE\s+FROM|MERGE\s+INTO|enqueue_segment|COPY\s|COMMIT)", re.IGNORECASE
)
ESTATE = "hostname,ip_address,operating_system,cpu_cores,memory_gb,application,environment\n" + "".join(
    f"app-{n:02},10.1.0.{n + 1},Ubuntu 22.04,{2 + n % 3},{4 * (1 + n % 4)},{('shop', 'billing')[n % 2]},production\n"
    for n in range(8)
)
VOLATILE = ("workers", "alembic_version", "flow_events", "audit_log")


@dataclass(slots=True)
class Counter:
    """Counts writes, and ends the process at one of them."""

    at: int | None = None
    before: bool = True
    seen: list[str] = field(default_factory=list)
    armed: bool = False

    def begins(self, statement: str) -> bool:
        """Note a statement that is about to be sent; answers whether it is a write."""
        if not self.armed or not WRITES.search(statement):
            return False
        self.seen.append(" ".join(statement.split())[:60])
        if self.before and len(self.seen) - 1 == self.at:
            os._exit(CRASHED)
        return True

    def ended(self) -> None:
        """Note that the last write was answered."""
        if not self.before and len(self.seen) - 1 == self.at:
            os._exit(CRASHED)


class Watched:
    """The driver's protocol of one connection, which tells the counter what passes."""

    def __init__(self, protocol: Any, counter: Counter) -> None:
        self._protocol, self._counter = protocol, counter

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._protocol, name)
        return partial(self._pass, found) if name in SENDING else found

    async def _pass(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        first = args[0] if args else next(iter(kwargs.values()))
        is_write = self._counter.begins(first if isinstance(first, str) else first.query)
        answer = await method(*args, **kwargs)
        if is_write:
            self._counter.ended()
        return answer


SENDING = frozenset({"query", "bind_execute", "bind_execute_many", "copy_in"})


def watch_driver(counter: Counter) -> None:
    """Wrap every connection that this process opens from now on."""
    made = Connection.__init__

    def make(self: Connection, protocol: Any, *args: Any, **kwargs: Any) -> None:
        made(self, Watched(protocol, counter), *args, **kwargs)

    Connection.__init__ = make


class HereCompute(ComputePool):
    """CPU-bound work in a thread: a crash has to hit this process and no other."""

    def __init__(self) -> None:
        super().__init__(1)

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return await asyncio.to_thread(function, *args, **kwargs)


async def _no_progress(self: SegmentRunner, working: object) -> None:
    """Progress is written by the clock, so it would shift the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a process does: which flow, where it crashes, and where it tells how many writes it saw."""

    admin: str
    client: UUID
    engagement: UUID
    email: str
    flow_type: str
    config: Mapping[str, Any]
    folder: Path
    at: int | None = None
    before: bool = True
    mutant: str | None = None
    told: Path | None = None


def process(plan: Plan) -> None:
    """One life of the process: bring the flow to its end, or crash on the way."""
    log = (plan.folder / "every_write.log").open("ab")
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    counter = Counter(at=plan.at, before=plan.before)
    watch_driver(counter)
    SegmentRunner._write_progress = _no_progress  # type: ignore[method-assign]
    if plan.mutant:
        plant(plan.mutant)
    asyncio.run(_live(plan, counter))
    if plan.told is not None:
        plan.told.write_bytes(orjson.dumps(counter.seen))


def _flow_types() -> list[FlowType]:
    return [growing(2), *import_module("drills.preloaded").FLOW_TYPES]


async def _live(plan: Plan, counter: Counter) -> None:
    admin = make_url(plan.admin)
    urls = derive_urls(admin, str(admin.password))
    database = await Database(urls, pool_size=4).open()
    actor = await LocalOperator(urls.owner).principal(Tenant(plan.client, plan.engagement), plan.email)
    files = FileStore((plan.folder / "files").as_uri(), max_bytes=10_000_000)
    async with running_orchestrator(database, _flow_types(), files=files, compute=HereCompute()) as kit:
        counter.armed = True
        await _to_the_end(plan, kit, database, actor)
        counter.armed = False
    await database.close()


async def _to_the_end(plan: Plan, kit: Kit, database: Database, actor: Principal) -> None:
    flow = await _found_or_made(plan, kit, database, actor)
    while True:
        flow = await kit.settled(actor, flow.flow_id)
        if flow.status is not FlowStatus.WAITING_FOR_APPROVAL:
            return
        (question,) = await kit.orchestrator.gates(actor, flow_id=flow.flow_id)
        await kit.orchestrator.decide(actor, question.id, Verdict.APPROVE)


async def _found_or_made(plan: Plan, kit: Kit, database: Database, actor: Principal) -> ListedFlow:
    page = await kit.orchestrator.list(actor, flow_type=plan.flow_type)
    if page.flows:
        engine, store = kit.engine, kit.runner.store
        await Upkeep(database, engine, store, WorkerStore(database), Periods()).reconcile()
        return page.flows[0]
    return await kit.orchestrator.create_flow(actor, plan.flow_type, plan.config)


def _run(plan: Plan) -> int:
    child = FORKS.Process(target=process, args=(plan,))
    child.start()
    child.join(TRIAL_SECONDS)
    if child.is_alive():
        child.kill()
        child.join()
        return -1
    return child.exitcode if child.exitcode is not None else -1


@dataclass(slots=True)
class Trials:
    """The trials of one flow type, each on a copy of a database where it can begin."""

    site: Site
    base: Plan
    random: Random

    def all(self, most: int) -> Found:
        """Crash before and after every write, or at `most` of these points if there are more."""
        usual, writes = self._usual()
        points = [(at, before) for at in range(len(writes)) for before in (True, False)]
        chosen = points if len(points) <= most else sorted(self.random.sample(points, most))
        wrong = [said for at, before in chosen if (said := self._one(at, before, usual, writes)) is not None]
        return Found(
            trials=len(chosen),
            faults=len(chosen),
            lost=len(wrong),
            says=wrong,
            notes=[f"{self.base.flow_type}: {len(writes)} writes, {len(chosen)} of {len(points)} points tried"],
        )

    def _usual(self) -> tuple[Mapping[str, Any], Sequence[str]]:
        seen = self.base.folder / "writes"
        with self._copy() as admin:
            plan = _with(self.base, admin=admin, told=seen)
            if (code := _run(plan)) != 0:
                raise RuntimeError(f"{self.base.flow_type} does not end even without a crash: {code}")
            return self._state(admin), orjson.loads(seen.read_bytes())

    def _one(self, at: int, before: bool, usual: Mapping[str, Any], writes: Sequence[str]) -> str | None:
        where = f"{self.base.flow_type}: {'before' if before else 'after'} write {at} ({writes[at]})"
        with self._copy() as admin:
            if (code := _run(_with(self.base, admin=admin, at=at, before=before))) != CRASHED:
                return f"{where}: the process ended with {code} and did not crash"
            if (code := _run(_with(self.base, admin=admin))) != 0:
                return f"{where}: the restarted process ended with {code}"
            state = self._state(admin)
        different = {key for key in usual.keys() | state.keys() if usual.get(key) != state.get(key)}
        shown = ", ".join(
            f"{key} {str(state.get(key))[:60]} not {str(usual.get(key))[:60]}" for key in sorted(different)
        )
        return f"{where}: {shown}" if different else None

    @contextmanager
    def _copy(self) -> Iterator[str]:
        url = self.site.urls.admin
        assert url is not None
        _sql(url, f"CREATE DATABASE trial TEMPLATE {url.database}")
        try:
            yield url.set(database="trial").render_as_string(hide_password=False)
        finally:
            _sql(url, "DROP DATABASE trial WITH (FORCE)")

    def _state(self, admin: str) -> Mapping[str, Any]:
        """How many rows each table has, what the phases gave, and where the flow is."""
        state: dict[str, Any] = {}
        with psycopg.connect(admin) as connection:
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'drill')"
            ).fetchall()
            for schema, name in tables:
                if name not in VOLATILE:
                    row = connection.execute(f"SELECT count(*) FROM {schema}.{name}").fetchone()
                    state[f"rows of {name}"] = row[0] if row else None
            state["flows"] = connection.execute(
                "SELECT flow_type, flow_status, phase_index, iteration FROM crewai_flow_state_extensions ORDER BY 1"
            ).fetchall()
            results = connection.execute(
                "SELECT phase, iteration, output::text FROM phase_results ORDER BY flow_id, iteration, phase_index"
            ).fetchall()
            state["results"] = [(phase, iteration) for phase, iteration, _ in results]
            state["holes"] = connection.execute(
                """SELECT count(*) FROM (SELECT max(seq) <> count(*) AS hole FROM flow_events GROUP BY flow_id) AS flows
                   WHERE hole"""
            ).fetchone()
        return state


def _with(plan: Plan, **changed: Any) -> Plan:
    return replace(plan, **changed)


def _sql(url: URL, statement: str) -> None:
    server = url.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


async def of_types(names: Sequence[str], seed: int, most: int, *, mutant: str | None = None) -> Found:
    """The trials of these flow types, in programme order: each begins where the one before ended."""
    found: list[Found] = []
    async with site(options=UNSYNCED) as here:  # this process dies, not Postgres
        tenancy = await here.tenant("writes")
        lead, tenant = tenancy.lead, tenancy.lead.tenant
        admin = here.urls.admin
        assert admin is not None
        (here.folder / "files").mkdir()
        base = Plan(
            admin=here.admin,
            client=tenant.client_account_id,
            engagement=tenant.engagement_id,
            email=lead.email,
            flow_type="",
            config={},
            folder=here.folder,
            mutant=mutant,
        )
        imports = await _upload(here, lead) if "discovery" in names else []
        for name in names:
            plan = _with(base, flow_type=name, config={"imports": imports} if name == "discovery" else {})
            found.append(await asyncio.to_thread(Trials(here, plan, Random(seed)).all, most))
            if name != names[-1]:
                with suppress(RuntimeError):
                    await asyncio.to_thread(_run, plan)
    return Found(
        trials=sum(one.trials for one in found),
        faults=sum(one.faults for one in found),
        lost=sum(one.lost for one in found),
        says=[said for one in found for said in one.says],
        notes=[note for one in found for note in one.notes],
    )


async def _upload(here: Site, lead: Principal) -> list[str]:
    files = FileStore((here.folder / "files").as_uri(), max_bytes=10_000_000)
    async with here.database() as database:
        return [str(await InventoryService(database, files, lead).upload("estate.csv", ESTATE.encode()))]


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill: a toy with a gate and published rows, then every flow type that exists."""
    if FORKS.get_start_method() != "forkserver":
        return [skip(NAME, "this platform has no fork server")]
    most = 8 if quick else 10**6 if full else 60
    names = [TOY] if quick else [TOY, *TYPES]
    correct = asyncio.run(of_types(names, seed, most if quick or full else 60))
    mutant = asyncio.run(of_types([TOY], seed, 40 if not quick else 16, mutant="commit_in_two"))
    return [Outcome(name=NAME, correct=correct, planted="a phase commit in two transactions", found=told(mutant))]
