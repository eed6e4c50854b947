"""Moves a flow to the present version of its type, in one transaction: its row, its results, its event."""

from collections.abc import Awaitable, Callable

import asyncpg

from masterflow.errors import VersionConflict
from masterflow.orchestrator import changes
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.store import FlowStore, carry_results, results_behind
from masterflow.orchestrator.types import Flow
from masterflow.orchestrator.upgrades import Landing, landing, refused

Move = Callable[[Change], Awaitable[Flow | None]]
"""Writes a change under the caller's fence; None if that does not hold."""


async def land(connection: asyncpg.Connection, flow: Flow, to: Landing, move: Move) -> Flow | None:
    """Let `flow`, whose row the caller has locked, go on at `to`. None if the caller's fence did not hold."""
    carried = to.carried(await results_behind(connection, flow))
    iteration = None if carried is None else flow.iteration + 1
    if carried and iteration is not None:
        # Before the row moves: which results count follows from where the flow stands.
        await carry_results(connection, flow, carried, iteration=iteration)
    change = changes.upgrade(
        status=flow.status,
        old=flow.definition_version,
        new=to.kind.version,
        phase=to.phase,
        index=to.index,
        configuration=to.configuration,
        iteration=iteration,
    )
    return await move(change)


def landing_of(registry: FlowTypeRegistry, flow: Flow) -> Landing | None:
    """Where a flow goes on under the present version of its type; None if it is there already.

    Raises:
        Conflict: this process has no version under which it could go on.
    """
    kind = registry.get(flow.flow_type)
    found = landing(flow, kind)
    if found is None or isinstance(found, Landing):
        return found
    raise refused(kind, found)


async def brought_up(
    store: FlowStore, registry: FlowTypeRegistry, flow: Flow, *, actor: str, expected_version: int | None = None
) -> Flow:
    """A flow at the present version of its type, moved there first if need be.

    Raises:
        Conflict: this process has no version under which it could go on.
        VersionConflict: it does not have `expected_version`, or somebody moved it meanwhile.
    """
    to = landing_of(registry, flow)
    if to is None:
        return flow
    if expected_version is not None and expected_version != flow.version:
        raise _moved(flow)
    return await landed(store, flow, to, actor=actor)


async def landed(store: FlowStore, flow: Flow, to: Landing, *, actor: str) -> Flow:
    """`flow` at `to`.

    Raises:
        VersionConflict: somebody moved it meanwhile.
    """

    async def move(change: Change) -> Flow | None:
        moved = await store.move(flow.flow_id, change, actor=actor, reason=None, expected_version=flow.version)
        return moved.flow if moved else None

    upgraded = await land(store.connection, flow, to, move) if await store.lock(flow) else None
    if upgraded is None:
        raise _moved(flow)
    return upgraded


def _moved(flow: Flow) -> VersionConflict:
    return VersionConflict(f"The flow has another version than {flow.version} now.", hint="Read it again, then repeat.")
