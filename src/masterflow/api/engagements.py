"""Engagements: the migration programmes of the caller's client."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, UseTenancy
from masterflow.api.shown import Shown


class EngagementOut(Shown):
    """An engagement. `self_approval` null: people may approve what they started while they are alone in it."""

    id: UUID
    name: str
    self_approval: bool | None
    created_at: datetime


class EngagementsOut(Listed):
    """Engagements, oldest first."""

    items: list[EngagementOut]


class NewEngagement(BaseModel):
    """An engagement to be opened."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Data centre exit"}})

    name: str = Field(max_length=200)


class Policy(BaseModel):
    """Whether people may approve what they started; null: while they are alone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"self_approval": False}})

    self_approval: bool | None


router = APIRouter(prefix="/engagements", tags=["engagements"])


@router.get("", response_model=EngagementsOut, responses=problems())
async def list_engagements(
    actor: Actor, tenancy: UseTenancy, cursor: Cursor = None, limit: Limit = FULL_PAGE
) -> EngagementsOut:
    """The engagements that the caller belongs to."""
    page = await tenancy.engagements(actor, cursor=cursor, limit=limit)
    return EngagementsOut(items=[EngagementOut.of(e) for e in page.items], cursor=page.cursor)


@router.post("", status_code=201, response_model=EngagementOut, responses=problems(409, 422))
async def create_engagement(given: NewEngagement, actor: Actor, tenancy: UseTenancy) -> EngagementOut:
    """Open an engagement of the caller's client."""
    return EngagementOut.of(await tenancy.create_engagement(actor, given.name))


@router.patch("/{engagement_id}", response_model=EngagementOut, responses=problems(404, 422))
async def set_engagement_policy(engagement_id: UUID, given: Policy, actor: Actor, tenancy: UseTenancy) -> EngagementOut:
    """Decide whether people may approve what they started, in the engagement that the call is about."""
    return EngagementOut.of(await tenancy.set_self_approval(actor, engagement_id, given.self_approval))
