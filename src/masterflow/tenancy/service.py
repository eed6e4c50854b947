"""Who a token speaks for, and what members may change of their own client."""

import time
from dataclasses import dataclass, field
from uuid import UUID

from masterflow.db.keyset import DEFAULT_PAGE, clean_limit
from masterflow.db.session import Database
from masterflow.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound
from masterflow.tenancy.names import clean_email, clean_lifetime, clean_name, clean_role
from masterflow.tenancy.roles import CLIENT_WIDE, Operation, Role
from masterflow.tenancy.store import TOUCH_EVERY, TenancyStore, existing, resolve_token
from masterflow.tenancy.tokens import DEFAULT_LIFETIME, hash_of, new_secret
from masterflow.tenancy.types import Client, Engagement, IssuedToken, Member, Page, Principal, Tenant, Token


@dataclass(slots=True)
class Tenancy:
    """Clients, engagements, people and tokens, for callers who are known by a token."""

    database: Database
    _touched: dict[UUID, float] = field(default_factory=dict)  # oldest first; what is older than a minute is dropped

    async def authenticate(self, secret: str | None, engagement_id: UUID | None = None) -> Principal:
        """Who `secret` speaks for in the engagement asked for, or in the one that the token is bound to.

        Raises:
            NotAuthenticated: no token, a wrong, expired or revoked one, or an engagement that it is not good for;
                which of these it was is not said.
        """
        if not secret:
            raise NotAuthenticated("No token was given.", hint="Send `Authorization: Bearer mf_…`.")
        async with self.database.asking() as connection:
            found = await resolve_token(connection, hash_of(secret), engagement_id)
        if found is None:
            raise NotAuthenticated(
                "The token is unknown, expired or revoked, or not good for this engagement.",
                hint="Make a new one with `masterflow token create`, "
                "or name an engagement you belong to in `Masterflow-Engagement`.",
            )
        token_id, principal = found
        await self._touch(token_id, principal.tenant)
        return principal

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
        _refuse_to_give(actor, wanted)
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
            InvalidInput: the caller would remove themselves.
        """
        actor.require(Operation.MANAGE_MEMBERS)
        if user_id == actor.user_id:
            raise InvalidInput("Nobody can remove themselves.", hint="Ask another lead or client admin.")
        revocable = set(Role) if actor.may(Operation.MANAGE_CLIENT) else set(Role) - CLIENT_WIDE
        async with self.database.transaction(actor.tenant) as session:
            taken = await TenancyStore(session).revoke_roles(user_id, revocable)
        if not taken:
            raise NotFound("There is no such member.")

    async def tokens(self, actor: Principal, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Token]:
        """The caller's tokens that are good for this engagement; everybody's for who manages members."""
        async with self.database.transaction(actor.tenant) as session:
            return await TenancyStore(session).tokens(owner=_whose(actor), cursor=cursor, limit=clean_limit(limit))

    async def create_token(self, actor: Principal, *, name: str, days: int = DEFAULT_LIFETIME.days) -> IssuedToken:
        """A token that speaks for the caller in this engagement; its secret is shown now and never again.

        Nobody can make one for somebody else: whoever could would approve their own work in another's name.
        """
        name, lifetime, secret = clean_name("The token's name", name), clean_lifetime(days), new_secret()
        async with self.database.transaction(actor.tenant) as session:
            token = await TenancyStore(session).insert_token(
                actor.user_id,
                name=name,
                token_hash=hash_of(secret),
                engagement_id=actor.tenant.engagement_id,
                lifetime=lifetime,
            )
        return IssuedToken(token=token, secret=secret)

    async def revoke_token(self, actor: Principal, token_id: UUID) -> Token:
        """End a token at once: one's own, or anybody's in this engagement for who manages members.

        Raises:
            NotFound: there is no such token for the caller.
        """
        async with self.database.transaction(actor.tenant) as session:
            return existing(await TenancyStore(session).revoke_token(token_id, owner=_whose(actor)), "token")

    async def _touch(self, token_id: UUID, tenant: Tenant) -> None:
        """Spare the database: this process asks it to note a token's use once a minute at most."""
        now = time.monotonic()
        oldest = now - TOUCH_EVERY.total_seconds()
        while self._touched and (first := next(iter(self._touched.items())))[1] <= oldest:
            del self._touched[first[0]]
        if token_id in self._touched:
            return
        self._touched[token_id] = now
        async with self.database.transaction(tenant) as session:
            await TenancyStore(session).touch_token(token_id)


def _refuse_to_give(actor: Principal, role: Role) -> None:
    if role is Role.PLATFORM_OPERATOR:
        raise NotAllowed(
            "Platform operators are made at the machine, not by members.",
            hint="Use `masterflow user create --role platform_operator` there.",
        )
    if role in CLIENT_WIDE:
        actor.require(Operation.MANAGE_CLIENT)


def _whose(actor: Principal) -> UUID | None:
    return None if actor.may(Operation.MANAGE_MEMBERS) else actor.user_id
