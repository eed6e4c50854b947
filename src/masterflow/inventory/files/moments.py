"""Moments as logs write them."""

import re
from datetime import UTC, datetime

FRACTION = re.compile(r"(\.\d{6})\d+")  # nanoseconds; a datetime has microseconds


def moment_in(text: str | None) -> datetime | None:
    """An ISO 8601 moment in UTC; None for no text. One without zone is taken as UTC.

    Raises:
        ValueError: the text is no moment.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(FRACTION.sub(r"\1", text))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
