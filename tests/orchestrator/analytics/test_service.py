"""The report: whose flows, of which days, and what the figures mean."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import InvalidInput, NotAllowed
from masterflow.orchestrator.analytics import Analytics, AnalyticsFold, Scope, Window, read_analytics
from masterflow.orchestrator.analytics.tally import Count, Wait
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.types import Verdict
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Tenant
from masterflow.testing import running_orchestrator
from tests.conftest import Cast
from tests.orchestrator.analytics.conftest import moody

TODAY = date(2026, 11, 23)


async def relayed(database: Database) -> None:
    while await Relay(database, [AnalyticsFold()]).run_once():
        pass


@pytest.fixture
async def done(database: Database, cast: Cast) -> None:
    """At home: one flow completed, one failed, one waits for input, one was deleted; away: one failed."""
    async with running_orchestrator(database, [moody()]) as kit:
        for actor, end in ((cast.lead, "well"), (cast.lead, "fails"), (cast.lead, "asks"), (cast.outsider, "fails")):
            flow = await kit.orchestrator.create_flow(actor, "moody", {"end": end})
            await kit.settled(actor, flow.flow_id)
            while gates := await kit.orchestrator.gates(cast.lead, flow_id=flow.flow_id):
                await kit.orchestrator.decide(cast.approver, gates[0].id, Verdict.APPROVE)
                await kit.settled(actor, flow.flow_id)
        gone = await kit.orchestrator.create_flow(cast.lead, "moody", {}, start=False)
        await kit.orchestrator.cancel(cast.lead, gone.flow_id)
        await kit.orchestrator.delete(cast.lead, gone.flow_id)
    await relayed(database)


@pytest.mark.usefixtures("done")
async def test_the_report_says_what_an_engagement_did(database: Database, cast: Cast) -> None:
    report = await read_analytics(database, cast.lead)
    (flows,), (total,), (day,) = report.flows, report.totals, report.days
    assert flows.by_status == {FlowStatus.COMPLETED: 1, FlowStatus.FAILED: 1, FlowStatus.WAITING_FOR_INPUT: 1}
    assert flows.total == 3
    assert total.counts == dict.fromkeys(Count, 0) | {
        Count.CREATED: 4,
        Count.COMPLETED: 1,
        Count.FAILED: 1,
        Count.CANCELLED: 1,
        Count.PHASES_DONE: 3,
        Count.GATES_APPROVED: 2,
    }
    assert total.success_rate == pytest.approx(1 / 3)
    assert (day.counts, day.day) == (total.counts, datetime.now(UTC).date())
    assert [(phase.phase, phase.timing.count) for phase in report.phases] == [("first", 1), ("second", 1), ("third", 1)]
    assert [(wait.wait, wait.timing.count) for wait in report.waits] == [(Wait.APPROVAL, 2)]
    timing = report.waits[0].timing
    assert timing.p50_seconds is not None
    assert 0 < timing.p50_seconds <= timing.total_seconds
    for phase in report.phases:  # each ran once
        assert phase.timing.p50_seconds == phase.timing.p95_seconds == phase.timing.total_seconds
    (cause,) = report.failures
    assert (cause.phase, cause.count, cause.days) == ("first", 1, {day.day: 1})
    assert report.as_of is not None


@pytest.mark.usefixtures("done")
async def test_another_tenant_sees_its_own_figures_alone(database: Database, cast: Cast) -> None:
    for scope in Scope:
        report = await read_analytics(database, cast.outsider, scope=scope)
        assert report.engagements == (cast.outsider.tenant.engagement_id,)
        assert [(flows.flow_type, flows.by_status) for flows in report.flows] == [("moody", {FlowStatus.FAILED: 1})]
        assert [total.counts[Count.CREATED] for total in report.totals] == [1]


@pytest.mark.usefixtures("done")
async def test_an_engagement_of_somebody_else_is_empty(database: Database, cast: Cast) -> None:
    forged = replace(cast.outsider, tenant=Tenant(cast.outsider.tenant.client_account_id, cast.tenant.engagement_id))
    assert is_empty(await read_analytics(database, forged))
    forged = replace(cast.outsider, tenant=Tenant(cast.tenant.client_account_id, uuid4()))
    assert is_empty(await read_analytics(database, forged, scope=Scope.CLIENT))


def is_empty(report: Analytics) -> bool:
    return not (report.flows or report.totals or report.days or report.failures or report.as_of)


@pytest.mark.usefixtures("done")
async def test_a_type_and_a_window_narrow_the_report(database: Database, cast: Cast) -> None:
    other = await read_analytics(database, cast.lead, flow_type="other")
    assert (other.flows, other.totals, other.as_of is None) == ((), (), False)
    today = datetime.now(UTC).date()
    before = await read_analytics(database, cast.lead, last=today - timedelta(days=2))
    assert (len(before.flows), before.totals) == (1, ())


@pytest.mark.usefixtures("done")
async def test_a_client_is_the_engagements_that_a_person_leads(
    database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    client = cast.tenant.client_account_id
    second, third = (add_engagement(urls, client, name) for name in ("second", "third"))
    admin = replace(
        cast.lead, user_id=add_member(urls, client, None, Role.CLIENT_ADMIN), roles=frozenset({Role.CLIENT_ADMIN})
    )
    add_member(urls, client, second, Role.LEAD, cast.lead.user_id)
    add_member(urls, client, third, Role.VIEWER, cast.lead.user_id)
    async with running_orchestrator(database, [moody()]) as kit:
        there = replace(cast.lead, tenant=Tenant(client, second))
        await kit.orchestrator.create_flow(there, "moody", {}, start=False)
        elsewhere = replace(cast.lead, tenant=Tenant(client, third))
        await kit.orchestrator.create_flow(elsewhere, "moody", {}, start=False)
    await relayed(database)
    led = await read_analytics(database, cast.lead, scope=Scope.CLIENT)
    assert set(led.engagements) == {cast.tenant.engagement_id, second}
    assert [flows.total for flows in led.flows] == [4]
    whole = await read_analytics(database, admin, scope=Scope.CLIENT)
    assert set(whole.engagements) == {cast.tenant.engagement_id, second, third}
    assert [flows.total for flows in whole.flows] == [5]
    with pytest.raises(NotAllowed, match=r"client\.figures\.read"):
        await read_analytics(database, cast.approver, scope=Scope.CLIENT)


async def test_who_may_read_no_flows_reads_no_figures(database: Database, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        await read_analytics(database, replace(cast.lead, roles=frozenset({Role.PLATFORM_OPERATOR})))


def test_a_window_has_thirty_days_unless_told_otherwise() -> None:
    assert Window.of(None, None, today=TODAY) == Window(date(2026, 10, 25), TODAY)
    assert Window.of(None, date.min, today=TODAY) == Window(date.min, date.min)
    assert Window.of(date(2025, 11, 23), None, today=TODAY).last == TODAY


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (TODAY, TODAY - timedelta(days=1), "ends on 2026-11-22, before it begins on 2026-11-23"),
        (TODAY - timedelta(days=366), TODAY, "has 367 days"),
        (date.min, TODAY, "has 739,943 days"),
    ],
)
def test_an_impossible_window_is_refused(first: date, last: date, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        Window.of(first, last, today=TODAY)


def add_engagement(urls: DatabaseUrls, client: UUID, name: str) -> UUID:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        made = connection.execute(
            "INSERT INTO engagements (client_account_id, name) VALUES (%s, %s) RETURNING id", (client, name)
        ).fetchone()
    assert made is not None
    return UUID(str(made[0]))


def add_member(urls: DatabaseUrls, client: UUID, engagement: UUID | None, role: Role, user: UUID | None = None) -> UUID:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        if user is None:
            user = uuid4()
            connection.execute("INSERT INTO users (id, email, name) VALUES (%s, 'a@a.example', 'A')", (user,))
        connection.execute(
            "INSERT INTO memberships (client_account_id, engagement_id, user_id, role) VALUES (%s, %s, %s, %s)",
            (client, engagement, user, role),
        )
    return user
