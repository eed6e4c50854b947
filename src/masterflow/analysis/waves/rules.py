"""Every hard rule of a planning task as a value that can explain itself, be checked on a plan, and bind a model."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ortools.sat.python import cp_model

from masterflow.analysis.waves.groups import hard_circles, listed
from masterflow.analysis.waves.placement import Placement, scale_of, whole_down, whole_up
from masterflow.analysis.waves.plan import RuleKind
from masterflow.analysis.waves.types import RESOURCES, Resource, WaveInstance

TOLERANCE = 1e-9
UNITS: dict[Resource, str] = {"hours": "hours", "servers": "servers", "storage_gb": "GB of storage"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(ABC):
    """One hard rule. `applications` are those it can concern, `wave` is set where it speaks of one wave."""

    kind: ClassVar[RuleKind]
    applications: tuple[str, ...]
    wave: int | None = None

    @abstractmethod
    def sentence(self, concerned: Sequence[str]) -> str:
        """The rule for people; `concerned` are the applications for which it matters here."""

    @abstractmethod
    def breach(self, waves: Mapping[str, int]) -> str | None:
        """How a plan breaks the rule, None when it does not. Applications without a wave are passed over."""

    def concerned(self, waves: Mapping[str, int]) -> tuple[str, ...]:
        """The applications that a plan which breaks the rule could move to mend it."""
        return tuple(a for a in self.applications if a in waves)

    @abstractmethod
    def bind(self, placement: Placement, only_if: cp_model.IntVar | None = None) -> None:
        """Make a model obey the rule, or only when the Boolean `only_if` is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Rule):
    """A rule that closes waves to applications one by one."""

    open_waves: frozenset[int]

    def breach(self, waves: Mapping[str, int]) -> str | None:
        """The applications that are in a wave closed to them."""
        wrong = self.concerned(waves)
        if not wrong:
            return None
        return f"{self.sentence(wrong)} The plan has {listed(f'{a} in wave {waves[a]}' for a in wrong)}."

    def concerned(self, waves: Mapping[str, int]) -> tuple[str, ...]:
        """The applications that are in a wave closed to them."""
        return tuple(a for a in self.applications if a in waves and waves[a] not in self.open_waves)

    def bind(self, placement: Placement, only_if: cp_model.IntVar | None = None) -> None:
        """Forbid the closed waves."""
        for wave in placement.waves:
            if wave not in self.open_waves:
                load = placement.load(wave, dict.fromkeys(self.applications, 1))
                placement.at_most(load, 0, only_if=only_if)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(Window):
    """An application must be in one wave."""

    kind = "pin"

    def sentence(self, concerned: Sequence[str]) -> str:
        """`app-004 is pinned to wave 2.`"""
        return f"{listed(concerned)} is pinned to wave {self.wave}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Earliest(Window):
    """An application may not move before a wave."""

    kind = "earliest_wave"

    def sentence(self, concerned: Sequence[str]) -> str:
        """`app-017 may not move before wave 3.`"""
        return f"{listed(concerned)} may not move before wave {self.wave}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest(Window):
    """An application may not move after a wave."""

    kind = "latest_wave"

    def sentence(self, concerned: Sequence[str]) -> str:
        """`app-017 may not move after wave 3.`"""
        return f"{listed(concerned)} may not move after wave {self.wave}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(Window):
    """A wave is closed, for production or for all."""

    kind = "freeze"
    scope: str

    def sentence(self, concerned: Sequence[str]) -> str:
        """`Wave 4 is frozen for production; this concerns …`"""
        scope = "production applications" if self.scope == "prod" else "all applications"
        return f"Wave {self.wave} is frozen for {scope}; this concerns {listed(concerned)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Rule):
    """A wave carries at most `limit` of something that every application needs an amount of."""

    limit: float
    demand: Mapping[str, float]
    what: str

    def breach(self, waves: Mapping[str, int]) -> str | None:
        """By how much a wave is overloaded; the first, where several are."""
        number = self.overloaded(waves)
        if number is None:
            return None
        members = self.concerned(waves)
        used = sum(self.demand[a] for a in members)
        return f"{self.sentence(members)} The plan puts {_amount(used)} {self.what} into wave {number}."

    def overloaded(self, waves: Mapping[str, int]) -> int | None:
        """The first wave that carries too much."""
        loads: dict[int, float] = {}
        for a in self.applications:
            if a in waves:
                loads[waves[a]] = loads.get(waves[a], 0) + self.demand[a]
        return next((n for n in sorted(loads) if self.wave in (None, n) and loads[n] > self.limit + TOLERANCE), None)

    def concerned(self, waves: Mapping[str, int]) -> tuple[str, ...]:
        """What is in the wave that carries too much."""
        number = self.overloaded(waves)
        return tuple(a for a in self.applications if number is not None and waves.get(a) == number)

    def bind(self, placement: Placement, only_if: cp_model.IntVar | None = None) -> None:
        """Limit the load of the wave, or of every wave."""
        scale = scale_of([self.limit, *self.demand.values()])
        demand = {application: whole_up(amount, scale) for application, amount in self.demand.items()}
        for wave in placement.waves if self.wave is None else [self.wave]:
            placement.at_most(placement.load(wave, demand), whole_down(self.limit, scale), only_if=only_if)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity(Load):
    """What a wave carries of one resource."""

    kind = "capacity"
    resource: Resource

    def sentence(self, concerned: Sequence[str]) -> str:
        """`Wave 3 carries at most 365 hours; app-001 and app-002 together need 400.`"""
        needed = sum(self.demand[a] for a in concerned)
        need = f"{listed(concerned)} together need" if len(concerned) > 1 else f"{listed(concerned)} needs"
        return f"Wave {self.wave} carries at most {_amount(self.limit)} {self.what}; {need} {_amount(needed)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionLimit(Load):
    """The most production applications in one wave."""

    kind = "max_parallel_prod"

    def sentence(self, concerned: Sequence[str]) -> str:
        """`A wave takes at most 12 production applications; this concerns …`"""
        return f"A wave takes at most {_amount(self.limit)} {self.what}; this concerns {listed(concerned)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLimit(Load):
    """The most applications of one team in one wave."""

    kind = "max_per_team_per_wave"
    team: str

    def sentence(self, concerned: Sequence[str]) -> str:
        """`A wave takes at most 4 applications of team-data; this concerns …`"""
        return f"A wave takes at most {_amount(self.limit)} {self.what}; this concerns {listed(concerned)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class SameWave(Rule):
    """Applications that share a wave."""

    def breach(self, waves: Mapping[str, int]) -> str | None:
        """The waves over which the applications are spread."""
        used = sorted({waves[a] for a in self.applications if a in waves})
        if len(used) < 2:
            return None
        return f"{self.sentence(self.applications)} The plan spreads them over waves {listed(map(str, used))}."

    def bind(self, placement: Placement, only_if: cp_model.IntVar | None = None) -> None:
        """Make all members equal to the first one that takes part."""
        members = [a for a in self.applications if placement.takes_part(a)]
        for other in members[1:]:
            for wave in placement.waves:
                placement.at_most(placement.at(other, wave), placement.at(members[0], wave), only_if=only_if)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together(SameWave):
    """Applications that were said to move together."""

    kind = "together"

    def sentence(self, concerned: Sequence[str]) -> str:  # noqa: ARG002 - the whole list is the rule
        """`app-009 and app-012 have to move together.`"""
        return f"{listed(self.applications)} have to move together."


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle(SameWave):
    """Applications that need each other."""

    kind = "circle"

    def sentence(self, concerned: Sequence[str]) -> str:  # noqa: ARG002 - the whole circle is the rule
        """`app-004 and app-009 need each other in a circle of hard edges, so they share a wave.`"""
        return f"{listed(self.applications)} need each other in a circle of hard edges, so they share a wave."


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart(Rule):
    """Two applications that may not share a wave."""

    kind = "apart"

    def sentence(self, concerned: Sequence[str]) -> str:  # noqa: ARG002 - both are the rule
        """`app-005 and app-020 may not be in the same wave.`"""
        return f"{listed(self.applications)} may not be in the same wave."

    def breach(self, waves: Mapping[str, int]) -> str | None:
        """The wave that both share."""
        one, other = (waves.get(a) for a in self.applications)
        if one is None or one != other:
            return None
        return f"{self.sentence(())} The plan has both in wave {one}."

    def bind(self, placement: Placement, only_if: cp_model.IntVar | None = None) -> None:
        """At most one of the two in every wave."""
        for wave in placement.waves:
            placement.at_most(placement.load(wave, dict.fromkeys(self.applications, 1)), 1, only_if=only_if)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before(Rule):
    """The first application moves in a strictly earlier wave than the second."""

    kind = "before"

    def sentence(self, concerned: Sequence[str]) -> str:  # noqa: ARG002 - both are the rule
        """`app-017 has to move in an earlier wave than app-012.`"""
        first, then = self.applications
        return f"{first} has to move in an earlier wave than {then}."

    def breach(self, waves: Mapping[str, int]) -> str | None:
        """The waves of both, when the first is not earlier."""
        first, then = (waves.get(a) for a in self.applications)
        if first is None or then is None or first < then:
            return None
        return f"{self.sentence(())} The plan has them in waves {first} and {then}."

    def bind(self, placement: Placement, only_if: cp_model.IntVar | None = None) -> None:
        """Whoever is second by a wave has its predecessor before that wave: tighter than comparing wave numbers."""
        first, then = self.applications
        if placement.takes_part(first) and placement.takes_part(then):
            for wave in placement.waves:
                placement.at_most(placement.by(then, wave), placement.by(first, wave - 1), only_if=only_if)


def hard_rules(instance: WaveInstance) -> tuple[Rule, ...]:
    """Every hard rule of the task; those that sum over many applications come first."""
    return (
        *_load_rules(instance),
        *_freezes(instance),
        *_windows(instance),
        *_relations(instance),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A hard rule that a plan breaks, in a sentence. `applications` are those that could be moved to mend it.

    `kind` is stable: the rule's, with the resource for a capacity (`capacity_hours`), or `no_wave`.
    """

    kind: str
    sentence: str
    applications: tuple[str, ...]


def breaches(instance: WaveInstance, waves: Mapping[str, int]) -> list[Breach]:
    """Every hard rule that `waves` breaks, and every application without a proper wave.

    Independent of the solver: it judges a plan edited by a person just as well.
    """
    found = (_breach(rule, waves) for rule in hard_rules(instance))
    return [*_without_wave(instance, waves), *(breach for breach in found if breach)]


def broken_rules(instance: WaveInstance, waves: Mapping[str, int]) -> list[str]:
    """A sentence for everything that `breaches` finds."""
    return [breach.sentence for breach in breaches(instance, waves)]


def _breach(rule: Rule, waves: Mapping[str, int]) -> Breach | None:
    said = rule.breach(waves)
    if said is None:
        return None
    kind = f"{rule.kind}_{rule.resource}" if isinstance(rule, Capacity) else rule.kind
    return Breach(kind=kind, sentence=said, applications=rule.concerned(waves))


def _without_wave(instance: WaveInstance, waves: Mapping[str, int]) -> list[Breach]:
    known, numbers = {a.id for a in instance.applications}, {w.number for w in instance.waves}
    wrong = [(a.id, f"{a.label} has no wave.") for a in instance.applications if a.id not in waves]
    wrong += [(a, f"There is no application {a} in this estate.") for a in sorted(waves.keys() - known)]
    wrong += [
        (a, f"{a} is in wave {wave}; the waves are {listed(map(str, sorted(numbers)))}.")
        for a, wave in sorted(waves.items())
        if a in known and wave not in numbers
    ]
    return [Breach(kind="no_wave", sentence=sentence, applications=(a,)) for a, sentence in wrong]


def _load_rules(instance: WaveInstance) -> Iterator[Rule]:
    everything = tuple(a.id for a in instance.applications)
    rules = instance.constraints
    for team, most in (rules.max_per_team_per_wave or {}).items():
        members = tuple(a.id for a in instance.applications if a.team == team)
        demand = dict.fromkeys(members, 1.0)
        if members:
            yield TeamLimit(applications=members, limit=most, demand=demand, what=f"applications of {team}", team=team)
    if rules.max_parallel_prod is not None:
        prod = tuple(a.id for a in instance.applications if a.environment == "prod")
        limit = rules.max_parallel_prod
        demand = dict.fromkeys(prod, 1.0)
        yield ProductionLimit(applications=prod, limit=limit, demand=demand, what="production applications")
    for resource in RESOURCES:
        demand = {a.id: getattr(a, resource) for a in instance.applications}
        for wave in instance.waves:
            if (most_of := wave.capacity(resource)) is not None:
                yield Capacity(
                    applications=everything,
                    wave=wave.number,
                    limit=most_of,
                    demand=demand,
                    what=UNITS[resource],
                    resource=resource,
                )


def _freezes(instance: WaveInstance) -> Iterator[Rule]:
    for wave in instance.waves:
        if wave.freeze == "none":
            continue
        concerned = tuple(a.id for a in instance.applications if wave.freeze == "all" or a.environment == "prod")
        others = frozenset(w.number for w in instance.waves if w.number != wave.number)
        if concerned:
            yield Freeze(applications=concerned, wave=wave.number, open_waves=others, scope=wave.freeze)


def _windows(instance: WaveInstance) -> Iterator[Rule]:
    numbers = frozenset(w.number for w in instance.waves)
    for a in instance.applications:
        if a.pin is not None:
            yield Pin(applications=(a.id,), wave=a.pin, open_waves=numbers & {a.pin})
        if (first := a.earliest_wave) is not None:
            yield Earliest(applications=(a.id,), wave=first, open_waves=frozenset(n for n in numbers if n >= first))
        if (last := a.latest_wave) is not None:
            yield Latest(applications=(a.id,), wave=last, open_waves=frozenset(n for n in numbers if n <= last))


def _relations(instance: WaveInstance) -> Iterator[Rule]:
    rules = instance.constraints
    yield from (Together(applications=ids) for ids in rules.together if len(ids) > 1)
    yield from (Circle(applications=circle) for circle in hard_circles(instance))
    yield from (Apart(applications=pair) for pair in rules.apart)
    yield from (Before(applications=pair) for pair in rules.before)


def _amount(amount: float) -> str:
    return f"{amount:,.10g}"
