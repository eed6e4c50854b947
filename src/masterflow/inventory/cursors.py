"""Where a page of a list ended, as an opaque text that the next request hands back."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from masterflow.errors import InvalidInput

DEFAULT_PAGE = 50
LONGEST_PAGE = 1000


def cursor_of(parts: Sequence[str | datetime | UUID]) -> str:
    """The cursor of the last row of a page, from the values it is sorted by."""
    return (
        base64.urlsafe_b64encode(
            orjson.dumps([part.isoformat() if isinstance(part, datetime) else str(part) for part in parts])
        )
        .decode()
        .rstrip("=")
    )


def parts_of(cursor: str, *, count: int) -> list[str]:
    """The values behind a cursor.

    Raises:
        InvalidInput: the text is no cursor of this list.
    """
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _refused(cursor) from error
    if not isinstance(parts, list) or len(parts) != count or not all(isinstance(part, str) for part in parts):
        raise _refused(cursor)
    return parts


def uuid_of(part: str, cursor: str) -> UUID:
    """A part of a cursor that is an id."""
    try:
        return UUID(part)
    except ValueError as error:
        raise _refused(cursor) from error


def moment_of(part: str, cursor: str) -> datetime:
    """A part of a cursor that is a moment."""
    try:
        return datetime.fromisoformat(part)
    except ValueError as error:
        raise _refused(cursor) from error


def bounded_limit(limit: int) -> int:
    """A page size between 1 and 1,000.

    Raises:
        InvalidInput: it is not.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise InvalidInput(f"limit is {limit}.", hint=f"Ask for 1 to {LONGEST_PAGE}.")
    return limit


def _refused(cursor: str) -> InvalidInput:
    return InvalidInput(f"{cursor[:80]!r} is no cursor of this list.", hint="Take the cursor of the page before.")
