"""How every list is asked for and answered: a page at a time, continued by the cursor of the page before."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from masterflow.db.keyset import DEFAULT_PAGE, LARGEST_PAGE

Cursor = Annotated[str | None, Query(max_length=400, description="The cursor of the page before; none: the first page")]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many entries the page may hold")]

FULL_PAGE = DEFAULT_PAGE


class Listed(BaseModel):
    """One page: `cursor` asks for the next one and is null at the end."""

    cursor: str | None
