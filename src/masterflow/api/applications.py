"""Applications and the assets that run them."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseInventory
from masterflow.api.shown import Shown
from masterflow.inventory.graph.types import NodeKind
from masterflow.inventory.types import Criticality, Environment, Membership


class ApplicationOut(Shown):
    """A business application; `membership` says whether a file names its servers or they are inferred."""

    id: UUID
    name: str
    variants: list[str]
    membership: Membership
    asset_ids: list[UUID]
    criticality: Criticality | None
    business_owner: str | None
    environment: Environment | None
    shared_service: bool
    evidence: list[str]
    attributes: Mapping[str, str]


class ApplicationsOut(Listed):
    """Applications by name."""

    items: list[ApplicationOut]


class NeighbourOut(Shown):
    """The other end of dependencies, with how many there are of each kind."""

    id: UUID
    kind: NodeKind
    name: str
    hard: int
    soft: int


class ApplicationDetailOut(ApplicationOut):
    """One application with how many members it has, what it needs, and what needs it."""

    members: int
    needs: list[NeighbourOut]
    needed_by: list[NeighbourOut]


router = APIRouter(prefix="/applications", tags=["estate"])


@router.get("", response_model=ApplicationsOut, responses=problems())
async def list_applications(
    inventory: UseInventory,
    search: Annotated[str | None, Query(max_length=200, description="Part of a name")] = None,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> ApplicationsOut:
    """The applications of the engagement by name."""
    page = await inventory.applications(search=search, cursor=cursor, limit=limit)
    return ApplicationsOut(items=[ApplicationOut.of(found) for found in page.applications], cursor=page.cursor)


@router.get("/{application_id}", response_model=ApplicationDetailOut, responses=problems(404))
async def get_application(application_id: UUID, inventory: UseInventory) -> ApplicationDetailOut:
    """One application with the other ends of its dependencies."""
    found = await inventory.application(application_id)
    ends = await inventory.neighbours(application_id)
    return ApplicationDetailOut(
        **ApplicationOut.of(found).model_dump(),
        members=len(found.asset_ids),
        needs=[NeighbourOut.of(one) for one in ends.needs],
        needed_by=[NeighbourOut.of(one) for one in ends.needed_by],
    )
