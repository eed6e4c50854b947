"""Conflicts: where sources contradict each other, and what people decide."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from masterflow.api.assets import FactOut
from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseInventory
from masterflow.api.shown import Shown
from masterflow.inventory.queries import ConflictFilter

LONGEST_ID = 200


class ConflictOut(Shown):
    """Sources that contradict each other about one field of one asset; `preferred` is what the asset shows.

    `id` outlives every rebuild; it is null for what was published before conflicts had one, until the next discovery.
    """

    id: str | None
    asset_id: UUID | None
    asset_name: str
    field: str
    preferred: str
    why: str
    needs_review: bool
    values: list[FactOut]
    decided_by: str | None
    decided_at: datetime | None


class ConflictsOut(Listed):
    """Conflicts, in the order in which they were found."""

    items: list[ConflictOut]


class ConflictDecisionIn(BaseModel):
    """Which value is right: one that a source states, or the one that is shown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"value": "production", "reason": "The owner says so."}}
    )

    value: str | None = Field(default=None, max_length=10_000, description="One of the values of the conflict")
    keep_preferred: bool = Field(default=False, description="The value that is shown is right")
    reason: str | None = Field(default=None, max_length=2000, description="Why; shown with the conflict")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.value is None) != self.keep_preferred:
            raise ValueError("give either a value or keep_preferred: true")
        return self


router = APIRouter(prefix="/conflicts", tags=["estate"])


@router.get("", response_model=ConflictsOut, responses=problems())
async def list_conflicts(
    inventory: UseInventory,
    needs_review: Annotated[
        bool | None, Query(description="Only those that a person has to decide, or has not")
    ] = None,
    asset: Annotated[UUID | None, Query(description="Only those of this asset")] = None,
    field: Annotated[str | None, Query(max_length=100, description="Only those about this field")] = None,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> ConflictsOut:
    """Where sources contradict each other."""
    asked = ConflictFilter(needs_review=needs_review, asset=asset, field=field)
    page = await inventory.conflict_page(asked, cursor=cursor, limit=limit)
    return ConflictsOut(items=[ConflictOut.of(conflict) for conflict in page.conflicts], cursor=page.cursor)


@router.post("/{conflict_id}/decision", response_model=ConflictOut, responses=problems(404, 422))
async def decide_conflict(
    conflict_id: Annotated[str, Path(max_length=LONGEST_ID)], decision: ConflictDecisionIn, inventory: UseInventory
) -> ConflictOut:
    """Say which value is right; it holds at once and for every later discovery."""
    return ConflictOut.of(await inventory.decide_conflict(conflict_id, decision.value, reason=decision.reason))
