"""The tables of the documents: assessments, plans and findings grouped, ordered and counted, ready to print."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from uuid import UUID

from masterflow.inventory.types import Conflict
from masterflow.records.assessments.types import (
    WORST_FIRST,
    Assessment,
    Readiness,
    Recommendation,
    Risk,
    ServerAssessment,
    Strategy,
    SupportStatus,
)
from masterflow.records.plans.types import Plan, PlannedItem, Unplanned, Wave

SUPPORT_LABELS = {
    SupportStatus.SUPPORTED: "Supported",
    SupportStatus.WITHIN_12_MONTHS: "Ends within 12 months",
    SupportStatus.EXTENDED_ONLY: "Extended support only",
    SupportStatus.ENDED: "Ended",
    SupportStatus.UNKNOWN: "Unknown",
}
READINESS_LABELS = {
    Readiness.READY: "Ready",
    Readiness.CONDITIONALLY_READY: "Ready with conditions",
    Readiness.NOT_READY: "Not ready",
    Readiness.UNKNOWN: "Unknown",
}
COMPLEXITY_LABELS = {0: "Unknown", 1: "Easy", 2: "Medium", 3: "Hard", 4: "Very hard"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportRow:
    """Servers that run the same cycle of the same product."""

    product: str
    cycle: str | None
    eol: date | None
    extended_eol: date | None
    today: SupportStatus
    at_move: SupportStatus
    servers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyRow:
    """What one strategy means for the portfolio; confidence is the median, 0 to 1."""

    strategy: Strategy
    applications: int
    lone_servers: int
    servers: int
    confidence: float | None

    @property
    def subjects(self) -> int:
        return self.applications + self.lone_servers


@dataclass(frozen=True, slots=True)
class SubjectGroup:
    """Recommendations shown as one: an application, or lone servers with the same verdict for the same reasons."""

    members: tuple[Recommendation, ...]

    @property
    def lead(self) -> Recommendation:
        return self.members[0]

    @property
    def names(self) -> list[str]:
        return [member.subject_name for member in self.members]

    @property
    def servers(self) -> int:
        return sum(member.server_count for member in self.members)

    @property
    def confidence(self) -> tuple[float, float]:
        """The lowest and the highest of the members."""
        found = [member.confidence for member in self.members]
        return min(found), max(found)


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """Servers with the same readiness for the same reasons."""

    readiness: Readiness
    reasons: tuple[str, ...]
    remedies: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveLoad:
    """One wave and what moves in it."""

    wave: Wave
    items: tuple[PlannedItem, ...]

    @property
    def applications(self) -> int:
        return sum(item.is_application for item in self.items)

    @property
    def lone_servers(self) -> int:
        return len(self.items) - self.applications


@dataclass(frozen=True, slots=True)
class UnplannedGroup:
    """Everything that is in no wave for the same reason."""

    reason: str
    names: tuple[str, ...]


def support_counts(servers: Iterable[ServerAssessment], *, at_move: bool) -> dict[SupportStatus, int]:
    """Servers by support status, today or at the planned move, every status present."""
    found = Counter(server.support_at_move if at_move else server.support_today for server in servers)
    return {status: found[status] for status in SupportStatus}


def support_rows(assessment: Assessment, *, titles: Mapping[str, str]) -> list[SupportRow]:
    """Servers by product and cycle, worst support at the move first, then the most servers."""
    groups: Counter[tuple[str, str | None, date | None, date | None, SupportStatus, SupportStatus]] = Counter(
        (
            product_title(server.product, titles=titles) if server.product else "Not recognised",
            server.cycle,
            server.eol,
            server.extended_eol,
            server.support_today,
            server.support_at_move,
        )
        for server in assessment.servers
    )
    rows = [
        SupportRow(
            product=key[0], cycle=key[1], eol=key[2], extended_eol=key[3], today=key[4], at_move=key[5], servers=n
        )
        for key, n in groups.items()
    ]
    return sorted(rows, key=_worst_support_first)


def product_title(product: str, *, titles: Mapping[str, str]) -> str:
    """The proper name of a product, or its short name as words when nobody gave one."""
    return titles.get(product) or product.replace("-", " ").capitalize()


def unrecognised_systems(servers: Iterable[ServerAssessment]) -> list[tuple[str, int]]:
    """Operating-system texts whose product or cycle is unknown, with how many servers say so."""
    texts = Counter(
        server.operating_system or "No operating system stated"
        for server in servers
        if server.support_today is SupportStatus.UNKNOWN
    )
    return sorted(texts.items(), key=lambda entry: (-entry[1], entry[0]))


def strategy_rows(recommendations: Sequence[Recommendation]) -> list[StrategyRow]:
    """The portfolio by strategy, largest first; strategies that nothing takes are left out."""
    groups: dict[Strategy, list[Recommendation]] = defaultdict(list)
    for recommendation in recommendations:
        groups[recommendation.strategy].append(recommendation)
    rows = [
        StrategyRow(
            strategy=strategy,
            applications=sum(member.is_application for member in members),
            lone_servers=sum(not member.is_application for member in members),
            servers=sum(member.server_count for member in members),
            confidence=median(member.confidence for member in members),
        )
        for strategy, members in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.subjects, row.strategy))


def portfolio_order(recommendations: Iterable[Recommendation]) -> list[Recommendation]:
    """Applications before lone servers; the largest first, and the least certain first among equals."""
    return sorted(
        recommendations,
        key=lambda entry: (not entry.is_application, -entry.server_count, entry.confidence, entry.subject_name),
    )


def subject_groups(recommendations: Iterable[Recommendation], *, limit: int) -> tuple[list[SubjectGroup], int]:
    """The largest subjects by strategy, and how many groups there are; lone servers with the same verdict are one."""
    every = portfolio_order(recommendations)
    frequency = Counter(entry.strategy for entry in every)
    groups: dict[object, list[Recommendation]] = defaultdict(list)
    for entry in every:
        groups[entry.subject_id if entry.is_application else _verdict(entry)].append(entry)
    largest = [SubjectGroup(tuple(members)) for members in groups.values()]
    largest.sort(key=lambda group: (not group.lead.is_application, -group.servers))
    return sorted(largest[:limit], key=lambda group: _by_strategy(group, frequency)), len(largest)


def readiness_counts(servers: Iterable[ServerAssessment]) -> dict[Readiness, int]:
    """Servers by readiness, every state present."""
    found = Counter(server.readiness for server in servers)
    return {state: found[state] for state in Readiness}


def complexity_counts(servers: Iterable[ServerAssessment]) -> dict[int, int]:
    """Servers by complexity, 1 to 4 and 0 for unknown, every level present."""
    found = Counter(server.complexity for server in servers)
    return {level: found[level] for level in (1, 2, 3, 4, 0)}


def work_groups(servers: Iterable[ServerAssessment]) -> list[WorkGroup]:
    """Servers that cannot move as they are, by what stands in their way: the worst first, then the most servers."""
    names: dict[tuple[Readiness, tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for server in servers:
        if server.readiness is not Readiness.READY:
            names[server.readiness, server.reasons, server.remedies].append(server.name)
    groups = [WorkGroup(*key, names=tuple(sorted(members))) for key, members in names.items()]
    order = (Readiness.NOT_READY, Readiness.CONDITIONALLY_READY, Readiness.UNKNOWN)
    return sorted(groups, key=lambda group: (order.index(group.readiness), -len(group.names), group.reasons))


def worst_risks(risks: Iterable[Risk]) -> list[Risk]:
    """Risks by likelihood times impact, the worst first."""
    return sorted(risks, key=lambda risk: (-risk.likelihood * risk.impact, -risk.impact, risk.code, risk.subject))


def wave_loads(plan: Plan) -> list[WaveLoad]:
    """The waves in order, each with what moves in it, the largest first."""
    by_wave: dict[int, list[PlannedItem]] = defaultdict(list)
    for item in plan.items:
        by_wave[item.wave].append(item)
    return [
        WaveLoad(
            wave=wave,
            items=tuple(sorted(by_wave[wave.number], key=lambda item: (-item.servers, item.subject_name))),
        )
        for wave in sorted(plan.waves, key=lambda wave: wave.number)
    ]


def unplanned_groups(unplanned: Iterable[Unplanned]) -> list[UnplannedGroup]:
    """What is in no wave, by reason, the most frequent first."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for entry in unplanned:
        by_reason[entry.reason].append(entry.subject_name)
    groups = [UnplannedGroup(reason, tuple(sorted(names))) for reason, names in by_reason.items()]
    return sorted(groups, key=lambda group: (-len(group.names), group.reason))


def review_first(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """Conflicts that a person has to settle before those that a rule settled."""
    return sorted(conflicts, key=lambda conflict: (not conflict.needs_review, conflict.asset_name, conflict.field))


def wave_of(plan: Plan | None) -> dict[UUID, int]:
    """The wave of everything that is planned."""
    return {item.subject_id: item.wave for item in plan.items} if plan else {}


def _verdict(entry: Recommendation) -> object:
    turns = tuple((turn.sentence, turn.verdict) for turn in entry.would_change)
    return entry.strategy, entry.rule_strategy, entry.override_reason, entry.reasons, entry.not_recommended, turns


def _by_strategy(group: SubjectGroup, frequency: Mapping[Strategy, int]) -> tuple[bool, int, str, int]:
    strategy = group.lead.strategy
    return not group.lead.is_application, -frequency[strategy], strategy, -group.servers


def _worst_support_first(row: SupportRow) -> tuple[int, int, int, str, str]:
    return (
        WORST_FIRST.index(row.at_move),
        WORST_FIRST.index(row.today),
        -row.servers,
        row.product,
        row.cycle or "",
    )
