"""From an approved assessment and the estate to a planning task: what moves, what it takes, what depends on what.

Retire goes to decommission, retain stays, repurchase has a schedule without server moves, and shared services belong to
wave 0 with the landing zone: they are not planned here, and what depends on them is listed.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from masterflow.analysis.waves.types import Wave, WaveApplication, WaveConstraints, WaveEdge, WaveInstance, WaveWishes
from masterflow.errors import InputMissing, MissingInput
from masterflow.flows.planning.config import Config, Freeze
from masterflow.flows.planning.effort import effort_hours
from masterflow.inventory.portfolio import Portfolio, Subject
from masterflow.inventory.types import Dependency, DependencyKind, Environment
from masterflow.records.assessments.types import Assessment, Recommendation, Strategy
from masterflow.records.plans.types import Unplanned

BYTES_PER_MIB = 1024 * 1024
BYTES_PER_GB = 1_000_000_000
LEAD_TIME = timedelta(weeks=6)  # before a first wave: landing zone, network, tooling
SUBJECTS_PER_WAVE = 6  # when neither waves nor capacity are given
FEWEST_WAVES, MOST_WAVES = 3, 12
HEADROOM = 1.25  # capacity over the average, when it is derived
HARD_WEIGHT, SOFT_WEIGHT = 100.0, 30.0

MOVES = frozenset({Strategy.REHOST, Strategy.RELOCATE, Strategy.REPLATFORM, Strategy.REFACTOR})
STAYS: Mapping[Strategy, str] = {
    Strategy.RETIRE: "It is retired: decommission shuts it down.",
    Strategy.RETAIN: "It stays where it is.",
    Strategy.REPURCHASE: "A service replaces it: it has a schedule of its own, without server moves.",
}
SHARED = "A shared service: it is provided in wave 0, with the landing zone, identity, DNS, network and backup."
Edges = dict[tuple[str, str], WaveEdge]


@dataclass(frozen=True)
class Mover:
    """One subject that moves, with what it takes."""

    subject: Subject
    recommendation: Recommendation
    hours: int
    storage_gb: int

    @property
    def id(self) -> str:
        """Its id in the planning task."""
        return str(self.subject.id)

    @property
    def production(self) -> bool:
        """Whether any of its servers is a production one, or of an unknown environment."""
        environments = {asset.environment for asset in self.subject.assets}
        return bool(environments & {Environment.PRODUCTION, Environment.DISASTER_RECOVERY, None})


@dataclass(frozen=True)
class PlanTask:
    """The task for the solver, and what stays outside of it. `assumed` says in sentences what was not given."""

    instance: WaveInstance
    movers: Mapping[str, Mover]
    unplanned: tuple[Unplanned, ...]
    hybrid_edges: tuple[tuple[UUID, UUID], ...]
    names: Mapping[UUID, str]
    assumed: tuple[str, ...]


def plan_task(portfolio: Portfolio, assessment: Assessment, config: Config, *, today: date) -> PlanTask:
    """The planning task of an engagement.

    Raises:
        InputMissing: nothing moves, or the configuration names an application that the plan does not have.
    """
    subjects = {subject.id: subject for subject in portfolio.subjects}
    verdicts = {r.subject_id: r for r in assessment.recommendations if r.subject_id in subjects}
    shared = _shared(portfolio, config)
    movers = {str(i): _mover(subjects[i], r) for i, r in verdicts.items() if r.strategy in MOVES and i not in shared}
    if not movers:
        raise InputMissing(
            [MissingInput("assessment", "no application has a strategy that moves it")],
            hint="Review the strategies of the assessment, then plan again.",
        )
    rules = _constraints(config, {m.subject.name.casefold(): m.id for m in movers.values()})
    waves, assumed = _waves(config, list(movers.values()), rules, portfolio, today=today)
    edges, hybrid = _edges(portfolio.dependencies, movers)
    instance = WaveInstance(
        name=f"assessment {assessment.id}",
        applications=tuple(_application(m, config) for m in movers.values()),
        edges=tuple(edges.values()),
        waves=waves,
        constraints=rules,
        wishes=WaveWishes(),
    )
    names = {subject.id: subject.name for subject in portfolio.subjects}
    return PlanTask(instance, movers, _unplanned(verdicts, shared), hybrid, names, tuple(assumed))


def _mover(subject: Subject, recommendation: Recommendation) -> Mover:
    sizes = [a.storage_used_mib or a.disk_capacity_mib or a.storage_provisioned_mib or 0 for a in subject.assets]
    return Mover(
        subject,
        recommendation,
        hours=effort_hours(recommendation.strategy, len(subject.assets), recommendation.complexity),
        storage_gb=math.ceil(sum(sizes) * BYTES_PER_MIB / BYTES_PER_GB),
    )


def _shared(portfolio: Portfolio, config: Config) -> frozenset[UUID]:
    named = {name.casefold() for name in config.shared_services}
    return frozenset(
        s.id
        for s in portfolio.subjects
        if s.name.casefold() in named or (s.application is not None and s.application.shared_service)
    )


def _unplanned(verdicts: Mapping[UUID, Recommendation], shared: frozenset[UUID]) -> tuple[Unplanned, ...]:
    found = [
        Unplanned(i, r.subject_name, SHARED if i in shared and r.strategy in MOVES else STAYS.get(r.strategy, SHARED))
        for i, r in verdicts.items()
        if i in shared or r.strategy not in MOVES
    ]
    return tuple(sorted(found, key=lambda u: u.subject_name.casefold()))


def _application(mover: Mover, config: Config) -> WaveApplication:
    criticality = mover.subject.criticality
    pins = {name.casefold(): wave for name, wave in config.pins.items()}
    return WaveApplication(
        id=mover.id,
        name=mover.subject.name,
        hours=float(mover.hours),
        servers=float(len(mover.subject.assets)),
        storage_gb=float(mover.storage_gb),
        environment="prod" if mover.production else "nonprod",
        criticality=criticality.value if criticality else None,
        complexity=mover.recommendation.complexity or None,
        pin=pins.get(mover.subject.name.casefold()),
        team=mover.subject.owner,
    )


def _constraints(config: Config, ids: Mapping[str, str]) -> WaveConstraints:
    """The rules of the configuration in ids; every name must be one that moves."""
    named = [
        *(("pins", name) for name in config.pins),
        *(("together", name) for group in config.together for name in group),
        *(("apart", name) for pair in config.apart for name in pair),
        *(("before", name) for pair in config.before for name in pair),
    ]
    unknown = [
        MissingInput(field, f"'{name}' is no application that moves")
        for field, name in named
        if name.casefold() not in ids
    ]
    if unknown:
        raise InputMissing(unknown, hint="Correct the name, or take the rule away.")
    return WaveConstraints(
        together=tuple(tuple(ids[name.casefold()] for name in group) for group in config.together if group),
        apart=tuple((ids[a.casefold()], ids[b.casefold()]) for a, b in config.apart),
        before=tuple((ids[a.casefold()], ids[b.casefold()]) for a, b in config.before),
        max_parallel_prod=config.max_parallel_prod,
    )


def _edges(
    dependencies: tuple[Dependency, ...], movers: Mapping[str, Mover]
) -> tuple[Edges, tuple[tuple[UUID, UUID], ...]]:
    """Dependencies between what moves, and those that will cross to something that stays or is set aside."""
    weights: dict[tuple[str, str], float] = defaultdict(float)
    hard: set[tuple[str, str]] = set()
    hybrid: set[tuple[UUID, UUID]] = set()
    for d in dependencies:
        pair = (str(d.source_id), str(d.target_id))
        inside = [end in movers for end in pair]
        if pair[0] == pair[1] or not any(inside):
            continue
        if not all(inside):
            hybrid.add((d.source_id, d.target_id))
            continue
        base = HARD_WEIGHT if d.kind is DependencyKind.HARD else SOFT_WEIGHT
        weights[pair] += base + 10 * math.log10(1 + (d.connections or 0))
        hard |= {pair} if d.kind is DependencyKind.HARD else set()
    edges = {
        pair: WaveEdge(source=pair[0], target=pair[1], weight=round(weight, 1), kind="hard" if pair in hard else "soft")
        for pair, weight in sorted(weights.items())
    }
    return edges, tuple(sorted(hybrid, key=str))


def _waves(
    config: Config, movers: list[Mover], rules: WaveConstraints, portfolio: Portfolio, *, today: date
) -> tuple[tuple[Wave, ...], list[str]]:
    """The calendar with its capacities, and what had to be assumed."""
    assumed: list[str] = []
    start = config.first_wave_start or _monday(today + LEAD_TIME)
    if config.first_wave_start is None:
        assumed.append(f"Wave 1 starts on {start}, {LEAD_TIME.days // 7} weeks or more from {today}.")
    count = config.waves or _count(config, movers, assumed)
    capacity = _capacity(config, movers, rules, portfolio, count=count)
    if config.hours_per_wave is None:
        assumed.append(f"A wave carries {capacity['hours']:,.0f} h of work: the average and a quarter more.")
    length = timedelta(weeks=config.wave_weeks)
    waves = []
    for number in range(1, count + 1):
        first = start + (number - 1) * length
        last = first + length - timedelta(days=1)
        frozen = _frozen(first, last, config.freezes)
        waves.append(Wave(number=number, start=first, end=last, freeze=frozen, **capacity))  # type: ignore[arg-type]
    return tuple(waves), assumed


def _count(config: Config, movers: list[Mover], assumed: list[str]) -> int:
    if config.hours_per_wave:
        needed = math.ceil(sum(m.hours for m in movers) * HEADROOM / config.hours_per_wave)
        assumed.append(
            f"{needed} waves: the least that {config.hours_per_wave} h a wave allow, with a quarter of headroom."
        )
        return max(1, needed)
    count = min(MOST_WAVES, max(FEWEST_WAVES, math.ceil(len(movers) / SUBJECTS_PER_WAVE)), max(1, len(movers)))
    assumed.append(f"{count} waves, about {SUBJECTS_PER_WAVE} applications each.")
    return count


def _capacity(
    config: Config, movers: list[Mover], rules: WaveConstraints, portfolio: Portfolio, *, count: int
) -> dict[str, float | None]:
    """What each wave carries; hours are derived so that the largest move group fits where nobody gave them."""
    largest = max(sum(m.hours for m in group) for group in _groups(movers, rules, portfolio))
    derived = max(HEADROOM * sum(m.hours for m in movers) / count, 1.05 * largest)
    return {
        "hours": float(config.hours_per_wave or math.ceil(derived)),
        "servers": float(config.servers_per_wave) if config.servers_per_wave else None,
        "storage_gb": float(config.storage_gb_per_wave) if config.storage_gb_per_wave else None,
    }


def _groups(movers: list[Mover], rules: WaveConstraints, portfolio: Portfolio) -> list[list[Mover]]:
    by_id = {m.id: m for m in movers}
    circles = {tuple(str(i) for i in circle if str(i) in by_id) for circle in portfolio.circles.values()}
    groups = [[by_id[i] for i in ids] for ids in (*circles, *rules.together) if ids]
    return [*groups, *([m] for m in movers)]


def _monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _frozen(first: date, last: date, freezes: list[Freeze]) -> str:
    """A wave is frozen when a freeze covers more than half of its days."""
    days = (last - first).days + 1
    covered = {f.scope for f in freezes if 2 * ((min(last, f.end) - max(first, f.start)).days + 1) > days}
    return "all" if "all" in covered else "prod" if "prod" in covered else "none"
