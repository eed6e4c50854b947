"""Moments as commands take them: a day, or a day and a time, by UTC."""

from datetime import UTC, datetime

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def in_utc(moment: datetime | None) -> datetime | None:
    """What was typed, as an aware moment; None stays None."""
    return None if moment is None else moment.replace(tzinfo=UTC)
