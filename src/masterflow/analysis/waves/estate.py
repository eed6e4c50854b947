"""From an estate and what was decided about it to a planning task: what moves, in which waves, and what does not."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from pydantic import ValidationError

from masterflow.analysis.waves.calendar import (
    FEW_WAVES,
    Layout,
    WaveCalendar,
    first_wave_from,
    last_wave_until,
    lay_out,
)
from masterflow.analysis.waves.effort import EffortModel
from masterflow.analysis.waves.groups import listed, move_groups
from masterflow.analysis.waves.plan import Unplanned
from masterflow.analysis.waves.reading import problems
from masterflow.analysis.waves.types import (
    MAX_WAVES,
    RESOURCES,
    Resource,
    Wave,
    WaveApplication,
    WaveConstraints,
    WaveEdge,
    WaveInstance,
    WaveWishes,
)
from masterflow.errors import InvalidInput
from masterflow.inventory.types import Criticality, Environment
from masterflow.records.assessments.types import Strategy

STAYS: Mapping[Strategy, str] = {
    Strategy.RETIRE: "It is retired: decommission shuts it down once nothing needs it.",
    Strategy.RETAIN: "It stays where it is.",
}
SET_ASIDE = "A shared service: it is provided with the landing zone in wave 0, before the first wave."
SERVERS_STAY = Strategy.REPURCHASE  # a service replaces them: work to do, but no server and no storage to move


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateItem:
    """An application, or a server that no application is known for; what is not known is None.

    `application` names what the item is an environment of: a test system and a production system with the same name
    are wished to move in that order. `earliest` and `latest` bound the days of its wave.
    """

    id: str
    name: str
    kind: Literal["application", "server"] = "application"
    application: str | None = None
    servers: int | None = None
    storage_gb: float | None = None
    environment: Environment | None = None
    criticality: Criticality | None = None
    complexity: int | None = None
    strategy: Strategy | None = None
    team: str | None = None
    effort_hours: float | None = None
    earliest: date | None = None
    latest: date | None = None

    @property
    def moves(self) -> bool:
        """Whether a wave has work with it."""
        return self.strategy not in STAYS

    @property
    def production(self) -> bool:
        """Whether a production freeze holds for it; an unknown environment is treated as production."""
        return self.environment in (None, Environment.PRODUCTION, Environment.DISASTER_RECOVERY)


@dataclass(frozen=True, slots=True)
class EstateDependency:
    """`source` needs `target`; `weight` is how much it hurts to have them apart."""

    source: str
    target: str
    weight: float = 1.0
    hard: bool = False


@dataclass(frozen=True, slots=True)
class HybridDependency:
    """A dependency between what moves and what stays: from that wave on it runs between the two sites."""

    source: str
    target: str
    moves: str
    hard: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class EstateTask:
    """The planning task of an estate, and everything that is outside of it or had to be assumed."""

    instance: WaveInstance
    not_planned: tuple[Unplanned, ...]
    hybrid: tuple[HybridDependency, ...]
    assumptions: tuple[str, ...]


def instance_from_estate(
    items: Iterable[EstateItem],
    dependencies: Iterable[EstateDependency],
    calendar: WaveCalendar,
    *,
    set_aside: frozenset[str] = frozenset(),
    effort: EffortModel | None = None,
) -> EstateTask:
    """The planning task of an estate.

    Retired and retained items and those `set_aside` (shared services that a person confirmed) are not planned; what
    is repurchased takes effort but moves no server. With three waves or more, the first is small and takes nothing of
    high criticality or complexity unless a pin, a date or an order wants it there.

    Raises:
        InvalidInput: an id occurs twice, a rule names what does not move, a value is out of range, or the calendar
            cannot be used.
    """
    try:
        return _task(list(items), dependencies, calendar, set_aside=set_aside, model=effort or EffortModel())
    except ValidationError as error:
        said = f"The estate cannot be planned: {'; '.join(problems(error))}."
        raise InvalidInput(said, hint="Correct the values and plan again.") from error


def _task(
    items: Sequence[EstateItem],
    dependencies: Iterable[EstateDependency],
    calendar: WaveCalendar,
    *,
    set_aside: frozenset[str],
    model: EffortModel,
) -> EstateTask:
    known = {item.id: item for item in _without_doubles(items)}
    movers = {i: item for i, item in sorted(known.items()) if item.moves and i not in set_aside}
    _check_names(calendar, movers)
    edges, hybrid, unknown = _edges(dependencies, known, movers)
    applications = [_application(item, calendar, model) for item in movers.values()]
    draft = WaveInstance(
        name="estate",
        applications=tuple(a.model_copy(update={"pin": None}) for a in applications),
        edges=edges,
        waves=(),
        constraints=_constraints(calendar),
        wishes=WaveWishes(before=tuple(_test_before_production(movers.values()))),
    )
    layout = _layout(draft, calendar)
    windowed = tuple(_windowed(a, movers[a.id], layout.waves) for a in applications)
    instance = WaveInstance.model_validate(
        {**dict(draft), "applications": _low_risk_first(draft, windowed, layout.waves), "waves": layout.waves}
    )
    return EstateTask(
        instance=instance,
        not_planned=tuple(_not_planned(known.values(), set_aside)),
        hybrid=hybrid,
        assumptions=(*layout.assumptions, *_assumptions(list(movers.values()), model, unknown)),
    )


def _without_doubles(items: Sequence[EstateItem]) -> Sequence[EstateItem]:
    doubled = sorted(i for i, count in Counter(item.id for item in items).items() if count > 1)
    if doubled:
        raise InvalidInput(f"{listed(doubled)} occur more than once in the estate.", hint="Merge them first.")
    return items


def _check_names(calendar: WaveCalendar, movers: Mapping[str, EstateItem]) -> None:
    named = [
        *(("pins", name) for name in calendar.pins),
        *(("together", name) for ids in calendar.together for name in ids),
        *(("apart", name) for pair in calendar.apart for name in pair),
        *(("before", name) for pair in calendar.before for name in pair),
    ]
    wrong = [f"{rule} names {name}" for rule, name in named if name not in movers]
    if wrong:
        raise InvalidInput(f"Rules name what does not move: {'; '.join(wrong)}.", hint="Correct or remove them.")


def _edges(
    dependencies: Iterable[EstateDependency], known: Mapping[str, EstateItem], movers: Mapping[str, EstateItem]
) -> tuple[tuple[WaveEdge, ...], tuple[HybridDependency, ...], int]:
    """Edges between what moves, summed; edges to what stays; and how many name something unknown."""
    weights: dict[tuple[str, str], float] = {}
    hard: set[tuple[str, str]] = set()
    hybrid: dict[tuple[str, str], HybridDependency] = {}
    unknown = 0
    for d in dependencies:
        pair = (d.source, d.target)
        if d.source not in known or d.target not in known:
            unknown += 1
        elif d.source == d.target or not (d.source in movers or d.target in movers):
            continue
        elif d.source in movers and d.target in movers:
            weights[pair] = weights.get(pair, 0.0) + d.weight
            hard |= {pair} if d.hard else set()
        else:
            hard |= {pair} if d.hard else set()
            hybrid[pair] = _hybrid(known[d.source], known[d.target], moves=d.source in movers, hard=pair in hard)
    edges = tuple(
        WaveEdge(source=pair[0], target=pair[1], weight=round(weight, 6), kind="hard" if pair in hard else "soft")
        for pair, weight in sorted(weights.items())
    )
    return edges, tuple(hybrid[pair] for pair in sorted(hybrid)), unknown


def _hybrid(source: EstateItem, target: EstateItem, *, moves: bool, hard: bool) -> HybridDependency:
    mover, other = (source, target) if moves else (target, source)
    fate = "is retired" if other.strategy is Strategy.RETIRE else "does not move with a wave"
    risk = (
        "a hard dependency over the line between the sites: measure its latency first" if hard else "a soft dependency"
    )
    sentence = f"{source.name} needs {target.name}; {mover.name} moves, {other.name} {fate}: {risk}."
    return HybridDependency(source=source.id, target=target.id, moves=mover.id, hard=hard, sentence=sentence)


def _application(item: EstateItem, calendar: WaveCalendar, model: EffortModel) -> WaveApplication:
    servers = _servers(item)
    hours = item.effort_hours
    if hours is None:
        hours = model.hours(item.strategy, servers=servers, complexity=item.complexity)
    leaves_servers = item.strategy is SERVERS_STAY
    return WaveApplication(
        id=item.id,
        name=item.name,
        hours=float(hours),
        servers=0.0 if leaves_servers else float(servers or 0),
        storage_gb=0.0 if leaves_servers else float(item.storage_gb or 0),
        environment="prod" if item.production else "nonprod",
        criticality=item.criticality.value if item.criticality else None,
        complexity=item.complexity,
        pin=calendar.pins.get(item.id),
        team=item.team,
    )


def _servers(item: EstateItem) -> int | None:
    return 1 if item.servers is None and item.kind == "server" else item.servers


def _constraints(calendar: WaveCalendar) -> WaveConstraints:
    return WaveConstraints(
        together=calendar.together,
        apart=calendar.apart,
        before=calendar.before,
        max_parallel_prod=calendar.max_parallel_prod,
        max_per_team_per_wave=dict(calendar.max_per_team_per_wave),
    )


def _test_before_production(movers: Iterable[EstateItem]) -> Iterator[tuple[str, str]]:
    by_name: dict[str, list[EstateItem]] = {}
    for item in movers:
        if item.application:
            by_name.setdefault(item.application, []).append(item)
    for environments in by_name.values():
        for first in environments:
            for then in environments:
                if not first.production and then.environment is Environment.PRODUCTION:
                    yield first.id, then.id


def _layout(draft: WaveInstance, calendar: WaveCalendar) -> Layout:
    groups = move_groups(draft)
    demand: dict[Resource, float] = {r: sum(g.demand(r) for g in groups) for r in RESOURCES}
    largest: dict[Resource, float] = {r: max((g.demand(r) for g in groups), default=0.0) for r in RESOURCES}
    layout = lay_out(calendar, demand, items=len(draft.applications), largest=largest)
    last_pin = max(calendar.pins.values(), default=0)
    if calendar.waves is None and len(layout.waves) < last_pin <= MAX_WAVES:
        said = f"{last_pin} waves, because something is pinned to wave {last_pin}."
        more = lay_out(replace(calendar, waves=last_pin), demand, items=len(draft.applications), largest=largest)
        return Layout(more.waves, (said, *more.assumptions))
    return layout


def _windowed(application: WaveApplication, item: EstateItem, waves: Sequence[Wave]) -> WaveApplication:
    earliest = None if item.earliest is None else first_wave_from(waves, item.earliest)
    latest = None if item.latest is None else last_wave_until(waves, item.latest)
    if latest == 0:
        ends = waves[0].end if waves else None
        said = f"{item.name} has to have moved by {item.latest}, before the first wave ends ({ends})."
        raise InvalidInput(said, hint="Start earlier, shorten the waves, or move the date.")
    return application.model_copy(update={"earliest_wave": earliest, "latest_wave": latest})


def _low_risk_first(
    draft: WaveInstance, applications: Sequence[WaveApplication], waves: Sequence[Wave]
) -> tuple[WaveApplication, ...]:
    """Keep risk out of the first wave, but only where no pin, date or order could want it there."""
    if len(waves) < FEW_WAVES:
        return tuple(applications)
    by_id = {a.id: a for a in applications}
    bound = {first for first, _ in draft.constraints.before}
    bound |= {a.id for a in applications if a.pin is not None or a.latest_wave is not None}
    free = [group for group in move_groups(draft) if not bound & set(group.applications)]
    kept_out = {a for group in free for a in group.applications if any(by_id[m].risky for m in group.applications)}
    return tuple(
        a.model_copy(update={"earliest_wave": max(2, a.earliest_wave or 1)}) if a.id in kept_out else a
        for a in applications
    )


def _not_planned(items: Iterable[EstateItem], set_aside: frozenset[str]) -> Iterator[Unplanned]:
    for item in sorted(items, key=lambda i: i.id):
        if item.strategy is not None and item.strategy in STAYS:
            yield Unplanned(application=item.id, reason=STAYS[item.strategy])
        elif item.id in set_aside:
            yield Unplanned(application=item.id, reason=SET_ASIDE)


def _assumptions(movers: Sequence[EstateItem], model: EffortModel, unknown: int) -> Iterator[str]:
    if any(item.effort_hours is None for item in movers):
        yield model.assumption
    counted = (
        ("have no strategy; they are planned as rehost", [i for i in movers if i.strategy is None]),
        ("have an unknown environment; they are treated as production", [i for i in movers if i.environment is None]),
        ("have an unknown number of servers; they are counted as none", [i for i in movers if _servers(i) is None]),
        ("have an unknown storage size; it is counted as none", [i for i in movers if i.storage_gb is None]),
    )
    for what, concerned in counted:
        if concerned:
            yield f"{len(concerned):,} of {len(movers):,} applications {what}."
    if unknown:
        yield f"{unknown:,} dependencies name something that is not in the estate; they are left out."
