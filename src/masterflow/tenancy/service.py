"""Who a token speaks for, and what members may change of their own client."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from masterflow.db.keyset import DEFAULT_PAGE, clean_limit
from masterflow.db.session import Database
from masterflow.errors import NotAllowed, NotFound
from masterflow.tenancy.names import clean_email, clean_lifetime, clean_name, clean_role, clean_scopes
from masterflow.tenancy.people.service import People, refuse_to_give
from masterflow.tenancy.recency import Recency
from masterflow.tenancy.refusals import no_credential, unknown_credential
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.signing.service import Signing
from masterflow.tenancy.store import TenancyStore, existing, resolve_token
from masterflow.tenancy.tokens import DEFAULT_LIFETIME, hash_of, new_secret
from masterflow.tenancy.types import (
    Access,
    Client,
    Engagement,
    IssuedToken,
    Member,
    Page,
    Principal,
    Token,
    UserKind,
)


@dataclass(slots=True)
class Tenancy:
    """Clients, engagements, people and tokens, for callers who are known by a token."""

    database: Database
    people: People = field(init=False)
    signing: Signing = field(init=False)
    _noted: Recency = field(default_factory=Recency)

    def __post_init__(self) -> None:
        self.people = People(self.database)
        self.signing = Signing(self.database)

    async def authenticate(self, secret: str | None, engagement_id: UUID | None = None) -> Principal:
        """Who `secret` speaks for in the engagement asked for, or in the one that the token is bound to.

        Raises:
            NotAuthenticated: no token, a wrong, expired or revoked one, one of somebody disabled, or an engagement that
                it is not good for; which of these it was is not said.
        """
        return (await self.enter(secret, engagement_id)).principal

    async def enter(self, secret: str | None, engagement_id: UUID | None = None) -> Access:
        """The same with the token's id; see `authenticate`."""
        if not secret:
            raise no_credential()
        async with self.database.asking() as connection:
            access = await resolve_token(connection, hash_of(secret), engagement_id)
        if access is None:
            raise unknown_credential()
        if self._noted.is_due(access.id):
            async with self.database.transaction(access.principal.tenant) as session:
                await TenancyStore(session).touch_token(access.id)
        return access

    async def client(self, actor: Principal) -> Client:
        """The client that the caller works for."""
        async with self.database.transaction(actor.tenant) as session:
            return existing(await TenancyStore(session).client(), "client")

    async def engagements(
        self, actor: Principal, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> Page[Engagement]:
        """The engagements that the caller belongs to, oldest first."""
        async with self.database.transaction(actor.tenant) as session:
            return await TenancyStore(session).engagements(actor.user_id, cursor=cursor, limit=clean_limit(limit))

    async def create_engagement(self, actor: Principal, name: str) -> Engagement:
        """A new engagement of the caller's client; its client admins are members of it at once.

        Raises:
            NotAllowed: the caller is no client admin.
            Conflict: the name is taken.
        """
        actor.require(Operation.MANAGE_CLIENT)
        name = clean_name("The engagement's name", name)
        async with self.database.transaction(actor.tenant) as session:
            return await TenancyStore(session).insert_engagement(name)

    async def set_self_approval(self, actor: Principal, engagement_id: UUID, allowed: bool | None) -> Engagement:
        """Decide whether people may approve what they started; None stands for: while they are alone.

        Raises:
            NotAllowed: the caller is no client admin.
            NotFound: the engagement is not the one that the caller works in.
        """
        actor.require(Operation.MANAGE_CLIENT)
        if engagement_id != actor.tenant.engagement_id:
            raise NotFound("There is no such engagement.")
        async with self.database.transaction(actor.tenant) as session:
            return existing(await TenancyStore(session).set_self_approval(engagement_id, allowed), "engagement")

    async def members(self, actor: Principal, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Member]:
        """The people of the caller's engagement and their roles."""
        actor.require(Operation.READ_MEMBERS)
        async with self.database.transaction(actor.tenant) as session:
            return await TenancyStore(session).members(cursor=cursor, limit=clean_limit(limit))

    async def add_member(self, actor: Principal, *, email: str, name: str, role: str) -> Member:
        """Give a person a role in the caller's engagement; the person is created if nobody has the address.

        Raises:
            NotAllowed: the caller manages no members, or may not give that role.
            InvalidInput: the address, the name or the role cannot be used.
        """
        actor.require(Operation.MANAGE_MEMBERS)
        wanted = clean_role(role)
        refuse_to_give(actor, wanted)
        email, name = clean_email(email), clean_name("The person's name", name)
        async with self.database.transaction(actor.tenant) as session:
            store = TenancyStore(session)
            user_id = await store.ensure_user(email, name)
            await store.grant(user_id, wanted)
            return existing(await store.member(user_id), "member")

    async def remove_member(self, actor: Principal, user_id: UUID) -> None:
        """Take a person's roles in the caller's engagement away; from then on their tokens are good for nothing in it.

        Roles for the whole client go too if the caller is a client admin.

        Raises:
            NotFound: nobody of that id holds a role that the caller may take away.
            Conflict: nobody would be left to manage the engagement or the client.
        """
        await self.people.remove(actor, user_id)

    async def tokens(self, actor: Principal, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Token]:
        """The caller's tokens that are good for this engagement; everybody's for who manages members."""
        async with self.database.transaction(actor.tenant) as session:
            return await TenancyStore(session).tokens(owner=_whose(actor), cursor=cursor, limit=clean_limit(limit))

    async def create_token(
        self,
        actor: Principal,
        *,
        name: str,
        days: int = DEFAULT_LIFETIME.days,
        scopes: Sequence[str] | None = None,
    ) -> IssuedToken:
        """A token that speaks for the caller in this engagement; its secret is shown now and never again.

        `scopes` narrow it to some operations. Nobody can make one for somebody else: whoever could would approve their
        own work in another's name.

        Raises:
            InvalidInput: the name, the lifetime or a scope cannot be used.
            NotAllowed: the caller is a service account, or acts by a narrowed token.
        """
        actor.require_whole("make tokens")
        if actor.kind is UserKind.SERVICE:
            raise NotAllowed(
                f"{actor.email} is a service account; its tokens are made by a client admin.", hint="Ask one of them."
            )
        name, lifetime, secret = clean_name("The token's name", name), clean_lifetime(days), new_secret()
        narrowed = clean_scopes(scopes)
        async with self.database.transaction(actor.tenant) as session:
            token = await TenancyStore(session).insert_token(
                actor.user_id,
                name=name,
                token_hash=hash_of(secret),
                engagement_id=actor.tenant.engagement_id,
                lifetime=lifetime,
                made_by=actor.user_id,
                scopes=narrowed,
            )
        return IssuedToken(token=token, secret=secret)

    async def revoke_token(self, actor: Principal, token_id: UUID) -> Token:
        """End a token at once: one's own, or anybody's in this engagement for who manages members.

        Raises:
            NotAllowed: the caller acts by a narrowed token.
            NotFound: there is no such token for the caller.
        """
        actor.require_whole("end tokens")
        async with self.database.transaction(actor.tenant) as session:
            return existing(await TenancyStore(session).revoke_token(token_id, owner=_whose(actor)), "token")


def _whose(actor: Principal) -> UUID | None:
    return None if actor.may(Operation.MANAGE_MEMBERS) else actor.user_id
