"""What one cell holds: cleaned for storage, and the shape of its text.

A shape says what a text looks like and nothing about what it means: `10.0.0.1` is an address, whether it belongs to a
server or to a gateway is for the header to say.
"""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address

from masterflow.inventory.reading import CellValue

RawCell = CellValue | date | time | timedelta  # what spreadsheet and JSON readers hand out


class Shape(StrEnum):
    """What a text looks like."""

    BLANK = "blank"
    BOOLEAN = "boolean"
    NUMBER = "number"
    PERCENT = "percent"  # "35 %"
    SIZE = "size"  # "16 GB"
    DATE = "date"
    ADDRESS = "address"  # IPv4 or IPv6
    NETWORK = "network"  # 10.0.0.0/24
    MAC = "mac"
    UUID = "uuid"
    EMAIL = "email"
    URL = "url"
    FQDN = "fqdn"
    WORD = "word"  # one word without spaces
    TEXT = "text"


MAX_KEPT_TEXTS = 100_000  # that are looked up to be kept once
STORABLE_INTEGER = 2**63  # beyond this a number stays as it was written
NUMBER = re.compile(r"[+-]?(\d{1,3}([,.' ]\d{3})+|\d+)([.,]\d+)?([eE][+-]?\d{1,3})?")
PERCENT = re.compile(r"[+-]?\d+([.,]\d+)?\s?%")
SIZE = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s?([KMGTP]i?B?|B|bytes|[MG]hz)\b", re.IGNORECASE)
DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{2,4})"
    r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?([AP]M|Z|[+-]\d{2}:?\d{2}|UTC)?)?",
    re.IGNORECASE,
)
MAC = re.compile(r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4}", re.IGNORECASE)
UUID = re.compile(r"\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}", re.IGNORECASE)
URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
FQDN = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}\.?", re.IGNORECASE)
BOOLEANS = frozenset({"true", "false", "yes", "no"})
PATTERNS = (
    (PERCENT, Shape.PERCENT),
    (NUMBER, Shape.NUMBER),
    (SIZE, Shape.SIZE),
    (DATE, Shape.DATE),
    (MAC, Shape.MAC),
    (UUID, Shape.UUID),
    (EMAIL, Shape.EMAIL),
    (URL, Shape.URL),
)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database text and no UTF-8 output can hold these


def cleaned(cell: RawCell) -> CellValue:
    """The cell as it can be kept: nothing for blank text, whole numbers without ".0", no NUL and no half surrogates."""
    if isinstance(cell, str):
        return without_unstorable(cell) if cell.strip() else None
    if isinstance(cell, float):
        return whole_if_possible(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell if abs(cell) < STORABLE_INTEGER else str(cell)
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a spreadsheet date has no zone
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


class Once(dict[str, CellValue]):
    """Texts as they can be kept, the same text in many rows once, as long as there are not too many different ones."""

    def __missing__(self, text: str) -> CellValue:
        value = cleaned(text)
        if len(self) < MAX_KEPT_TEXTS:
            self[text] = value
        return value


def without_unstorable(text: str) -> str | None:
    """The text without NUL characters, half surrogates replaced; None when nothing is left."""
    if not UNSTORABLE.search(text):
        return text
    kept = UNSTORABLE.sub(lambda found: "" if found.group() == "\x00" else "\ufffd", text)
    return kept if kept.strip() else None


def whole_if_possible(number: float) -> CellValue:
    """Spreadsheets store every number as a fraction; None for not-a-number and the infinities."""
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - only NaN differs from itself
        return None
    return int(number) if number.is_integer() and abs(number) < STORABLE_INTEGER else number


def text_of(cell: CellValue) -> str:
    """The cell as trimmed text; "" for an empty one."""
    if cell is None:
        return ""
    return str(cell).strip()


@lru_cache(maxsize=65_536)  # tables of connections name the same addresses over and over
def is_address(text: str) -> bool:
    """Whether the text is one IPv4 or IPv6 address."""
    if not text or text[0] not in "0123456789abcdefABCDEF:":
        return False
    try:
        ip_address(text.split("%", 1)[0])
    except ValueError:
        return False
    return True


def shape_of(cell: CellValue) -> Shape:
    """What the cell looks like; lists of addresses count as addresses."""
    if cell is None:
        return Shape.BLANK
    if isinstance(cell, bool):
        return Shape.BOOLEAN
    if isinstance(cell, int | float):
        return Shape.NUMBER
    if isinstance(cell, datetime):
        return Shape.DATE
    return shape_of_text(cell.strip())


def shape_of_text(text: str) -> Shape:
    """What a trimmed text looks like."""
    if not text:
        return Shape.BLANK
    if text.casefold() in BOOLEANS:
        return Shape.BOOLEAN
    if is_address(text) or is_list_of_addresses(text):
        return Shape.ADDRESS
    for pattern, shape in PATTERNS:
        if pattern.fullmatch(text):
            return shape
    if is_network(text):
        return Shape.NETWORK
    if FQDN.fullmatch(text):
        return Shape.FQDN
    return Shape.TEXT if any(letter.isspace() for letter in text) else Shape.WORD


def is_list_of_addresses(text: str) -> bool:
    """Whether the text is two or more addresses between commas, semicolons or spaces."""
    parts = re.split(r"[,;\s]+", text.strip("[]{} "))
    return len(parts) > 1 and all(is_address(part.strip("\"'")) for part in parts if part)


def is_network(text: str) -> bool:
    """Whether the text is an address with a prefix length."""
    address, slash, length = text.partition("/")
    return bool(slash) and length.isdigit() and is_address(address)


def number_of(cell: CellValue) -> float | None:
    """The number a cell holds, also with a percent sign, a unit or thousands separators; None for anything else."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, datetime):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    return number_of_text(cell.strip())


def number_of_text(text: str) -> float | None:
    """The number a text says; "1.234,5" and "1,234.5" are the same, "1,5" is one and a half."""
    sized = SIZE.fullmatch(text)
    digits = (sized.group(1) if sized else text).rstrip("% ").replace(" ", "").replace("'", "")
    if not re.fullmatch(r"[+-]?[\d.,]*\d([eE][+-]?\d{1,3})?", digits):
        return None
    return float(with_decimal_point(digits))


def with_decimal_point(digits: str) -> str:
    """The last of "." and "," is the decimal sign, unless it stands before groups of exactly three digits twice."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    sign = digits[last]
    other = "," if sign == "." else "."
    if digits.count(sign) > 1:
        return digits.replace(sign, "").replace(other, ".")
    if sign == "," and other not in digits and re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", digits):
        return digits.replace(",", "")
    return digits.replace(other, "").replace(sign, ".")
