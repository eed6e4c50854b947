"""The one table of role × operation, as it is checked."""

from fastapi import APIRouter
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.parts import Actor
from masterflow.tenancy.roles import (
    ALLOWED,
    CLIENT_WIDE,
    FOR_PEOPLE,
    OPERATIONS_SAID,
    ROLES_SAID,
    SERVICE_ROLES,
    Operation,
    Role,
    operations_of,
)


class RoleOut(BaseModel):
    """A role and what it allows. `whole_client`: it is never held for one engagement alone."""

    role: Role
    description: str
    operations: list[Operation]
    whole_client: bool
    for_services: bool


class OperationOut(BaseModel):
    """An operation, and the roles of which any one is enough. `people_alone`: no service account may."""

    operation: Operation
    description: str
    roles: list[Role]
    people_alone: bool


class RolesOut(BaseModel):
    """The table from both sides."""

    roles: list[RoleOut]
    operations: list[OperationOut]


router = APIRouter(prefix="/roles", tags=["users"])


@router.get("", response_model=RolesOut, responses=problems())
async def list_roles(_: Actor) -> RolesOut:
    """Who may do what: every role and every operation."""
    return roles_table()


def roles_table() -> RolesOut:
    """The table, for every way to ask for it."""
    return RolesOut(
        roles=[
            RoleOut(
                role=role,
                description=ROLES_SAID[role],
                operations=sorted(operations_of(role)),
                whole_client=role in CLIENT_WIDE,
                for_services=role in SERVICE_ROLES,
            )
            for role in Role
        ],
        operations=[
            OperationOut(
                operation=operation,
                description=OPERATIONS_SAID[operation],
                roles=sorted(allowed),
                people_alone=operation in FOR_PEOPLE,
            )
            for operation, allowed in ALLOWED.items()
        ],
    )
