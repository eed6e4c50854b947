"""Where saved views are kept."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from masterflow.db.session import Session
from masterflow.db.tables.views import saved_views
from masterflow.records.views.types import View, Views

MOST_VIEWS = 100  # of one person in one engagement
_SEEN = 1_000  # of a page; more than anybody looks through


class ViewStore:
    """The saved views of one engagement that a person sees, in one transaction."""

    def __init__(self, session: Session, user_id: UUID) -> None:
        self._session = session
        self._user_id = user_id

    async def list(self, page: str | None) -> Views:
        """The person's own and those that are shared, by page and name; of one page only, if it is named."""
        query = self._visible().order_by(saved_views.c.page, saved_views.c.name, saved_views.c.id).limit(_SEEN)
        if page is not None:
            query = query.where(saved_views.c.page == page)
        return tuple(self._view(row) for row in await self._session.execute(query))

    async def get(self, view_id: UUID) -> View | None:
        """One view, or None if the person sees none with this id."""
        row = (await self._session.execute(self._visible().where(saved_views.c.id == view_id))).first()
        return self._view(row) if row else None

    async def count(self) -> int:
        """How many the person has; nobody adds one for them until this transaction ends."""
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"views/{self._user_id}", 0))
        await self._session.execute(sa.select(lock))
        own = sa.select(sa.func.count()).select_from(saved_views).where(self._own())
        return int((await self._session.execute(own)).scalar_one())

    async def add(self, *, name: str, page: str, query: str, shared: bool, made_by: str) -> View | None:
        """Keep a view; None if the person has one of this name for the page."""
        values = {"user_id": self._user_id, "made_by": made_by}
        values |= {"name": name, "page": page, "query": query, "shared": shared}
        insert = pg_insert(saved_views).values(**self._session.stamp(saved_views), **values)
        written = insert.on_conflict_do_nothing().returning(saved_views)
        row = (await self._session.execute(written)).first()
        return self._view(row) if row else None

    async def delete(self, view_id: UUID) -> None:
        """Forget one of the person's own."""
        await self._session.execute(sa.delete(saved_views).where(self._own(), saved_views.c.id == view_id))

    def _own(self) -> sa.ColumnElement[bool]:
        return sa.and_(self._session.mine(saved_views), saved_views.c.user_id == self._user_id)

    def _visible(self) -> sa.Select[Any]:
        seen = sa.or_(saved_views.c.shared, saved_views.c.user_id == self._user_id)
        return sa.select(saved_views).where(self._session.mine(saved_views), seen)

    def _view(self, row: Any) -> View:
        return View(
            id=row.id,
            name=row.name,
            page=row.page,
            query=row.query,
            shared=row.shared,
            made_by=row.made_by,
            mine=row.user_id == self._user_id,
            created_at=row.created_at,
        )
