"""One command on many flows, whichever engine runs them."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, InvalidInput, NotAllowed, NotFound, PhaseFailed
from masterflow.orchestrator import MultiTenantFlowManager
from masterflow.orchestrator.bulk import service
from masterflow.orchestrator.bulk.store import BulkStore
from masterflow.orchestrator.bulk.types import BulkCommand, BulkJob, ItemOutcome, JobStatus, Selection
from masterflow.orchestrator.quotas.types import Quotas
from masterflow.orchestrator.types import Flow
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, empty_flow, toy_flow, toy_phase
from tests.engines.conftest import House, Open


class Torn:
    """A body that fails until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.runs = 0

    async def __call__(self, ctx: PhaseContext, given: Nothing) -> Nothing:
        self.runs += 1
        if not self.mended:
            raise PhaseFailed("torn")
        return Nothing()


async def failed(home: House, count: int, *, name: str = "toy") -> list[Flow]:
    create = home.orchestrator.create_flow
    return [await home.settled(await create(home.cast.lead, name, {}, name=f"Rack {n}")) for n in range(count)]


async def finished(home: House, job: BulkJob) -> BulkJob:
    await home.orchestrator.bulk.work()
    return await home.orchestrator.bulk.job(home.cast.lead, job.id)


FAILED = Selection(status=FlowStatus.FAILED)


async def test_a_dry_run_counts_and_a_job_then_moves_each_flow_once(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "CHUNK", 2)
    torn = Torn()
    home = await house(toy_flow(toy_phase("only", torn)))
    flows = await failed(home, 5)
    theirs = await home.settled(await home.orchestrator.create_flow(home.cast.outsider, "toy", {}))
    preview = await home.orchestrator.bulk.preview(home.cast.lead, BulkCommand.RETRY, FAILED)
    assert (preview.selected, preview.would_move, preview.refusals, len(preview.sample)) == (5, 5, (), 5)
    torn.mended = True
    job = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, FAILED, reason="mended")
    assert (job.status, job.items, job.left) == (JobStatus.RUNNING, 5, 5)
    done = await finished(home, job)
    assert (done.status, done.done, done.left, done.finished_at is not None) == (JobStatus.DONE, 5, 0, True)
    for flow in flows:
        now = await home.settled(flow)
        assert now.status is FlowStatus.COMPLETED
        events = await home.orchestrator.history(home.cast.lead, flow.flow_id)
        [retried] = [event for event in events if event.kind == "flow_retried"]
        assert (retried.actor, retried.reason) == (home.cast.lead.email, "mended")
    assert (await home.orchestrator.get(home.cast.outsider, theirs.flow_id)).status is FlowStatus.FAILED
    assert torn.runs == 11
    assert await home.orchestrator.bulk.work() == 0


async def test_what_a_state_refuses_is_counted_before_and_told_after(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())), empty_flow(1))
    [failing] = await failed(home, 1)
    completed = await home.settled(await home.orchestrator.create_flow(home.cast.lead, "empty", {}))
    theirs = await home.settled(await home.orchestrator.create_flow(home.cast.outsider, "toy", {}))
    selection = Selection(flow_ids=(failing.flow_id, completed.flow_id, theirs.flow_id))
    preview = await home.orchestrator.bulk.preview(home.cast.lead, BulkCommand.RETRY, selection)
    assert (preview.selected, preview.would_move) == (2, 1)
    assert [(refusal.count, refusal.reason.partition(",")[0].partition(".")[0]) for refusal in preview.refusals] == [
        (1, "The flow is completed"),
        (1, "There is no such flow"),
    ]
    job = await finished(home, await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, selection))
    assert (job.done, job.refused, job.status) == (1, 2, JobStatus.DONE)
    items = await home.orchestrator.bulk.items(home.cast.lead, job.id, outcome=ItemOutcome.REFUSED)
    assert sorted((item.detail or "")[:21] for item in items) == ["The flow is completed", "There is no such flow"]
    assert (await home.orchestrator.get(home.cast.outsider, theirs.flow_id)).version == theirs.version


@pytest.mark.parametrize(
    ("command", "leads_to"),
    [
        (BulkCommand.PAUSE, FlowStatus.PAUSED),
        (BulkCommand.CANCEL, FlowStatus.CANCELLED),
    ],
)
async def test_running_flows_are_paused_and_cancelled(house: Open, command: BulkCommand, leads_to: FlowStatus) -> None:
    begun = asyncio.Event()

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        begun.set()
        while True:
            await ctx.checkpoint()

    home = await house(toy_flow(toy_phase("only", run)))
    flow = await home.orchestrator.create_flow(home.cast.lead, "toy", {})
    await begun.wait()
    job = await home.orchestrator.bulk.order(home.cast.lead, command, Selection(flow_type="toy"))
    assert (await finished(home, job)).done == 1
    assert (await home.settled(flow)).status is leads_to


async def test_paused_flows_resume_and_ended_ones_are_deleted_and_restored(house: Open) -> None:
    home = await house(empty_flow(1))
    flow = await home.orchestrator.create_flow(home.cast.lead, "empty", {}, start=False, name="One of RACK 7")
    await home.orchestrator.execute(home.cast.lead, flow.flow_id)
    await home.settled(flow)
    chosen = Selection(name_contains="rack 7", created_after=datetime.now(UTC) - timedelta(hours=1))
    for command, deleted in ((BulkCommand.DELETE, True), (BulkCommand.RESTORE, False)):
        job = await finished(home, await home.orchestrator.bulk.order(home.cast.lead, command, chosen))
        assert job.done == 1
        now = await home.orchestrator.get(home.cast.lead, flow.flow_id, include_deleted=True)
        assert (now.deleted_at is not None) is deleted
    other = await home.orchestrator.create_flow(home.cast.lead, "empty", {}, start=False)
    async with home.database.moving() as connection:
        await connection.execute(
            "UPDATE crewai_flow_state_extensions SET flow_status = 'paused' WHERE flow_id = $1", other.flow_id
        )
    paused = Selection(status=FlowStatus.PAUSED, created_before=datetime.now(UTC) + timedelta(hours=1))
    assert (await finished(home, await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RESUME, paused))).done
    assert (await home.settled(other)).status is FlowStatus.COMPLETED


async def test_each_flow_is_commanded_once_though_workers_die_between(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = Torn()
    home = await house(toy_flow(toy_phase("only", torn)))
    flows = await failed(home, 6)
    torn.mended = True
    job = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, FAILED)
    mark, deaths = BulkStore.mark, iter([True, False, True, False, False, True, *[False] * 20])

    async def dies(self: BulkStore, *args: object) -> None:
        await mark(self, *args)
        if next(deaths):
            raise asyncio.CancelledError

    monkeypatch.setattr(BulkStore, "mark", dies)
    while (await home.orchestrator.bulk.job(home.cast.lead, job.id)).status is JobStatus.RUNNING:
        await asyncio.gather(*(home.orchestrator.bulk.work() for _ in range(2)), return_exceptions=True)
    assert (await home.orchestrator.bulk.job(home.cast.lead, job.id)).done == 6
    for flow in flows:
        await home.settled(flow)
        assert (await home.kinds(flow)).count("flow_retried") == 1


async def test_a_job_runs_with_the_rights_that_its_orderer_has_by_then(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())))
    [flow] = await failed(home, 1)
    job = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, FAILED)
    second = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, FAILED)
    owner = home.database.urls.owner.render_as_string(hide_password=False)
    with psycopg.connect(owner) as connection:
        connection.execute("UPDATE memberships SET role = 'viewer' WHERE user_id = %s", (home.cast.lead.user_id,))
    assert (await finished(home, job)).refused == 1
    [item] = await home.orchestrator.bulk.items(home.cast.lead, job.id)
    assert "'flows.run' needs one of" in (item.detail or "")
    with psycopg.connect(owner) as connection:
        connection.execute("DELETE FROM memberships WHERE user_id = %s", (home.cast.lead.user_id,))
    third = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, FAILED)
    assert (await finished(home, third)).refused == 1
    assert (await home.orchestrator.bulk.job(home.cast.lead, second.id)).refused == 1
    [item] = await home.orchestrator.bulk.items(home.cast.lead, third.id)
    assert "can act in this engagement no more" in (item.detail or "")
    assert (await home.orchestrator.get(home.cast.lead, flow.flow_id)).status is FlowStatus.FAILED


async def test_a_flow_that_somebody_dealt_with_meanwhile_is_left_alone(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())))
    [flow] = await failed(home, 1)
    job = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, FAILED)
    again = await home.orchestrator.retry(home.cast.lead, flow.flow_id)
    await home.settled(again)
    assert (await finished(home, job)).refused == 1
    assert (await home.kinds(flow)).count("flow_retried") == 1


async def test_a_refused_command_leaves_nothing_behind(house: Open) -> None:
    torn = Torn()
    home = await house(toy_flow(toy_phase("only", torn)), quotas=Quotas(running=1))
    flows = await failed(home, 2)
    torn.mended = True
    home.worker.runner.drain()  # what is started stays running
    job = await finished(home, await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.RETRY, FAILED))
    assert (job.done, job.refused) == (1, 1)
    statuses = [(await home.orchestrator.get(home.cast.lead, flow.flow_id)).status for flow in flows]
    assert sorted(statuses) == [FlowStatus.FAILED, FlowStatus.RUNNING]


async def test_an_error_nobody_foresees_fails_one_flow_of_a_job(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())))
    await failed(home, 2)
    job = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.DELETE, FAILED)
    delete, raised = home.orchestrator.delete, iter([ZeroDivisionError(), ConnectionResetError()])

    async def broken(*args: object, **more: object) -> Flow:
        error = next(raised, None)
        if error:
            raise error
        return await delete(*args, **more)

    monkeypatch.setattr(home.orchestrator, "delete", broken)
    done = await finished(home, job)
    assert (done.failed, done.done, done.left) == (1, 1, 0)


async def test_a_cancelled_job_leaves_the_rest_as_it_is(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())))
    await failed(home, 2)
    job = await home.orchestrator.bulk.order(home.cast.lead, BulkCommand.DELETE, FAILED)
    cancelled = await home.orchestrator.bulk.cancel(home.cast.lead, job.id)
    assert (cancelled.status, cancelled.cancelled, cancelled.left) == (JobStatus.CANCELLED, 2, 0)
    assert await home.orchestrator.bulk.work() == 0
    with pytest.raises(Conflict, match="cancelled already"):
        await home.orchestrator.bulk.cancel(home.cast.lead, job.id)


async def test_jobs_are_listed_page_by_page_newest_first(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())))
    await failed(home, 1)
    lead, bulk = home.cast.lead, home.orchestrator.bulk
    ordered = [(await bulk.order(lead, BulkCommand.RETRY, FAILED)).id for _ in range(3)]
    first = await bulk.jobs(lead, limit=2)
    rest = await bulk.jobs(lead, cursor=first.cursor, limit=2)
    assert [job.id for job in (*first.items, *rest.items)] == ordered[::-1]
    assert (len(first.items), rest.cursor) == (2, None)
    with pytest.raises(InvalidInput, match="is no cursor of this list"):
        await bulk.jobs(lead, cursor="x")


async def test_another_tenant_sees_and_moves_nothing(house: Open) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())))
    [flow] = await failed(home, 1)
    mine, theirs = (MultiTenantFlowManager(home.orchestrator, who) for who in (home.cast.lead, home.cast.outsider))
    job = await mine.bulk.order(BulkCommand.DELETE, FAILED)
    assert [one.id for one in (await mine.bulk.jobs()).items] == [job.id]
    assert (await mine.bulk.preview(BulkCommand.DELETE, FAILED)).selected == 1
    assert len(await mine.bulk.items(job.id)) == 1
    assert (await theirs.bulk.jobs()).items == ()
    assert (await theirs.bulk.preview(BulkCommand.DELETE, FAILED)).selected == 0
    for call in (theirs.bulk.job, theirs.bulk.items, theirs.bulk.cancel):
        with pytest.raises(NotFound, match="There is no such job"):
            await call(job.id)
    with pytest.raises(InvalidInput, match="No flow is selected"):
        await theirs.bulk.order(BulkCommand.DELETE, FAILED)
    stolen = await theirs.bulk.order(BulkCommand.DELETE, Selection(flow_ids=(flow.flow_id,)))
    await mine.bulk.cancel(job.id)
    await home.orchestrator.bulk.work()
    assert (await theirs.bulk.job(stolen.id)).refused == 1
    assert (await mine.get(flow.flow_id)).deleted_at is None


async def test_orders_need_a_selection_a_role_and_a_limit(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    home = await house(toy_flow(toy_phase("only", Torn())))
    await failed(home, 2)
    orders = home.orchestrator.bulk
    with pytest.raises(InvalidInput, match="The selection names nothing"):
        await orders.order(home.cast.lead, BulkCommand.DELETE, Selection())
    with pytest.raises(NotAllowed):
        await orders.order(home.cast.approver, BulkCommand.DELETE, FAILED)
    monkeypatch.setattr(service, "MOST_FLOWS", 1)
    for selection in (FAILED, Selection(flow_ids=(uuid4(), uuid4()))):
        with pytest.raises(InvalidInput, match="More than 1 flows are selected"):
            await orders.preview(home.cast.lead, BulkCommand.DELETE, selection)
