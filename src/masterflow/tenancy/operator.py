"""What a local operator does at the machine, as the role that owns the tables: make clients, people and their tokens.

There is no check of roles here: whoever holds the owner's connection can read and write everything anyway.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.engine import URL

from masterflow.db.keyset import DEFAULT_PAGE
from masterflow.db.session import Session, owner_transaction, record_call
from masterflow.errors import Conflict, InvalidInput, NotFound
from masterflow.tenancy.names import (
    SERVICE_DOMAIN,
    clean_email,
    clean_lifetime,
    clean_name,
    clean_role,
    clean_scopes,
    clean_service_name,
    clean_service_role,
)
from masterflow.tenancy.people.service import clean_service_roles, new_service_account
from masterflow.tenancy.people.store import PeopleStore
from masterflow.tenancy.roles import Role
from masterflow.tenancy.signing.service import new_link
from masterflow.tenancy.store import TenancyStore, WholeClient, all_clients, all_engagements, existing, insert_client
from masterflow.tenancy.tokens import DEFAULT_LIFETIME, hash_of, new_secret
from masterflow.tenancy.types import (
    Client,
    Engagement,
    IssuedToken,
    Member,
    Page,
    Principal,
    SignInLink,
    Tenant,
    Token,
    UserKind,
)

LOCAL_CLIENT = "local"
LOCAL_ENGAGEMENT = "programme"
LOCAL_OWNER = "owner@localhost"


@dataclass(frozen=True, slots=True)
class LocalOperator:
    """Commands on every client of this installation, for the person who runs it."""

    owner: URL

    async def clients(self) -> list[Client]:
        """Every client, by name."""
        async with owner_transaction(self.owner) as connection:
            return await all_clients(connection)

    async def engagements(self) -> list[tuple[Client, Engagement]]:
        """Every engagement with its client."""
        async with owner_transaction(self.owner) as connection:
            return await all_engagements(connection)

    async def create_client(self, name: str) -> Client:
        """A new client.

        Raises:
            Conflict: the name is taken.
        """
        name = clean_name("The client's name", name)
        async with owner_transaction(self.owner) as connection:
            client = await insert_client(connection, name)
            await record_call(Session(connection, WholeClient(client.id)))
            return client

    async def find_client(self, wanted: str) -> Client:
        """The client of this name or id.

        Raises:
            NotFound: there is none; the message lists those there are.
        """
        clients = await self.clients()
        for client in clients:
            if wanted in (client.name, str(client.id)):
                return client
        there = ", ".join(client.name for client in clients) or "none yet"
        raise NotFound(f"There is no client '{wanted}'.", hint=f"There are: {there}.")

    async def find_engagement(self, wanted: str) -> Engagement:
        """The engagement of this id or name; a name that several clients use is written `client/engagement`.

        Raises:
            NotFound: there is none; the message lists those there are.
            InvalidInput: several clients have one of that name.
        """
        known = await self.engagements()
        found = [
            engagement
            for client, engagement in known
            if wanted in (str(engagement.id), engagement.name, f"{client.name}/{engagement.name}")
        ]
        if not found:
            there = ", ".join(f"{client.name}/{engagement.name}" for client, engagement in known) or "none yet"
            raise NotFound(f"There is no engagement '{wanted}'.", hint=f"There are: {there}.")
        if len(found) > 1:
            raise InvalidInput(
                f"{len(found)} clients have an engagement called '{wanted}'.",
                hint=f"Write CLIENT/{wanted}, or the engagement's id.",
            )
        return found[0]

    async def local_owner(self) -> tuple[Principal, bool]:
        """Who works here alone: lead and admin of the client `local`, made with it when nobody is there yet.

        The answer is True beside the owner when this call made it.
        """
        for client, engagement in await self.engagements():
            if client.name == LOCAL_CLIENT:
                return await self.principal(engagement.tenant, LOCAL_OWNER), False
        client = await self.create_client(LOCAL_CLIENT)
        engagement = await self.create_engagement(client, LOCAL_ENGAGEMENT)
        for role in (Role.LEAD, Role.CLIENT_ADMIN):
            await self.add_member(engagement.tenant, email=LOCAL_OWNER, name="Local owner", role=role)
        return await self.principal(engagement.tenant, LOCAL_OWNER), True

    async def create_engagement(self, client: Client, name: str) -> Engagement:
        """A new engagement of a client.

        Raises:
            Conflict: the client has one of that name.
        """
        name = clean_name("The engagement's name", name)
        async with self._inside(WholeClient(client.id)) as store:
            return await store.insert_engagement(name)

    async def set_self_approval(self, tenant: Tenant, allowed: bool | None) -> Engagement:
        """Decide whether people may approve what they started; None stands for: while they are alone."""
        async with self._inside(tenant) as store:
            return existing(await store.set_self_approval(tenant.engagement_id, allowed), "engagement")

    async def close_client(self, client: Client) -> None:
        """Take every membership and token of a client away. Its data stays."""
        async with self._inside(WholeClient(client.id)) as store:
            await store.close_client()

    async def close_engagement(self, tenant: Tenant) -> None:
        """Take every membership and token of an engagement away. Its data stays."""
        async with self._inside(tenant) as store:
            await store.close_engagement()

    async def add_member(self, tenant: Tenant, *, email: str, name: str | None = None, role: str) -> Member:
        """Give a person a role in an engagement; the person is created if nobody has the address."""
        email, wanted = clean_email(email), clean_role(role)
        name = clean_name("The person's name", name or email.partition("@")[0])
        async with self._inside(tenant) as store:
            user_id = await store.ensure_user(email, name)
            await store.grant(user_id, wanted)
            return existing(await store.member(user_id), "member")

    async def remove_member(self, tenant: Tenant, email: str) -> None:
        """Take all roles in an engagement away, those for the whole client included.

        `email` may be the name of a service account here and below.

        Raises:
            NotFound: no member has that address.
        """
        async with self._inside(tenant) as store:
            member = existing(await store.member_by_email(address(tenant, email)), "member")
            await store.revoke_roles(member.user.id, Role)

    async def add_role(self, tenant: Tenant, email: str, role: str) -> Member:
        """Give somebody who belongs to the client one more role in an engagement.

        Raises:
            NotFound: nobody of that address belongs to the client.
            InvalidInput: there is no such role, or a service account cannot hold it.
        """
        wanted = clean_role(role)
        async with self._people(tenant) as (people, store):
            found = existing(await people.by_address(address(tenant, email)), "member")
            if found.user.kind is UserKind.SERVICE:
                clean_service_role(wanted)
            await store.grant(found.user.id, wanted)
            return existing(await people.person(found.user.id), "member")

    async def remove_role(self, tenant: Tenant, email: str, role: str) -> Member:
        """Take one role away.

        Raises:
            NotFound: nobody of that address holds it.
        """
        unwanted = clean_role(role)
        async with self._people(tenant) as (people, store):
            found = existing(await people.by_address(address(tenant, email)), "member")
            if not await store.revoke_roles(found.user.id, [unwanted]):
                raise NotFound(f"{found.user.email} is no {unwanted} here.", hint="`masterflow user show` lists roles.")
            return Member(user=found.user, roles=found.roles - {unwanted})

    async def member(self, tenant: Tenant, email: str) -> Member:
        """Somebody who belongs to the client, with the roles held in an engagement.

        Raises:
            NotFound: nobody of that address belongs to the client.
        """
        async with self._people(tenant) as (people, _):
            return existing(await people.by_address(address(tenant, email)), "member")

    async def disable(self, tenant: Tenant, email: str) -> Member:
        """Let somebody act in no client any more: tokens and sessions are good for nothing at once.

        Raises:
            NotFound: nobody of that address belongs to the client.
        """
        async with self._people(tenant) as (people, _):
            found = existing(await people.by_address(address(tenant, email)), "member")
            await people.set_disabled(found.user.id, found.user.disabled_at or await people.now())
            await people.end_sessions_everywhere(found.user.id)
            return existing(await people.person(found.user.id), "member")

    async def enable(self, tenant: Tenant, email: str) -> Member:
        """Let somebody act again, here also if a client admin disabled them.

        Raises:
            NotFound: nobody of that address belongs to the client.
        """
        async with self._people(tenant) as (people, _):
            found = existing(await people.by_address(address(tenant, email)), "member")
            await people.set_disabled(found.user.id, None)
            await people.resume(found.user.id)
            return existing(await people.person(found.user.id), "member")

    async def create_service_account(self, tenant: Tenant, name: str, *, roles: Sequence[str]) -> Member:
        """A new service account of a client with roles in an engagement.

        Raises:
            InvalidInput: the name cannot be used, or a role that no service account can hold is named.
            Conflict: the client has one of that name.
        """
        clean, wanted = clean_service_name(name), clean_service_roles(roles)
        async with self._people(tenant) as (people, _):
            return await new_service_account(people.session, clean, wanted)

    async def sign_in_link(self, tenant: Tenant, email: str) -> SignInLink:
        """A link that signs a member of an engagement in, once, within 15 minutes.

        Raises:
            NotFound: no member has that address.
            Conflict: the member is disabled, or a service account.
        """
        async with self._people(tenant) as (people, _):
            found = existing(await people.by_address(address(tenant, email)), "member")
            return await new_link(people.session, found, made_by=None)

    async def members(self, tenant: Tenant, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Member]:
        """The people of an engagement and their roles."""
        async with self._inside(tenant) as store:
            return await store.members(cursor=cursor, limit=limit)

    async def principal(self, tenant: Tenant, email: str) -> Principal:
        """The member with this address as the one who acts.

        Raises:
            NotFound: no member has that address.
            Conflict: the member is disabled.
        """
        async with self._inside(tenant) as store:
            member = await store.member_by_email(address(tenant, email))
        if member is None:
            raise NotFound(
                f"{email} is no member of this engagement.",
                hint=f"Add them: `masterflow user create {email} --role lead`.",
            )
        user = member.user
        if user.disabled_at is not None:
            raise Conflict(f"{user.email} is disabled.", hint=f"`masterflow user enable {email}` lets them act again.")
        return Principal(user_id=user.id, email=user.email, tenant=tenant, roles=member.roles, kind=user.kind)

    async def create_token(
        self,
        tenant: Tenant,
        email: str,
        *,
        name: str,
        days: int = DEFAULT_LIFETIME.days,
        every_engagement: bool = False,
        scopes: Sequence[str] | None = None,
    ) -> IssuedToken:
        """A token that speaks for a member, in one engagement or in each that the member belongs to."""
        name, lifetime, secret = clean_name("The token's name", name), clean_lifetime(days), new_secret()
        narrowed = clean_scopes(scopes)
        actor = await self.principal(tenant, email)
        async with self._inside(tenant) as store:
            token = await store.insert_token(
                actor.user_id,
                name=name,
                token_hash=hash_of(secret),
                engagement_id=None if every_engagement else tenant.engagement_id,
                lifetime=lifetime,
                scopes=narrowed,
            )
        return IssuedToken(token=token, secret=secret)

    async def tokens(self, tenant: Tenant, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> Page[Token]:
        """The tokens that are good for an engagement."""
        async with self._inside(tenant) as store:
            return await store.tokens(owner=None, cursor=cursor, limit=limit)

    async def revoke_token(self, tenant: Tenant, token_id: UUID) -> Token:
        """End a token at once.

        Raises:
            NotFound: no such token is good for the engagement.
        """
        async with self._inside(tenant) as store:
            return existing(await store.revoke_token(token_id, owner=None), "token")

    @asynccontextmanager
    async def _people(self, tenant: Tenant) -> AsyncIterator[tuple[PeopleStore, TenancyStore]]:
        async with self._inside(tenant) as store:
            people = PeopleStore(store.session)
            await people.lock()
            yield people, store

    @asynccontextmanager
    async def _inside(self, tenant: Tenant | WholeClient) -> AsyncIterator[TenancyStore]:
        async with owner_transaction(self.owner) as connection:
            session = Session(connection, tenant)
            yield TenancyStore(session)
            await record_call(session)


def address(tenant: Tenant, wanted: str) -> str:
    """The address of a person, or of the client's service account of this name.

    Raises:
        InvalidInput: it can be neither.
    """
    if "@" not in wanted:
        return f"{clean_service_name(wanted)}@{tenant.client_account_id}{SERVICE_DOMAIN}"
    text = wanted.strip().lower()
    return text if text.endswith(f"@{tenant.client_account_id}{SERVICE_DOMAIN}") else clean_email(wanted)
