"""Cursors of keyset-paged lists: where the last page ended, opaque to the caller."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from masterflow.errors import InvalidInput

LARGEST_PAGE = 200
LONGEST_PAGE = 1000  # of the lists of an estate
DEFAULT_PAGE = 50
LONGEST_WHOLE = 9  # digits of a place in a list; more would not fit into the column


def cursor_of(parts: Sequence[str | datetime | UUID]) -> str:
    """The cursor of the last row of a page, from the values it is sorted by."""
    texts = [part.isoformat() if isinstance(part, datetime) else str(part) for part in parts]
    return base64.urlsafe_b64encode(orjson.dumps(texts)).decode().rstrip("=")


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


def whole_of(part: str, cursor: str) -> int:
    """A part of a cursor that is a whole number, such as a place in a list."""
    if not part.isascii() or not part.isdecimal() or len(part) > LONGEST_WHOLE:
        raise _refused(cursor)
    return int(part)


def moment_of(part: str, cursor: str) -> datetime:
    """A part of a cursor that is a moment with its time zone."""
    try:
        moment = datetime.fromisoformat(part)
    except ValueError as error:
        raise _refused(cursor) from error
    if moment.tzinfo is None:
        raise _refused(cursor)
    return moment


def write_cursor(moment: datetime, key: UUID) -> str:
    """The cursor of a list ordered by a moment and a key."""
    return cursor_of((moment, key))


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """What `write_cursor` put in.

    Raises:
        InvalidInput: no list gave this cursor.
    """
    moment, key = parts_of(cursor, count=2)
    return moment_of(moment, cursor), uuid_of(key, cursor)


def clean_limit(limit: int, largest: int = LARGEST_PAGE) -> int:
    """`limit` if a page may be that large.

    Raises:
        InvalidInput: it is not 1 to `largest`.
    """
    if not 1 <= limit <= largest:
        raise InvalidInput(f"A page cannot hold {limit} entries.", hint=f"Ask for 1 to {largest}.")
    return limit


def _refused(cursor: str) -> InvalidInput:
    return InvalidInput(f"{cursor[:80]!r} is no cursor of this list.", hint="Start again without a cursor.")
