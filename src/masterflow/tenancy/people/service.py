"""Changes of who may do what: roles given and taken one by one, people disabled, service accounts and their tokens."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from masterflow.db.keyset import DEFAULT_PAGE, clean_limit
from masterflow.db.session import Database, Session
from masterflow.errors import Conflict, InvalidInput, NotAllowed, NotFound
from masterflow.tenancy.names import (
    clean_lifetime,
    clean_name,
    clean_role,
    clean_scopes,
    clean_service_name,
    clean_service_role,
)
from masterflow.tenancy.people.store import Holders, PeopleStore
from masterflow.tenancy.roles import CLIENT_WIDE, Operation, Role, operations_of
from masterflow.tenancy.store import TenancyStore, existing
from masterflow.tenancy.tokens import DEFAULT_LIFETIME, hash_of, new_secret
from masterflow.tenancy.types import IssuedToken, Member, Page, Principal, UserKind


@dataclass(frozen=True, slots=True)
class People:
    """What members may change of the people and service accounts of their own client."""

    database: Database

    async def member(self, actor: Principal, user_id: UUID) -> Member:
        """One member of the caller's engagement; a client admin also sees those of the client's other engagements.

        Raises:
            NotFound: there is no such member for the caller.
        """
        actor.require(Operation.READ_MEMBERS)
        async with self.database.transaction(actor.tenant) as session:
            found = existing(await PeopleStore(session).person(user_id), "member")
        if not found.roles and not actor.may(Operation.MANAGE_CLIENT):
            raise NotFound("There is no such member.")
        return found

    async def add_role(self, actor: Principal, user_id: UUID, role: str) -> Member:
        """Give somebody of the client one more role in the caller's engagement; a role held already stays.

        Raises:
            NotFound: nobody of that id belongs to the client; a lead finds only members of the engagement.
            NotAllowed: the caller manages no members, or may not give that role.
            InvalidInput: a service account cannot hold it.
        """
        actor.require(Operation.MANAGE_MEMBERS)
        wanted = clean_role(role)
        refuse_to_give(actor, wanted)
        async with self.changing(actor) as session:
            found = existing(await PeopleStore(session).person(user_id), "member")
            if not found.roles and not actor.may(Operation.MANAGE_CLIENT):
                raise NotFound("There is no such member.")
            if found.user.kind is UserKind.SERVICE:
                clean_service_role(wanted)
            await TenancyStore(session).grant(user_id, wanted)
            return existing(await PeopleStore(session).person(user_id), "member")

    async def remove_role(self, actor: Principal, user_id: UUID, role: str) -> Member:
        """Take one role away; whoever holds none any more can enter no more.

        Raises:
            NotFound: nobody of that id holds the role here.
            NotAllowed: the caller manages no members, or only a client admin may take that role away.
            Conflict: nobody would be left to manage the engagement or the client.
        """
        actor.require(Operation.MANAGE_MEMBERS)
        unwanted = clean_role(role)
        if unwanted in CLIENT_WIDE:
            actor.require(Operation.MANAGE_CLIENT)
        async with self.changing(actor, user_id) as session:
            found = existing(await PeopleStore(session).person(user_id), "member")
            if not await TenancyStore(session).revoke_roles(user_id, [unwanted]):
                raise NotFound("There is no such member.")
            return Member(user=found.user, roles=found.roles - {unwanted})

    async def remove(self, actor: Principal, user_id: UUID) -> None:
        """Take all roles that the caller may take away; see `Tenancy.remove_member`."""
        actor.require(Operation.MANAGE_MEMBERS)
        revocable = set(Role) if actor.may(Operation.MANAGE_CLIENT) else set(Role) - CLIENT_WIDE
        async with self.changing(actor, user_id) as session:
            if not await TenancyStore(session).revoke_roles(user_id, revocable):
                raise NotFound("There is no such member.")

    async def disable(self, actor: Principal, user_id: UUID) -> Member:
        """Let somebody act in the caller's client no more: tokens and sessions are good for nothing at once.

        Roles stay, for when they are enabled again; sessions do not come back.

        Raises:
            NotAllowed: the caller is no client admin.
            NotFound: nobody of that id belongs to the client.
            Conflict: callers would disable themselves as the last one to manage the client or an engagement.
        """
        actor.require(Operation.MANAGE_CLIENT)
        async with self.changing(actor, user_id) as session:
            store = PeopleStore(session)
            existing(await store.person(user_id), "member")
            await store.suspend(user_id, made_by=actor.email)
            return existing(await store.person(user_id), "member")

    async def enable(self, actor: Principal, user_id: UUID) -> Member:
        """Let somebody act in the caller's client again.

        Raises:
            NotAllowed: the caller is no client admin.
            NotFound: nobody of that id belongs to the client.
            Conflict: the operator of this installation disabled them for every client.
        """
        actor.require(Operation.MANAGE_CLIENT)
        async with self.changing(actor) as session:
            store = PeopleStore(session)
            existing(await store.person(user_id), "member")
            await store.resume(user_id)
            found = existing(await store.person(user_id), "member")
            if found.user.disabled_at is not None:
                raise Conflict(
                    f"{found.user.email} was disabled by the operator of this installation.",
                    hint="Ask the operator for `masterflow user enable`.",
                )
            return found

    async def create_service_account(self, actor: Principal, *, name: str, roles: Sequence[str]) -> Member:
        """A new service account with roles in the caller's engagement. It decides no gates and manages nobody.

        Raises:
            NotAllowed: the caller is no client admin.
            InvalidInput: the name cannot be used, no role is named, or one that no service account can hold.
            Conflict: the client has one of that name.
        """
        actor.require(Operation.MANAGE_CLIENT)
        clean, wanted = clean_service_name(name), clean_service_roles(roles)
        async with self.changing(actor) as session:
            return await new_service_account(session, clean, wanted)

    async def service_accounts(
        self, actor: Principal, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> Page[Member]:
        """The client's service accounts with their roles in the caller's engagement, oldest first.

        Raises:
            NotAllowed: the caller is no client admin; others see those of their engagement among its members.
        """
        actor.require(Operation.MANAGE_CLIENT)
        async with self.database.transaction(actor.tenant) as session:
            return await PeopleStore(session).service_accounts(cursor=cursor, limit=clean_limit(limit))

    async def create_service_token(
        self,
        actor: Principal,
        user_id: UUID,
        *,
        name: str,
        days: int = DEFAULT_LIFETIME.days,
        scopes: Sequence[str] | None = None,
    ) -> IssuedToken:
        """A token for a service account in the caller's engagement, with its maker kept.

        Raises:
            NotAllowed: the caller is no client admin, or acts by a narrowed token.
            NotFound: no service account of that id holds a role in the engagement.
        """
        actor.require(Operation.MANAGE_CLIENT)
        actor.require_whole("make tokens")
        clean, lifetime, narrowed = clean_name("The token's name", name), clean_lifetime(days), clean_scopes(scopes)
        secret = new_secret()
        async with self.database.transaction(actor.tenant) as session:
            found = await TenancyStore(session).member(user_id)
            if found is None or found.user.kind is not UserKind.SERVICE:
                raise NotFound("There is no such service account.")
            token = await TenancyStore(session).insert_token(
                user_id,
                name=clean,
                token_hash=hash_of(secret),
                engagement_id=actor.tenant.engagement_id,
                lifetime=lifetime,
                made_by=actor.user_id,
                scopes=narrowed,
            )
        return IssuedToken(token=token, secret=secret)

    @asynccontextmanager
    async def changing(self, actor: Principal, target: UUID | None = None) -> AsyncIterator[Session]:
        """One transaction that changes the client's people, one at a time.

        With a `target` it is undone when it leaves the client without a client admin, or an engagement without a lead
        while no client admin did it to somebody else: who could then appoint the next one?
        """
        async with self.database.transaction(actor.tenant) as session:
            store = PeopleStore(session)
            await store.lock()
            before = await store.holders() if target else None
            yield session
            if before:
                may_orphan = actor.may(Operation.MANAGE_CLIENT) and target != actor.user_id
                _refuse_to_orphan(before, await store.holders(), may_orphan=may_orphan)


def refuse_to_give(actor: Principal, role: Role) -> None:
    """Keep people from giving a role that allows what they may not do themselves; a client admin manages all of them.

    Raises:
        NotAllowed: the role is not the caller's to give.
    """
    if role is Role.PLATFORM_OPERATOR:
        raise NotAllowed(
            "Platform operators are made at the machine, not by members.",
            hint="Use `masterflow user create --role platform_operator` there.",
        )
    if role in CLIENT_WIDE:
        actor.require(Operation.MANAGE_CLIENT)
    if actor.may(Operation.MANAGE_CLIENT):
        return
    beyond = operations_of(role) - frozenset(op for held in actor.roles for op in operations_of(held))
    if beyond:
        raise NotAllowed(
            f"{actor.email} cannot give '{role}': it allows {', '.join(sorted(beyond))}, which they may not do.",
            hint="Ask a client admin.",
        )


def clean_service_roles(roles: Sequence[str]) -> frozenset[Role]:
    """Roles for a service account.

    Raises:
        InvalidInput: none is named, or one that no service account can hold.
    """
    if not roles:
        raise InvalidInput("A service account without a role can do nothing.", hint="Name at least one role.")
    return frozenset(clean_service_role(role) for role in roles)


async def new_service_account(session: Session, name: str, roles: frozenset[Role]) -> Member:
    """A service account with these roles in the session's engagement.

    Raises:
        Conflict: the client has one of that name.
    """
    user_id = await PeopleStore(session).create_service_account(name)
    for role in roles:
        await TenancyStore(session).grant(user_id, role)
    return existing(await PeopleStore(session).person(user_id), "service account")


def _refuse_to_orphan(before: Holders, after: Holders, *, may_orphan: bool) -> None:
    if before.has_admin and not after.has_admin:
        raise Conflict(
            "This is the last client admin, without whom nobody could manage the client.",
            hint="Make somebody else client admin first.",
        )
    if before.led - after.led and not may_orphan:
        raise Conflict(
            "This is the last lead of an engagement, without whom nobody could run it.",
            hint="Make somebody else lead first, or ask a client admin.",
        )
