"""Queries on sessions and on the links that open them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Row, delete, func, insert, select, tuple_, update

from masterflow.db.keyset import read_cursor, write_cursor
from masterflow.db.retention import KEPT_LINKS, KEPT_SESSIONS
from masterflow.db.session import Session
from masterflow.db.tables.tenancy import sessions, sign_in_links
from masterflow.tenancy.recency import TOUCH_EVERY
from masterflow.tenancy.store import principal_of, state_of
from masterflow.tenancy.tokens import SESSION_IDLE, SESSION_LIFETIME
from masterflow.tenancy.types import Access, BrowserSession, Page, SecretState, Tenant, Through

_RESOLVE = """
    SELECT session_id, user_id, email, kind, client_account_id, engagement_id, roles, used_last
    FROM resolve_session($1, $2)
"""
_SIGN_IN = """
    SELECT session_id, user_id, client_account_id, engagement_id, expires_at FROM sign_in($1, $2, $3, $4, $5)
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just been opened."""

    id: UUID
    user_id: UUID
    tenant: Tenant
    expires_at: datetime


async def resolve_session(
    connection: asyncpg.Connection, secret_hash: bytes, engagement_id: UUID | None
) -> tuple[Access, bool] | None:
    """Who a session lets in, in that engagement or in the one used last, and whether it is another one than then."""
    row = await connection.fetchrow(_RESOLVE, secret_hash, engagement_id)
    if row is None:
        return None
    return Access(
        principal_of(row, through=f"{Through.SESSION}:{row['session_id']}"), Through.SESSION, row["session_id"]
    ), row["engagement_id"] != row["used_last"]


async def sign_in(
    connection: asyncpg.Connection, *, code_hash: bytes, secret_hash: bytes, browser: str | None
) -> Opened | None:
    """Use up a link and open its session, both or neither; None if the link is good for nothing."""
    row = await connection.fetchrow(_SIGN_IN, code_hash, secret_hash, browser, SESSION_LIFETIME, SESSION_IDLE)
    if row is None:
        return None
    tenant = Tenant(row["client_account_id"], row["engagement_id"])
    return Opened(id=row["session_id"], user_id=row["user_id"], tenant=tenant, expires_at=row["expires_at"])


@dataclass(frozen=True, slots=True)
class SigningStore:
    """The sessions and links of one client."""

    session: Session

    async def insert_link(
        self, user_id: UUID, *, code_hash: bytes, made_by: str | None, lifetime: timedelta
    ) -> datetime:
        """A new link that opens a session of a user in this session's engagement; answers when it expires.

        Links and sessions that are long over go on the way.
        """
        await self._sweep()
        values = self.session.stamp(sign_in_links) | {
            "user_id": user_id,
            "engagement_id": self.session.tenant.engagement_id,
            "code_hash": code_hash,
            "made_by": made_by,
            "expires_at": func.now() + lifetime,
        }
        made = await self.session.execute(insert(sign_in_links).values(values).returning(sign_in_links.c.expires_at))
        expires_at: datetime = made.scalar_one()
        return expires_at

    async def touch(self, session_id: UUID, *, moved: bool) -> None:
        """Note that a session was used, and in which engagement, unless that was noted within the last minute."""
        used: dict[str, object] = {"last_seen_at": func.now(), "idle_until": func.now() + SESSION_IDLE}
        statement = update(sessions).where(self.session.mine(sessions), sessions.c.id == session_id)
        if moved:
            used["engagement_id"] = self.session.tenant.engagement_id
        else:
            statement = statement.where(sessions.c.last_seen_at < func.now() - TOUCH_EVERY)
        await self.session.execute(statement.values(used))

    async def sessions(self, owner: UUID, *, cursor: str | None, limit: int) -> Page[BrowserSession]:
        """The sessions of a user in this client, oldest first."""
        key = (sessions.c.created_at, sessions.c.id)
        state = state_of(sessions.c.revoked_at, func.least(sessions.c.expires_at, sessions.c.idle_until))
        chosen = select(sessions, state.label("state")).where(self.session.mine(sessions), sessions.c.user_id == owner)
        if cursor is not None:
            chosen = chosen.where(tuple_(*key) > tuple_(*read_cursor(cursor)))
        rows = (await self.session.execute(chosen.order_by(*key).limit(limit + 1))).all()
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=tuple(_session(row) for row in rows[:limit]),
            cursor=write_cursor(last.created_at, last.id) if last else None,
        )

    async def end(self, owner: UUID, session_id: UUID) -> bool:
        """End a session of a user now; False if the user has none of that id."""
        mine = (self.session.mine(sessions), sessions.c.user_id == owner, sessions.c.id == session_id)
        ended = func.coalesce(sessions.c.revoked_at, func.now())
        done = await self.session.execute(update(sessions).where(*mine).values(revoked_at=ended))
        return done.rowcount > 0

    async def _sweep(self) -> None:
        old = sign_in_links.c.expires_at < func.now() - KEPT_LINKS
        await self.session.execute(delete(sign_in_links).where(self.session.mine(sign_in_links), old))
        over = sessions.c.expires_at < func.now() - KEPT_SESSIONS
        await self.session.execute(delete(sessions).where(self.session.mine(sessions), over))


def _session(row: Row[Any]) -> BrowserSession:
    return BrowserSession(
        id=row.id,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        state=SecretState(row.state),
        browser=row.browser,
        made_by=row.made_by,
    )
