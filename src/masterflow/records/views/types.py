"""Saved views as values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a person looks at a page: `query` is the query text of its address. `shared`: everybody here sees it.

    `made_by` is the owner's e-mail; `mine` whether the reader is the owner, who alone may delete it.
    """

    id: UUID
    name: str
    page: str
    query: str
    shared: bool
    made_by: str
    mine: bool
    created_at: datetime


Views = tuple[View, ...]
