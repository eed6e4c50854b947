"""Who the caller is, in which engagement, and what that allows."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.parts import Actor
from masterflow.tenancy.roles import Operation, Role


class MeOut(BaseModel):
    """The caller as the token and the engagement asked for make them."""

    user_id: UUID
    email: str
    client_account_id: UUID
    engagement_id: UUID
    roles: list[Role]
    operations: list[Operation]


router = APIRouter(prefix="/me", tags=["me"])


@router.get("", response_model=MeOut, responses=problems())
async def get_me(actor: Actor) -> MeOut:
    """Who the token speaks for, and what that person may do in this engagement."""
    return MeOut(
        user_id=actor.user_id,
        email=actor.email,
        client_account_id=actor.tenant.client_account_id,
        engagement_id=actor.tenant.engagement_id,
        roles=sorted(actor.roles),
        operations=[operation for operation in Operation if actor.may(operation)],
    )
