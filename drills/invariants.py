"""What must hold of the rows of every flow, whatever was killed meanwhile. Read as superuser, across tenants."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from drills.site import Site
from masterflow.orchestrator.checkpoint import FLOWS

PUBLISHING = frozenset({"settle", "held", "after", "added"})
ENDED = frozenset({"completed", "cancelled", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event of a flow."""

    seq: int
    kind: str
    phase: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fold:
    """What a row must say if its events are true."""

    status: str | None
    version: int
    phases_done: int


def fold(lines: Sequence[Line]) -> Fold:
    """Add a flow's events up. A way back counts the phases behind it anew."""
    status, done = None, 0
    for line in lines:
        status = line.data.get("status", status)
        done = done + 1 if line.kind == "phase_completed" else line.data.get("back_to", done)
    return Fold(status, len(lines), done)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the rows show: effects that are missing, effects that happened twice, and sentences on everything else."""

    flows: int
    missing: int
    doubled: int
    says: tuple[str, ...]


async def look(site: Site, *, all_ended: bool = True) -> Sums:
    """Compare rows, events, results and effects of every flow."""
    lines = await _lines(site)
    says: list[str] = []
    heads = await site.fetch(f"SELECT flow_id, flow_status, version, phase_index FROM {FLOWS}")
    for head in heads:
        says += _head_is_wrong(head, lines[head["flow_id"]])
        if all_ended and head["flow_status"] not in ENDED:
            says.append(f"flow {head['flow_id']} never ended: it is {head['flow_status']}")
    missing, doubled = await _effects(site)
    return Sums(len(heads), missing, doubled, tuple(says))


async def _lines(site: Site) -> dict[UUID, list[Line]]:
    found: dict[UUID, list[Line]] = defaultdict(list)
    rows = await site.fetch("SELECT flow_id, seq, kind, phase, data::text FROM flow_events ORDER BY flow_id, seq")
    for row in rows:
        data = orjson.loads(row["data"]) if row["data"] else {}
        found[row["flow_id"]].append(Line(seq=row["seq"], kind=row["kind"], phase=row["phase"], data=data or {}))
    return found


def _head_is_wrong(head: Mapping[str, Any], lines: Sequence[Line]) -> list[str]:
    folded, flow = fold(lines), head["flow_id"]
    if [line.seq for line in lines] != list(range(1, len(lines) + 1)):
        return [f"flow {flow} has a hole in its history: {[line.seq for line in lines]}"]
    if (folded.status, folded.version) != (head["flow_status"], head["version"]):
        return [f"flow {flow} is {head['flow_status']} at {head['version']}, its events say {folded}"]
    return []


async def _effects(site: Site) -> tuple[int, int]:
    """Of every committed phase: effects that are not there, and those that are there more than once."""
    results = await site.fetch("SELECT flow_id, iteration, phase FROM phase_results")
    committed = Counter((row["flow_id"], row["iteration"], row["phase"]) for row in results)
    done = await _count(site, "effects")
    published = await _count(site, "published")
    missing = sum(1 for key in committed if not done[key])
    missing += sum(1 for key in committed if key[2] in PUBLISHING and not published[key])
    doubled = sum(count - 1 for count in done.values()) + sum(count - 1 for count in committed.values())
    doubled += sum(count - committed[key] for key, count in published.items() if count > committed[key])
    return missing, doubled


async def _count(site: Site, table: str) -> Counter[tuple[UUID, int, str]]:
    rows = await site.fetch(f"SELECT flow_id, iteration, phase FROM drill.{table}")
    return Counter((row["flow_id"], row["iteration"], row["phase"]) for row in rows)
