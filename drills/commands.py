"""Every command in any order against a real Postgres and a pure model of what a flow may do.

Hypothesis chooses the commands and makes a failing sequence short. Flows run only when the `work` rule says so, so the
model knows where each stands. The planted fault lets a cancelled flow be resumed.
"""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import Phase as Step
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from pydantic import BaseModel

from drills.report import Found, Outcome
from drills.site import UNSYNCED, Site, site
from masterflow.db.session import Database
from masterflow.db.status import LIVE, FlowStatus
from masterflow.errors import MasterflowError, PhaseFailed
from masterflow.orchestrator import changes
from masterflow.orchestrator.types import Verdict
from masterflow.spec import FlowType, Gate, PhaseContext
from masterflow.tenancy.types import Principal
from masterflow.testing import Kit, Nothing, running_orchestrator, toy_flow, toy_phase

NAME = "state machine"
S = FlowStatus
FIRST, ASKS, BREAKS, LAST = range(4)
PHASES = ("first", "asks", "breaks", "last")
NEVER = timedelta(0)


class Config(BaseModel):
    """What is missing at first, and whether the third phase breaks."""

    answer: str | None = None
    breaks: bool = False


class Needs(BaseModel):
    """An input that somebody has to give."""

    answer: str


class Breaking(BaseModel):
    """Whether to break."""

    breaks: bool = False


async def _take(ctx: PhaseContext, given: Needs) -> Nothing:
    return Nothing()


async def _break(ctx: PhaseContext, given: Breaking) -> Nothing:
    if given.breaks:
        raise PhaseFailed("It was told to break.")
    return Nothing()


def flow_type() -> FlowType:
    """A phase that needs input, one with a gate, an optional one that may break, one more."""
    return toy_flow(
        toy_phase("first", _take, takes=Needs),
        toy_phase("asks", gate=Gate(asks="Go on?", approver_roles=("lead",))),
        toy_phase("breaks", _break, takes=Breaking, optional=True),
        toy_phase("last"),
        name="modelled",
        config=Config,
    )


@dataclass(frozen=True, slots=True)
class Model:
    """One flow as it should be."""

    status: FlowStatus
    index: int = 0
    iteration: int = 1
    answered: bool = False
    breaks: bool = False
    deleted: bool = False
    passed_gate: bool = False

    def runs(self, **changed: Any) -> "Model":
        """The same, running."""
        return replace(self, status=S.RUNNING, **changed)

    def worked(self) -> "Model":
        """Where a worker brings it."""
        if self.status is not S.RUNNING or self.deleted:
            return self
        if self.index <= FIRST and not self.answered:
            return replace(self, status=S.WAITING_FOR_INPUT)
        if self.index <= ASKS:
            return replace(self, status=S.WAITING_FOR_APPROVAL, index=ASKS + 1)
        if self.index <= BREAKS and self.breaks:
            return replace(self, status=S.FAILED, index=BREAKS)
        return replace(self, status=S.COMPLETED, index=LAST + 1)


class Place:
    """A database and a loop that all examples share."""

    def __init__(self) -> None:
        self.loop = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.counts: Counter[str] = Counter()
        self.site: Site
        self.database: Database
        self.kit: Kit
        self.lead: Principal

    async def open(self) -> None:
        """Start everything."""
        self.site = await self.stack.enter_async_context(site(options=UNSYNCED))
        self.database = await self.stack.enter_async_context(self.site.database())
        self.kit = await self.stack.enter_async_context(running_orchestrator(self.database, [flow_type()]))
        await self.kit.engine.stop(within=NEVER)
        self.lead = (await self.site.tenant("model")).lead

    def close(self) -> None:
        """Stop everything."""
        self.loop.run(self.stack.aclose())
        self.loop.close()


def machine(place: Place) -> type[RuleBasedStateMachine]:  # noqa: C901  one class whose rules are short
    """The state machine over `place`."""

    class Commands(RuleBasedStateMachine):
        flows = Bundle("flows")

        def __init__(self) -> None:
            super().__init__()
            self.models: dict[UUID, Model] = {}

        def _do(self, flow: UUID, name: str, allowed: bool, then: Model, *args: Any, **kwargs: Any) -> None:
            """Call a command; it must be done exactly where the model allows it."""
            place.counts[name] += 1
            command = getattr(place.kit.orchestrator, name)
            try:
                place.loop.run(command(place.lead, flow, *args, **kwargs))
                done = True
            except MasterflowError:
                done = False
            assert done == allowed, f"{name} was {'done' if done else 'refused'} on {self.models[flow]}"
            if done:
                self.models[flow] = then

        @rule(target=flows, start=st.booleans(), answered=st.booleans(), breaks=st.booleans())
        def create(self, start: bool, answered: bool, breaks: bool) -> UUID:
            config = {"breaks": breaks, **({"answer": "yes"} if answered else {})}
            flow = place.loop.run(place.kit.orchestrator.create_flow(place.lead, "modelled", config, start=start))
            status = S.RUNNING if start else S.INITIALIZED
            self.models[flow.flow_id] = Model(status, answered=answered, breaks=breaks)
            place.counts["create"] += 1
            return flow.flow_id

        @rule()
        def work(self) -> None:
            place.loop.run(_work(place))
            self.models = {flow: model.worked() for flow, model in self.models.items()}

        @rule(flow=flows)
        def execute(self, flow: UUID) -> None:
            model = self.models[flow]
            allowed = model.status in (S.INITIALIZED, S.PAUSED) and not model.deleted
            self._do(flow, "execute", allowed, model.runs())

        @rule(flow=flows)
        def pause(self, flow: UUID) -> None:
            model = self.models[flow]
            self._do(flow, "pause", model.status is S.RUNNING and not model.deleted, replace(model, status=S.PAUSED))

        @rule(flow=flows)
        def resume(self, flow: UUID) -> None:
            model = self.models[flow]
            self._do(flow, "resume", model.status is S.PAUSED and not model.deleted, model.runs())

        @rule(flow=flows)
        def cancel(self, flow: UUID) -> None:
            model = self.models[flow]
            self._do(flow, "cancel", model.status in LIVE and not model.deleted, replace(model, status=S.CANCELLED))

        @rule(flow=flows)
        def retry(self, flow: UUID) -> None:
            model = self.models[flow]
            self._do(flow, "retry", model.status is S.FAILED and not model.deleted, model.runs())

        @rule(flow=flows, phase=st.sampled_from(PHASES), mends=st.booleans())
        def roll_back(self, flow: UUID, phase: str, mends: bool) -> None:
            model, index = self.models[flow], PHASES.index(phase)
            allowed = model.status in (S.FAILED, S.COMPLETED) and not model.deleted and index <= model.index
            then = model.runs(index=index, iteration=model.iteration + 1, breaks=model.breaks and not mends)
            too_late = then.breaks != model.breaks and index > BREAKS  # what it would change has run
            self._do(
                flow, "roll_back", allowed and not too_late, then, phase, reason="so", values={"breaks": then.breaks}
            )

        @rule(flow=flows)
        def skip(self, flow: UUID) -> None:
            model = self.models[flow]
            self._do(flow, "skip", model.status is S.FAILED and not model.deleted, model.runs(index=LAST), reason="so")

        @rule(flow=flows)
        def delete(self, flow: UUID) -> None:
            model = self.models[flow]
            self._do(flow, "delete", model.status not in LIVE and not model.deleted, replace(model, deleted=True))

        @rule(flow=flows)
        def restore(self, flow: UUID) -> None:
            self._do(flow, "restore", self.models[flow].deleted, replace(self.models[flow], deleted=False))

        @rule(flow=flows)
        def supply_input(self, flow: UUID) -> None:
            model = self.models[flow]
            allowed = model.status is S.WAITING_FOR_INPUT and not model.deleted
            self._do(flow, "supply_input", allowed, model.runs(answered=True), {"answer": "yes"})

        @precondition(lambda self: any(m.status is S.WAITING_FOR_APPROVAL for m in self.models.values()))
        @rule(approves=st.booleans())
        def decide(self, approves: bool) -> None:
            flow, model = next((f, m) for f, m in self.models.items() if m.status is S.WAITING_FOR_APPROVAL)
            place.counts["approve" if approves else "reject"] += 1
            place.loop.run(_decide(place, flow, approves=approves))
            rejected = replace(model, status=S.WAITING_FOR_INPUT, index=ASKS, iteration=model.iteration + 1)
            self.models[flow] = model.runs() if approves else rejected

        @invariant()
        def rows_are_as_the_model(self) -> None:
            rows = place.loop.run(_rows(place, list(self.models)))
            for flow, model in self.models.items():
                expected = (model.status, model.index, model.iteration, model.deleted)
                assert rows[flow] == expected, f"{rows[flow]} is not {model}"

    return Commands


async def _rows(place: Place, flows: list[UUID]) -> dict[UUID, tuple[str, int, int, bool]]:
    async with place.database.moving() as connection:
        rows = await connection.fetch(
            """SELECT flow_id, flow_status, phase_index, iteration, deleted_at IS NOT NULL AS deleted
               FROM crewai_flow_state_extensions WHERE flow_id = ANY($1::uuid[])""",
            flows,
        )
    return {row["flow_id"]: (row["flow_status"], row["phase_index"], row["iteration"], row["deleted"]) for row in rows}


async def _work(place: Place) -> None:
    engine, runner = place.kit.engine, place.kit.runner
    await engine.start(runner.run, worker_id=UUID(int=1), concurrency=20)
    await engine.idle()
    await engine.stop(within=timedelta(seconds=5))


async def _decide(place: Place, flow: UUID, *, approves: bool) -> None:
    orchestrator = place.kit.orchestrator
    (question,) = await orchestrator.gates(place.lead, flow_id=flow)
    verdict = Verdict.APPROVE if approves else Verdict.REJECT
    await orchestrator.decide(place.lead, question.id, verdict, reason="so")


def sequences(count: int, steps: int, seed: int, *, shrinks: bool = True) -> Found:
    """Run so many sequences of so many commands."""
    place = Place()
    place.loop.run(place.open())
    says = []
    try:
        profile = settings(
            max_examples=count,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Step.generate, Step.shrink) if shrinks else (Step.generate,),
            report_multiple_bugs=False,
        )
        run_state_machine_as_test(seeded(seed)(machine(place)), settings=profile)
    except AssertionError as error:
        says.append(str(error).splitlines()[0])
    finally:
        place.close()
    total = sum(place.counts.values())
    return Found(trials=total, faults=0, says=says, notes=[f"{dict(sorted(place.counts.items()))}"])


def run(*, seed: int, full: bool, quick: bool) -> list[Outcome]:
    """The drill."""
    correct = sequences(2_000 if full else 8 if quick else 150, 30, seed)
    lawful = changes.resume
    changes.resume = lambda: replace(lawful(), sources=lawful().sources | {S.CANCELLED})
    try:
        mutant = sequences(30, 30, seed, shrinks=not quick)
    finally:
        changes.resume = lawful
    found = mutant.says[0] if mutant.says else None
    return [Outcome(name=NAME, correct=correct, planted="cancelled -> running", found=found)]
