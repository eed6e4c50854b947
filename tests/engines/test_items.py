"""Outside calls of a phase that dies in the middle are made once, whichever engine runs it."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, JsonValue

from masterflow.db.status import FlowStatus
from masterflow.errors import PhaseFailed, Unavailable
from masterflow.orchestrator.types import Flow
from masterflow.spec import PhaseContext, RetryPolicies, RetryPolicy
from masterflow.testing import Nothing, toy_flow, toy_phase
from tests.engines.conftest import House, Open

SOON = RetryPolicies(transient=RetryPolicy(attempts=5, first_delay=timedelta(milliseconds=10)))


class Machines(BaseModel):
    machines: list[str]


class Cloud:
    """An outside service, and a phase that starts five machines in it and dies three times on the way."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.deaths = 3

    async def run(self, ctx: PhaseContext, given: Nothing) -> Machines:
        made = [await ctx.item(f"machine-{number}", self.make) for number in range(5)]
        return Machines(machines=[str(machine) for machine in made])

    async def make(self, name: str) -> JsonValue:
        if self.deaths and len(self.made) % 2:
            self.deaths -= 1
            raise Unavailable("the cloud is away")
        self.made.append(name)
        return f"id-of-{name.rpartition(':')[2]}"


async def create(home: House) -> Flow:
    return await home.orchestrator.create_flow(home.cast.lead, "toy", {})


async def test_a_phase_that_dies_in_the_middle_repeats_no_outside_call(house: Open) -> None:
    cloud = Cloud()
    home = await house(toy_flow(toy_phase("making", cloud.run, gives=Machines, retry=SOON)))
    flow = await home.settled(await create(home))
    assert flow.status is FlowStatus.COMPLETED
    assert cloud.made == [f"{flow.flow_id}:1:making:machine-{number}" for number in range(5)]
    [result] = await home.orchestrator.results(home.cast.lead, flow.flow_id)
    assert (result.attempt, result.output) == (4, {"machines": [f"id-of-machine-{number}" for number in range(5)]})
    async with home.database.reading(home.cast.tenant) as connection:
        assert await connection.fetchval("SELECT count(*) FROM phase_items") == 5
    async with home.database.reading(home.cast.outsider.tenant) as connection:
        assert await connection.fetchval("SELECT count(*) FROM phase_items") == 0


async def test_a_new_iteration_makes_its_calls_anew(house: Open) -> None:
    cloud = Cloud()
    cloud.deaths = 0
    home = await house(toy_flow(toy_phase("making", cloud.run, gives=Machines, retry=SOON)))
    flow = await home.settled(await create(home))
    await home.orchestrator.roll_back(home.cast.lead, flow.flow_id, "making", reason="once more")
    await home.settled(flow)
    assert len(cloud.made) == 10
    assert cloud.made[5] == f"{flow.flow_id}:2:making:machine-0"


async def test_of_two_executions_that_answer_the_first_answer_counts(house: Open) -> None:
    seen: list[JsonValue] = []

    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        async def outer(name: str) -> JsonValue:
            # A twin of this execution is faster: it records while this one still calls.
            ctx.recorded = {}  # type: ignore[attr-defined]
            seen.append(await ctx.item("one", inner))
            ctx.recorded = {}  # type: ignore[attr-defined]
            return "slow"

        async def inner(name: str) -> JsonValue:
            return "fast"

        seen.append(await ctx.item("one", outer))
        return Nothing()

    home = await house(toy_flow(toy_phase("only", run)))
    assert (await home.settled(await create(home))).status is FlowStatus.COMPLETED
    assert seen == ["fast", "fast"]


@pytest.mark.parametrize(
    ("key", "answer", "about"),
    [
        ("", None, "has 0 characters"),
        ("k" * 201, None, "has 201 characters"),
        ("k", "x" * 1_000_000, "at most 1,000,000"),
        ("k", "\0", "NUL"),
        ("k", float("nan"), "not finite"),
    ],
)
async def test_a_key_or_answer_that_cannot_be_kept_fails_the_flow(
    house: Open, key: str, answer: JsonValue, about: str
) -> None:
    async def run(ctx: PhaseContext, given: Nothing) -> Nothing:
        async def call(name: str) -> JsonValue:
            return answer

        await ctx.item(key, call)
        raise PhaseFailed("not reached")

    home = await house(toy_flow(toy_phase("only", run)))
    flow = await home.settled(await create(home))
    assert flow.last_error is not None
    assert about in flow.last_error.message
