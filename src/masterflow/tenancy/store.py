"""Queries on clients, engagements, users, memberships and tokens.

`TenancyStore` works inside one client, for a member through the app's role or for a local operator through the owner's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore
from sqlalchemy.ext.asyncio import AsyncConnection

from masterflow.db.keyset import read_cursor, write_cursor
from masterflow.db.session import Session
from masterflow.db.tables.tenancy import api_tokens, client_accounts, engagements, memberships, suspensions, users
from masterflow.errors import Conflict, NotAllowed, NotFound
from masterflow.tenancy.recency import TOUCH_EVERY
from masterflow.tenancy.roles import CLIENT_WIDE, Operation, Role
from masterflow.tenancy.types import (
    Access,
    Client,
    Engagement,
    Member,
    Page,
    Principal,
    SecretState,
    Tenant,
    Through,
    Token,
    User,
    UserKind,
)

T = TypeVar("T")

NO_ENGAGEMENT = UUID(int=0)

_RESOLVE = """
    SELECT token_id, user_id, email, kind, client_account_id, engagement_id, roles, scopes FROM resolve_token($1, $2)
"""
_KNOWN_OPERATIONS = frozenset(str(operation) for operation in Operation)


@dataclass(frozen=True, slots=True)
class WholeClient:
    """A client before one of its engagements is chosen: rows that belong to an engagement stay invisible."""

    client_account_id: UUID
    engagement_id: UUID = NO_ENGAGEMENT


async def resolve_token(connection: asyncpg.Connection, token_hash: bytes, engagement_id: UUID | None) -> Access | None:
    """Who a token lets in, in that engagement or in the one it is bound to; None if nobody."""
    row = await connection.fetchrow(_RESOLVE, token_hash, engagement_id)
    if row is None:
        return None
    scopes = None if row["scopes"] is None else frozenset(known_operations(row["scopes"]))
    return Access(
        principal_of(row, through=f"{Through.TOKEN}:{row['token_id']}", scopes=scopes), Through.TOKEN, row["token_id"]
    )


def principal_of(row: asyncpg.Record, *, through: str, scopes: frozenset[Operation] | None = None) -> Principal:
    """The one whom a resolving function answered."""
    return Principal(
        user_id=row["user_id"],
        email=row["email"],
        tenant=Tenant(row["client_account_id"], row["engagement_id"]),
        roles=frozenset(Role(role) for role in row["roles"]),
        kind=UserKind(row["kind"]),
        scopes=scopes,
        through=through,
    )


async def all_clients(connection: AsyncConnection) -> list[Client]:
    """Every client of this installation, by name; only the owner's role sees more than one."""
    rows = await connection.execute(select(client_accounts).order_by(client_accounts.c.name))
    return [Client(id=row.id, name=row.name, created_at=row.created_at) for row in rows]


async def all_engagements(connection: AsyncConnection) -> list[tuple[Client, Engagement]]:
    """Every engagement with its client, by name."""
    joined = engagements.join(client_accounts, client_accounts.c.id == engagements.c.client_account_id)
    chosen = select(
        engagements,
        client_accounts.c.name.label("client_name"),
        client_accounts.c.created_at.label("client_created_at"),
    )
    rows = await connection.execute(
        chosen.select_from(joined).order_by(client_accounts.c.name, engagements.c.created_at, engagements.c.id)
    )
    return [
        (Client(id=row.client_account_id, name=row.client_name, created_at=row.client_created_at), _engagement(row))
        for row in rows
    ]


async def insert_client(connection: AsyncConnection, name: str) -> Client:
    """A new client; needs the owner's role.

    Raises:
        Conflict: the name is taken.
    """
    statement = insert_or_ignore(client_accounts).values(name=name).on_conflict_do_nothing().returning(client_accounts)
    row = (await connection.execute(statement)).first()
    if row is None:
        raise Conflict(f"There is a client called '{name}' already.", hint="Use it, or choose another name.")
    return Client(id=row.id, name=row.name, created_at=row.created_at)


@dataclass(frozen=True, slots=True)
class TenancyStore:
    """What one client's people may see and change of clients, engagements, users and tokens."""

    session: Session

    async def client(self) -> Client | None:
        """The client of this session."""
        wanted = client_accounts.c.id == self.session.tenant.client_account_id
        row = (await self.session.execute(select(client_accounts).where(wanted))).first()
        return Client(id=row.id, name=row.name, created_at=row.created_at) if row else None

    async def engagements(self, member: UUID, *, cursor: str | None, limit: int) -> Page[Engagement]:
        """The engagements that `member` belongs to, oldest first."""
        belongs = select(memberships.c.id).where(
            self.session.mine(memberships),
            memberships.c.user_id == member,
            or_(memberships.c.engagement_id.is_(None), memberships.c.engagement_id == engagements.c.id),
        )
        chosen = select(engagements).where(self.session.mine(engagements), belongs.exists())
        rows = await self._page(chosen, engagements.c.created_at, engagements.c.id, cursor=cursor, limit=limit)
        return _as_page([_engagement(row) for row in rows], [(row.created_at, row.id) for row in rows], limit)

    async def engagement(self) -> Engagement | None:
        """The engagement of this session."""
        wanted = engagements.c.id == self.session.tenant.engagement_id
        row = (await self.session.execute(select(engagements).where(self.session.mine(engagements), wanted))).first()
        return _engagement(row) if row else None

    async def insert_engagement(self, name: str) -> Engagement:
        """A new engagement of the client.

        Raises:
            Conflict: the client has one of that name.
        """
        values = self.session.stamp(engagements) | {"name": name}
        statement = insert_or_ignore(engagements).values(values).on_conflict_do_nothing().returning(engagements)
        row = (await self.session.execute(statement)).first()
        if row is None:
            raise Conflict(
                f"The client has an engagement called '{name}' already.", hint="Use it, or choose another name."
            )
        return _engagement(row)

    async def set_self_approval(self, engagement_id: UUID, allowed: bool | None) -> Engagement | None:
        """Store whether people may approve what they started; None stands for: while they are alone."""
        statement = (
            update(engagements)
            .where(self.session.mine(engagements), engagements.c.id == engagement_id)
            .values(self_approval=allowed)
            .returning(engagements)
        )
        row = (await self.session.execute(statement)).first()
        return _engagement(row) if row else None

    async def ensure_user(self, email: str, name: str) -> UUID:
        """The id of the person with this address, created with `name` if nobody has it."""
        row = (await self.session.execute(select(func.ensure_user(email, name)))).one()
        user: UUID = row[0]
        return user

    async def grant(self, user_id: UUID, role: Role) -> None:
        """Give a role in this session's engagement, or in the whole client if the role is held so; twice is once."""
        engagement = None if role in CLIENT_WIDE else self.session.tenant.engagement_id
        values = self.session.stamp(memberships) | {"user_id": user_id, "role": role, "engagement_id": engagement}
        await self.session.execute(insert_or_ignore(memberships).values(values).on_conflict_do_nothing())

    async def revoke_roles(self, user_id: UUID, roles: Iterable[Role]) -> int:
        """Take roles away in this session's engagement and say how many were held."""
        statement = delete(memberships).where(
            self._held_here(), memberships.c.user_id == user_id, memberships.c.role.in_(list(roles))
        )
        return (await self.session.execute(statement)).rowcount

    async def principal(self, user_id: UUID, *, through: str) -> Principal:
        """A member with the roles held at this moment, for what was ordered earlier and is done now.

        Raises:
            NotAllowed: nobody of that id can act here any more.
        """
        member = await self.member(user_id)
        if member is None or member.user.disabled_at is not None:
            raise NotAllowed(
                "Who ordered this can act in this engagement no more.", hint="Order it again as one of its members."
            )
        user = member.user
        tenant = Tenant(self.session.tenant.client_account_id, self.session.tenant.engagement_id)
        return Principal(user.id, user.email, tenant, member.roles, kind=user.kind, through=through)

    async def member(self, user_id: UUID) -> Member | None:
        """A member of this session's engagement."""
        row = (await self.session.execute(self._members().where(users.c.id == user_id))).first()
        return _member(row) if row else None

    async def member_by_email(self, email: str) -> Member | None:
        """A member of this session's engagement by address."""
        row = (await self.session.execute(self._members().where(users.c.email == email))).first()
        return _member(row) if row else None

    async def members(self, *, cursor: str | None, limit: int) -> Page[Member]:
        """The members of this session's engagement, in the order in which their users were created."""
        rows = await self._page(self._members(), users.c.created_at, users.c.id, cursor=cursor, limit=limit)
        return _as_page([_member(row) for row in rows], [(row.created_at, row.id) for row in rows], limit)

    async def insert_token(
        self,
        user_id: UUID,
        *,
        name: str,
        token_hash: bytes,
        engagement_id: UUID | None,
        lifetime: timedelta,
        made_by: UUID | None = None,
        scopes: Iterable[Operation] | None = None,
    ) -> Token:
        """A new token of a user; without an engagement it is good for each the user belongs to."""
        values = {
            "user_id": user_id,
            "name": name,
            "token_hash": token_hash,
            "engagement_id": engagement_id,
            "expires_at": func.now() + lifetime,
            "made_by": made_by,
            "scopes": None if scopes is None else sorted(scopes),
        }
        statement = insert(api_tokens).values(self.session.stamp(api_tokens) | values).returning(api_tokens.c.id)
        return await self._token((await self.session.execute(statement)).scalar_one())

    async def tokens(self, *, owner: UUID | None, cursor: str | None, limit: int) -> Page[Token]:
        """The tokens good for this session's engagement, of one owner or of everybody, oldest first."""
        chosen = self._tokens().where(self._good_here())
        if owner is not None:
            chosen = chosen.where(api_tokens.c.user_id == owner)
        rows = await self._page(chosen, api_tokens.c.created_at, api_tokens.c.id, cursor=cursor, limit=limit)
        return _as_page([_token(row) for row in rows], [(row.created_at, row.id) for row in rows], limit)

    async def revoke_token(self, token_id: UUID, *, owner: UUID | None) -> Token | None:
        """End a token now; one that was ended before keeps its moment. None if `owner` has no such token."""
        statement = (
            update(api_tokens)
            .where(self._good_here(), api_tokens.c.id == token_id)
            .values(revoked_at=func.coalesce(api_tokens.c.revoked_at, func.now()))
            .returning(api_tokens.c.id)
        )
        if owner is not None:
            statement = statement.where(api_tokens.c.user_id == owner)
        ended = (await self.session.execute(statement)).scalar()
        return None if ended is None else await self._token(ended)

    async def touch_token(self, token_id: UUID) -> None:
        """Note that a token was used, unless that was noted within the last minute."""
        used = api_tokens.c.last_used_at
        stale = or_(used.is_(None), used < func.now() - TOUCH_EVERY)
        statement = update(api_tokens).where(self.session.mine(api_tokens), api_tokens.c.id == token_id, stale)
        await self.session.execute(statement.values(last_used_at=func.now()))

    async def close_engagement(self) -> None:
        """Take every membership and token of this session's engagement away; its data stays."""
        here = memberships.c.engagement_id == self.session.tenant.engagement_id
        await self.session.execute(delete(memberships).where(self.session.mine(memberships), here))
        bound = api_tokens.c.engagement_id == self.session.tenant.engagement_id
        await self._revoke_all(bound)

    async def close_client(self) -> None:
        """Take every membership and token of the client away, by which its sessions end too; its data stays."""
        await self.session.execute(delete(memberships).where(self.session.mine(memberships)))
        await self._revoke_all(api_tokens.c.revoked_at.is_(None))

    async def _revoke_all(self, which: ColumnElement[bool]) -> None:
        live = (self.session.mine(api_tokens), which, api_tokens.c.revoked_at.is_(None))
        await self.session.execute(update(api_tokens).where(*live).values(revoked_at=func.now()))

    async def _token(self, token_id: UUID) -> Token:
        row = (await self.session.execute(self._tokens().where(api_tokens.c.id == token_id))).one()
        return _token(row)

    def _tokens(self) -> Select[Any]:
        owner, maker = users.alias("owner"), users.alias("maker")
        state = state_of(api_tokens.c.revoked_at, api_tokens.c.expires_at)
        joined = api_tokens.outerjoin(owner, owner.c.id == api_tokens.c.user_id).outerjoin(
            maker, maker.c.id == func.coalesce(api_tokens.c.made_by, api_tokens.c.user_id)
        )
        said = (owner.c.email.label("owner"), maker.c.email.label("maker"), state.label("state"))
        return select(*_TOKEN_COLUMNS, *said).select_from(joined).where(self.session.mine(api_tokens))

    def _members(self) -> Select[Any]:
        held = func.array_agg(memberships.c.role).label("roles")
        disabled = func.coalesce(users.c.disabled_at, suspensions.c.since).label("disabled")
        suspended = and_(suspensions.c.user_id == users.c.id, self.session.mine(suspensions))
        joined = users.join(memberships, memberships.c.user_id == users.c.id).outerjoin(suspensions, suspended)
        chosen = select(users, disabled, held).select_from(joined).where(self._held_here())
        return chosen.group_by(users.c.id, suspensions.c.since)

    def _held_here(self) -> ColumnElement[bool]:
        here = or_(
            memberships.c.engagement_id.is_(None), memberships.c.engagement_id == self.session.tenant.engagement_id
        )
        return self.session.mine(memberships) & here

    def _good_here(self) -> ColumnElement[bool]:
        here = or_(
            api_tokens.c.engagement_id.is_(None), api_tokens.c.engagement_id == self.session.tenant.engagement_id
        )
        return self.session.mine(api_tokens) & here

    async def _page(
        self,
        chosen: Select[Any],
        moment: ColumnElement[Any],
        key: ColumnElement[Any],
        *,
        cursor: str | None,
        limit: int,
    ) -> list[Row[Any]]:
        """One row more than the page holds, so that the caller knows whether there is another page."""
        if cursor is not None:
            chosen = chosen.where(tuple_(moment, key) > tuple_(*read_cursor(cursor)))
        return list(await self.session.execute(chosen.order_by(moment, key).limit(limit + 1)))


def existing(value: T | None, what: str) -> T:
    """`value`, which a query found.

    Raises:
        NotFound: it found nothing; the sentence is the same for another tenant's `what`.
    """
    if value is None:
        raise NotFound(f"There is no such {what}.")
    return value


def known_operations(names: Iterable[str]) -> list[Operation]:
    """The operations among `names`: one that there is no more opens nothing, and must not lock the token out."""
    return [Operation(name) for name in names if name in _KNOWN_OPERATIONS]


def state_of(revoked_at: ColumnElement[datetime], expires_at: ColumnElement[datetime]) -> ColumnElement[str]:
    """Whether a secret still opens anything, by the database's clock."""
    return case(
        (revoked_at.is_not(None), SecretState.REVOKED.value),
        (expires_at <= func.now(), SecretState.EXPIRED.value),
        else_=SecretState.ACTIVE.value,
    )


def user_of(row: Row[Any]) -> User:
    """A user from a row of `users` and when they were `disabled`."""
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        created_at=row.created_at,
        kind=UserKind(row.kind),
        disabled_at=row.disabled,
    )


_TOKEN_COLUMNS = (
    api_tokens.c.id,
    api_tokens.c.user_id,
    api_tokens.c.name,
    api_tokens.c.engagement_id,
    api_tokens.c.created_at,
    api_tokens.c.expires_at,
    api_tokens.c.revoked_at,
    api_tokens.c.last_used_at,
    api_tokens.c.scopes,
)


def _as_page(items: list[Any], keys: list[tuple[Any, UUID]], limit: int) -> Page[Any]:
    more = len(items) > limit
    return Page(items=tuple(items[:limit]), cursor=write_cursor(*keys[limit - 1]) if more else None)


def _engagement(row: Row[Any]) -> Engagement:
    return Engagement(
        id=row.id,
        client_account_id=row.client_account_id,
        name=row.name,
        self_approval=row.self_approval,
        created_at=row.created_at,
    )


def _member(row: Row[Any]) -> Member:
    return Member(user=user_of(row), roles=frozenset(Role(role) for role in row.roles))


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        engagement_id=row.engagement_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        state=SecretState(row.state),
        owner=row.owner,
        made_by=row.maker,
        scopes=None if row.scopes is None else tuple(known_operations(row.scopes)),
    )
