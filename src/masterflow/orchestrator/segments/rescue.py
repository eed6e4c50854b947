"""Flows that nobody runs, put back into the queue, or ended when that has been tried often enough."""

from masterflow.errors import PhaseFailed
from masterflow.orchestrator import changes
from masterflow.orchestrator.segments.store import SegmentStore, Stranded
from masterflow.orchestrator.types import Failure

MOST_LOSSES = 5  # executions of one phase that may end with a lost worker before the phase is blamed


async def rescue(store: SegmentStore, stranded: Stranded, *, reason: str) -> bool:
    """Queue a flow's next segment under a new epoch; False if somebody moved the flow meanwhile.

    A phase that was lost too often, because it kills every worker that runs it, fails with that reason.
    """
    attempts = stranded.attempts + 1
    if attempts >= MOST_LOSSES:
        return await store.rescue(stranded, changes.fail(_lost_too_often(stranded, attempts, reason)))
    change = changes.again(attempts=attempts, failure=None, seconds=0, kind="flow_rescued")
    return await store.rescue(stranded, change)


def _lost_too_often(stranded: Stranded, attempts: int, reason: str) -> Failure:
    return Failure(
        code=PhaseFailed.code,
        message=f"'{stranded.phase}' was begun {attempts} times and never ended: {reason}.",
        hint="Look at the workers' logs and memory, then retry the flow.",
        phase=stranded.phase,
        attempt=attempts,
        permanent=False,
    )
