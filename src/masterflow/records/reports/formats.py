"""How figures are written for a reader: separators, units, days and shares, the same in every document."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

NBSP = "\u00a0"
UNKNOWN = "unknown"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # whatever the locale

# XML and HTML forbid these; lone surrogates cannot be encoded at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Replace characters that no document may hold, so that a hostile or damaged cell cannot stop the report."""
    return _FORBIDDEN.sub("\ufffd", text)


def clip(text: str, limit: int = 240) -> str:
    """Shorten a text that would swamp its table; the ellipsis says that something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def number(value: float | Decimal | None) -> str:
    """A count or measure with thousands separators; whole numbers show no fraction."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def counted(value: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: "1 server", "1,200 servers"."""
    noun = singular if value == 1 else plural or f"{singular}s"
    return f"{value:,}{NBSP}{noun}"


def share(part: float, whole: float) -> float:
    """A part of a whole as 0 to 1; nothing of nothing is 0."""
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


def percent(value: float | None) -> str:
    """A share (0 to 1) in percent. What is not quite nothing or not quite all never rounds to either."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.01:
        return f"under 1{NBSP}%"
    if 0.99 < value < 1:
        return f"over 99{NBSP}%"
    return f"{value * 100:.0f}{NBSP}%"


def fine_percent(value: float | None) -> str:
    """A share (0 to 1) in percent with one decimal."""
    return UNKNOWN if value is None else f"{value * 100:.1f}{NBSP}%"


def size(mib: float | None) -> str:
    """A size given in MiB in the largest unit that reads well, to three figures."""
    if mib is None:
        return UNKNOWN
    amount, unit = float(mib), "MiB"
    for larger in ("GiB", "TiB", "PiB"):
        if abs(amount) < 1024:
            break
        amount, unit = amount / 1024, larger
    decimals = 0 if unit == "MiB" or amount >= 100 else 1 if amount >= 10 else 2
    text = f"{amount:,.{decimals}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{NBSP}{unit}"


def day(value: date | None) -> str:
    """A day as "7 Jan 2027"."""
    return UNKNOWN if value is None else f"{value.day}{NBSP}{month(value)}"


def month(value: date) -> str:
    """A month as "Jan 2027"."""
    return f"{MONTHS[value.month - 1]}{NBSP}{value.year}"


def span(start: date, end: date) -> str:
    """Two days as a range, without repeating the year."""
    first = f"{start.day}{NBSP}{MONTHS[start.month - 1]}" if start.year == end.year else day(start)
    return f"{first} – {day(end)}"


def moment(value: datetime | None) -> str:
    """A moment in UTC to the minute."""
    if value is None:
        return UNKNOWN
    utc = value.astimezone(UTC)
    return f"{day(utc.date())}, {utc:%H:%M}{NBSP}UTC"


def words(value: str) -> str:
    """A name of our own such as "not_ready" as words."""
    return value.replace("_", " ")


def listed(names: list[str], limit: int = 3) -> str:
    """A few names in a sentence: "a, b and c", or "a, b, c and 4 more"."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
