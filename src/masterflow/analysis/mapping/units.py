"""Which unit the numbers of a column are in: by the header, by texts such as "16 GB", else by their size."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from masterflow.inventory.fields import Field, FieldKind
from masterflow.inventory.files.cells import SIZE, number_of, text_of
from masterflow.inventory.reading import CellValue

UNIT_SPELLINGS = {
    "bytes": "b byte bytes",
    "KB": "kb kbyte kbytes kilobyte kilobytes ko",
    "KiB": "kib",
    "MB": "mb mbyte mbytes megabyte megabytes mo",
    "MiB": "mib",
    "GB": "gb gbyte gbytes gigabyte gigabytes gig gigs go",
    "GiB": "gib",
    "TB": "tb terabyte terabytes",
    "TiB": "tib",
    "PB": "pb",
    "PiB": "pib",
    "MHz": "mhz megahertz",
    "GHz": "ghz gigahertz",
    "%": "pct percent percentage prozent pourcent",
    "days": "day days tage",
    "hours": "hour hours hr hrs stunden",
    "minutes": "minute minutes min mins minuten",
    "seconds": "second seconds sec secs sekunden",
    "ms": "ms",
    "IOPS": "iops ops",
    "bytes/s": "bps",
    "KB/s": "kbps",
    "MB/s": "mbps",
    "GB/s": "gbps",
}
UNIT_WORDS = {word: unit for unit, words in UNIT_SPELLINGS.items() for word in words.split()}
SIZE_UNITS = frozenset({"bytes", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "PB", "PiB"})
RATE_UNITS = frozenset({"MHz", "GHz", "IOPS", "bytes/s", "KB/s", "KiB/s", "MB/s", "MiB/s", "GB/s", "GiB/s"})
DURATION_UNITS = frozenset({"days", "hours", "minutes", "seconds", "ms"})
UNITS_OF_KIND = {
    FieldKind.SIZE: SIZE_UNITS,
    FieldKind.RATE: RATE_UNITS,
    FieldKind.PERCENT: frozenset({"%"}),
    FieldKind.DURATION: DURATION_UNITS,
}
MEBIBYTE = 2**20
SLOWEST_MHZ = 100


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a column. `sure` is False when it was judged by the size of the numbers alone."""

    name: str | None
    sure: bool = True


def unit_word(word: str) -> str | None:
    """The unit that a word of a header names."""
    return UNIT_WORDS.get(word.casefold())


def per_second(unit: str) -> str:
    """The rate of a size: MB → MB/s."""
    return f"{unit}/s" if unit in SIZE_UNITS else unit


def unit_in_values(values: Sequence[CellValue]) -> str | None:
    """The unit that most texts of a column carry, as in "16 GB"."""
    written = [found.group(2) for value in values if (found := SIZE.fullmatch(text_of(value)))]
    if len(written) * 2 <= sum(value is not None for value in values):
        return None
    spelled = [word.casefold() + ("b" if len(word) == 1 and word.casefold() != "b" else "") for word in written]
    return unit_word(Counter(spelled).most_common(1)[0][0].replace("ibb", "ib"))


def unit_by_size(field: Field, values: Sequence[CellValue]) -> Unit:
    """The unit in which the numbers would be usual for the field; unsure where two units would be."""
    numbers = [number for value in values if (number := number_of(value)) is not None and number > 0]
    if field.kind is FieldKind.PERCENT:
        ratio = bool(numbers) and max(numbers) <= 1 and any(number < 1 for number in numbers)
        return Unit("ratio" if ratio else "%", sure=not ratio)
    if field.measure == "cpu_speed" and numbers:
        return Unit("MHz" if median(numbers) >= SLOWEST_MHZ else "GHz")
    if field.kind is not FieldKind.SIZE or not numbers:
        return Unit(field.unit)
    if field.measure == "memory":
        return memory_unit(numbers)
    if field.unit == "GB":
        return disk_unit(median(numbers))
    return Unit(field.unit)


def memory_unit(numbers: Sequence[float]) -> Unit:
    """Machines have 1 to 2,000 GB: smaller and larger numbers speak for themselves."""
    middle = median(numbers)
    if middle >= 256 * MEBIBYTE:
        return Unit("bytes")
    if middle >= 4 * MEBIBYTE:
        return Unit("KB", sure=False)
    if middle >= 2048:
        return Unit("MB")
    if middle > 512:
        return Unit("MB", sure=all(number % 256 == 0 for number in numbers))
    return Unit("GB", sure=max(numbers) <= 512)


def disk_unit(middle: float) -> Unit:
    """Machines have 10 to 100,000 GB of disk."""
    if middle >= 10**9:
        return Unit("bytes", sure=False)
    if middle >= 10**5:
        return Unit("MB", sure=False)
    return Unit("GB", sure=middle >= 8)


def belongs(unit: str | None, kind: FieldKind) -> bool:
    """Whether values of this kind can be in the unit."""
    return unit is not None and unit in UNITS_OF_KIND.get(kind, frozenset())


def family(unit: str) -> str:
    """Units that one field of a measure stands for: MiB and MB are one, so are GiB, TB and GB."""
    if unit in SIZE_UNITS:
        return {"b": "bytes", "K": "MB", "M": "MB"}.get(unit[0], "GB")
    return unit


def bracketed(text: str) -> tuple[str, str | None]:
    """A header without the unit in brackets: "Memory (In MB)" → "Memory ", MB; other brackets stay."""
    for found in re.finditer(r"[(\[]([^()\[\]]*)[)\]]", text):
        unit = unit_of_phrase(found.group(1))
        if unit:
            return text[: found.start()] + " " + text[found.end() :], unit
    return text, None


def unit_of_phrase(phrase: str) -> str | None:
    """The unit of "In MB", "MB per second", "operations per second", "%"."""
    words = re.findall(r"[^\W\d_]+|%", phrase.casefold().replace("/", " per ").replace("%", " pct "))
    words = [word for word in words if word not in ("in", "the", "of", "avg")]
    if len(words) == 3 and words[1] == "per" and words[2] in ("s", "sec", "second"):
        unit = "IOPS" if words[0] == "operations" else unit_word(words[0])
        return per_second(unit) if unit else None
    return unit_word(words[0]) if len(words) == 1 else None
