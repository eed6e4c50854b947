"""The id under which a run's events, failures and log lines are found together."""

from uuid import uuid4

from structlog.contextvars import get_contextvars

KEY = "correlation_id"
LONGEST = 64  # characters


def current() -> str | None:
    """The id of the request or run that this code works for, or None if it works for none."""
    bound = get_contextvars()
    found = bound.get("request_id") or bound.get(KEY)
    return str(found)[:LONGEST] if found else None


def fresh() -> str:
    """An id for a run that no request started."""
    return uuid4().hex
