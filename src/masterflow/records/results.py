"""Assessments and plans for one verified person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from masterflow.db.keyset import (
    DEFAULT_PAGE,
    clean_limit,
    cursor_of,
    parts_of,
    read_cursor,
    whole_of,
    write_cursor,
)
from masterflow.db.session import Database, Session
from masterflow.errors import NotFound
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import Assessment, AssessmentPage
from masterflow.records.plans.comparison import PlanDifference, difference
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import Plan, PlanHead, PlanPage
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal


@dataclass(frozen=True, slots=True)
class PlanComparison:
    """Two versions of the plan and what differs from the first to the second."""

    a: PlanHead
    b: PlanHead
    difference: PlanDifference


class ResultService:
    """What assessments and plannings published in the caller's engagement.

    Every method raises `NotAllowed` for a person without the role.
    """

    def __init__(self, database: Database, principal: Principal) -> None:
        self._database = database
        self._principal = principal

    async def assessments(self, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> AssessmentPage:
        """Assessments with their counts, newest first.

        Raises:
            InvalidInput: no list gave the cursor, or a page cannot be that long.
        """
        before = read_cursor(cursor) if cursor else None
        async with self._reading() as session:
            found = await AssessmentStore(session).heads(before=before, limit=clean_limit(limit) + 1)
        shown = found[:limit]
        following = write_cursor(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
        return AssessmentPage(tuple(shown), following)

    async def assessment(self, assessment_id: UUID) -> Assessment:
        """One assessment.

        Raises:
            NotFound: the engagement has none with this id.
        """
        async with self._reading() as session:
            found = await AssessmentStore(session).get(assessment_id)
        if found is None:
            raise NotFound("There is no such assessment.", hint="List the assessments to see their ids.")
        return found

    async def plans(self, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> PlanPage:
        """The versions of the plan with their counts, newest first.

        Raises:
            InvalidInput: no list gave the cursor, or a page cannot be that long.
        """
        below = whole_of(parts_of(cursor, count=1)[0], cursor) if cursor else None
        async with self._reading() as session:
            found = await PlanStore(session).heads(below=below, limit=clean_limit(limit) + 1)
        shown = found[:limit]
        return PlanPage(tuple(shown), cursor_of([str(shown[-1].version)]) if len(found) > limit else None)

    async def plan(self, plan_id: UUID) -> Plan:
        """One version of the plan.

        Raises:
            NotFound: the engagement has none with this id.
        """
        async with self._reading() as session:
            found = await PlanStore(session).get(plan_id)
        if found is None:
            raise _no_such_plan()
        return found

    async def compare_plans(self, a: UUID, b: UUID) -> PlanComparison:
        """What differs from one version of the plan to another.

        Raises:
            NotFound: the engagement has not both.
        """
        async with self._reading() as session:
            store = PlanStore(session)
            heads = await store.head(a), await store.head(b)
            plans = await store.get(a), await store.get(b)
        if heads[0] is None or heads[1] is None or plans[0] is None or plans[1] is None:
            raise _no_such_plan()
        return PlanComparison(heads[0], heads[1], difference(plans[0], plans[1]))

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Session]:
        self._principal.require(Operation.READ_RESULTS)
        async with self._database.transaction(self._principal.tenant) as session:
            yield session


def _no_such_plan() -> NotFound:
    return NotFound("There is no such plan.", hint="List the plans to see their ids.")
