"""What errors do to a flow, whichever engine runs it: classes, hooks, the id that ties them together."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import structlog
from pydantic import BaseModel

from masterflow.db.status import FlowStatus
from masterflow.errors import ErrorClass, InputMissing, MissingInput, PhaseFailed, Unavailable
from masterflow.logs import get_logger
from masterflow.orchestrator.checkpoint import FLOWS
from masterflow.orchestrator.manager import MultiTenantFlowManager
from masterflow.orchestrator.segments import runner as runner_module
from masterflow.orchestrator.types import Failure, Flow
from masterflow.spec import PhaseContext, RetryPolicies, RetryPolicy
from masterflow.testing import Nothing, empty_flow, toy_flow, toy_phase
from tests.engines.conftest import House, Open

SOON = RetryPolicy(attempts=3, first_delay=timedelta(milliseconds=10))
ONCE = RetryPolicy(attempts=1)


class Said(BaseModel):
    text: str = ""
    number: float = 0.0


def raising(error: BaseException) -> tuple[Callable[[PhaseContext, Nothing], Any], list[int]]:
    attempts: list[int] = []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        attempts.append(ctx.attempt)
        raise error

    return run, attempts


def saying(**said: Any) -> Callable[[PhaseContext, Nothing], Any]:
    async def run(ctx: PhaseContext, given: Nothing) -> Said:
        return Said(**said)

    return run


async def create(home: House, name: str = "toy") -> Flow:
    return await home.orchestrator.create_flow(home.cast.lead, name, {})


async def the_other_proceeds(home: House) -> None:
    other = await home.orchestrator.create_flow(home.cast.outsider, "empty", {})
    assert (await home.settled(other)).status is FlowStatus.COMPLETED


@pytest.mark.parametrize(
    ("error", "status", "error_class", "attempts"),
    [
        (InputMissing([MissingInput("a", "b")]), FlowStatus.WAITING_FOR_INPUT, ErrorClass.INPUT, 1),
        (Unavailable("away"), FlowStatus.FAILED, ErrorClass.TRANSIENT, 3),
        (PhaseFailed("torn"), FlowStatus.FAILED, ErrorClass.PERMANENT, 1),
        (KeyError("x"), FlowStatus.FAILED, ErrorClass.BUG, 2),
        (SystemExit(1), FlowStatus.FAILED, ErrorClass.BUG, 2),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_each_class_of_error_leads_where_its_policy_says(
    house: Open, error: BaseException, status: FlowStatus, error_class: ErrorClass, attempts: int
) -> None:
    run, tried = raising(error)
    policies = RetryPolicies(transient=SOON, bug=RetryPolicy(attempts=2, first_delay=timedelta(milliseconds=10)))
    home = await house(toy_flow(toy_phase("only", run, retry=policies)), empty_flow(1))
    flow = await home.settled(await create(home))
    assert flow.last_error is not None
    assert (flow.status, flow.last_error.error_class, len(tried)) == (status, error_class, attempts)
    assert (flow.last_error.phase, bool(flow.last_error.message)) == ("only", True)
    await the_other_proceeds(home)


async def test_hooks_hear_of_every_error_after_the_row_says_so(house: Open) -> None:
    run, _ = raising(Unavailable("away"))
    home = await house(toy_flow(toy_phase("only", run, retry=RetryPolicies(transient=SOON))))
    heard: list[tuple[str, str | None, FlowStatus, int]] = []
    theirs: list[Failure] = []

    @home.orchestrator.on_error
    async def broken(failure: Failure, flow: Flow) -> None:
        raise ZeroDivisionError

    @home.orchestrator.on_error
    async def hear(failure: Failure, flow: Flow) -> None:
        now = await home.orchestrator.get(home.cast.lead, flow.flow_id)
        assert now.last_error == flow.last_error
        heard.append((failure.message, failure.correlation_id, flow.status, failure.attempt or 0))

    @MultiTenantFlowManager(home.orchestrator, home.cast.outsider).on_error
    async def other_tenant(failure: Failure, flow: Flow) -> None:
        theirs.append(failure)

    flow = await home.settled(await create(home))
    assert flow.status is FlowStatus.FAILED
    await home.until(flow, lambda _: len(heard) == 3)
    assert [(message, status, attempt) for message, _, status, attempt in heard] == [
        ("away", FlowStatus.RUNNING, 1),
        ("away", FlowStatus.RUNNING, 2),
        ("away", FlowStatus.FAILED, 3),
    ]
    assert {said for _, said, _, _ in heard} == {flow.correlation_id}
    assert theirs == []


async def test_one_id_is_in_the_events_the_failure_and_the_log_lines_of_a_request(house: Open) -> None:
    lines: list[dict[str, Any]] = []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        lines.append(structlog.contextvars.get_contextvars())
        get_logger("body").info("runs")
        raise PhaseFailed("torn")

    home = await house(toy_flow(toy_phase("only", run)))
    with structlog.contextvars.bound_contextvars(request_id="request-7"):
        flow = await create(home)
    flow = await home.settled(flow)
    assert flow.last_error is not None
    assert (flow.correlation_id, flow.last_error.correlation_id) == ("request-7", "request-7")
    events = await home.orchestrator.history(home.cast.lead, flow.flow_id)
    assert [event.data["correlation_id"] for event in events] == ["request-7", "request-7"]
    assert events[-1].data["class"] == "permanent"
    assert {key: lines[0][key] for key in ("correlation_id", "flow_id", "phase")} == {
        "correlation_id": "request-7",
        "flow_id": str(flow.flow_id),
        "phase": "only",
    }
    again = await home.settled(await home.orchestrator.retry(home.cast.lead, flow.flow_id))
    assert again.last_error is not None
    assert again.last_error.correlation_id not in (None, "request-7")


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"text": "a\0b"}, "NUL"),
        ({"text": "\ud800"}, "cannot be kept"),
        ({"number": float("nan")}, "not finite"),
        ({"number": float("inf")}, "not finite"),
        ({"text": "x" * 2_000}, "at most"),
    ],
)
async def test_a_result_that_cannot_be_kept_fails_the_flow_and_no_other(
    house: Open, monkeypatch: pytest.MonkeyPatch, said: dict[str, Any], about: str
) -> None:
    monkeypatch.setattr(runner_module, "LARGEST_RESULT", 1_000)
    home = await house(toy_flow(toy_phase("only", saying(**said), gives=Said)), empty_flow(1))
    flow = await home.settled(await create(home))
    assert flow.last_error is not None
    assert (flow.status, flow.last_error.code) == (FlowStatus.FAILED, "phase.result_not_storable")
    assert about in flow.last_error.message
    assert await home.orchestrator.results(home.cast.lead, flow.flow_id) == []
    await the_other_proceeds(home)


async def test_an_error_whose_text_cannot_be_kept_is_told_with_escapes(house: Open) -> None:
    run, _ = raising(PhaseFailed("no file \udcff in \0"))
    home = await house(toy_flow(toy_phase("only", run)))
    flow = await home.settled(await create(home))
    assert flow.last_error is not None
    assert flow.last_error.message == "no file \\udcff in \\u0000"


async def test_a_body_that_always_exceeds_its_time_limit_fails_after_its_attempts(house: Open) -> None:
    ended: list[int] = []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(ctx.attempt)
        return Nothing()

    phase = toy_phase("only", run, time_limit=timedelta(milliseconds=20), retry=RetryPolicies(transient=SOON))
    home = await house(toy_flow(phase), empty_flow(1))
    flow = await home.settled(await create(home))
    assert flow.last_error is not None
    assert "time limit" in flow.last_error.message
    assert (flow.status, ended) == (FlowStatus.FAILED, [1, 2, 3])
    await the_other_proceeds(home)


@pytest.mark.parametrize("column", ["flow_configuration = '[1, 2]'", 'last_error = \'{"no": "code"}\''])
async def test_a_row_that_cannot_be_read_fails_alone(house: Open, column: str) -> None:
    home = await house(empty_flow(1))
    flow = await home.orchestrator.create_flow(home.cast.lead, "empty", {}, start=False)
    async with home.database.moving() as connection:
        await connection.execute(f"UPDATE {FLOWS} SET {column} WHERE flow_id = $1", flow.flow_id)
    if "configuration" in column:
        await home.orchestrator.execute(home.cast.lead, flow.flow_id)
    else:
        async with home.database.moving_together() as connection:
            await connection.execute(
                f"UPDATE {FLOWS} SET flow_status = 'running', run_epoch = 1 WHERE flow_id = $1", flow.flow_id
            )
            await home.engine.enqueue(connection, (segment := home.segment(flow, 1)))
        home.engine.committed(segment)
        async with home.database.moving() as connection:
            await home.eventually_failed(connection, flow)
    flow = await home.settled(flow)
    assert flow.last_error is not None
    assert (flow.status, flow.last_error.code) == (FlowStatus.FAILED, "flow.unreadable")
    assert "read" in flow.last_error.message
    await the_other_proceeds(home)
