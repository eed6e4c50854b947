"""What each section of the report shows: figures, charts and bounded lists, ready for its template."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from markupsafe import Markup

from masterflow.inventory.portfolio import circles_of
from masterflow.inventory.reading import Reject
from masterflow.inventory.types import IDLE, Asset, Conflict, counts_as_server
from masterflow.records.assessments.types import (
    Assessment,
    Readiness,
    Risk,
    ServerAssessment,
    SupportStatus,
)
from masterflow.records.plans.types import BrokenWish, HybridDependency, Plan
from masterflow.records.reports import breakdowns, charts, formats, gantt, sentences
from masterflow.records.reports.charts import Bar, Part, Stack
from masterflow.records.reports.gantt import WaveBar
from masterflow.records.reports.summary import KeyFigure, key_figures
from masterflow.records.reports.svg import Labelling, Tone
from masterflow.records.reports.types import Completeness, ProgrammeReport

# What a reader still reads; the workbook holds every row.
ROWS_SHOWN = 25
FINDINGS_SHOWN = 15
SUBJECTS_SHOWN = 60
RISKS_SHOWN = 12
WAVES_SHOWN = 40

SUPPORT_TONES = {
    SupportStatus.SUPPORTED: Tone.GOOD,
    SupportStatus.WITHIN_12_MONTHS: Tone.SOON,
    SupportStatus.EXTENDED_ONLY: Tone.WARN,
    SupportStatus.ENDED: Tone.BAD,
    SupportStatus.UNKNOWN: Tone.UNKNOWN,
}
READINESS_TONES = {
    Readiness.READY: Tone.GOOD,
    Readiness.CONDITIONALLY_READY: Tone.SOON,
    Readiness.NOT_READY: Tone.BAD,
    Readiness.UNKNOWN: Tone.UNKNOWN,
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounded(Generic[T]):
    """The first entries of a list, and how many there are."""

    shown: tuple[T, ...]
    total: int

    @classmethod
    def of(cls, entries: Sequence[T], limit: int = ROWS_SHOWN) -> "Bounded[T]":
        return cls(tuple(entries[:limit]), len(entries))


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One status of a stacked chart: its pattern, its name and the figure of each bar."""

    swatch: Markup
    label: str
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SupportView:
    """Support of operating systems, today and at the planned move."""

    chart: Markup
    statuses: tuple[StatusRow, ...]
    rows: Bounded[breakdowns.SupportRow]
    unrecognised: Bounded[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class PortfolioView:
    """Strategies of the portfolio and the reasons of each."""

    chart: Markup
    rows: tuple[breakdowns.StrategyRow, ...]
    subjects: Bounded[breakdowns.SubjectGroup]
    per_server: bool
    has_lone_servers: bool


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """Whether servers can move as they are, and how hard they are."""

    readiness: Markup
    statuses: tuple[StatusRow, ...]
    complexity: Markup
    levels: tuple[tuple[str, int], ...]
    work: Bounded[breakdowns.WorkGroup]


@dataclass(frozen=True, slots=True)
class RisksView:
    """The risk register, the worst first."""

    chart: Markup
    rows: Bounded[Risk]


@dataclass(frozen=True, slots=True)
class WavesView:
    """Waves on the calendar, what is in them and what is in none."""

    chart: Markup
    quality: str
    loads: Bounded[breakdowns.WaveLoad]
    has_applications: bool
    has_lone_servers: bool
    wishes: Bounded[BrokenWish]
    unplanned: Bounded[breakdowns.UnplannedGroup]
    hybrid: Bounded[HybridDependency]


@dataclass(frozen=True, slots=True)
class TrafficView:
    """What the traffic shows: what moves together, and which servers nobody calls."""

    circles: Bounded[tuple[str, ...]]
    idle: Bounded[Asset]
    shared_services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole document; a part that was not made is None and its section says so."""

    sentences: tuple[str, ...]
    figures: tuple[KeyFigure, ...]
    completeness: Markup | None
    support: SupportView | None
    portfolio: PortfolioView | None
    readiness: ReadinessView | None
    risks: RisksView | None
    waves: WavesView | None
    traffic: TrafficView
    conflicts: Bounded[Conflict]
    conflict_fields: tuple[tuple[str, int], ...]
    rejects: Bounded[Reject]
    limits: tuple[str, ...]


def view_of(report: ProgrammeReport) -> View:
    """Lay out a report: nothing in the document is computed anywhere else."""
    assessment = report.assessment
    servers = assessment.servers if assessment else ()
    return View(
        sentences=sentences.three_sentences(report),
        figures=tuple(key_figures(report)),
        completeness=_completeness(report.completeness),
        support=_support(assessment, report) if assessment and servers else None,
        portfolio=_portfolio(assessment) if assessment and assessment.recommendations else None,
        readiness=_readiness(servers) if servers else None,
        risks=_risks(assessment) if assessment and assessment.risks else None,
        waves=_waves(report.plan, report) if report.plan else None,
        traffic=_traffic(report),
        conflicts=Bounded.of(breakdowns.review_first(report.conflicts), FINDINGS_SHOWN),
        conflict_fields=tuple(Counter(conflict.field for conflict in report.conflicts).most_common(6)),
        rejects=Bounded.of(report.rejects, FINDINGS_SHOWN),
        limits=tuple(sentences.limits_of(report)),
    )


def _completeness(completeness: Completeness) -> Markup | None:
    if not completeness.fields:
        return None
    rows = [
        Bar(field.label, field.known, field.of, formats.percent(formats.share(field.known, field.of)))
        for field in completeness.fields
    ]
    said = "; ".join(f"{row.label} {row.figure}" for row in rows)
    return charts.bars(Labelling("chart-completeness", "How much is known of each field", said), rows)


def _support(assessment: Assessment, report: ProgrammeReport) -> SupportView:
    today = _support_parts(assessment, at_move=False)
    at_move = _support_parts(assessment, at_move=True)
    label = Labelling(
        "chart-support",
        "Support status of operating systems",
        f"Today: {_spoken(today)}. At the planned move: {_spoken(at_move)}.",
    )
    count = formats.counted(len(assessment.servers), "server")
    rows = [
        Stack(f"Today, {formats.day(report.as_of)}", count, today),
        Stack(f"At the planned move, {formats.day(assessment.move_date)}", count, at_move),
    ]
    return SupportView(
        chart=charts.stacks(label, rows),
        statuses=_status_rows(label, rows),
        rows=Bounded.of(breakdowns.support_rows(assessment, titles=report.product_titles)),
        unrecognised=Bounded.of(breakdowns.unrecognised_systems(assessment.servers), 8),
    )


def _support_parts(assessment: Assessment, *, at_move: bool) -> tuple[Part, ...]:
    found = breakdowns.support_counts(assessment.servers, at_move=at_move)
    return tuple(
        Part(breakdowns.SUPPORT_LABELS[status], value, SUPPORT_TONES[status]) for status, value in found.items()
    )


def _status_rows(label: Labelling, rows: Sequence[Stack]) -> tuple[StatusRow, ...]:
    return tuple(
        StatusRow(charts.swatch(label, parts[0]), parts[0].label, tuple(part.value for part in parts))
        for parts in zip(*(row.parts for row in rows), strict=True)
    )


def _portfolio(assessment: Assessment) -> PortfolioView:
    rows = breakdowns.strategy_rows(assessment.recommendations)
    per_server = not any(row.applications for row in rows)
    shown, groups = breakdowns.subject_groups(assessment.recommendations, limit=SUBJECTS_SHOWN)
    of = len(assessment.recommendations)
    drawn = [
        Bar(
            row.strategy.capitalize(),
            row.subjects,
            of,
            f"{row.subjects:,} · {formats.percent(formats.share(row.subjects, of))}",
        )
        for row in rows
    ]
    said = "; ".join(f"{row.label} {row.value:,.0f} of {of:,}" for row in drawn)
    return PortfolioView(
        chart=charts.bars(Labelling("chart-portfolio", "Portfolio by strategy", said), drawn),
        rows=tuple(rows),
        subjects=Bounded(tuple(shown), groups),
        per_server=per_server,
        has_lone_servers=not per_server and any(row.lone_servers for row in rows),
    )


def _readiness(servers: Sequence[ServerAssessment]) -> ReadinessView:
    parts = tuple(
        Part(breakdowns.READINESS_LABELS[state], value, READINESS_TONES[state])
        for state, value in breakdowns.readiness_counts(servers).items()
    )
    levels = tuple(
        (breakdowns.COMPLEXITY_LABELS[level], value) for level, value in breakdowns.complexity_counts(servers).items()
    )
    label = Labelling("chart-readiness", "Readiness of servers", _spoken(parts))
    stack = Stack("All servers", formats.counted(len(servers), "server"), parts)
    spoken = "; ".join(f"{name} {value:,}" for name, value in levels)
    return ReadinessView(
        readiness=charts.stacks(label, [stack]),
        statuses=_status_rows(label, [stack]),
        complexity=charts.bars(
            Labelling("chart-complexity", "Complexity of servers", spoken),
            [Bar(name, value, len(servers), f"{value:,}") for name, value in levels],
        ),
        levels=levels,
        work=Bounded.of(breakdowns.work_groups(servers)),
    )


def _risks(assessment: Assessment) -> RisksView:
    worst = breakdowns.worst_risks(assessment.risks)
    places = [(risk.likelihood, risk.impact) for risk in worst]
    spoken = "; ".join(
        f"{count} at likelihood {place[0]}, impact {place[1]}" for place, count in Counter(places).items()
    )
    return RisksView(
        chart=charts.risk_matrix(Labelling("chart-risks", "Risks by likelihood and impact", spoken), places),
        rows=Bounded.of(worst, RISKS_SHOWN),
    )


def _waves(plan: Plan, report: ProgrammeReport) -> WavesView:
    loads = breakdowns.wave_loads(plan)
    hybrid = sorted(
        plan.hybrid_dependencies, key=lambda entry: (entry.wave is None, entry.wave or 0, entry.source_name)
    )
    return WavesView(
        chart=_calendar(loads[:WAVES_SHOWN], report),
        quality=sentences.plan_quality(plan, dependencies_known=bool(report.dependencies)),
        loads=Bounded.of(loads, WAVES_SHOWN),
        has_applications=any(load.applications for load in loads),
        has_lone_servers=any(load.lone_servers for load in loads),
        wishes=Bounded.of(plan.broken_wishes),
        unplanned=Bounded.of(breakdowns.unplanned_groups(plan.unplanned)),
        hybrid=Bounded.of(hybrid),
    )


def _traffic(report: ProgrammeReport) -> TrafficView:
    names: dict[UUID, str] = {asset.id: asset.name for asset in report.assets}
    names |= {application.id: application.name for application in report.applications}
    circles = [tuple(sorted(names.get(end, str(end)) for end in one)) for one in circles_of(report.dependencies)]
    return TrafficView(
        circles=Bounded.of(sorted(circles)),
        idle=Bounded.of([one for one in report.assets if IDLE in one.concerns and counts_as_server(one)]),
        shared_services=tuple(sorted(one.name for one in report.applications if one.shared_service)),
    )


def _calendar(loads: Sequence[breakdowns.WaveLoad], report: ProgrammeReport) -> Markup:
    rows = [
        WaveBar(
            load.wave.name,
            _fill_text(fill),
            load.wave.start,
            load.wave.end,
            fill,
            frozen=load.wave.frozen not in {"", "none"},
        )
        for load in loads
        for fill in [fill_of(load.wave.hours, load.wave.capacity_hours)]
    ]
    said = "; ".join(f"{row.label}: {formats.span(row.start, row.end)}, {row.figure}" for row in rows)
    return gantt.calendar(
        Labelling("chart-waves", "Waves on the calendar and how full they are", said),
        rows,
        freezes=report.freezes,
        today=report.as_of,
    )


def fill_of(used: float, capacity: float | None) -> float | None:
    """How full something is, above 1 when it overflows; None when no capacity is set."""
    return used / capacity if capacity else None


def _fill_text(fill: float | None) -> str:
    return "no limit" if fill is None else f"{fill * 100:,.0f}{formats.NBSP}%"


def _spoken(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.label} {part.value:,}" for part in parts)
