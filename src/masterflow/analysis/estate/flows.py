"""Rows of a dependency table as the analysis takes them: who talked to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from masterflow.errors import Place


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Talk between two ends, each by address, host name or application; `source` asks, `target` answers on `port`.

    `oriented` is True where the evidence itself says which end serves: a listening socket, a trace, a stated relation.
    `origin` names the format that tells it ("aws_vpc_flow"), `observations` how many lines were added up.
    """

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
    source_process: str | None = None
    target_process: str | None = None
    oriented: bool = False
    origin: str | None = None
    observations: int = 1


def window_of(rows: Sequence[FlowRow]) -> tuple[datetime, datetime] | None:
    """The first and the last moment that any row was seen, or None when no row says."""
    starts = [r.first_seen for r in rows if r.first_seen]
    ends = [r.last_seen for r in rows if r.last_seen]
    return (min(starts), max(ends)) if starts and ends else None
