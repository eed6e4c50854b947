"""Machines that only a list remembers: nobody has seen them for half a year, and no other source knows them.

Configuration databases keep machines that were switched off long ago. Where a list says when it last saw each machine,
and other sources confirm most of what it saw lately, what it has not seen for long and nobody else names is taken for
retired. It stays listed with that proposal, and a notice names it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from masterflow.analysis.estate.records import LIFECYCLE, Issue, Record, Severity
from masterflow.analysis.estate.relations import OF_RELATION
from masterflow.analysis.estate.survivorship import STALE_AFTER
from masterflow.inventory.types import AssetType, Fact, Source

CONFIRMED_SHARE = 0.5  # of the machines that a list saw lately: then other sources would know the rest, too
WATCHED_SHARE = 0.1  # of the virtual, or of the others: less, and no tool looks where such machines stand
FEW = 10
SURE = 0.7  # confidence: a machine may stand where no tool looks
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Known:
    """A machine by the records that list it and the details that other tables add to it."""

    records: Sequence[Record]
    details: Sequence[Record] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of source that know the machine; a relation is part of the list that it stands in."""
        own = [r for r in self.details if not any(c.rule.startswith(OF_RELATION) for c in r.claims)]
        return frozenset(r.source_kind for r in (*self.records, *own))

    @property
    def is_virtual(self) -> bool:
        """Whether a source calls it a virtual machine."""
        return any(r.asset_type is AssetType.VIRTUAL_MACHINE for r in self.records)

    @property
    def seen(self) -> datetime | None:
        """When a list last saw the machine."""
        return max((r.observed_at for r in self.records if r.observed_at), default=None)


def forgotten(machines: Sequence[Known]) -> Iterator[tuple[int, Fact]]:
    """The places of machines that only a stale row names, each with the proposal that it is retired."""
    for kind in sorted({kind for machine in machines for kind in machine.kinds}):
        listed = [m for m in machines if kind in m.kinds and m.seen]
        newest = max((m.seen for m in listed if m.seen), default=None)
        if newest is None or not _confirmed(listed, newest) >= CONFIRMED_SHARE:
            continue
        confirmed = {
            virtual for virtual in (True, False) if _is_watched([m for m in listed if m.is_virtual is virtual], newest)
        }
        for place, machine in enumerate(machines):
            if (
                machine.is_virtual in confirmed
                and machine.kinds == {kind}
                and machine.seen is not None
                and newest - machine.seen > STALE_AFTER
            ):
                yield place, _proposal(machine)


def _is_watched(listed: Sequence[Known], newest: datetime) -> bool:
    """Whether tools look where such machines stand; of a few nobody can tell, and they go with the rest of the list."""
    return len(listed) < FEW or _confirmed(listed, newest) >= WATCHED_SHARE


def _confirmed(listed: Sequence[Known], newest: datetime) -> float:
    """The share of what a list saw lately that other sources know."""
    fresh = [m for m in listed if m.seen is not None and newest - m.seen <= STALE_AFTER]
    return sum(len(m.kinds) > 1 for m in fresh) / len(fresh) if fresh else 0.0


def _proposal(machine: Known) -> Fact:
    record = next(r for r in machine.records if r.observed_at == machine.seen)
    source = Source(record.file, record.sheet, record.row, None)
    return Fact(LIFECYCLE, "retired", source, f"proposed_unseen_for_{STALE_AFTER.days}_days", confidence=SURE)


def forgotten_issue(names: Sequence[str]) -> tuple[Issue, ...]:
    """The notice that names what was taken for retired."""
    if not names:
        return ()
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    message = (
        f"{', '.join(sorted(names)[:MOST_NAMED])}{more}: not seen for {STALE_AFTER.days} days and in no other source, "
        "so taken for retired. Look at them; a machine that is in use needs a source "
        "that sees it, or 'masterflow inventory conflicts decide ID.lifecycle --value in_use' with its id."
    )
    return (Issue("LIKELY_RETIRED", Severity.WARNING, message, len(names)),)
