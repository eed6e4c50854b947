"""Cells become values: text, numbers, sizes, yes and no, percents and the vocabularies people use.

Every parser takes a raw cell and answers a `Parsed`: the value or None, the name of the rule that made it, and a
problem when the cell holds something that cannot be used. None of them raises; a blank or a placeholder is None without
a problem.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache, wraps
from typing import Generic, TypeVar

from masterflow.errors import Place
from masterflow.inventory.reading import CellValue, Reject
from masterflow.inventory.types import Criticality, Environment

T_co = TypeVar("T_co", covariant=True)


def words(text: str) -> frozenset[str]:
    """The words of a text, as vocabularies are written here."""
    return frozenset(text.split())


PLACEHOLDERS = words(
    "- -- --- . .. ? ?? # n/a na n.a. n.a none null nil nan unknown undefined unspecified tbd tba tbc vm k.a. "
    "(none) (null) (unknown) <none> <null> <unknown> [none]"
) | {"not available", "not specified", "not applicable", "not set", "not found", "to be determined", "<not set>"}
SPREADSHEET_ERRORS = words(
    "#ref! #n/a #name? #value! #div/0! #null! #num! #getting_data #spill! #calc! #field! #bezug! #wert! #nv"
)
INVISIBLE = dict.fromkeys([0, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
MIB = 1024 * 1024  # bytes
BYTES_PER_UNIT: Mapping[str, int] = {
    "b": 1, "byte": 1, "bytes": 1,
    "k": 1024, "kb": 1024, "kib": 1024,
    "m": MIB, "mb": MIB, "mib": MIB,
    "g": MIB * 1024, "gb": MIB * 1024, "gib": MIB * 1024,
    "t": MIB * 1024**2, "tb": MIB * 1024**2, "tib": MIB * 1024**2,
    "p": MIB * 1024**3, "pb": MIB * 1024**3, "pib": MIB * 1024**3,
    "ko": 1024, "mo": MIB, "go": MIB * 1024, "to": MIB * 1024**2,  # French octets
    "kilobytes": 1024, "megabytes": MIB, "gigabytes": MIB * 1024, "terabytes": MIB * 1024**2,
}  # fmt: skip
TRUE_WORDS = words("true t yes y 1 on enabled wahr ja vrai oui verdadero si sí vero sim verdadeiro")
FALSE_WORDS = words("false f no n 0 off disabled falsch nein faux non falso nao não")
SIZE_WITH_UNIT = re.compile(
    r"(?:(?:~|≈|ca\.?|approx\.?) ?)?(?:(?P<times>\d{1,3}) ?[x×*] ?)?(?P<number>.*\d)\s*(?P<unit>[A-Za-z]+)\.?"
    r"(?: (?:ram|memory|disk|hdd|ssd|storage))?",
    re.IGNORECASE,
)
PLAIN_DIGITS = 18
MOST_KEPT = 1 << 15  # cells whose meaning a parser remembers
KEPT_KINDS = frozenset({str, int})
LARGEST_NUMBER = Decimal(10) ** 18  # beyond any count, size or price of an estate; such cells are damaged


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T_co]):
    """What became of a cell: `problem` is a sentence about the part that cannot be used, `code` its stable name."""

    value: T_co | None
    rule: str
    problem: str | None = None
    code: str = "cell.invalid"

    def reject(self, place: Place, cell: CellValue) -> Reject | None:
        """The reject for this cell, or None when nothing is wrong; the row stays usable."""
        if self.problem is None:
            return None
        return Reject(place=place, code=self.code, message=f"{self.problem} The row is kept.", value=shown(cell))


def parsed_once(parser: Callable[[CellValue], Parsed[T_co]]) -> Callable[[CellValue], Parsed[T_co]]:
    """The parser, which looks at a text or a whole number only once: exports repeat them in every row.

    Other cells are not kept, because `True` and `1.0` equal 1 and are read differently.
    """
    kept = lru_cache(maxsize=MOST_KEPT)(parser)

    @wraps(parser)
    def parse(cell: CellValue) -> Parsed[T_co]:
        return kept(cell) if type(cell) in KEPT_KINDS else parser(cell)

    return parse


def shown(cell: CellValue) -> str:
    """The cell as a person would read it, at most 200 characters."""
    return ("" if cell is None else str(cell))[:200]


def visible_text(cell: CellValue) -> str:
    """The cell as trimmed text without NUL, zero-width characters and runs of white space; "" for an empty cell."""
    if isinstance(cell, str):
        return _trimmed(cell)
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


@lru_cache(maxsize=1 << 16)  # exports repeat the same words in every row
def _trimmed(text: str) -> str:
    return " ".join(text.translate(INVISIBLE).split())


def is_placeholder(text: str) -> bool:
    """Whether the text only says that nothing is known ("n/a", "unknown", "none", "VM")."""
    return text.casefold() in PLACEHOLDERS


def is_spreadsheet_error(cell: CellValue) -> bool:
    """Whether the cell holds the text of a failed formula, such as "#REF!" or "#N/A"."""
    return isinstance(cell, str) and visible_text(cell).casefold() in SPREADSHEET_ERRORS


@parsed_once
def parse_text(cell: CellValue) -> Parsed[str]:
    """Trimmed text; placeholders and failed formulas are None."""
    text = visible_text(cell)
    if not text:
        return Parsed(None, "blank")
    if text.casefold() in SPREADSHEET_ERRORS:
        return Parsed(None, "spreadsheet_error", f"'{text}' is a failed formula.", "cell.spreadsheet_error")
    if is_placeholder(text):
        return Parsed(None, "placeholder")
    again = decoded_again(text)
    return Parsed(text, "text") if again is None else Parsed(again, "text_decoded_again")


@lru_cache(maxsize=1 << 14)
def decoded_again(text: str) -> str | None:
    """The text behind UTF-8 that somebody read as a Western code page ("GrÃ¶ÃŸe" is "Größe"); None where it is none.

    Only a text whose every foreign letter is part of a complete UTF-8 sequence is taken for one, so "SÃO PAULO" stays.
    """
    if text.isascii():
        return None
    for code_page in ("cp1252", "latin-1"):
        try:
            return visible_text(text.encode(code_page).decode("utf-8"))
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return None


def known_text(cell: CellValue) -> str | None:
    """Shorthand for `parse_text(cell).value`."""
    return parse_text(cell).value


@parsed_once
def parse_decimal(cell: CellValue) -> Parsed[Decimal]:
    """A number in English ("1,024.5"), continental ("1.024,5") or Swiss ("1'024") writing.

    One separator followed by exactly three digits means thousands for a comma and a fraction for a point.
    """
    return _number(cell, dot_is_thousands=False)


def parse_integer(cell: CellValue) -> Parsed[int]:
    """A whole number; "1.024" means 1024 here, because a count has no fraction."""
    if isinstance(cell, str) and cell.isascii() and cell.isdigit() and len(cell) < PLAIN_DIGITS:
        return Parsed(int(cell), "integer")  # nearly every cell of a flow log
    number = _number(cell, dot_is_thousands=True)
    if number.value is None:
        return Parsed(None, number.rule, number.problem, number.code)
    if number.value != number.value.to_integral_value():
        return Parsed(None, "integer", f"'{shown(cell)}' is not a whole number.", "cell.not_a_number")
    return Parsed(int(number.value), "integer")


@parsed_once
def parse_count(cell: CellValue) -> Parsed[int]:
    """A whole number that cannot be negative, such as processors or disks."""
    number = parse_integer(cell)
    if number.value is not None and number.value < 0:
        return Parsed(None, "count", f"'{shown(cell)}' is below zero.", "cell.out_of_range")
    return Parsed(number.value, "count" if number.value is not None else number.rule, number.problem, number.code)


def _number(cell: CellValue, *, dot_is_thousands: bool) -> Parsed[Decimal]:
    if isinstance(cell, bool):
        return Parsed(None, "number", f"'{cell}' is not a number.", "cell.not_a_number")
    if isinstance(cell, float) and not math.isfinite(cell):
        return Parsed(None, "number", f"'{cell}' is not a finite number.", "cell.not_a_number")
    text = visible_text(cell)
    if text in {"", "-", "--", "---"}:
        return Parsed(None, "blank")
    try:
        value = Decimal(
            text if isinstance(cell, int | float) else plain_digits(text, dot_is_thousands=dot_is_thousands)
        )
    except InvalidOperation:
        return Parsed(None, "number", f"'{shown(cell)}' is not a number.", "cell.not_a_number")
    if not value.is_finite() or abs(value) > LARGEST_NUMBER:
        return Parsed(None, "number", f"'{shown(cell)}' is too large to be right.", "cell.out_of_range")
    return Parsed(value, "number")


def plain_digits(text: str, *, dot_is_thousands: bool) -> str:
    """The number written with a point for the fraction and nothing for thousands."""
    text = re.sub(r"(?<=\d)['’ _](?=\d)", "", text)
    comma, dot = text.rfind(","), text.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands, fraction = (",", ".") if dot > comma else (".", ",")
        return text.replace(thousands, "").replace(fraction, ".")
    if comma >= 0:
        grouped = re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", text)
        return text.replace(",", "" if grouped else ".")
    if re.fullmatch(r"[-+]?\d{1,3}(\.\d{3}){2,}", text) or (
        dot_is_thousands and re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}", text)
    ):
        return text.replace(".", "")
    return text


def parse_size_mib(cell: CellValue, *, unit: str) -> Parsed[int]:
    """A size in MiB, rounded. A unit written in the cell ("16 GB") outranks `unit`, the unit of the column.

    Units are binary whatever their spelling: vCenter, RVTools and most CMDBs write MB or GB and mean MiB or GiB.
    """
    return _size_of_repeated(cell, unit) if type(cell) in KEPT_KINDS else _size(cell, unit)


def _size(cell: CellValue, unit: str) -> Parsed[int]:
    text = visible_text(cell)
    written = SIZE_WITH_UNIT.fullmatch(text) if isinstance(cell, str) else None
    if written and written["unit"].casefold() in BYTES_PER_UNIT:
        number, used, rule = parse_decimal(written["number"]), written["unit"], "size_unit_in_cell"
        if written["times"] and number.value is not None:
            number, rule = Parsed(number.value * int(written["times"]), "number"), "size_product_in_cell"
    else:
        number, used, rule = parse_decimal(cell), unit, "size"
    if number.value is None:
        return Parsed(None, number.rule, number.problem, number.code)
    bytes_per_unit = BYTES_PER_UNIT.get(used.strip().casefold())
    if bytes_per_unit is None:
        return Parsed(None, rule, f"'{used}' is not a unit of size; use MiB, GiB or TiB.", "cell.unknown_unit")
    if number.value < 0:
        return Parsed(None, rule, f"'{shown(cell)}' is below zero.", "cell.out_of_range")
    mib = (number.value * bytes_per_unit / MIB).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Parsed(int(mib), f"{rule}_{used.strip().casefold()}_to_mib")


_size_of_repeated = lru_cache(maxsize=MOST_KEPT)(_size)


@parsed_once
def parse_boolean(cell: CellValue) -> Parsed[bool]:
    """Yes or no in the words of several languages; vCenter writes "True" and "False" as text."""
    if isinstance(cell, bool):
        return Parsed(cell, "boolean")
    text = visible_text(cell).casefold()
    if not text or is_placeholder(text):
        return Parsed(None, "blank")
    if text in TRUE_WORDS:
        return Parsed(True, "boolean_word")
    if text in FALSE_WORDS:
        return Parsed(False, "boolean_word")
    return Parsed(None, "boolean_word", f"'{shown(cell)}' is neither yes nor no.", "cell.not_a_boolean")


@parsed_once
def parse_percent(cell: CellValue) -> Parsed[Decimal]:
    """A percentage from 0 to 100, with or without the sign."""
    bare = re.sub(r"\s*(%|percent|prozent|pct)$", "", visible_text(cell).casefold()) if isinstance(cell, str) else cell
    number = parse_decimal(bare)
    if number.value is not None and not 0 <= number.value <= 100:
        return Parsed(None, "percent", f"'{shown(cell)}' is not between 0 and 100 percent.", "cell.out_of_range")
    return Parsed(number.value, "percent" if number.value is not None else number.rule, number.problem, number.code)


ENVIRONMENT_WORDS: Mapping[str, Environment] = {
    **dict.fromkeys(words("production prod prd produktion productive produktiv live p"), Environment.PRODUCTION),
    **dict.fromkeys(
        words("staging stage stg preprod preproduction pre-production pre-prod ppd uat acceptance acc abnahme sit s"),
        Environment.STAGING,
    ),
    **dict.fromkeys(words("test testing tst tes qa quality qas q t integration int"), Environment.TEST),
    **dict.fromkeys(words("development dev develop entwicklung sandbox sbx lab d"), Environment.DEVELOPMENT),
    **dict.fromkeys(
        ["dr", "disaster recovery", "disaster_recovery", "disaster-recovery", "recovery", "drp", "failover"],
        Environment.DISASTER_RECOVERY,
    ),
}
CRITICALITY_WORDS: Mapping[str, Criticality] = {
    **dict.fromkeys(
        ["critical", "most critical", "mission critical", "mission-critical", "business critical", "very high",
         "tier 0", "tier 1", "p1", "1", "platinum", "kritisch", "vital", "essential"],
        Criticality.CRITICAL,
    ),
    **dict.fromkeys(
        ["high", "somewhat critical", "important", "tier 2", "p2", "2", "gold", "hoch", "major"], Criticality.HIGH
    ),
    **dict.fromkeys(
        ["medium", "moderate", "normal", "less critical", "tier 3", "p3", "3", "silver", "mittel", "average"],
        Criticality.MEDIUM,
    ),
    **dict.fromkeys(
        ["low", "not critical", "non critical", "non-critical", "minor", "tier 4", "tier 5", "p4", "p5", "4", "5",
         "bronze", "niedrig", "minimal", "very low"],
        Criticality.LOW,
    ),
}  # fmt: skip
POWER_WORDS: Mapping[str, str] = {
    **dict.fromkeys(words("poweredon on running up powered_on started active online poweron"), "poweredOn"),
    **dict.fromkeys(
        words("poweredoff off stopped down powered_off shutdown halted terminated deallocated offline poweroff"),
        "poweredOff",
    ),
    **dict.fromkeys(words("suspended suspend paused saved hibernated"), "suspended"),
}


@parsed_once
def parse_environment(cell: CellValue) -> Parsed[Environment]:
    """The environment in the words of the vocabulary; "Non-Prod" says too little and is a problem, not a guess."""
    text = known_text(cell)
    if text is None:
        return Parsed(None, "blank")
    folded = text.casefold()
    found = ENVIRONMENT_WORDS.get(folded) or ENVIRONMENT_WORDS.get(re.sub(r"[^a-z]+", " ", folded).strip())
    if found is None and not re.search(r"\bnon", folded):
        words = {ENVIRONMENT_WORDS[w] for w in re.findall(r"[a-z]{2,}", folded) if w in ENVIRONMENT_WORDS}
        found = words.pop() if len(words) == 1 else None
    if found is None:
        return Parsed(None, "environment_word", f"'{text}' names no known environment.", "cell.unknown_word")
    return Parsed(found, "environment_word")


@parsed_once
def parse_criticality(cell: CellValue) -> Parsed[Criticality]:
    """The criticality in words or on a scale whose 1 is the most critical ("1 - most critical", "Tier 2", "High")."""
    text = known_text(cell)
    if text is None:
        return Parsed(None, "blank")
    folded = re.sub(r"\s+", " ", text.casefold())
    bare = re.sub(r"^\d\s*[-–:.)]\s*", "", folded)
    found = CRITICALITY_WORDS.get(folded) or CRITICALITY_WORDS.get(bare)
    if found is None:
        return Parsed(None, "criticality_word", f"'{text}' is on no known scale of criticality.", "cell.unknown_word")
    return Parsed(found, "criticality_word")


@parsed_once
def parse_power_state(cell: CellValue) -> Parsed[str]:
    """vCenter's words "poweredOn", "poweredOff" or "suspended", from the words of other tools."""
    text = known_text(cell)
    if text is None:
        return Parsed(None, "blank")
    found = POWER_WORDS.get(re.sub(r"[\s-]+", "", text.casefold()))
    if found is None:
        return Parsed(None, "power_word", f"'{text}' is not a known power state.", "cell.unknown_word")
    return Parsed(found, "power_word")
