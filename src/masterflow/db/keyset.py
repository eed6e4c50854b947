"""Cursors of keyset-paged lists: where the last page ended, opaque to the caller."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from masterflow.errors import InvalidInput

LARGEST_PAGE = 200
DEFAULT_PAGE = 50


def write_cursor(moment: datetime, key: UUID) -> str:
    """The cursor of a list ordered by a moment and a key."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{key}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """What `write_cursor` put in.

    Raises:
        InvalidInput: no list gave this cursor.
    """
    try:
        moment, key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        at, row = datetime.fromisoformat(moment), UUID(key)
    except (ValueError, binascii.Error):
        at, row = None, None
    if at is None or row is None or at.tzinfo is None:
        raise InvalidInput(f"No list gave the cursor {cursor[:80]!r}.", hint="Start again without a cursor.")
    return at, row


def clean_limit(limit: int) -> int:
    """`limit` if a page may be that large.

    Raises:
        InvalidInput: it is not 1 to 200.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page cannot hold {limit} entries.", hint=f"Ask for 1 to {LARGEST_PAGE}.")
    return limit
