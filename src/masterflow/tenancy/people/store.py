"""Queries on who holds what in a client, who is disabled there, and its service accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore

from masterflow.db.keyset import read_cursor, write_cursor
from masterflow.db.session import Session
from masterflow.db.tables.tenancy import memberships, sessions, sign_in_links, suspensions, users
from masterflow.errors import Conflict
from masterflow.tenancy.roles import Role
from masterflow.tenancy.store import user_of
from masterflow.tenancy.types import Member, Page


@dataclass(frozen=True, slots=True)
class Holders:
    """Who is left to manage a client: whether it has a client admin, and which engagements have a lead."""

    has_admin: bool
    led: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class PeopleStore:
    """The people and service accounts of one client."""

    session: Session

    async def lock(self) -> None:
        """Let no other change of this client's people pass until this transaction ends."""
        key = f"masterflow.people:{self.session.tenant.client_account_id}"
        await self.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    async def holders(self) -> Holders:
        """Who manages the client and its engagements, without those who are disabled."""
        statement = (
            select(memberships.c.role, memberships.c.engagement_id)
            .select_from(memberships.join(users, users.c.id == memberships.c.user_id))
            .where(self.session.mine(memberships), memberships.c.role.in_([Role.LEAD, Role.CLIENT_ADMIN]))
            .where(users.c.disabled_at.is_(None), ~self._suspension().exists())
            .distinct()
        )
        held = (await self.session.execute(statement)).all()
        return Holders(
            has_admin=any(row.role == Role.CLIENT_ADMIN for row in held),
            led=frozenset(row.engagement_id for row in held if row.role == Role.LEAD),
        )

    async def person(self, user_id: UUID) -> Member | None:
        """A user of the client with the roles held in this session's engagement, which may be none."""
        row = (await self.session.execute(self._people().where(users.c.id == user_id))).first()
        return _member(row) if row else None

    async def by_address(self, email: str) -> Member | None:
        """The same by address."""
        row = (await self.session.execute(self._people().where(users.c.email == email))).first()
        return _member(row) if row else None

    async def holds(self, user_id: UUID, role: Role) -> bool:
        """Whether a user holds a role anywhere in the client."""
        held = select(memberships.c.id).where(
            self.session.mine(memberships), memberships.c.user_id == user_id, memberships.c.role == role
        )
        return (await self.session.execute(held.limit(1))).first() is not None

    async def suspend(self, user_id: UUID, *, made_by: str) -> None:
        """Disable a user in this client; one who is disabled already stays so since then."""
        values = self.session.stamp(suspensions) | {"user_id": user_id, "made_by": made_by}
        await self.session.execute(insert_or_ignore(suspensions).values(values).on_conflict_do_nothing())
        await self.end_sessions(user_id)

    async def resume(self, user_id: UUID) -> None:
        """Let a user act in this client again."""
        mine = self.session.mine(suspensions)
        await self.session.execute(delete(suspensions).where(mine, suspensions.c.user_id == user_id))

    async def end_sessions(self, user_id: UUID) -> None:
        """End what a user is signed in with in this client, and the links that would sign in."""
        await self._end(
            and_(self.session.mine(sessions), sessions.c.user_id == user_id),
            and_(self.session.mine(sign_in_links), sign_in_links.c.user_id == user_id),
        )

    async def end_sessions_everywhere(self, user_id: UUID) -> None:
        """The same in every client; only the owner's role sees them."""
        await self._end(sessions.c.user_id == user_id, sign_in_links.c.user_id == user_id)

    async def set_disabled(self, user_id: UUID, moment: datetime | None) -> None:
        """Disable a user in every client, or no longer; only the owner's role may."""
        await self.session.execute(update(users).where(users.c.id == user_id).values(disabled_at=moment))

    async def now(self) -> datetime:
        """The database's clock."""
        moment: datetime = (await self.session.execute(select(func.now()))).scalar_one()
        return moment

    async def create_service_account(self, name: str) -> UUID:
        """A new service account of the client, without a role.

        Raises:
            Conflict: the client has one of that name.
        """
        client = str(self.session.tenant.client_account_id)
        await self.session.execute(select(func.set_config("app.client", client, True)))
        made: UUID | None = (await self.session.execute(select(func.create_service_account(name)))).scalar()
        if made is None:
            raise Conflict(
                f"The client has a service account called '{name}' already.",
                hint="Give it a role, or choose another name.",
            )
        return made

    async def service_accounts(self, *, cursor: str | None, limit: int) -> Page[Member]:
        """The service accounts of the client, also those without a role here, oldest first."""
        chosen = self._people().where(users.c.service_of == self.session.tenant.client_account_id)
        key = (users.c.created_at, users.c.id)
        if cursor is not None:
            chosen = chosen.where(tuple_(*key) > tuple_(*read_cursor(cursor)))
        rows = (await self.session.execute(chosen.order_by(*key).limit(limit + 1))).all()
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=tuple(_member(row) for row in rows[:limit]),
            cursor=write_cursor(last.created_at, last.id) if last else None,
        )

    async def _end(self, whose: ColumnElement[bool], links: ColumnElement[bool]) -> None:
        live = (whose, sessions.c.revoked_at.is_(None))
        await self.session.execute(update(sessions).where(*live).values(revoked_at=func.now()))
        await self.session.execute(delete(sign_in_links).where(links, sign_in_links.c.used_at.is_(None)))

    def _people(self) -> Select[Any]:
        """Users with a role anywhere in the client, and its service accounts, with their roles here."""
        client, engagement = self.session.tenant.client_account_id, self.session.tenant.engagement_id
        here = or_(memberships.c.engagement_id.is_(None), memberships.c.engagement_id == engagement)
        held = func.array_agg(memberships.c.role).filter(memberships.c.id.is_not(None), here)
        joined = users.outerjoin(
            memberships, and_(memberships.c.user_id == users.c.id, self.session.mine(memberships))
        ).outerjoin(suspensions, and_(suspensions.c.user_id == users.c.id, self.session.mine(suspensions)))
        return (
            select(
                users,
                func.coalesce(users.c.disabled_at, suspensions.c.since).label("disabled"),
                held.label("roles"),
            )
            .select_from(joined)
            .where(or_(memberships.c.id.is_not(None), users.c.service_of == client))
            .group_by(users.c.id, suspensions.c.since)
        )

    def _suspension(self) -> Select[Any]:
        same = suspensions.c.user_id == memberships.c.user_id
        return select(suspensions.c.user_id).where(self.session.mine(suspensions), same).correlate(memberships)


def _member(row: Row[Any]) -> Member:
    return Member(user=user_of(row), roles=frozenset(Role(role) for role in row.roles or ()))
