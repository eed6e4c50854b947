"""Rolling back, retrying from an earlier phase, skipping: on every engine."""

from typing import Any

import pytest
from pydantic import BaseModel

from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, InvalidInput, PhaseFailed
from masterflow.orchestrator.states import Move
from masterflow.orchestrator.types import Flow
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, toy_flow, toy_phase
from tests.engines.conftest import House, Open


class Config(BaseModel):
    count: int = 1
    break_extra: bool = False


class Count(BaseModel):
    count: int


class Doubled(BaseModel):
    doubled: int


class Broken(BaseModel):
    break_extra: bool = False


class Tripled(BaseModel):
    tripled: int


class Shown(BaseModel):
    doubled: int
    tripled: int | None = None


class Programme:
    """A flow type of three phases that notes what ran: doubling, an optional tripling that may break, and showing."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.kind = toy_flow(
            toy_phase("doubling", self.double, takes=Count, gives=Doubled),
            toy_phase("extra", self.triple, takes=Broken, gives=Tripled, optional=True),
            toy_phase("showing", self.show, takes=Shown, gives=Shown),
            config=Config,
        )

    async def double(self, ctx: PhaseContext, given: Count) -> Doubled:
        self.ran.append(ctx.phase)
        return Doubled(doubled=given.count * 2)

    async def triple(self, ctx: PhaseContext, given: Broken) -> Tripled:
        self.ran.append(ctx.phase)
        if given.break_extra:
            raise PhaseFailed("It breaks.")
        return Tripled(tripled=3)

    async def show(self, ctx: PhaseContext, given: Shown) -> Shown:
        self.ran.append(ctx.phase)
        return given


async def settled(home: House, config: dict[str, Any]) -> Flow:
    return await home.settled(await home.orchestrator.create_flow(home.cast.lead, "toy", config))


async def outputs(home: House, flow: Flow) -> list[Any]:
    return [result.output for result in await home.orchestrator.results(home.cast.lead, flow.flow_id)]


async def test_a_completed_flow_rolls_back_to_a_phase_and_runs_again_in_a_new_iteration(house: Open) -> None:
    programme = Programme()
    home = await house(programme.kind)
    flow = await settled(home, {"count": 2})
    assert await outputs(home, flow) == [{"doubled": 4}, {"tripled": 3}, {"doubled": 4, "tripled": 3}]
    programme.ran.clear()
    await home.orchestrator.roll_back(home.cast.lead, flow.flow_id, "extra", reason="a wrong figure")
    flow = await home.settled(flow)
    assert (flow.status, flow.iteration, programme.ran) == (FlowStatus.COMPLETED, 2, ["extra", "showing"])
    event = next(e for e in await home.orchestrator.history(home.cast.lead, flow.flow_id) if e.kind.endswith("back"))
    assert (event.kind, event.reason, event.actor) == ("flow_rolled_back", "a wrong figure", home.cast.lead.email)
    assert (event.data["from"], event.data["reused"]) == ("extra", ["doubling"])


async def test_edited_values_reach_the_phases_that_run_again(house: Open) -> None:
    programme = Programme()
    home = await house(programme.kind)
    flow = await settled(home, {"count": 2})
    await home.orchestrator.roll_back(home.cast.lead, flow.flow_id, "doubling", reason="recount", values={"count": 5})
    flow = await home.settled(flow)
    assert (await outputs(home, flow))[0] == {"doubled": 10}
    assert flow.configuration["count"] == 5


async def test_a_failed_flow_is_retried_with_edited_values_from_an_earlier_phase(house: Open) -> None:
    programme = Programme()
    home = await house(programme.kind)
    flow = await settled(home, {"break_extra": True})
    assert (flow.status, flow.current_phase) == (FlowStatus.FAILED, "extra")
    programme.ran.clear()
    change = {"break_extra": False, "count": 3}
    await home.orchestrator.retry(home.cast.lead, flow.flow_id, phase="doubling", values=change)
    flow = await home.settled(flow)
    assert (flow.status, programme.ran) == (FlowStatus.COMPLETED, ["doubling", "extra", "showing"])
    assert await outputs(home, flow) == [{"doubled": 6}, {"tripled": 3}, {"doubled": 6, "tripled": 3}]


async def test_a_failed_flow_is_retried_where_it_failed_with_what_was_computed_before(house: Open) -> None:
    programme = Programme()
    home = await house(programme.kind)
    flow = await settled(home, {"break_extra": True})
    programme.ran.clear()
    await home.orchestrator.retry(home.cast.lead, flow.flow_id, values={"break_extra": False})
    flow = await home.settled(flow)
    assert (flow.status, flow.iteration, programme.ran) == (FlowStatus.COMPLETED, 2, ["extra", "showing"])


async def test_an_optional_phase_that_failed_is_skipped_with_a_reason(house: Open) -> None:
    programme = Programme()
    home = await house(programme.kind)
    flow = await settled(home, {"break_extra": True})
    with pytest.raises(InvalidInput, match="Skipping a phase needs a reason"):
        await home.orchestrator.skip(home.cast.lead, flow.flow_id, reason=None)
    await home.orchestrator.skip(home.cast.lead, flow.flow_id, reason="we do without")
    flow = await home.settled(flow)
    assert flow.status is FlowStatus.COMPLETED
    assert await outputs(home, flow) == [{"doubled": 2}, {"doubled": 2, "tripled": None}]
    assert "phase_skipped" in await home.kinds(flow)


async def test_what_a_rollback_superseded_does_not_count_when_its_phase_is_skipped_then(house: Open) -> None:
    programme = Programme()
    home = await house(programme.kind)
    flow = await settled(home, {})
    await home.orchestrator.roll_back(
        home.cast.lead, flow.flow_id, "extra", reason="again", values={"break_extra": True}
    )
    assert (await home.settled(flow)).status is FlowStatus.FAILED
    await home.orchestrator.skip(home.cast.lead, flow.flow_id, reason="we do without")
    flow = await home.settled(flow)
    assert await outputs(home, flow) == [{"doubled": 2}, {"doubled": 2, "tripled": None}]


async def test_going_back_says_first_what_is_reused(house: Open) -> None:
    home = await house(Programme().kind)
    flow = await settled(home, {"break_extra": True})
    redo = await home.orchestrator.redo(home.cast.lead, flow.flow_id)
    assert (redo.phase, redo.reused, redo.runs_again) == ("extra", ("doubling",), ("extra", "showing"))
    with pytest.raises(Conflict, match="'showing' is ahead of this flow"):
        await home.orchestrator.redo(home.cast.lead, flow.flow_id, "showing")
    with pytest.raises(InvalidInput, match="has no phase"):
        await home.orchestrator.redo(home.cast.lead, flow.flow_id, "nowhere")


async def test_an_edit_that_only_a_reused_phase_reads_is_refused_before_anything_moves(house: Open) -> None:
    home = await house(Programme().kind)
    flow = await settled(home, {"count": 2})
    orchestrator, lead = home.orchestrator, home.cast.lead
    said = "'count' is read by 'doubling', whose result is used again"
    for values in ({"count": 5}, {"count": "6"}):
        with pytest.raises(InvalidInput, match=said) as refused:
            await orchestrator.roll_back(lead, flow.flow_id, "extra", reason="recount", values=values)
        assert "Roll back to 'doubling'" in (refused.value.hint or "")
        with pytest.raises(InvalidInput, match=said):
            await orchestrator.redo(lead, flow.flow_id, "extra", values=values)
    assert await orchestrator.get(lead, flow.flow_id) == flow
    assert (await orchestrator.redo(lead, flow.flow_id, "doubling", values={"count": 5})).reused == ()
    await orchestrator.roll_back(lead, flow.flow_id, "extra", reason="the same", values={"count": 2})
    assert (await home.settled(flow)).iteration == 2


async def test_what_a_dry_run_shows_is_refused_where_the_command_is(house: Open) -> None:
    home = await house(Programme().kind)
    orchestrator, lead = home.orchestrator, home.cast.lead
    flow = await settled(home, {})
    with pytest.raises(InvalidInput, match="configuration of 'toy' is refused"):
        await orchestrator.redo(lead, flow.flow_id, "extra", values={"count": "many"})
    with pytest.raises(Conflict, match="The flow is completed, so it cannot retry"):
        await orchestrator.redo(lead, flow.flow_id, "extra", move=Move.RETRY)
    assert (await orchestrator.redo(lead, flow.flow_id, "extra", move=Move.ROLLBACK)).phase == "extra"
    fresh = await orchestrator.create_flow(lead, "toy", {}, start=False)
    with pytest.raises(Conflict, match="The flow is initialized, so it cannot be run again") as refused:
        await orchestrator.redo(lead, fresh.flow_id)
    assert refused.value.hint == "You can execute or cancel it."


async def test_going_back_is_refused_where_it_makes_no_sense(house: Open) -> None:
    programme = Programme()
    home = await house(programme.kind, toy_flow(toy_phase("only"), name="single"))
    flow = await settled(home, {})
    orchestrator, lead = home.orchestrator, home.cast.lead
    with pytest.raises(InvalidInput, match="A rollback needs a reason"):
        await orchestrator.roll_back(lead, flow.flow_id, "extra", reason="")
    with pytest.raises(Conflict, match="The flow is completed, so it cannot retry"):
        await orchestrator.retry(lead, flow.flow_id, phase="extra")
    with pytest.raises(Conflict, match="The flow is completed, so it cannot skip its phase"):
        await orchestrator.skip(lead, flow.flow_id, reason="why not")
    with pytest.raises(InvalidInput, match="configuration of 'toy' is refused"):
        await orchestrator.roll_back(lead, flow.flow_id, "extra", reason="x", values={"count": "many"})


async def test_a_phase_that_has_to_run_and_the_last_phase_are_not_skipped(house: Open) -> None:
    async def fail(ctx: PhaseContext, given: Nothing) -> Nothing:
        raise PhaseFailed("It breaks.")

    home = await house(
        toy_flow(toy_phase("needed", fail), toy_phase("last"), name="needed"),
        toy_flow(toy_phase("last", fail, optional=True), name="single"),
    )
    for name, said in (("needed", "'needed' has to run"), ("single", "'last' is the last phase")):
        flow = await home.settled(await home.orchestrator.create_flow(home.cast.lead, name, {}))
        with pytest.raises(Conflict, match=said):
            await home.orchestrator.skip(home.cast.lead, flow.flow_id, reason="no need")
