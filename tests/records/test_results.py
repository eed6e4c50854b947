"""Lists of what flows published, a page at a time, and two plans side by side."""

from dataclasses import replace
from uuid import uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import InvalidInput, NotFound
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import Strategy
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import Plan
from masterflow.records.results import ResultService
from tests.conftest import Cast
from tests.records.assessments.test_store import a_recommendation, an_assessment
from tests.records.plans.test_store import a_plan


async def published(database: Database, cast: Cast, *plans: Plan) -> None:
    for plan in plans:
        async with database.transaction(cast.tenant) as session:
            await PlanStore(session).publish(plan)


async def test_plans_are_listed_with_their_figures_page_by_page(database: Database, cast: Cast) -> None:
    plans = [a_plan() for _ in range(3)]
    await published(database, cast, *plans)
    service = ResultService(database, cast.approver)
    first = await service.plans(limit=2)
    last = await service.plans(limit=2, cursor=first.cursor)
    assert [head.version for head in (*first.plans, *last.plans)] == [3, 2, 1]
    assert (last.cursor, last.plans[0].id) == (None, plans[0].id)
    newest = first.plans[0]
    assert (newest.waves, newest.items, newest.objective, newest.status) == (2, 2, 0.061, "feasible")
    assert (await ResultService(database, cast.outsider).plans()).plans == ()
    with pytest.raises(InvalidInput):
        await service.plans(cursor="no")
    with pytest.raises(InvalidInput):
        await service.plans(limit=201)


async def test_assessments_are_listed_with_their_counts_page_by_page(database: Database, cast: Cast) -> None:
    one = an_assessment()
    others = [replace(a_recommendation(name), subject_id=uuid4(), strategy=Strategy.RETIRE) for name in ("x", "y")]
    full = replace(one, recommendations=(*one.recommendations, *others))
    empty = replace(an_assessment(), servers=(), recommendations=())
    for each in (full, empty):
        async with database.transaction(cast.tenant) as session:
            await AssessmentStore(session).publish(each)
    service = ResultService(database, cast.approver)
    first = await service.assessments(limit=1)
    second = await service.assessments(limit=1, cursor=first.cursor)
    [bare], [head] = first.assessments, second.assessments
    assert (bare.id, bare.servers, bare.recommendations, bare.by_strategy) == (empty.id, 0, 0, {})
    assert (head.id, head.servers, head.recommendations) == (full.id, len(full.servers), len(full.recommendations))
    assert head.by_strategy[Strategy.RETIRE] == 2
    assert sum(head.by_strategy.values()) == head.recommendations
    assert second.cursor is None
    assert (await ResultService(database, cast.outsider).assessments()).assessments == ()


async def test_two_plans_are_compared_and_only_ones_own(database: Database, cast: Cast) -> None:
    a = a_plan()
    b = replace(a, id=uuid4(), items=(replace(a.items[0], wave=1), a.items[1]))
    await published(database, cast, a, b)
    found = await ResultService(database, cast.approver).compare_plans(a.id, b.id)
    assert (found.a.version, found.b.version) == (1, 2)
    assert [(m.subject_name, m.from_wave, m.to_wave) for m in found.difference.moved] == [("Billing", 2, 1)]
    for wrong in ((a.id, uuid4()), (uuid4(), a.id)):
        with pytest.raises(NotFound):
            await ResultService(database, cast.approver).compare_plans(*wrong)
    with pytest.raises(NotFound):
        await ResultService(database, cast.outsider).compare_plans(a.id, b.id)
