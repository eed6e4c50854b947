"""What differs between two versions of a plan. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from masterflow.records.plans.types import BrokenWish, Plan, PlannedItem


@dataclass(frozen=True, slots=True)
class MovedItem:
    """Something that is in another wave in the second version."""

    subject_id: UUID
    subject_name: str
    from_wave: int
    to_wave: int


@dataclass(frozen=True, slots=True)
class LoneItem:
    """Something that only one of the two versions plans."""

    subject_id: UUID
    subject_name: str
    wave: int


@dataclass(frozen=True, slots=True)
class WaveSide:
    """One wave of one version: its days and what it carries; both days are within it."""

    start: date
    end: date
    servers: int
    hours: int


@dataclass(frozen=True, slots=True)
class WavePair:
    """The wave of one number in both versions; None where a version has no such wave."""

    number: int
    a: WaveSide | None
    b: WaveSide | None


@dataclass(frozen=True, slots=True)
class Objectives:
    """The share of dependency weight that crosses waves, 0 to 1, of each version."""

    a: float | None
    b: float | None


@dataclass(frozen=True, slots=True)
class WishChanges:
    """Wishes that only the first version breaks, and those that only the second does."""

    fixed: tuple[BrokenWish, ...]
    new: tuple[BrokenWish, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """What differs from version a to version b; things in the order of their names, waves by number."""

    moved: tuple[MovedItem, ...]
    only_in_a: tuple[LoneItem, ...]
    only_in_b: tuple[LoneItem, ...]
    waves: tuple[WavePair, ...]
    objective: Objectives
    broken_wishes: WishChanges


def difference(a: Plan, b: Plan) -> PlanDifference:
    """What differs from plan `a` to plan `b`."""
    before, after = _by_subject(a), _by_subject(b)
    both = [(before[i], after[i]) for i in before.keys() & after.keys()]
    moved = [MovedItem(new.subject_id, new.subject_name, old.wave, new.wave) for old, new in both]
    return PlanDifference(
        moved=tuple(sorted((m for m in moved if m.from_wave != m.to_wave), key=_by_name)),
        only_in_a=_alone(before, after),
        only_in_b=_alone(after, before),
        waves=_waves(a, b),
        objective=Objectives(a.objective, b.objective),
        broken_wishes=WishChanges(_without(a, b), _without(b, a)),
    )


def _by_subject(plan: Plan) -> dict[UUID, PlannedItem]:
    return {item.subject_id: item for item in plan.items}


def _by_name(item: MovedItem | LoneItem) -> tuple[str, UUID]:
    return item.subject_name.casefold(), item.subject_id


def _alone(here: Mapping[UUID, PlannedItem], there: Iterable[UUID]) -> tuple[LoneItem, ...]:
    gone = here.keys() - set(there)
    return tuple(sorted((LoneItem(i, here[i].subject_name, here[i].wave) for i in gone), key=_by_name))


def _waves(a: Plan, b: Plan) -> tuple[WavePair, ...]:
    before, after = _sides(a), _sides(b)
    return tuple(WavePair(n, before.get(n), after.get(n)) for n in sorted(before.keys() | after.keys()))


def _sides(plan: Plan) -> dict[int, WaveSide]:
    return {wave.number: WaveSide(wave.start, wave.end, wave.servers, wave.hours) for wave in plan.waves}


def _without(plan: Plan, other: Plan) -> tuple[BrokenWish, ...]:
    """The wishes that `plan` breaks and `other` does not, whatever the waves in which it happens."""
    known = {_wish(wish) for wish in other.broken_wishes}
    return tuple(wish for wish in plan.broken_wishes if _wish(wish) not in known)


def _wish(wish: BrokenWish) -> tuple[str, object]:
    """What a wish is known by: those concerned, or the sentence of one that concerns a wave as a whole."""
    return wish.wish, frozenset(wish.subjects) if wish.subjects else wish.sentence
