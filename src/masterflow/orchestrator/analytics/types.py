"""What is asked of the counters, and what they answer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from masterflow.db.status import FlowStatus
from masterflow.errors import InvalidInput
from masterflow.orchestrator.analytics.tally import Count, Wait

LONGEST_WINDOW = timedelta(days=366)
DEFAULT_WINDOW = timedelta(days=30)


class Scope(StrEnum):
    """Whose flows are counted."""

    ENGAGEMENT = "engagement"
    CLIENT = "client"  # of the client's engagements those in which the caller may read a client's figures


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days in UTC, the first and the last one included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, *, today: date) -> "Window":
        """The window between two days; without a last day it ends `today`, without a first it has 30 days.

        Raises:
            InvalidInput: it ends before it begins, or has more than 366 days.
        """
        last = last or today
        try:
            first = first or last - DEFAULT_WINDOW + timedelta(days=1)
        except OverflowError:
            first = date.min
        if last < first:
            raise InvalidInput(f"The window ends on {last}, before it begins on {first}.", hint="Swap the two days.")
        if last - first >= LONGEST_WINDOW:
            raise InvalidInput(
                f"The window has {(last - first).days + 1:,} days.", hint=f"Ask for at most {LONGEST_WINDOW.days}."
            )
        return cls(first, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeStanding:
    """How many flows of a type there are now, deleted ones not counted."""

    flow_type: str
    total: int
    by_status: dict[FlowStatus, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCounts:
    """What happened to the flows of a type on one `day`, or in the whole window where it is None.

    `success_rate` is completed / (completed + failed + cancelled), None while nothing has ended.
    """

    flow_type: str
    day: date | None
    counts: dict[Count, int]
    success_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long something took: exact count and total, quantiles within 5 per cent; None where nothing was measured."""

    count: int
    total_seconds: float
    p50_seconds: float | None
    p95_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTiming:
    """How long a phase ran, each execution that ended with a result."""

    flow_type: str
    phase: str
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitTiming:
    """How long flows of a type stood still for one reason; each wait on the day on which it ended."""

    flow_type: str
    wait: Wait
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why flows of a type failed, and how often on which day."""

    flow_type: str
    phase: str | None
    code: str | None
    error_class: str | None
    count: int
    days: dict[date, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analytics:
    """The report of one engagement or client.

    `as_of` is the moment of the newest event that is counted in; later ones follow within a tick of the relay. None:
    no event was counted yet.
    """

    scope: Scope
    engagements: tuple[UUID, ...]
    window: Window
    as_of: datetime | None
    flows: tuple[TypeStanding, ...]
    totals: tuple[TypeCounts, ...]
    days: tuple[TypeCounts, ...]
    phases: tuple[PhaseTiming, ...]
    waits: tuple[WaitTiming, ...]
    failures: tuple[Cause, ...]
