"""Dates and times as sources write them, read as aware UTC."""

import re
from datetime import UTC, datetime, timedelta

from masterflow.analysis.estate.values import Parsed, is_placeholder, parsed_once, shown, visible_text
from masterflow.inventory.reading import CellValue

EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
EXCEL_SERIALS = (10_000, 80_000)  # days: 1927 to 2119
UNIX_SECONDS = (10**8, 10**10)  # 1973 to 2286
NUMERIC_DATE = re.compile(
    r"(?P<a>\d{1,4})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{2,4})"
    r"(?:[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>[AaPp][Mm])?)?"
)

MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "mär": 3, "mrz": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8,
    "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip
TIME = r"(?:,? (?P<time>\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?))?"
NAMED_DATES = (
    re.compile(r"(?P<day>\d{1,2})\.?[- /](?P<month>[^\W\d]{3,9})\.?,?[- /](?P<year>\d{4})" + TIME),
    re.compile(r"(?:[A-Za-z]{3,9},? )?(?P<month>[^\W\d]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})" + TIME),
    re.compile(r"[A-Za-z]{3} (?P<month>[A-Za-z]{3}) (?P<day>\d{1,2}) (?P<time>\d{1,2}:\d{2}:\d{2}) (?P<year>\d{4})"),
)


@parsed_once
def parse_moment(cell: CellValue) -> Parsed[datetime]:
    """A moment in UTC; what names no zone is taken as UTC.

    Reads ISO 8601, spreadsheet dates and their serial numbers, Unix seconds or milliseconds, and numeric dates. A date
    like 03/04/2026 could be March or April: it is refused rather than guessed.
    """
    if isinstance(cell, datetime):
        return Parsed(_utc(cell), "spreadsheet_date")
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_number(float(cell), cell)
    text = visible_text(cell)
    if not text or is_placeholder(text):
        return Parsed(None, "blank")
    if text.isdigit() and len(text) >= 9:
        return _from_number(float(text), cell)
    text = re.sub(r"\s*(?:UTC|GMT)$", "", text)
    try:
        return Parsed(_utc(datetime.fromisoformat(text)), "iso_date")
    except (ValueError, OverflowError):
        named = _with_month_number(text)
        return _from_numeric_date(named or text, cell, rule="date_with_month_name" if named else "numeric_date")


def _with_month_number(text: str) -> str | None:
    """A date with its month in words ("23-Nov-2026", "Nov 23, 2026") as year-month-day; None for others."""
    for pattern in NAMED_DATES:
        found = pattern.fullmatch(text)
        month = MONTHS.get(found["month"].casefold()[:3]) if found else None
        if found and month:
            return f"{found['year']}-{month}-{found['day']}" + (f" {found['time']}" if found["time"] else "")
    return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_number(number: float, cell: CellValue) -> Parsed[datetime]:
    if EXCEL_SERIALS[0] <= number <= EXCEL_SERIALS[1]:
        return Parsed(EXCEL_EPOCH + timedelta(days=number), "spreadsheet_serial")
    for scale, rule in ((1, "unix_seconds"), (1000, "unix_milliseconds")):
        if UNIX_SECONDS[0] <= number / scale <= UNIX_SECONDS[1]:
            return Parsed(datetime.fromtimestamp(number / scale, tz=UTC), rule)
    return _unreadable(cell)


def _from_numeric_date(text: str, cell: CellValue, *, rule: str) -> Parsed[datetime]:
    found = NUMERIC_DATE.fullmatch(text)
    if found is None:
        return _unreadable(cell)
    order = _order(found)
    if order is None:
        message = f"'{shown(cell)}' could be day/month or month/day; write it as YYYY-MM-DD."
        return Parsed(None, "numeric_date", message, "cell.ambiguous_date")
    year, month, day = order
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].casefold() == "pm" else 0)
    try:
        moment = datetime(year, month, day, hour, int(found["minute"] or 0), int(found["second"] or 0), tzinfo=UTC)
    except ValueError:
        return _unreadable(cell)
    return Parsed(moment, rule)


def _order(found: re.Match[str]) -> tuple[int, int, int] | None:
    """Year, month and day, or None when the order of day and month cannot be told."""
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        return a, b, c
    year = c if c > 99 else 2000 + c
    if found["sep"] == "." or a > 12:
        return year, b, a
    if b > 12 or a == b:
        return year, a, b
    return None


def _unreadable(cell: CellValue) -> Parsed[datetime]:
    return Parsed(None, "date", f"'{shown(cell)}' is not a date; write it as YYYY-MM-DD.", "cell.not_a_date")
