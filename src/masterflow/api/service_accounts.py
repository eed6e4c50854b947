"""Service accounts: machines that act in their own name, with tokens that client admins make."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit
from masterflow.api.parts import Actor, UseTenancy
from masterflow.api.tokens import IssuedTokenOut, NewToken
from masterflow.api.users import UserOut, UsersOut
from masterflow.tenancy.roles import Role


class NewServiceAccount(BaseModel):
    """A service account with its roles in the engagement; none that decides gates or manages people."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "nightly-import", "roles": ["engineer"]}}
    )

    name: str = Field(max_length=63)
    roles: list[Role] = Field(min_length=1, max_length=len(Role))


router = APIRouter(prefix="/service-accounts", tags=["service accounts"])


@router.get("", response_model=UsersOut, responses=problems())
async def list_service_accounts(
    actor: Actor, tenancy: UseTenancy, cursor: Cursor = None, limit: Limit = FULL_PAGE
) -> UsersOut:
    """The client's service accounts, with their roles in the engagement."""
    page = await tenancy.people.service_accounts(actor, cursor=cursor, limit=limit)
    return UsersOut(items=[UserOut.of(member) for member in page.items], cursor=page.cursor)


@router.post("", status_code=201, response_model=UserOut, responses=problems(409, 422))
async def create_service_account(given: NewServiceAccount, actor: Actor, tenancy: UseTenancy) -> UserOut:
    """Make a service account of the caller's client."""
    return UserOut.of(await tenancy.people.create_service_account(actor, name=given.name, roles=given.roles))


@router.post("/{user_id}/tokens", status_code=201, response_model=IssuedTokenOut, responses=problems(404, 422))
async def create_service_token(user_id: UUID, given: NewToken, actor: Actor, tenancy: UseTenancy) -> IssuedTokenOut:
    """Make a token for a service account; its secret is in this answer and nowhere else."""
    issued = await tenancy.people.create_service_token(
        actor, user_id, name=given.name, days=given.days, scopes=given.scopes
    )
    return IssuedTokenOut.of(issued)
