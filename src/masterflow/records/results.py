"""Assessments and plans for one verified person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from masterflow.db.session import Database, Session
from masterflow.errors import NotFound
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import Assessment
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import Plan
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal


class ResultService:
    """What assessments and plannings published in the caller's engagement.

    Every method raises `NotAllowed` for a person without the role.
    """

    def __init__(self, database: Database, principal: Principal) -> None:
        self._database = database
        self._principal = principal

    async def assessments(self) -> list[UUID]:
        """The ids of all assessments, newest first."""
        async with self._reading() as session:
            return await AssessmentStore(session).ids()

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

    async def plans(self) -> list[UUID]:
        """The ids of all versions of the plan, newest first."""
        async with self._reading() as session:
            return await PlanStore(session).ids()

    async def plan(self, plan_id: UUID) -> Plan:
        """One version of the plan.

        Raises:
            NotFound: the engagement has none with this id.
        """
        async with self._reading() as session:
            found = await PlanStore(session).get(plan_id)
        if found is None:
            raise NotFound("There is no such plan.", hint="List the plans to see their ids.")
        return found

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Session]:
        self._principal.require(Operation.READ_RESULTS)
        async with self._database.transaction(self._principal.tenant) as session:
            yield session
