"""Tenants and the people who act for them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from masterflow.errors import NotAllowed
from masterflow.tenancy.roles import Operation, Role, roles_allowed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A client and the engagement a call is about. There is no default: it comes from a verified session."""

    client_account_id: UUID
    engagement_id: UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified person or service, with the roles held in the tenant of this call.

    `through` says how they came, as the audit names it: `token:<id>`, `session:<id>`, `cli`.
    """

    user_id: UUID
    email: str
    tenant: Tenant
    roles: frozenset[Role]
    through: str = field(default="cli", compare=False)

    def may(self, operation: str) -> bool:
        """Whether one of the roles held allows `operation`, one of `Operation`; `ValueError` for any other text."""
        return not self.roles.isdisjoint(roles_allowed(Operation(operation)))

    def require(self, operation: str) -> None:
        """Let the call go on only if it is allowed.

        Raises:
            NotAllowed: none of the roles held allows it; the message names the roles that would.
        """
        if not self.may(operation):
            needed = ", ".join(sorted(roles_allowed(Operation(operation))))
            held = ", ".join(sorted(self.roles)) or "no role"
            raise NotAllowed(
                f"{self.email} has {held}; '{operation}' needs one of: {needed}.",
                hint="Ask a lead of the engagement for the role.",
            )


@dataclass(frozen=True, slots=True)
class Client:
    """A client account: the tenant."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Engagement:
    """A migration programme of one client."""

    id: UUID
    client_account_id: UUID
    name: str
    self_approval: bool | None  # None: allowed while the engagement has one member
    created_at: datetime

    @property
    def tenant(self) -> Tenant:
        """This engagement as the tenant of a call."""
        return Tenant(self.client_account_id, self.id)


@dataclass(frozen=True, slots=True)
class User:
    """A person or service account that can hold memberships."""

    id: UUID
    email: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A user with the roles held in one engagement, those for the whole client included."""

    user: User
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it is listed: never its secret."""

    id: UUID
    user_id: UUID
    name: str
    engagement_id: UUID | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token at the moment of its creation, the only one at which the secret can be read."""

    token: Token
    secret: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list in order of creation; `cursor` continues it and is None at the end."""

    items: tuple[T, ...]
    cursor: str | None
