"""Assessments: support, readiness and the strategy proposed for each application."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseResults
from masterflow.api.shown import Shown
from masterflow.records.assessments.types import Readiness, Strategy, SupportStatus


class ServerAssessmentOut(Shown):
    """One server: its product, its support today and at the planned date, and whether it can move as it is."""

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
    reasons: list[str]
    remedies: list[str]
    complexity: int
    completeness: float


class RunnerUpOut(Shown):
    """Another strategy that was possible."""

    strategy: Strategy
    score: float
    reasons: list[str]


class NotRecommendedOut(Shown):
    """A strategy that is barred, and by what."""

    strategy: Strategy
    why: str


class TurnOut(Shown):
    """Facts that would change the verdict."""

    facts: list[tuple[str, str]]
    verdict: Strategy
    sentence: str


class RecommendationOut(Shown):
    """The strategy of one application, or of a server that belongs to none; a person may have overridden the rules."""

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
    reasons: list[str]
    runner_ups: list[RunnerUpOut]
    not_recommended: list[NotRecommendedOut]
    would_change: list[TurnOut]
    override_reason: str | None


class RiskOut(Shown):
    """One entry of the risk register; likelihood and impact are 1 to 5."""

    code: str
    subject: str
    likelihood: int
    impact: int
    sentence: str
    mitigation: str
    trigger: str


class AssessmentOut(Shown):
    """One published assessment."""

    id: UUID
    flow_id: UUID
    assessed_on: date
    move_date: date
    target: str
    servers: list[ServerAssessmentOut]
    recommendations: list[RecommendationOut]
    risks: list[RiskOut]


class AssessmentEntry(Shown):
    """One line of the list; `servers` and `recommendations` are how many it has."""

    id: UUID
    flow_id: UUID
    assessed_on: date
    move_date: date
    target: str
    servers: int
    recommendations: int
    by_strategy: dict[Strategy, int]
    created_at: datetime


class AssessmentsOut(Listed):
    """Assessments, newest first."""

    items: list[AssessmentEntry]


router = APIRouter(prefix="/assessments", tags=["results"])


@router.get("", response_model=AssessmentsOut, responses=problems())
async def list_assessments(results: UseResults, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> AssessmentsOut:
    """The assessments of the engagement, newest first."""
    page = await results.assessments(cursor=cursor, limit=limit)
    return AssessmentsOut(items=[AssessmentEntry.of(head) for head in page.assessments], cursor=page.cursor)


@router.get("/{assessment_id}", response_model=AssessmentOut, responses=problems(404))
async def get_assessment(assessment_id: UUID, results: UseResults) -> AssessmentOut:
    """One assessment: servers, recommendations, risks."""
    return AssessmentOut.of(await results.assessment(assessment_id))
