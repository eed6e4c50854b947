"""Workers are processes: they are killed, frozen and asked to end, and every flow still arrives."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.orchestrator.types import Flow
from masterflow.tenancy.types import Principal
from masterflow.testing import eventually
from tests.conftest import Cast
from tests.durability.worker_process import flow_types

ROOT = Path(__file__).parents[2]


@dataclass
class Site:
    """Worker processes on one database, and the orchestrator that commands them."""

    database: Database
    cast: Cast
    folder: Path
    orchestrator: MasterFlowOrchestrator
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[bytes]:
        urls = self.database.urls
        arguments = [url.render_as_string(hide_password=False) for url in (urls.app, urls.engine)]
        with (self.folder / "log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.durability.worker_process", *arguments, str(self.folder)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(worker)
        return worker

    def let_go(self) -> None:
        (self.folder / "go").touch()

    def begun_by(self, worker: subprocess.Popen[bytes], flow: Flow) -> bool:
        return (self.folder / "begun" / f"{flow.flow_id}.{worker.pid}").exists()

    async def begins(self, worker: subprocess.Popen[bytes], flow: Flow) -> None:
        await eventually(lambda: _answer(self.begun_by(worker, flow)))

    async def ended(self, flow: Flow, actor: Principal | None = None) -> Flow:
        async def look() -> Flow | None:
            now = await self.orchestrator.get(actor or self.cast.lead, flow.flow_id)
            return now if now.status is not FlowStatus.RUNNING else None

        return await eventually(look)

    async def kinds(self, flow: Flow, actor: Principal | None = None) -> list[str]:
        events = await self.orchestrator.history(actor or self.cast.lead, flow.flow_id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        return [event.kind for event in events]

    async def living(self) -> int:
        async with self.database.moving() as connection:
            return await connection.fetchval("SELECT count(*) FROM workers")


async def _answer(value: object):
    return value


@pytest.fixture
def site(database: Database, cast: Cast, tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "begun").mkdir()
    registry = FlowTypeRegistry(flow_types(tmp_path))
    site = Site(database, cast, tmp_path, MasterFlowOrchestrator(database, registry, DbosEngine(database.urls)))
    yield site
    for worker in site.workers:
        if worker.poll() is None:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
        worker.wait(10)


async def test_another_worker_finishes_what_a_killed_one_began(site: Site) -> None:
    first = site.start_worker()
    flow = await site.orchestrator.create_flow(site.cast.lead, "held", {})
    await site.begins(first, flow)
    second = site.start_worker()
    first.kill()
    first.wait(10)
    await site.begins(second, flow)
    site.let_go()
    flow = await site.ended(flow)
    assert flow.status is FlowStatus.COMPLETED
    assert await site.kinds(flow) == [
        "flow_created",
        "phase_completed",
        "flow_rescued",
        "phase_completed",
        "phase_completed",
    ]
    results = await site.orchestrator.results(site.cast.lead, flow.flow_id)
    assert [(result.phase, result.attempt) for result in results] == [("before", 1), ("held", 2), ("after", 1)]


async def test_a_worker_that_starts_after_the_crash_finishes_it_too(site: Site) -> None:
    first = site.start_worker()
    flow = await site.orchestrator.create_flow(site.cast.lead, "held", {})
    await site.begins(first, flow)
    first.kill()
    first.wait(10)
    site.let_go()
    site.start_worker()
    assert (await site.ended(flow)).status is FlowStatus.COMPLETED


async def test_a_frozen_worker_that_thaws_is_fenced_and_works_on(site: Site) -> None:
    first = site.start_worker()
    flow = await site.orchestrator.create_flow(site.cast.lead, "held", {})
    await site.begins(first, flow)
    second = site.start_worker()
    first.send_signal(signal.SIGSTOP)
    await site.begins(second, flow)
    site.let_go()
    flow = await site.ended(flow)
    kinds, version = await site.kinds(flow), flow.version
    first.send_signal(signal.SIGCONT)
    await eventually(lambda: _two_live(site))
    second.terminate()
    second.wait(30)
    later = await site.orchestrator.create_flow(site.cast.lead, "empty", {})
    assert (await site.ended(later)).status is FlowStatus.COMPLETED
    assert (await site.kinds(flow), (await site.ended(flow)).version) == (kinds, version)
    assert first.poll() is None


async def _two_live(site: Site) -> bool:
    return await site.living() == 2


async def test_two_workers_move_the_flows_of_two_tenants_while_one_of_them_dies(site: Site) -> None:
    workers = [site.start_worker(), site.start_worker()]
    actors = [site.cast.lead, site.cast.outsider] * 10
    held = [await site.orchestrator.create_flow(actor, "held", {}) for actor in actors]
    empty = [await site.orchestrator.create_flow(actor, "empty", {}) for actor in actors]
    busy = await eventually(lambda: _answer([w for w in workers if any(site.begun_by(w, flow) for flow in held)]))
    busy[0].kill()
    site.let_go()
    for actor, flow in [*zip(actors, held, strict=True), *zip(actors, empty, strict=True)]:
        assert (await site.ended(flow, actor)).status is FlowStatus.COMPLETED
        kinds = await site.kinds(flow, actor)
        assert kinds.count("phase_completed") == (5 if flow.flow_type == "empty" else 3)
        assert {event.actor for event in await site.orchestrator.history(actor, flow.flow_id)} == {
            actor.email,
            "engine",
        }


async def test_a_worker_that_is_asked_to_end_gives_its_flows_to_another(site: Site) -> None:
    first = site.start_worker()
    flow = await site.orchestrator.create_flow(site.cast.lead, "held", {})
    await site.begins(first, flow)
    first.terminate()
    assert first.wait(30) == 0
    assert "flow_released" in await site.kinds(flow)
    site.let_go()
    site.start_worker()
    flow = await site.ended(flow)
    assert flow.status is FlowStatus.COMPLETED
    results = await site.orchestrator.results(site.cast.lead, flow.flow_id)
    assert [result.attempt for result in results] == [1, 1, 1]


async def test_a_phase_that_kills_its_workers_ends_its_flow_and_no_other(site: Site) -> None:
    """The flows that die with it run to their end, though they shared every worker that it killed."""
    deadly = await site.orchestrator.create_flow(site.cast.lead, "deadly", {})
    beside = [await site.orchestrator.create_flow(actor, "held", {}) for actor in (site.cast.lead, site.cast.outsider)]
    worker = site.start_worker()
    while (await site.orchestrator.get(site.cast.lead, deadly.flow_id)).status is FlowStatus.RUNNING:
        ended = await asyncio.to_thread(_gone, worker, within=2)
        if ended:
            worker = site.start_worker()
        if len(site.workers) == 3:
            site.let_go()  # from now on one of the three runs at a time, and the others wait for it
    deadly = await site.ended(deadly)
    assert deadly.last_error is not None
    assert (deadly.status, deadly.last_error.code) == (FlowStatus.FAILED, "phase.killed_its_worker")
    assert len([one for one in site.workers if one.poll() is not None]) == 3
    for actor, flow in zip((site.cast.lead, site.cast.outsider), beside, strict=True):
        assert (await site.ended(flow, actor)).status is FlowStatus.COMPLETED


def _gone(worker: subprocess.Popen[bytes], *, within: float) -> bool:
    try:
        worker.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True
