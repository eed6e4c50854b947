"""What a text says about a product, and how well that product is supported on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from masterflow.analysis.eol.snapshot import Cycle, Ending
from masterflow.records.assessments.types import WORST_FIRST, SupportStatus

DEFAULT_MONTHS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class ProductMatch:
    """The product and release cycle that a text names; what it does not say is None.

    `product` and `cycle` are endoflife.date names. `confidence` (0 to 1) is about the whole answer: it stays at 0.5 or
    below while the cycle is unknown. `note` says why something is unknown or was inferred.
    """

    product: str | None
    release: Cycle | None
    confidence: float
    note: str = ""

    @property
    def cycle(self) -> str | None:
        """The name of the release cycle."""
        return self.release.name if self.release else None

    @property
    def eol(self) -> date | None:
        """The day support ends; None also where endoflife.date records only whether it has ended."""
        return _date(self.release.ends) if self.release else None

    @property
    def extended_eol(self) -> date | None:
        """The day paid or long-term support ends, where there is such a thing."""
        return _date(self.release.extended_ends) if self.release else None


UNKNOWN_PRODUCT = ProductMatch(None, None, 0.0, "the text names no product whose support dates are known")


@dataclass(frozen=True, slots=True)
class Support:
    """The status of a product on a day and the sentence that explains it."""

    status: SupportStatus
    sentence: str
    at: date


def support_status(match: ProductMatch, *, at: date, months_ahead: int = DEFAULT_MONTHS_AHEAD) -> Support:
    """How well a product is supported on the day `at`, today or the day of its wave.

    `within_12_months` means that support ends within `months_ahead` months of that day. A day on which support ends
    counts as ended.
    """
    if match.product is None or match.release is None:
        return Support(SupportStatus.UNKNOWN, f"Until when it is supported is not known: {match.note}.", at)
    name = f"{match.product} {match.release.name}"
    return cycle_support(match.release, name=name, at=at, months_ahead=months_ahead)


def cycle_support(cycle: Cycle, *, name: str, at: date, months_ahead: int = DEFAULT_MONTHS_AHEAD) -> Support:
    """How well one release cycle is supported on the day `at`; `name` is how the sentence calls it."""
    if _passed(cycle.ends, at):
        return _after_the_end(cycle, name=name, at=at)
    if cycle.ends is False:
        return Support(SupportStatus.SUPPORTED, f"{name} is supported; no end has been announced.", at)
    horizon = months_later(at, months_ahead)
    if isinstance(cycle.ends, date) and cycle.ends <= horizon:
        sentence = f"Support of {name} ends on {cycle.ends}, within {months_ahead} months of {at}."
        return Support(SupportStatus.WITHIN_12_MONTHS, sentence, at)
    return Support(SupportStatus.SUPPORTED, f"{name} is supported until {cycle.ends}.", at)


def worst_status(statuses: Collection[SupportStatus]) -> SupportStatus:
    """The status that decides for a group of servers: the worst that is known; unknown only when none is."""
    known = set(statuses) - {SupportStatus.UNKNOWN}
    return next((s for s in WORST_FIRST if s in known), SupportStatus.UNKNOWN)


def months_later(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    return date(day.year + years, month + 1, 28)


def _after_the_end(cycle: Cycle, *, name: str, at: date) -> Support:
    since = f"on {cycle.ends}" if isinstance(cycle.ends, date) else "on a day that is not recorded"
    if cycle.extended_ends is None or _passed(cycle.extended_ends, at):
        extended = _date(cycle.extended_ends)
        also = f", extended support on {extended}" if extended and extended != cycle.ends else ""
        return Support(SupportStatus.ENDED, f"Support of {name} ended {since}{also}.", at)
    until = f"until {cycle.extended_ends}" if isinstance(cycle.extended_ends, date) else "without an announced end"
    sentence = f"Support of {name} ended {since}; extended support is offered {until}."
    return Support(SupportStatus.EXTENDED_ONLY, sentence, at)


def _passed(ending: Ending, at: date) -> bool:
    return ending if isinstance(ending, bool) else ending <= at


def _date(ending: Ending | None) -> date | None:
    return None if isinstance(ending, bool) else ending
