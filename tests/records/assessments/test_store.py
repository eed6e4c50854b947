"""Assessments come back as they were published, to their own tenant only."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

from masterflow.db.session import Database
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import (
    Assessment,
    NotRecommended,
    Readiness,
    Recommendation,
    Risk,
    RunnerUp,
    ServerAssessment,
    Strategy,
    SupportStatus,
    Turn,
)
from tests.conftest import Cast


def an_assessment(*, servers: int = 2) -> Assessment:
    return Assessment(
        id=uuid4(),
        flow_id=uuid4(),
        assessed_on=date(2026, 11, 23),
        move_date=date(2027, 6, 1),
        target="public_cloud",
        servers=tuple(a_server(f"srv-{number}") for number in range(servers)),
        recommendations=(a_recommendation("Billing"),),
        risks=(
            Risk(code="os.ended", subject="srv-0", likelihood=4, impact=3, sentence="s", mitigation="m", trigger="t"),
        ),
    )


def a_server(name: str) -> ServerAssessment:
    return ServerAssessment(
        asset_id=uuid4(),
        name=name,
        operating_system="CentOS 7 (64-bit)",
        product="centos",
        cycle="7",
        eol=date(2024, 6, 30),
        extended_eol=None,
        os_confidence=0.95,
        support_today=SupportStatus.ENDED,
        support_at_move=SupportStatus.ENDED,
        readiness=Readiness.CONDITIONALLY_READY,
        reasons=("the operating system ended on 2024-06-30",),
        remedies=("upgrade it during the move",),
        complexity=1,
        completeness=0.5,
    )


def a_recommendation(name: str) -> Recommendation:
    return Recommendation(
        subject_id=uuid4(),
        subject_name=name,
        is_application=True,
        strategy=Strategy.REPLATFORM,
        rule_strategy=Strategy.REHOST,
        score=0.8,
        confidence=0.6,
        completeness=0.4,
        complexity=3,
        server_count=2,
        reasons=("ended operating system",),
        runner_ups=(RunnerUp(Strategy.REHOST, 0.7, ("simple",)),),
        not_recommended=(NotRecommended(Strategy.RETIRE, "it is in use"),),
        would_change=(Turn((("os_status", "supported"),), Strategy.REHOST, "a supported system makes it a rehost"),),
        override_reason="the owner wants it",
    )


async def test_an_assessment_comes_back_as_it_was_published(database: Database, cast: Cast) -> None:
    published = an_assessment()
    async with database.transaction(cast.tenant) as session:
        await AssessmentStore(session).publish(published)
    async with database.transaction(cast.tenant) as session:
        assert await AssessmentStore(session).get(published.id) == published
        assert await AssessmentStore(session).latest() == published


async def test_the_newest_assessment_is_the_latest(database: Database, cast: Cast) -> None:
    first, second = an_assessment(), replace(an_assessment(), servers=(), recommendations=())
    for each in (first, second):
        async with database.transaction(cast.tenant) as session:
            await AssessmentStore(session).publish(each)
    async with database.transaction(cast.tenant) as session:
        assert await AssessmentStore(session).latest() == second
        assert [head.id for head in await AssessmentStore(session).heads(limit=9)] == [second.id, first.id]


async def test_another_tenant_sees_no_assessment(database: Database, cast: Cast) -> None:
    published = an_assessment()
    async with database.transaction(cast.tenant) as session:
        await AssessmentStore(session).publish(published)
    async with database.transaction(cast.outsider.tenant) as session:
        assert await AssessmentStore(session).latest() is None
        assert await AssessmentStore(session).get(published.id) is None
        assert await AssessmentStore(session).heads(limit=9) == []
