"""Saved views for one verified person."""

import re
from uuid import UUID

from masterflow.db.session import Database
from masterflow.errors import Conflict, InvalidInput, NotAllowed, NotFound
from masterflow.records.views.store import MOST_VIEWS, ViewStore
from masterflow.records.views.types import View, Views
from masterflow.tenancy.names import clean_name
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal

LONGEST_QUERY = 2_000  # characters
_PAGE = re.compile(r"[a-z][a-z0-9-]{0,59}")


class SavedViews:
    """The saved views of the person's engagement: their own, and those that others share.

    Every method raises `NotAllowed` for a person without the role.
    """

    def __init__(self, database: Database, principal: Principal) -> None:
        self._database = database
        self._principal = principal

    async def list(self, page: str | None = None) -> Views:
        """The views that the person sees, by page and name; of one page only, if it is named."""
        self._principal.require(Operation.READ_FLOWS)
        async with self._database.transaction(self._principal.tenant) as session:
            return await ViewStore(session, self._principal.user_id).list(page)

    async def save(self, name: str, *, page: str, query: str, shared: bool = False) -> View:
        """Keep a view; one that is shared needs the right to run flows.

        Raises:
            InvalidInput: no name, a page that none is called so, or a query of more than 2,000 characters.
            Conflict: the person has one of this name for the page, or 100 views.
        """
        self._principal.require(Operation.READ_FLOWS)
        if shared:
            self._principal.require(Operation.RUN_FLOWS)
        name = clean_name("The view's name", name)
        _require_fitting(page, query)
        async with self._database.transaction(self._principal.tenant) as session:
            store = ViewStore(session, self._principal.user_id)
            if await store.count() >= MOST_VIEWS:
                raise Conflict(f"You have {MOST_VIEWS} saved views, the most there may be.", hint="Delete one first.")
            made_by = self._principal.email
            view = await store.add(name=name, page=page, query=query, shared=shared, made_by=made_by)
        if view is None:
            raise Conflict(f"You have a view '{name}' of '{page}'.", hint="Give it another name, or delete that one.")
        return view

    async def delete(self, view_id: UUID) -> None:
        """Forget one of the person's own views.

        Raises:
            NotFound: the person sees none with this id.
            NotAllowed: somebody else shares it.
        """
        self._principal.require(Operation.READ_FLOWS)
        async with self._database.transaction(self._principal.tenant) as session:
            store = ViewStore(session, self._principal.user_id)
            view = await store.get(view_id)
            if view is None:
                raise NotFound("There is no such view.", hint="List the views to see their ids.")
            if not view.mine:
                raise NotAllowed(f"The view '{view.name}' is shared by {view.made_by}.", hint="Ask them to delete it.")
            await store.delete(view_id)


def _require_fitting(page: str, query: str) -> None:
    if not _PAGE.fullmatch(page):
        raise InvalidInput(f"{page[:80]!r} is no page.", hint="Name it by small letters, digits and dashes: flows.")
    if len(query) > LONGEST_QUERY:
        raise InvalidInput(f"The query has {len(query):,} characters.", hint=f"Use at most {LONGEST_QUERY:,}.")
