"""Runs segments: claims a flow, runs its phases one after another, commits each, until the flow waits or ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from structlog.contextvars import bind_contextvars, bound_contextvars

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import InvalidInput, PhaseFailed, ResultNotStorable, Unavailable
from masterflow.inventory.filestore import FileStore
from masterflow.logs import get_logger
from masterflow.orchestrator import changes, correlation
from masterflow.orchestrator.checkpoint import PhaseDone, commit_phase
from masterflow.orchestrator.engine import Engine, Segment
from masterflow.orchestrator.failures import Ask, Attempt, Fail, Outcome, RunAt, TryAgain, what_follows
from masterflow.orchestrator.hooks import ErrorHooks
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.segments.claims import Claims
from masterflow.orchestrator.segments.compute import ComputePool
from masterflow.orchestrator.segments.context import RunningPhase
from masterflow.orchestrator.segments.inputs import build_input
from masterflow.orchestrator.segments.memory import rss_mib
from masterflow.orchestrator.segments.stepping import stepped
from masterflow.orchestrator.segments.store import ENGINE_ACTOR, SegmentStore
from masterflow.orchestrator.segments.telling import Told, telling_phase, telling_segment
from masterflow.orchestrator.segments.turns import Turns
from masterflow.orchestrator.segments.work import Ending, Work
from masterflow.orchestrator.types import Flow, JsonObject
from masterflow.orchestrator.upgrades import DoesNotFit, Landing, TooNew, landing
from masterflow.spec import FlowType, Phase, Stores
from masterflow.spec.phase import RetryPolicies, RetryPolicy

log = get_logger(__name__)

LARGEST_RESULT = 32_000_000  # bytes of JSON that one phase may leave
STOP_GRACE = timedelta(seconds=5)  # for a body that was told to stop and still cleans up

Blocked = Callable[[str, str, timedelta], None]
"""Told when a phase kept the event loop to itself: flow type, phase, for how long."""


class Ended(Exception):
    """The body did not come to its end, for a reason from outside."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution of one phase."""

    work: Work
    kind: FlowType
    index: int

    @property
    def phase(self) -> Phase[Any, Any]:
        """The phase that is executed."""
        return self.kind.phases[self.index]

    @property
    def used(self) -> int:
        """Attempts used up before: those of the row belong to the phase that was claimed, a later one is fresh."""
        return self.work.flow.attempts if self.index == self.work.flow.phase_index else 0

    @property
    def attempt(self) -> Attempt:
        """This attempt, as failures are classified by it."""
        flow = self.work.flow
        return Attempt(
            flow_id=flow.flow_id,
            flow_type=flow.flow_type,
            phase=self.phase.name,
            number=self.used + 1,
            policies=self.phase.retry,
            correlation_id=self.work.correlation_id,
        )

    def context(self, database: Database, pool: ComputePool, files: FileStore | None) -> RunningPhase:
        """What the body may use."""
        flow = self.work.flow
        return RunningPhase(
            flow_id=flow.flow_id,
            flow_type=flow.flow_type,
            phase=self.phase.name,
            iteration=flow.iteration,
            attempt=self.used + 1,
            tenant=flow.tenant,
            now=datetime.now(UTC),
            database=database,
            pool=pool,
            work=self.work,
            file_store=files,
        )

    def done(self, output: str, *, asks: bool, started_at: datetime, seconds: float) -> PhaseDone:
        """What the end of the phase writes."""
        flow = self.work.flow
        return PhaseDone(
            client_account_id=flow.tenant.client_account_id,
            flow_id=flow.flow_id,
            token=self.work.claimed.token,
            phase_index=self.index,
            output=output,
            attempt=self.used + 1,
            started_at=started_at,
            seconds=seconds,
            actor=ENGINE_ACTOR,
            asks=asks,
            memory=self.work.measured(self.phase.name, timedelta(seconds=seconds)),
        )


def log_blocked(flow_type: str, phase: str, took: timedelta) -> None:
    """Say in the log that a phase stalls every other flow of this worker."""
    log.warning(
        "phase_blocks_the_event_loop",
        flow_type=flow_type,
        phase=phase,
        milliseconds=round(took.total_seconds() * 1000),
        hint="do this work through ctx.compute",
    )


class SegmentRunner:
    """Runs the segments that an engine hands to one worker."""

    def __init__(
        self,
        database: Database,
        registry: FlowTypeRegistry,
        engine: Engine,
        *,
        worker_id: UUID,
        pool: ComputePool,
        files: FileStore | None = None,
        blocked: Blocked = log_blocked,
        hooks: ErrorHooks | None = None,
        concurrency: int = 100,
    ) -> None:
        self.store = SegmentStore(database, registry, engine)
        self._database = database
        self._registry = registry
        self._pool = pool
        self._files = files
        self._blocked = blocked
        self._hooks = hooks or ErrorHooks()
        self._turns = Turns(self.store.others_wait, concurrency=concurrency)
        self._claims = Claims(self.store, worker_id)
        self._running: dict[UUID, Work] = {}  # by token
        self._draining = False

    async def run(self, segment: Segment) -> None:
        """Run one segment to its wait. Raises nothing: a flow that is left as it was is found by the reconciler."""
        try:
            claimed = await self._claims.claim(segment)
            if claimed is None:
                return
            rest = await self._turns.rest(claimed.flow, [work.flow for work in self._running.values()])
            if rest is not None:
                await self.store.defer(claimed, delay=rest)
                return
            work = self._running[claimed.token] = Work(claimed)
            work.draining = self._draining
            try:
                with (
                    telling_segment(claimed),
                    bound_contextvars(**{correlation.KEY: work.correlation_id}),
                ):
                    await self._run(work)
            finally:
                del self._running[claimed.token]
        except Exception:  # boundary: an engine cannot help; the row tells where the flow stands
            log.exception("segment_lost", flow_id=str(segment.flow_id), epoch=segment.epoch)

    async def refresh(self) -> None:
        """Look at the rows of all that runs here, in one query: stop what is void, note who shall pause, and write how
        far the phases are."""
        working = list(self._running.values())
        if not working:
            return
        rows = await self.store.watch({work.flow.flow_id for work in working})
        size = rss_mib()
        for work in working:
            work.look(size)
            held = rows.get(work.flow.flow_id)
            if held is None or held.token != work.claimed.token:
                work.end(Ending.VOID)
            else:
                work.pause_requested = held.pause_requested
        await self._write_progress(working)

    def drain(self) -> None:
        """Give flows back at their next boundary or checkpoint instead of running on."""
        self._draining = True
        for work in self._running.values():
            work.draining = True

    def release(self) -> None:
        """Stop every body now and give its flow back; another worker runs the phase again."""
        self.drain()
        for work in self._running.values():
            work.end(Ending.RELEASE)

    @property
    def busy(self) -> int:
        """How many flows run here."""
        return len(self._running)

    async def _write_progress(self, working: list[Work]) -> None:
        new = [(work.claimed, work.progress) for work in working if work.progress is not None and work.progress_is_new]
        if new:
            for work in working:
                work.progress_is_new = False
            await self.store.note_progress(new)

    async def _run(self, work: Work) -> None:
        flow = work.flow
        kind = self._registry.find(flow.flow_type)
        if kind is None:
            await self._settle(work, _unknown_here(work, _NO_TYPE.format(flow.flow_type)), used=flow.attempts)
            return
        found = landing(flow, kind)
        if isinstance(found, TooNew):
            said = _OLDER.format(kind.version, kind.name, found.version)
            await self._settle(work, _unknown_here(work, said, _TOO_NEW), used=flow.attempts)
        elif isinstance(found, DoesNotFit):
            failure = replace(found.failure, correlation_id=work.correlation_id)
            await self._settle(work, Fail(failure), used=flow.attempts)
        elif found is None or await self._land(work, found):
            await self._run_phases(work, kind)

    async def _land(self, work: Work, found: Landing) -> bool:
        """Bring the flow to the present version of its type first; False if it was not held any more."""
        upgraded = await self.store.land(work.claimed, found)
        if upgraded is not None:
            work.claimed = replace(work.claimed, flow=upgraded)
        return upgraded is not None

    async def _run_phases(self, work: Work, kind: FlowType) -> None:
        first = work.flow.phase_index
        outputs = await self.store.outputs(work.flow) if first else []
        for index in range(first, len(kind.phases)):
            if await self._run_phase(Execution(work=work, kind=kind, index=index), outputs) is not FlowStatus.RUNNING:
                return
        await self.store.end(work.claimed, changes.complete())

    async def _run_phase(self, execution: Execution, outputs: list[JsonObject]) -> FlowStatus | None:
        """Run and commit one phase, and add its output to `outputs`; answers the flow's status then, or None when this
        execution of the segment is over."""
        with telling_phase(execution.attempt) as told:
            return await self._told_phase(execution, outputs, told)

    async def _told_phase(self, execution: Execution, outputs: list[JsonObject], told: Told) -> FlowStatus | None:
        work = execution.work
        try:
            _refuse_to_go_on(work)
            bind_contextvars(phase=execution.phase.name)
            started_at, started = datetime.now(UTC), perf_counter()
            output = await self._body(execution, outputs)
            outputs.append(output.model_dump(mode="json"))
            done = execution.done(
                _storable(execution.phase, outputs[-1]),
                asks=execution.phase.asks(output),
                started_at=started_at,
                seconds=perf_counter() - started,
            )
            status = await self._commit(execution, done, output)
            told.commits(held=status is not None)
            return status
        except Ended as ended:
            await self._give_up(work, ended.ending, used=execution.used)
        except Exception as error:  # noqa: BLE001  # boundary: whatever a phase raises is told by its flow's row
            outcome = what_follows(error, execution.attempt, now=datetime.now(UTC))
            told.follows(outcome)
            await self._settle(work, outcome, used=execution.used)
        return None

    async def _body(self, execution: Execution, outputs: list[JsonObject]) -> BaseModel:
        phase, work = execution.phase, execution.work
        given = build_input(phase, configuration=work.flow.configuration, outputs=outputs)
        context = execution.context(self._database, self._pool, self._files)
        blocked = partial(self._blocked, execution.kind.name, phase.name)
        body = asyncio.create_task(_watched(phase, context, given, blocked))
        work.begins(body)
        try:
            output = await _within(body, phase, work)
        finally:
            work.begins(None)
            body.cancel()
        return _checked(phase, output)

    async def _commit(self, execution: Execution, done: PhaseDone, output: BaseModel) -> FlowStatus | None:
        phase, flow = execution.phase, execution.work.flow
        if phase.publish is None or done.asks:
            async with self._database.moving() as connection:
                return await commit_phase(connection, execution.kind, done)
        async with self._database.publishing(flow.tenant) as session:
            # The fence first: an execution that lost the row must not write even what is rolled back after.
            status = await commit_phase(await session.driver(), execution.kind, done)
            if status is not None:
                await phase.publish(Stores(session, flow.flow_id, flow.iteration), output)
            return status

    async def _give_up(self, work: Work, ending: Ending, *, used: int) -> None:
        if ending is Ending.PAUSE:
            await self.store.end(work.claimed, changes.stop())
        elif ending is Ending.RELEASE:
            change = changes.again(attempts=used, failure=None, seconds=0, kind="flow_released")
            await self._run_again(work, change, timedelta(0))

    async def _settle(self, work: Work, outcome: Outcome, *, used: int) -> None:
        if isinstance(outcome, Fail):
            flow = await self.store.end(work.claimed, changes.fail(outcome.failure))
        elif isinstance(outcome, Ask):
            flow = await self.store.end(work.claimed, changes.ask(outcome.failure))
        else:
            flow = await self._run_again(work, _again(outcome, used=used), outcome.delay)
        if flow is not None and not isinstance(outcome, RunAt):
            await self._hooks.tell(outcome.failure, flow)

    async def _run_again(self, work: Work, change: changes.Change, delay: timedelta) -> Flow | None:
        flow = await self.store.run_again(work.claimed, change, delay=delay)
        return flow or await self.store.end(work.claimed, changes.stop())


def _refuse_to_go_on(work: Work) -> None:
    if work.ending is not None:
        raise Ended(work.ending)
    if work.pause_requested:
        raise Ended(Ending.PAUSE)
    if work.draining:
        raise Ended(Ending.RELEASE)


async def _watched(
    phase: Phase[Any, Any], context: RunningPhase, given: BaseModel, blocked: Callable[[timedelta], None]
) -> BaseModel:
    async def run() -> BaseModel:
        try:
            output: BaseModel = await phase.run(context, given)
        except SystemExit as error:
            # In a task it would end the loop, and with it every other flow of this worker.
            raise RuntimeError(f"'{phase.name}' asked the process to exit") from error
        return output

    return await stepped(run(), blocked)


async def _within(body: "asyncio.Task[BaseModel]", phase: Phase[Any, Any], work: Work) -> BaseModel:
    """The body's output, if it comes within the phase's time limit."""
    done, _ = await asyncio.wait({body}, timeout=phase.time_limit.total_seconds())
    if not done:
        body.cancel()
        await asyncio.wait({body}, timeout=STOP_GRACE.total_seconds())
    failed = body.done() and (body.cancelled() or body.exception() is not None)
    if work.ending is not None and failed:
        raise Ended(work.ending)
    if not done:
        raise PhaseFailed(f"'{phase.name}' did not end within its time limit of {phase.time_limit}.", permanent=False)
    if body.cancelled():
        raise PhaseFailed(f"'{phase.name}' cancelled itself.", permanent=False)
    return body.result()


def _checked(phase: Phase[Any, Any], output: BaseModel) -> BaseModel:
    gives: type[BaseModel] = phase.gives
    if not isinstance(output, gives):
        raise TypeError(f"'{phase.name}' gave {type(output).__name__}, not its {gives.__name__}")
    problems = [problem.message for check in phase.checks for problem in check(output)]
    if problems:
        raise PhaseFailed(f"The result of '{phase.name}' fails its checks: {'; '.join(problems)}.")
    return output


def _storable(phase: Phase[Any, Any], output: JsonObject) -> str:
    """The JSON text of a result.

    Raises:
        ResultNotStorable: it holds what cannot be kept, or too much.
    """
    try:
        text = json_text(output)
    except InvalidInput as error:
        raise ResultNotStorable(f"The result of '{phase.name}' cannot be kept: {error.message}") from error
    if len(text) > LARGEST_RESULT or len(text.encode()) > LARGEST_RESULT:
        raise ResultNotStorable(
            f"The result of '{phase.name}' has {len(text.encode()) / 1e6:,.1f} MB; "
            f"at most {LARGEST_RESULT / 1e6:,.0f} MB are kept.",
            hint="Let the phase stage or store what is large, and give its id.",
        )
    return text


def _again(outcome: TryAgain | RunAt, *, used: int) -> changes.Change:
    seconds = outcome.delay.total_seconds()
    if isinstance(outcome, RunAt):
        return changes.again(attempts=used, failure=None, seconds=seconds, kind="phase_waits")
    return changes.again(attempts=outcome.attempts, failure=outcome.failure, seconds=seconds, kind="phase_retried")


_NO_TYPE = "This worker does not know the flow type '{}'."
_OLDER = "This worker knows version {} of '{}', and the flow has gone on under version {}."


# While a release is rolled out, workers of the older one may take a flow for a quarter of an hour.
_TOO_NEW = RetryPolicies(transient=RetryPolicy(attempts=12))


def _unknown_here(work: Work, said: str, policies: RetryPolicies | None = None) -> Outcome:
    """A worker of another release may know what this one does not: try a few times before giving up."""
    flow = work.flow
    attempt = Attempt(
        flow_id=flow.flow_id,
        flow_type=flow.flow_type,
        phase=flow.current_phase or "",
        number=flow.attempts + 1,
        policies=policies or RetryPolicies(),
        correlation_id=work.correlation_id,
    )
    error = Unavailable(said, hint="Start a worker of the release that has it.")
    return what_follows(error, attempt, now=datetime.now(UTC))
