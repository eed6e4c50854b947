"""Addresses that no inventory knows, and the application they behave like.

Machines in a cloud or at a partner's are missing from an inventory, while the CMDB still states whom their application
needs and who needs it. An address whose talk agrees with these statements is taken for the application.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

LEAST_AGREEING = 2  # one common neighbour is chance
AGREEING_SHARE = 0.6  # of what is stated about the application


@dataclass(frozen=True, slots=True)
class Said:
    """`source` needs `target`: both are ids where it is stated, one is an address where it was seen."""

    source: UUID | str | None
    target: UUID | str | None


@dataclass(frozen=True, slots=True)
class PlacedAddress:
    """An address that is taken for an application, and why."""

    address: str
    application_id: UUID
    reason: str


_Side = tuple[bool, UUID]  # whether it asks the other end, and which that is


def place_addresses(sayings: Iterable[Said], without_machines: Mapping[UUID, str]) -> dict[str, PlacedAddress]:
    """The application of every address that agrees with at least two statements about it, and with no other's as well.

    `without_machines` are the applications, by name, of which no inventory lists a machine.
    """
    stated: dict[UUID, set[_Side]] = defaultdict(set)
    seen: dict[str, set[_Side]] = defaultdict(set)
    for one in sayings:
        for end, other, asks in ((one.source, one.target, True), (one.target, one.source, False)):
            if not isinstance(other, UUID):
                continue
            if isinstance(end, UUID) and end in without_machines:
                stated[end].add((asks, other))
            elif isinstance(end, str):
                seen[end].add((asks, other))
    placed: dict[str, PlacedAddress] = {}
    for address, sides in sorted(one for one in seen.items() if len(one[1]) >= LEAST_AGREEING):
        agreeing = {app: len(sides & wanted) for app, wanted in stated.items() if _agrees(sides, wanted)}
        best = max(agreeing.values(), default=0)
        fitting = [app for app, count in agreeing.items() if count == best]
        if len(fitting) == 1:
            placed[address] = PlacedAddress(
                address, fitting[0], _why(address, fitting[0], best, stated, without_machines)
            )
    return placed


def _agrees(sides: set[_Side], wanted: set[_Side]) -> bool:
    common = len(sides & wanted)
    return common >= LEAST_AGREEING and common >= AGREEING_SHARE * len(wanted)


def _why(address: str, app: UUID, count: int, stated: Mapping[UUID, set[_Side]], names: Mapping[UUID, str]) -> str:
    told = len(stated[app])
    return f"{address} is taken for {names[app]}: it talks as {count} of {told} statements about {names[app]} say"
