"""Dependencies between applications, or assets where no application is known."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseInventory
from masterflow.api.shown import Shown
from masterflow.inventory.types import DependencyKind


class DependencyOut(Shown):
    """`source_id` needs `target_id`; hard dependencies move together or first."""

    source_id: UUID
    target_id: UUID
    kind: DependencyKind
    port: int | None
    protocol: str | None
    connections: int | None
    bytes_total: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    confidence: float
    evidence: list[str]


class DependenciesOut(Listed):
    """Dependencies, in the order in which they were found."""

    items: list[DependencyOut]


router = APIRouter(prefix="/dependencies", tags=["estate"])


@router.get("", response_model=DependenciesOut, responses=problems())
async def list_dependencies(
    inventory: UseInventory,
    of: Annotated[
        UUID | None, Query(description="Only those of this application or asset, in either direction")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> DependenciesOut:
    """Who needs whom."""
    page = await inventory.dependency_page(of=of, cursor=cursor, limit=limit)
    return DependenciesOut(items=[DependencyOut.of(one) for one in page.dependencies], cursor=page.cursor)
