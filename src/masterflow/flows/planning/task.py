"""From an approved assessment and the estate to a planning task: what moves, what it takes, what depends on what."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from masterflow.analysis.estate.values import MIB
from masterflow.analysis.waves.calendar import FreezeRange, WaveCalendar
from masterflow.analysis.waves.estate import STAYS, EstateDependency, EstateItem, EstateTask, instance_from_estate
from masterflow.errors import InputMissing, MissingInput
from masterflow.flows.planning.config import Config
from masterflow.inventory.portfolio import Portfolio, Subject
from masterflow.inventory.types import Dependency, DependencyKind, Environment
from masterflow.records.assessments.types import Assessment, Recommendation

BYTES_PER_GB = 1_000_000_000
LEAD_TIME = timedelta(weeks=6)  # before a first wave: landing zone, network, tooling
HARD_WEIGHT, SOFT_WEIGHT = 100.0, 30.0


@dataclass(frozen=True)
class PlanTask:
    """The task for the solver and the subjects behind its ids. `assumed` says in sentences what was not given."""

    estate: EstateTask
    subjects: Mapping[str, Subject]
    recommendations: Mapping[str, Recommendation]
    assumed: tuple[str, ...]

    def name(self, subject_id: str) -> str:
        """The name of a subject, or its id where it is not known."""
        subject = self.subjects.get(subject_id)
        return subject.name if subject else subject_id


def plan_task(portfolio: Portfolio, assessment: Assessment, config: Config, *, today: date) -> PlanTask:
    """The planning task of an engagement.

    Raises:
        InputMissing: nothing moves, or the configuration names an application that the plan does not have.
        InvalidInput: the calendar cannot carry what moves.
    """
    subjects = {str(subject.id): subject for subject in portfolio.subjects}
    verdicts = {str(r.subject_id): r for r in assessment.recommendations if str(r.subject_id) in subjects}
    shared = _shared(portfolio, config)
    moving = {i for i, r in verdicts.items() if r.strategy not in STAYS} - shared
    if not moving:
        raise InputMissing(
            [MissingInput("assessment", "no application has a strategy that moves it")],
            hint="Review the strategies of the assessment, then plan again.",
        )
    start, assumed = _start(config, today)
    task = instance_from_estate(
        [_item(subjects[i], r) for i, r in verdicts.items()],
        [_dependency(d) for d in portfolio.dependencies],
        _calendar(config, start, {subjects[i].name.casefold(): i for i in moving}),
        set_aside=shared,
    )
    return PlanTask(task, subjects, verdicts, (*assumed, *task.assumptions))


def storage_gb(subject: Subject) -> float | None:
    """The data of a subject in GB (10^9 bytes): what is in use, or else what is provisioned; None when not known."""
    sizes = [a.storage_used_mib or a.disk_capacity_mib or a.storage_provisioned_mib for a in subject.assets]
    known = [size for size in sizes if size is not None]
    return float(math.ceil(sum(known) * MIB / BYTES_PER_GB)) if known else None


def _shared(portfolio: Portfolio, config: Config) -> frozenset[str]:
    named = {name.casefold() for name in config.shared_services}
    return frozenset(
        str(s.id)
        for s in portfolio.subjects
        if s.name.casefold() in named or (s.application is not None and s.application.shared_service)
    )


def _item(subject: Subject, recommendation: Recommendation) -> EstateItem:
    return EstateItem(
        id=str(subject.id),
        name=subject.name,
        kind="application" if subject.application else "server",
        servers=len(subject.assets),
        storage_gb=storage_gb(subject),
        environment=_environment(subject),
        criticality=subject.criticality,
        complexity=recommendation.complexity or None,
        strategy=recommendation.strategy,
        team=subject.owner,
    )


def _environment(subject: Subject) -> Environment | None:
    """Production if any of its servers is; None if that of none is known."""
    environments = [asset.environment for asset in subject.assets if asset.environment]
    if Environment.PRODUCTION in environments:
        return Environment.PRODUCTION
    return environments[0] if environments else None


def _dependency(dependency: Dependency) -> EstateDependency:
    hard = dependency.kind is DependencyKind.HARD
    return EstateDependency(
        source=str(dependency.source_id),
        target=str(dependency.target_id),
        weight=(HARD_WEIGHT if hard else SOFT_WEIGHT) + 10 * math.log10(1 + (dependency.connections or 0)),
        hard=hard,
    )


def _start(config: Config, today: date) -> tuple[date, tuple[str, ...]]:
    if config.first_wave_start:
        return config.first_wave_start, ()
    earliest = today + LEAD_TIME
    start = earliest + timedelta(days=-earliest.weekday() % 7)
    return start, (f"Wave 1 starts on {start}: the Monday {LEAD_TIME.days // 7} weeks or more from {today}.",)


def _calendar(config: Config, start: date, ids: Mapping[str, str]) -> WaveCalendar:
    """The calendar with the rules in ids; every name must be one that moves."""
    named = [
        *(("pins", name) for name in config.pins),
        *(("together", name) for group in config.together for name in group),
        *(("apart", name) for pair in config.apart for name in pair),
        *(("before", name) for pair in config.before for name in pair),
    ]
    unknown = [(field, name) for field, name in named if name.casefold() not in ids]
    if unknown:
        raise InputMissing(
            [MissingInput(field, f"'{name}' is no application that moves") for field, name in unknown],
            hint="Correct the name, or take the rule away.",
        )
    return WaveCalendar(
        first_start=start,
        wave_weeks=config.wave_weeks,
        waves=config.waves,
        hours_per_wave=config.hours_per_wave,
        servers_per_wave=config.servers_per_wave,
        storage_gb_per_wave=config.storage_gb_per_wave,
        freezes=tuple(FreezeRange(f.start, f.end, f.scope) for f in config.freezes),
        pins={ids[name.casefold()]: wave for name, wave in config.pins.items()},
        together=tuple(tuple(ids[name.casefold()] for name in group) for group in config.together if group),
        apart=tuple((ids[a.casefold()], ids[b.casefold()]) for a, b in config.apart),
        before=tuple((ids[a.casefold()], ids[b.casefold()]) for a, b in config.before),
        max_parallel_prod=config.max_parallel_prod,
    )
