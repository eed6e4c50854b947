"""Tenants and the people who act for them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from masterflow.errors import NotAllowed
from masterflow.tenancy.roles import FOR_PEOPLE, Operation, Role, roles_allowed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A client and the engagement a call is about. There is no default: it comes from a verified session."""

    client_account_id: UUID
    engagement_id: UUID


class UserKind(StrEnum):
    """Whether somebody answers for it in person."""

    PERSON = "person"
    SERVICE = "service"


class Through(StrEnum):
    """By what a caller is known."""

    TOKEN = "token"  # noqa: S105 - a kind of credential, no secret
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified person or service, with the roles held in the tenant of this call.

    `scopes` are the operations that the token is narrowed to; None: all that the roles allow. `through` says how they
    came, as the audit names it: `token:<id>`, `session:<id>`, `cli`.
    """

    user_id: UUID
    email: str
    tenant: Tenant
    roles: frozenset[Role]
    kind: UserKind = UserKind.PERSON
    scopes: frozenset[Operation] | None = None
    through: str = field(default="cli", compare=False)

    def may(self, operation: str) -> bool:
        """Whether one of the roles held allows `operation`, one of `Operation`; `ValueError` for any other text."""
        wanted = Operation(operation)
        kept_for_people = self.kind is UserKind.SERVICE and wanted in FOR_PEOPLE
        return self._in_scope(wanted) and not kept_for_people and not self.roles.isdisjoint(roles_allowed(wanted))

    def require(self, operation: str) -> None:
        """Let the call go on only if it is allowed.

        Raises:
            NotAllowed: the token is narrowed to other operations, a service account asks for what people alone do, or
                none of the roles held allows it; the message names the roles that would.
        """
        self.require_scope(operation)
        if not self.may(operation):
            needed = ", ".join(sorted(roles_allowed(Operation(operation))))
            held = ", ".join(sorted(self.roles)) or "no role"
            raise NotAllowed(
                f"{self.email} has {held}; '{operation}' needs one of: {needed}.",
                hint="Ask a lead of the engagement for the role.",
            )

    def require_scope(self, operation: str) -> None:
        """The part of `require` that does not depend on roles, for what decides on roles itself.

        Raises:
            NotAllowed: the token is narrowed to other operations, or people alone do this and a service account asks.
        """
        wanted = Operation(operation)
        if not self._in_scope(wanted):
            raise NotAllowed(
                f"The token is narrowed to {self._scopes_said()}; '{wanted}' is not among them.",
                hint="Use a token with that scope.",
            )
        if self.kind is UserKind.SERVICE and wanted in FOR_PEOPLE:
            raise NotAllowed(
                f"{self.email} is a service account; '{wanted}' is done by people alone.", hint="Ask a person to do it."
            )

    def require_whole(self, what: str) -> None:
        """Keep a narrowed token from widening itself; `what` ends the sentence.

        Raises:
            NotAllowed: the token is narrowed.
        """
        if self.scopes is not None:
            raise NotAllowed(
                f"The token is narrowed to {self._scopes_said()}; it cannot {what}.",
                hint="Use a token that is not narrowed, or sign in.",
            )

    def _in_scope(self, operation: Operation) -> bool:
        return self.scopes is None or operation in self.scopes

    def _scopes_said(self) -> str:
        return ", ".join(sorted(self.scopes or ())) or "nothing"


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody let in: as whom, by what, and the id of that token or session."""

    principal: Principal
    through: Through
    id: UUID


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
    """A person or service account that can hold memberships; `disabled_at` as one client sees it."""

    id: UUID
    email: str
    name: str
    created_at: datetime
    kind: UserKind = UserKind.PERSON
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A user with the roles held in one engagement, those for the whole client included."""

    user: User
    roles: frozenset[Role]


class SecretState(StrEnum):
    """Whether a token or session still opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token as it is listed: never its secret. `scopes` None: everything that its owner may do."""

    id: UUID
    user_id: UUID
    name: str
    engagement_id: UUID | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: SecretState
    owner: str | None  # e-mail; None once the owner is no member of the client any more
    made_by: str | None  # e-mail likewise
    scopes: tuple[Operation, ...] | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token at the moment of its creation, the only one at which the secret can be read."""

    token: Token
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """A signed-in browser, without its secret. `made_by` made the link that opened it; None: the operator did."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    state: SecretState
    browser: str | None
    made_by: str | None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session at the moment of signing in, the only one at which its secret can be read."""

    id: UUID
    tenant: Tenant
    user_id: UUID
    expires_at: datetime
    secret: str


@dataclass(frozen=True, slots=True)
class SignInLink:
    """A code that signs its owner in once; shown to whoever made it and never again."""

    code: str
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list in order of creation; `cursor` continues it and is None at the end."""

    items: tuple[T, ...]
    cursor: str | None
