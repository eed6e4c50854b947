"""Flows that run elsewhere: a program of the user's moves them, phase by phase, under the same rules.

Only a flow that joined by `register_flow` can be moved here; the worker never touches it, this never touches one that
the worker runs.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from structlog.contextvars import bound_contextvars

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.errors import ConfigurationInvalid, Conflict, NotFound
from masterflow.orchestrator import changes, correlation, gates
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.checkpoint import PhaseDone, commit_phase
from masterflow.orchestrator.failures import Ask, Attempt, Outcome, RunAt, TryAgain, what_follows
from masterflow.orchestrator.hooks import ErrorHooks
from masterflow.orchestrator.mover import NO_SUCH_FLOW
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.states import refusal
from masterflow.orchestrator.store import FlowStore
from masterflow.orchestrator.types import Flow
from masterflow.orchestrator.upgrading import brought_up
from masterflow.spec import Stores
from masterflow.spec.phase import RetryPolicies
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal

P = ParamSpec("P")
T = TypeVar("T")


class FlowStateManager:
    """Moves one flow that runs elsewhere."""

    def __init__(
        self,
        database: Database,
        registry: FlowTypeRegistry,
        actor: Principal,
        flow_id: UUID,
        hooks: ErrorHooks | None = None,
    ) -> None:
        self.flow_id = flow_id
        self._hooks = hooks or ErrorHooks()
        self._database = database
        self._registry = registry
        self._actor = actor

    async def flow(self) -> Flow:
        """The flow as its row says.

        Raises:
            NotFound: there is none for this tenant.
        """
        self._actor.require(Operation.READ_FLOWS)
        async with self._database.reading(self._actor.tenant) as connection:
            return await self._found(FlowStore(connection, self._actor.tenant, self._registry))

    async def update_phase(
        self, phase_name: str, phase_data: Mapping[str, Any], *, started_at: datetime | None = None
    ) -> Flow:
        """Record that a phase is done; `phase_data` is its output and passes its model and checks first.

        The flow moves on like any other: to the next phase, to the gate, to a pause that was asked for, to its end.
        With `started_at` the phase's seconds are recorded too.

        Raises:
            InvalidInput: there is no such phase, or its model or a check refuses the output.
            Conflict: the flow is run by the worker, is not running, or is at another phase.
        """
        self._actor.require(Operation.RUN_FLOWS)
        async with self._database.transaction(self._actor.tenant) as session:
            store = FlowStore(await session.driver(), self._actor.tenant, self._registry)
            flow = await brought_up(store, self._registry, await self._running(store), actor=self._actor.email)
            kind = self._registry.get(flow.flow_type)
            phase = self._registry.phase(kind, phase_name)
            if phase.name != flow.current_phase:
                raise Conflict(
                    f"The flow is at '{flow.current_phase}', not at '{phase.name}'.", hint="Record that first."
                )
            output = gates.accepted(phase, phase_data)
            done = self._done(flow, json_text(output.model_dump(mode="json")), started_at, asks=phase.asks(output))
            if await commit_phase(store.connection, kind, done) is None:
                raise Conflict("The flow was moved meanwhile.", hint="Read it again.")
            if phase.publish is not None and not done.asks:
                await phase.publish(Stores(session, flow.flow_id, flow.iteration), output)
            return await self._found(store)

    async def guard(self, call: Callable[[], Awaitable[T]], *, phase: str | None = None) -> T:
        """Run `call`, which runs a phase; record what it raises, try again what may pass, and raise the rest.

        Raises:
            Conflict: the flow is run by the worker, or is not running.
        """
        async with self._database.commanding(self._actor.tenant) as connection:
            flow = await self._running(FlowStore(connection, self._actor.tenant, self._registry))
        said = flow.correlation_id or correlation.current() or correlation.fresh()
        number = 1
        with bound_contextvars(**{correlation.KEY: said}, flow_id=str(flow.flow_id)):
            while True:
                try:
                    return await call()
                except Exception as error:  # boundary: what a body raises is recorded on its row and raised again
                    outcome = what_follows(error, self._attempt(flow, phase, number, said), now=datetime.now(UTC))
                    await self._record(outcome)
                    if not isinstance(outcome, TryAgain):
                        raise
                    await asyncio.sleep(outcome.delay.total_seconds())
                number += 1

    async def _record(self, outcome: Outcome) -> None:
        """Write an outcome to the row, unless somebody else has moved the flow: then there is nothing to add."""
        change = _change(outcome)
        if change is None:
            return
        async with self._database.commanding(self._actor.tenant) as connection:
            store = FlowStore(connection, self._actor.tenant, self._registry)
            moved = await store.move(self.flow_id, change, actor=self._actor.email, reason=None, expected_version=None)
        if moved is not None and not isinstance(outcome, RunAt):
            await self._hooks.tell(outcome.failure, moved.flow)

    def _attempt(self, flow: Flow, phase: str | None, number: int, correlation_id: str) -> Attempt:
        name = phase or flow.current_phase or ""
        kind = self._registry.get(flow.flow_type)
        policies = {known.name: known.retry for known in kind.phases}
        return Attempt(
            flow_id=flow.flow_id,
            flow_type=flow.flow_type,
            phase=name,
            number=number,
            policies=policies.get(name, RetryPolicies()),
            correlation_id=correlation_id,
        )

    def _done(self, flow: Flow, output: str, started_at: datetime | None, *, asks: bool) -> PhaseDone:
        now = datetime.now(UTC)
        return PhaseDone(
            client_account_id=flow.tenant.client_account_id,
            flow_id=flow.flow_id,
            token=None,
            phase_index=flow.phase_index,
            output=output,
            attempt=flow.attempts + 1,
            started_at=started_at or now,
            seconds=(now - started_at).total_seconds() if started_at else None,
            actor=self._actor.email,
            asks=asks,
        )

    async def _found(self, store: FlowStore) -> Flow:
        flow = await store.find(self.flow_id)
        if flow is None:
            raise NotFound(NO_SUCH_FLOW, hint="List the flows of this engagement.")
        return flow

    async def _running(self, store: FlowStore) -> Flow:
        flow = await self._found(store)
        if flow.runs_here:
            raise Conflict(
                "This flow is run by the worker.", hint="Only a flow that was registered can be moved from outside."
            )
        if flow.status is not FlowStatus.RUNNING:
            raise refusal(flow.status, "record a phase")
        return flow


def handling_errors(
    state_of: Callable[[UUID | str], FlowStateManager], function: Callable[P, Awaitable[T]]
) -> Callable[P, Awaitable[T]]:
    """`function` under the guard of the flow that its parameter `flow_id` names; `phase` names the phase, if it is one.

    Raises:
        ConfigurationInvalid: it has no parameter `flow_id`; raised where it is decorated.
    """
    signature = inspect.signature(function)
    if "flow_id" not in signature.parameters:
        raise ConfigurationInvalid(
            f"{function.__qualname__} has no parameter 'flow_id', so its errors belong to no flow.",
            hint="Add it, or do not decorate this function.",
        )

    @wraps(function)
    async def handled(*args: P.args, **kwargs: P.kwargs) -> T:
        given = signature.bind(*args, **kwargs).arguments
        state = state_of(given["flow_id"])
        return await state.guard(lambda: function(*args, **kwargs), phase=given.get("phase"))

    return handled


def _change(outcome: Outcome) -> Change | None:
    if isinstance(outcome, RunAt):
        return None
    if isinstance(outcome, TryAgain):
        return changes.again(
            attempts=outcome.attempts,
            failure=outcome.failure,
            seconds=outcome.delay.total_seconds(),
            kind="phase_retried",
        )
    return changes.ask(outcome.failure) if isinstance(outcome, Ask) else changes.fail(outcome.failure)
