"""How every list is asked for and answered: a page at a time, continued by the cursor of the page before."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BaseModel

from masterflow.db.keyset import DEFAULT_PAGE, LARGEST_PAGE
from masterflow.errors import InvalidInput

T = TypeVar("T")

Cursor = Annotated[str | None, Query(max_length=400, description="The cursor of the page before; none: the first page")]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many entries the page may hold")]

FULL_PAGE = DEFAULT_PAGE


class Listed(BaseModel):
    """One page: `cursor` asks for the next one and is null at the end."""

    cursor: str | None


def part_of(items: Sequence[T], *, cursor: str | None, limit: int) -> tuple[Sequence[T], str | None]:
    """One page of a short list that is read as a whole, and the cursor of the next page.

    Raises:
        InvalidInput: no page gave the cursor.
    """
    if cursor is not None and not cursor.isdecimal():
        raise InvalidInput(f"No list gave the cursor {cursor[:80]!r}.", hint="Start again without a cursor.")
    start = int(cursor or 0)
    end = start + limit
    return items[start:end], str(end) if end < len(items) else None
