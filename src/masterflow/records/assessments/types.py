"""What an assessment says: of servers their support and readiness, of applications the strategy and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class Strategy(StrEnum):
    """What becomes of an application (7R), the least irreversible first: in this order a tie is broken."""

    RETAIN = "retain"
    REHOST = "rehost"
    RELOCATE = "relocate"
    REPLATFORM = "replatform"
    REPURCHASE = "repurchase"
    REFACTOR = "refactor"
    RETIRE = "retire"


class SupportStatus(StrEnum):
    """How well a product is supported on a day, best first; `unknown` stands apart."""

    SUPPORTED = "supported"
    WITHIN_12_MONTHS = "within_12_months"
    EXTENDED_ONLY = "extended_only"
    ENDED = "ended"
    UNKNOWN = "unknown"


# as a person goes through them: what nobody knows may be worse than what is supported
WORST_FIRST = (
    SupportStatus.ENDED,
    SupportStatus.EXTENDED_ONLY,
    SupportStatus.WITHIN_12_MONTHS,
    SupportStatus.UNKNOWN,
    SupportStatus.SUPPORTED,
)


class Readiness(StrEnum):
    """Whether a server can move as it is."""

    READY = "ready"
    CONDITIONALLY_READY = "conditionally_ready"
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAssessment:
    """One server: the product behind its operating-system text, its support today and at the planned date, readiness.

    `complexity` is 0 (unknown) to 4; `completeness` is the share of needed facts that are known, 0 to 1.
    """

    asset_id: UUID
    name: str
    operating_system: str | None
    product: str | None
    cycle: str | None
    eol: date | None
    extended_eol: date | None
    os_confidence: float
    support_today: SupportStatus
    support_at_move: SupportStatus
    readiness: Readiness
    reasons: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    complexity: int = 0
    completeness: float = 0.0


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """Another strategy that was possible, its score (0 to 1) and why it came after."""

    strategy: Strategy
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotRecommended:
    """A strategy that is barred, and by what."""

    strategy: Strategy
    why: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Facts that would change the verdict, to what, in a sentence."""

    facts: tuple[tuple[str, str], ...]
    verdict: Strategy
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The strategy proposed for one application, or for one server that belongs to none.

    `score` and `confidence` are 0 to 1. `rule_strategy` is what the rules said; `strategy` is what holds, and
    differs when a person overrode it, with `override_reason`.
    """

    subject_id: UUID
    subject_name: str
    is_application: bool
    strategy: Strategy
    rule_strategy: Strategy
    score: float
    confidence: float
    completeness: float
    complexity: int
    server_count: int
    reasons: tuple[str, ...] = ()
    runner_ups: tuple[RunnerUp, ...] = ()
    not_recommended: tuple[NotRecommended, ...] = ()
    would_change: tuple[Turn, ...] = ()
    override_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One entry of the risk register; likelihood and impact are 1 to 5."""

    code: str
    subject: str
    likelihood: int
    impact: int
    sentence: str
    mitigation: str
    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One published assessment of an engagement's estate."""

    id: UUID
    flow_id: UUID
    assessed_on: date
    move_date: date
    target: str
    servers: tuple[ServerAssessment, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    risks: tuple[Risk, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentHead:
    """One assessment as lists show it: how many servers and recommendations, and how many of each strategy."""

    id: UUID
    flow_id: UUID
    assessed_on: date
    move_date: date
    target: str
    servers: int
    recommendations: int
    by_strategy: Mapping[Strategy, int]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """One page of assessments, newest first; `cursor` continues it and is None at the end."""

    assessments: tuple[AssessmentHead, ...]
    cursor: str | None
