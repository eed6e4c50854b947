"""The counters' rows as one report. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.analytics.histogram import quantile
from masterflow.orchestrator.analytics.store import Day, Days, Standings
from masterflow.orchestrator.analytics.tally import Count, Tally, Wait, added
from masterflow.orchestrator.analytics.types import (
    Analytics,
    Cause,
    PhaseTiming,
    Scope,
    Timing,
    TypeCounts,
    TypeStanding,
    WaitTiming,
    Window,
)

K = TypeVar("K")

MICROSECONDS = 1_000_000


def report(
    scope: Scope,
    engagements: Iterable[UUID],
    window: Window,
    *,
    flow_type: str | None,
    standings: Standings,
    days: Days,
) -> Analytics:
    """What the rows of these engagements say together, of `flow_type` alone where it is given."""
    flows: Tally = {}
    for standing in standings.values():
        flows = added(flows, standing.by_type)
    types = _grouped(days, lambda key: key.flow_type)
    by_day = _grouped(days, lambda key: (key.day, key.flow_type))
    return Analytics(
        scope=scope,
        engagements=tuple(engagements),
        window=window,
        as_of=max((standing.as_of for standing in standings.values()), default=None),
        flows=tuple(_standing(name, _branch(flows, name)) for name in sorted(flows) if flow_type in {None, name}),
        totals=tuple(_counts(name, None, facts) for name, facts in sorted(types.items())),
        days=tuple(_counts(name, day, facts) for (day, name), facts in sorted(by_day.items())),
        phases=tuple(phase for name, facts in sorted(types.items()) for phase in _phases(name, facts)),
        waits=tuple(wait for name, facts in sorted(types.items()) for wait in _waits(name, facts)),
        failures=tuple(sorted(_causes(by_day), key=lambda cause: (-cause.count, cause.flow_type, cause.phase or ""))),
    )


def _grouped(days: Days, group: Callable[[Day], K]) -> dict[K, Tally]:
    groups: dict[K, Tally] = {}
    for key, facts in days.items():
        groups[group(key)] = added(groups.get(group(key), {}), facts)
    return groups


def _standing(name: str, by_status: Tally) -> TypeStanding:
    counted = {status: _number(by_status, status) for status in FlowStatus if status in by_status}
    return TypeStanding(flow_type=name, total=sum(counted.values()), by_status=counted)


def _counts(name: str, day: date | None, facts: Tally) -> TypeCounts:
    counted = {count: _number(_branch(facts, "counts"), count) for count in Count}
    ended = counted[Count.COMPLETED] + counted[Count.FAILED] + counted[Count.CANCELLED]
    rate = counted[Count.COMPLETED] / ended if ended else None
    return TypeCounts(flow_type=name, day=day, counts=counted, success_rate=rate)


def _phases(name: str, facts: Tally) -> Iterable[PhaseTiming]:
    phases = _branch(facts, "phases")
    return [
        PhaseTiming(flow_type=name, phase=phase, timing=_timing(_branch(phases, phase))) for phase in sorted(phases)
    ]


def _waits(name: str, facts: Tally) -> Iterable[WaitTiming]:
    waits = _branch(facts, "waits")
    return [WaitTiming(flow_type=name, wait=Wait(wait), timing=_timing(_branch(waits, wait))) for wait in sorted(waits)]


def _timing(kept: Tally) -> Timing:
    buckets = _branch(kept, "buckets")
    counted = {int(bucket): _number(buckets, bucket) for bucket in buckets}
    count, total = _number(kept, "count"), _number(kept, "us") / MICROSECONDS
    return Timing(
        count=count,
        total_seconds=total,
        p50_seconds=_within(quantile(counted, 0.5), count, total),
        p95_seconds=_within(quantile(counted, 0.95), count, total),
    )


def _within(found: float | None, count: int, total: float) -> float | None:
    """A quantile that agrees with what is known exactly: one duration is the total, and none exceeds it."""
    if found is None:
        return None
    return total if count == 1 else min(found, total)


def _causes(by_day: Mapping[tuple[date, str], Tally]) -> list[Cause]:
    found: dict[tuple[str, str, str, str], dict[date, int]] = {}
    for (day, name), facts in sorted(by_day.items()):
        phases = _branch(facts, "causes")
        for phase in phases:
            codes = _branch(phases, phase)
            for code in codes:
                classes = _branch(codes, code)
                for error_class in classes:
                    found.setdefault((name, phase, code, error_class), {})[day] = _number(classes, error_class)
    return [
        Cause(
            flow_type=name,
            phase=phase or None,
            code=code or None,
            error_class=error_class or None,
            count=sum(days.values()),
            days=days,
        )
        for (name, phase, code, error_class), days in found.items()
    ]


def _branch(tree: Tally, name: str) -> Tally:
    branch = tree.get(name, {})
    return branch if isinstance(branch, dict) else {}


def _number(tree: Tally, name: str) -> int:
    number = tree.get(name, 0)
    return number if isinstance(number, int) else 0
