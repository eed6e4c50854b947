"""What one event adds to the counters, as numbers in a tree. Pure: adding is all that is ever done with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.analytics.histogram import bucket_of

Tally: TypeAlias = dict[str, "int | Tally"]


class Count(StrEnum):
    """What is counted by day and flow type. Every end counts: a flow that is rolled back can complete twice."""

    CREATED = "created"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PHASES_DONE = "phases_done"
    RETRIES = "retries"  # by people
    PHASE_RETRIES = "phase_retries"  # by the engine, of one phase
    ROLLBACKS = "rollbacks"
    GATES_APPROVED = "gates_approved"
    GATES_REJECTED = "gates_rejected"


class Wait(StrEnum):
    """What a flow stands still for."""

    APPROVAL = "approval"
    INPUT = "input"
    PAUSED = "paused"


WAITS: Mapping[FlowStatus, Wait] = {
    FlowStatus.WAITING_FOR_APPROVAL: Wait.APPROVAL,
    FlowStatus.WAITING_FOR_INPUT: Wait.INPUT,
    FlowStatus.PAUSED: Wait.PAUSED,
}
DELETED, RESTORED, PHASE_DONE = "flow_deleted", "flow_restored", "phase_completed"

_ENDS = {
    FlowStatus.COMPLETED: Count.COMPLETED,
    FlowStatus.FAILED: Count.FAILED,
    FlowStatus.CANCELLED: Count.CANCELLED,
}
_KINDS = {
    PHASE_DONE: Count.PHASES_DONE,
    "flow_retried": Count.RETRIES,
    "phase_retried": Count.PHASE_RETRIES,
    "flow_rolled_back": Count.ROLLBACKS,
    "gate_approved": Count.GATES_APPROVED,
    "gate_rejected": Count.GATES_REJECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event with what its flow's history says of it.

    `before` is the status that the flow had, None for its first event; `after` the one that the event names, None if it
    names none. `waited_us` is how long it stood still where this event ends a wait, `took_us` how long the phase ran
    that this event ends; None where nobody measured.
    """

    flow_type: str
    day: date
    kind: str
    phase: str | None
    before: FlowStatus | None
    after: FlowStatus | None
    waited_us: int | None
    took_us: int | None
    code: str | None
    error_class: str | None

    @property
    def moved(self) -> FlowStatus | None:
        """The status that the flow has come to by this event, None if it stayed."""
        return self.after if self.after is not self.before else None


def standing(happening: Happening) -> Tally:
    """What an event changes in the number of flows by type and status; deleted flows are not counted."""
    before, after = happening.before, happening.after
    changed: Tally = {}
    if happening.kind == DELETED and before is not None:
        changed = {before.value: -1}
    elif happening.kind == RESTORED and before is not None:
        changed = {before.value: 1}
    elif happening.moved is not None and after is not None:
        changed = {after.value: 1, **({before.value: -1} if before is not None else {})}
    return {happening.flow_type: changed} if changed else {}


def day(happening: Happening) -> Tally:
    """What an event adds to its day and flow type."""
    waited = WAITS.get(happening.before) if happening.before and happening.moved else None
    parts: Tally = {
        "counts": {name.value: 1 for name in _counts(happening)},
        "phases": _timed(happening.phase or "", happening.took_us),
        "waits": _timed(waited.value, happening.waited_us) if waited else {},
        "causes": _cause(happening) if happening.moved is FlowStatus.FAILED else {},
    }
    return {name: part for name, part in parts.items() if part}


def added(left: Tally, right: Tally) -> Tally:
    """The sum of two trees; what comes to nothing is left out, so that equal sums are equal trees."""
    sums = {key: _sum(left.get(key, 0), right.get(key, 0)) for key in left.keys() | right.keys()}
    return {key: total for key, total in sums.items() if total}


def _sum(one: int | Tally, other: int | Tally) -> int | Tally:
    if isinstance(one, dict) and isinstance(other, dict):
        return added(one, other)
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    if one and other:
        raise TypeError(f"a number and a branch cannot be added: {one!r}, {other!r}")
    return one or other


def _counts(happening: Happening) -> list[Count]:
    counted = [Count.CREATED] if happening.before is None and happening.after is not None else []
    if happening.kind in _KINDS:
        counted.append(_KINDS[happening.kind])
    if happening.moved in _ENDS:
        counted.append(_ENDS[happening.moved])
    return counted


def _timed(name: str, microseconds: int | None) -> Tally:
    if microseconds is None:
        return {}
    return {name: {"count": 1, "us": microseconds, "buckets": {str(bucket_of(microseconds)): 1}}}


def _cause(happening: Happening) -> Tally:
    return {happening.phase or "": {happening.code or "": {happening.error_class or "": 1}}}
