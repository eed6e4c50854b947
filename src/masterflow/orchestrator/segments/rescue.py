"""Flows that nobody runs, put back into the queue, or ended when that has been tried often enough."""

import random
from datetime import timedelta

from masterflow.errors import ErrorClass, PhaseFailed
from masterflow.orchestrator import changes, correlation
from masterflow.orchestrator.hooks import ErrorHooks
from masterflow.orchestrator.segments.store import SegmentStore, Stranded
from masterflow.orchestrator.segments.turns import SUSPECT
from masterflow.orchestrator.types import Failure

SPREAD = timedelta(seconds=5)  # over which flows that lost several workers are queued anew
MOST_LOSSES = 3  # workers that may die while they run one phase, before the phase is blamed
MOST_RESCUES = 10  # times that a phase is queued anew because the engine lost it


async def rescue(
    store: SegmentStore, stranded: Stranded, *, reason: str, died: bool, hooks: ErrorHooks | None = None
) -> bool:
    """Queue a flow's next segment under a new epoch; False if somebody moved the flow meanwhile.

    `died` says that the worker which held the flow is gone. A phase that killed every worker that ran it, or that was
    lost too often, fails with that reason.
    """
    losses = stranded.losses + (died and stranded.begun)
    attempts = stranded.attempts + 1
    failure = _blame(stranded, losses=losses, attempts=attempts, reason=reason)
    if failure is None:
        change = changes.again(attempts=attempts, failure=None, seconds=0, kind="flow_rescued", losses=losses)
        # Suspects come back one by one: claimed together, all would be held by the worker that the guilty one kills.
        delay = SPREAD * random.random() if losses >= SUSPECT else None  # noqa: S311  spreads load, keeps no secret
        return await store.rescue(stranded, change, delay=delay) is not None
    flow = await store.rescue(stranded, changes.fail(failure))
    if flow is not None and hooks is not None:
        await hooks.tell(failure, flow)
    return flow is not None


def _blame(stranded: Stranded, *, losses: int, attempts: int, reason: str) -> Failure | None:
    if losses >= MOST_LOSSES:
        return _failure(
            stranded,
            attempts,
            code="phase.killed_its_worker",
            message=f"'{stranded.phase}' was run by {losses} workers, and each of them died in it.",
            error_class=ErrorClass.BUG,
        )
    if attempts >= MOST_RESCUES:
        return _failure(
            stranded,
            attempts,
            code=PhaseFailed.code,
            message=f"'{stranded.phase}' was begun {attempts} times and never ended: {reason}.",
            error_class=ErrorClass.TRANSIENT,
        )
    return None


def _failure(stranded: Stranded, attempts: int, *, code: str, message: str, error_class: ErrorClass) -> Failure:
    return Failure(
        code=code,
        message=message,
        hint="Look at the workers' logs and memory, then retry the flow.",
        phase=stranded.phase,
        attempt=attempts,
        permanent=False,
        error_class=error_class,
        correlation_id=stranded.correlation_id or correlation.fresh(),
    )
