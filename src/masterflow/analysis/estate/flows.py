"""Rows of a dependency table as the analysis takes them: who talked to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from masterflow.errors import Place


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Talk between two ends, each by address, host name or application; `source` asks, `target` answers on `port`."""

    place: Place
    source: str | None
    target: str | None
    source_hostname: str | None = None
    target_hostname: str | None = None
    source_application: str | None = None
    target_application: str | None = None
    port: int | None = None
    protocol: str | None = None
    connections: int | None = None
    bytes_total: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None


def window_of(rows: Sequence[FlowRow]) -> tuple[datetime, datetime] | None:
    """The first and the last moment that any row was seen, or None when no row says."""
    starts = [r.first_seen for r in rows if r.first_seen]
    ends = [r.last_seen for r in rows if r.last_seen]
    return (min(starts), max(ends)) if starts and ends else None
