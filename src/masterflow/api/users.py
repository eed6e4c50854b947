"""The people of an engagement and their roles."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, UseTenancy
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Member


class UserOut(BaseModel):
    """A member of the engagement."""

    id: UUID
    email: str
    name: str
    roles: list[Role]
    created_at: datetime

    @classmethod
    def of(cls, member: Member) -> Self:
        """As the API shows it."""
        user = member.user
        return cls(id=user.id, email=user.email, name=user.name, roles=sorted(member.roles), created_at=user.created_at)


class UsersOut(Listed):
    """Members, in the order in which they came to Masterflow."""

    items: list[UserOut]


class NewUser(BaseModel):
    """A person who gets a role in the engagement."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"email": "ana@example.com", "name": "Ana", "role": "analyst"}}
    )

    email: str = Field(max_length=255)
    name: str = Field(max_length=200)
    role: Role


router = APIRouter(prefix="/users", tags=["users"])


@router.get("", response_model=UsersOut, responses=problems())
async def list_users(actor: Actor, tenancy: UseTenancy, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> UsersOut:
    """The people of the engagement."""
    page = await tenancy.members(actor, cursor=cursor, limit=limit)
    return UsersOut(items=[UserOut.of(member) for member in page.items], cursor=page.cursor)


@router.post("", status_code=201, response_model=UserOut, responses=problems(422))
async def add_user(given: NewUser, actor: Actor, tenancy: UseTenancy) -> UserOut:
    """Give a person a role in the engagement; the person is created if nobody has the address."""
    return UserOut.of(await tenancy.add_member(actor, email=given.email, name=given.name, role=given.role))


@router.delete("/{user_id}", status_code=204, response_class=Response, responses=problems(404))
async def remove_user(user_id: UUID, actor: Actor, tenancy: UseTenancy) -> Response:
    """Take a person's roles in the engagement away; their tokens open nothing in it from now on."""
    await tenancy.remove_member(actor, user_id)
    return Response(status_code=204)
