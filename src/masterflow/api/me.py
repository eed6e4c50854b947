"""Who the caller is, by what, in which engagement, and what that allows."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from masterflow.api.engagements import EngagementOut
from masterflow.api.errors import problems
from masterflow.api.parts import Admission, Admitted, UseTenancy
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.tenancy.roles import Operation, Role
from masterflow.tenancy.types import Client, Engagement, Page, Through, UserKind


class MeOut(BaseModel):
    """The caller as the credential and the engagement asked for make them.

    `engagements` are all that the caller belongs to in the client, at most 200. `scopes` null: everything that the
    roles allow. `csrf` goes into `Masterflow-CSRF` of every change made with a cookie; with a token it is null.
    """

    user_id: UUID
    email: str
    kind: UserKind
    client_account_id: UUID
    client: str
    engagement_id: UUID
    roles: list[Role]
    operations: list[Operation]
    engagements: list[EngagementOut]
    through: Through
    scopes: list[Operation] | None
    csrf: str | None

    @classmethod
    def of(cls, admission: Admission, client: Client, engagements: Page[Engagement]) -> Self:
        """As the API shows it."""
        actor, scopes = admission.access.principal, admission.access.principal.scopes
        return cls(
            user_id=actor.user_id,
            email=actor.email,
            kind=actor.kind,
            client_account_id=actor.tenant.client_account_id,
            client=client.name,
            engagement_id=actor.tenant.engagement_id,
            roles=sorted(actor.roles),
            operations=[operation for operation in Operation if actor.may(operation)],
            engagements=[EngagementOut.of(engagement) for engagement in engagements.items],
            through=admission.access.through,
            scopes=None if scopes is None else sorted(scopes),
            csrf=admission.csrf,
        )


router = APIRouter(prefix="/me", tags=["me"])


@router.get("", response_model=MeOut, responses=problems(404))
async def get_me(admitted: Admitted, tenancy: UseTenancy) -> MeOut:
    """Who the caller is, and what they may do in this engagement."""
    actor = admitted.access.principal
    client = await tenancy.client(actor)
    return MeOut.of(admitted, client, await tenancy.engagements(actor, limit=LARGEST_PAGE))
