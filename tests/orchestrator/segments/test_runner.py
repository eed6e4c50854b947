"""What happens around a body: it overruns, cancels itself, or the database goes away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import Unavailable
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.engine import Segment
from masterflow.orchestrator.segments import runner as runner_module
from masterflow.orchestrator.types import Flow
from masterflow.spec import PhaseContext
from masterflow.spec.phase import RetryPolicies, RetryPolicy
from masterflow.testing import Kit, Nothing, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast

ONCE = RetryPolicies(transient=RetryPolicy(attempts=1))


async def cancels_itself(ctx: PhaseContext, given: Nothing) -> Nothing:
    raise asyncio.CancelledError


async def stops_only_when_told_twice(ctx: PhaseContext, given: Nothing) -> Nothing:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.Event().wait()
    return Nothing()


async def makes_a_mess(ctx: PhaseContext, given: Nothing) -> Nothing:
    try:
        await asyncio.Event().wait()
    finally:
        raise ZeroDivisionError


async def gives_nothing(ctx: PhaseContext, given: Nothing) -> Any:
    return None


class NotCoroutine:
    """A body that is awaitable without being a coroutine."""

    def __call__(self, ctx: PhaseContext, given: Nothing) -> "asyncio.Future[Nothing]":
        answer = asyncio.get_running_loop().create_future()
        answer.set_result(Nothing())
        return answer


SHORT = timedelta(milliseconds=20)
KINDS = [
    toy_flow(toy_phase("only", cancels_itself, retry=ONCE), name="cancelling"),
    toy_flow(toy_phase("only", stops_only_when_told_twice, retry=ONCE, time_limit=SHORT), name="stubborn"),
    toy_flow(toy_phase("only", makes_a_mess, retry=ONCE, time_limit=SHORT), name="messy"),
    toy_flow(toy_phase("only", gives_nothing), name="empty-handed"),
    toy_flow(toy_phase("only", NotCoroutine()), name="future"),
]


@pytest.fixture
async def kit(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kit]:
    monkeypatch.setattr(runner_module, "STOP_GRACE", SHORT)
    async with running_orchestrator(database, KINDS) as kit:
        yield kit


async def ended(kit: Kit, cast: Cast, name: str) -> Flow:
    flow = await kit.orchestrator.create_flow(cast.lead, name, {})
    return await kit.settled(cast.lead, flow.flow_id)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cancelling", "'only' cancelled itself."),
        ("stubborn", "'only' did not end within its time limit of 0:00:00.020000."),
        ("messy", "'only' did not end within its time limit of 0:00:00.020000."),
    ],
)
async def test_a_body_that_does_not_end_as_it_should_fails_its_flow(
    kit: Kit, cast: Cast, name: str, sentence: str
) -> None:
    flow = await ended(kit, cast, name)
    assert flow.status is FlowStatus.FAILED
    assert flow.last_error is not None
    assert flow.last_error.message == sentence


async def test_a_body_that_gives_nothing_is_a_bug_and_told_as_one(kit: Kit, cast: Cast) -> None:
    flow = await ended(kit, cast, "empty-handed")
    assert flow.last_error is not None
    assert flow.last_error.code == "phase.bug"


async def test_a_body_may_be_any_awaitable(kit: Kit, cast: Cast) -> None:
    assert (await ended(kit, cast, "future")).status is FlowStatus.COMPLETED


async def test_a_segment_that_cannot_be_claimed_leaves_the_flow_for_the_reconciler(
    kit: Kit, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(kit.runner.store, "claim", away)
    flow = await kit.orchestrator.create_flow(cast.lead, "future", {})
    await kit.engine.idle()
    flow = await kit.orchestrator.get(cast.lead, flow.flow_id)
    assert (flow.status, flow.version, kit.runner.busy) == (FlowStatus.RUNNING, 1, 0)


async def test_a_flow_whose_phases_are_all_behind_it_completes(kit: Kit, cast: Cast, database: Database) -> None:
    flow = await kit.orchestrator.create_flow(cast.lead, "future", {}, start=False)
    async with database.moving() as connection:
        await connection.execute(
            f"UPDATE {FLOWS} SET flow_status = 'running', run_epoch = 1, phase_index = 1, current_phase = NULL"
        )
    await kit.runner.run(Segment(flow.flow_id, 1))
    assert (await kit.orchestrator.get(cast.lead, flow.flow_id)).status is FlowStatus.COMPLETED
