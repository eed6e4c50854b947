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
from masterflow.tenancy.types import Member, SignInLink, UserKind


class UserOut(BaseModel):
    """A member of the engagement. `disabled_at`: since when they can act in this client no more."""

    id: UUID
    email: str
    name: str
    kind: UserKind
    roles: list[Role]
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, member: Member) -> Self:
        """As the API shows it."""
        user = member.user
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            kind=user.kind,
            roles=sorted(member.roles),
            created_at=user.created_at,
            disabled_at=user.disabled_at,
        )


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


class GivenRole(BaseModel):
    """One more role."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"role": "approver"}})

    role: Role


class SignInLinkOut(BaseModel):
    """A way in for one person, once. `path` follows this server's address and is shown this once."""

    path: str
    email: str
    expires_at: datetime

    @classmethod
    def of(cls, link: SignInLink) -> Self:
        """As the API shows it."""
        return cls(path=link_path(link), email=link.email, expires_at=link.expires_at)


def link_path(link: SignInLink) -> str:
    """Where a link leads: its code stands behind `#`, which browsers send to nobody."""
    return f"/sign-in#code={link.code}"


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


@router.delete("/{user_id}", status_code=204, response_class=Response, responses=problems(404, 409))
async def remove_user(user_id: UUID, actor: Actor, tenancy: UseTenancy) -> Response:
    """Take a person's roles in the engagement away; their tokens open nothing in it from now on."""
    await tenancy.remove_member(actor, user_id)
    return Response(status_code=204)


@router.get("/{user_id}", response_model=UserOut, responses=problems(404))
async def get_user(user_id: UUID, actor: Actor, tenancy: UseTenancy) -> UserOut:
    """One member of the engagement."""
    return UserOut.of(await tenancy.people.member(actor, user_id))


@router.post("/{user_id}/roles", response_model=UserOut, responses=problems(404, 422))
async def add_role(user_id: UUID, given: GivenRole, actor: Actor, tenancy: UseTenancy) -> UserOut:
    """Give somebody one more role in the engagement."""
    return UserOut.of(await tenancy.people.add_role(actor, user_id, given.role))


@router.delete("/{user_id}/roles/{role}", response_model=UserOut, responses=problems(404, 409))
async def remove_role(user_id: UUID, role: Role, actor: Actor, tenancy: UseTenancy) -> UserOut:
    """Take one role away; the last lead and the last client admin stay."""
    return UserOut.of(await tenancy.people.remove_role(actor, user_id, role))


@router.post("/{user_id}/disable", response_model=UserOut, responses=problems(404, 409))
async def disable_user(user_id: UUID, actor: Actor, tenancy: UseTenancy) -> UserOut:
    """Let somebody act in the client no more: their tokens and sessions are good for nothing at once."""
    return UserOut.of(await tenancy.people.disable(actor, user_id))


@router.post("/{user_id}/enable", response_model=UserOut, responses=problems(404, 409))
async def enable_user(user_id: UUID, actor: Actor, tenancy: UseTenancy) -> UserOut:
    """Let somebody act in the client again."""
    return UserOut.of(await tenancy.people.enable(actor, user_id))


@router.post("/{user_id}/sign-in-links", status_code=201, response_model=SignInLinkOut, responses=problems(404, 409))
async def create_sign_in_link(user_id: UUID, actor: Actor, tenancy: UseTenancy) -> SignInLinkOut:
    """Make a link that signs a member in, once, within 15 minutes."""
    return SignInLinkOut.of(await tenancy.signing.make_link(actor, user_id))
