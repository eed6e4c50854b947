"""Taking a header apart: its words, the unit and the number in it.

"RAM.UsedSizeInMB.Avg" is about "ram used size avg" in MB; "Disk 3 size (In GB)" is about "disk n size" in GB.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from masterflow.analysis.mapping.concepts import concepts
from masterflow.analysis.mapping.units import bracketed, per_second, unit_word
from masterflow.inventory.fields import squashed

WORD = re.compile(r"[^\W_]+")
CAMEL = re.compile(
    r"(?<=[a-z0-9])(?<!\bv)(?=[A-Z])"  # dnsName, but not vCPU
    r"|(?<=[A-Z])(?=[A-Z][a-z])(?!Pv\d)(?![A-Z]s(?![a-z]))"  # IPAddress, but not IPv4 or CPUs
)
BINARY_UNIT = re.compile(r"(?<![A-Z])([KMGT]iB)(?![a-z])")
REPEATED = re.compile(r" \(\d+\)$")  # what the reader adds to a name that comes twice
CUSTOM_PREFIX = re.compile(r"^(u_|x_[a-z0-9]+_|custom[ _.]|cf_)", re.IGNORECASE)  # how CMDBs mark a column of one's own
GLUED_UNITS = ("gib", "mib", "tib", "gb", "mb", "tb", "mhz", "ghz", "pct")
MAX_INDEX = 99
ENTITY_WORDS = (
    "server asset ci device machine host vm computer node system instance guest resource item hardware hw",
    "primary current main my configuration virtual object",
)  # what a row is about, said again in front of every header
ENTITIES = frozenset(word for words in ENTITY_WORDS for word in words.split())
WRITTEN_OUT = {
    "server": "srv svr",
    "name": "nm",
    "business": "biz bus",
    "environment": "env",
    "application": "app",
    "department": "dept",
    "description": "desc",
    "address": "addr",
    "location": "loc",
    "manager": "mgr",
    "number": "num no nr nbr",
    "count": "qty cnt",
    "memory": "mem",
    "processor": "proc",
    "version": "ver",
    "datacenter": "dc",
    "manufacturer": "mfr mfg",
    "serial": "ser",
    "group": "grp",
    "organization": "org",
    "utilization": "util utilisation",
    "average": "avg",
    "total": "tot",
    "system": "sys",
    "computer": "comp",
    "source": "src",
    "destination": "dst dest",
    "criticality": "crit",
    "license": "lic",
    "virtual": "virt",
    "physical": "phys",
    "center": "centre",
    "capacity": "cap",
    "provisioned": "prov",
    "allocated": "alloc",
}  # the long form of what people shorten
ABBREVIATIONS = {word: long for long, words in WRITTEN_OUT.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class HeaderName:
    """A header taken apart. `words` are without unit; `index` is the number of "Network #3"; `bare` has no brackets."""

    text: str
    words: tuple[str, ...]
    bare: tuple[str, ...]
    unit: str | None = None
    index: int | None = None

    @property
    def tokens(self) -> frozenset[str]:
        """What the words say, by which headers are compared: those of one meaning made equal, small ones left out."""
        return concepts(self.words)


def header_name(text: str) -> HeaderName:
    """The words, unit and number of a header."""
    plain = unicodedata.normalize("NFKC", REPEATED.sub("", text)).strip().lstrip("*").strip()
    plain = CUSTOM_PREFIX.sub("", plain)
    without_unit, unit = bracketed(plain)
    words = words_of(without_unit)
    if unit is None:
        words, unit = without_unit_words(words)
    if unit is None:
        words, unit = without_glued_unit(words)
    words, index = without_index(words)
    bare = words_of(re.sub(r"[(\[][^()\[\]]*[)\]]", " ", without_unit))
    return HeaderName(text, tuple(words), tuple(without_index(bare)[0]), unit, index)


def words_of(text: str) -> list[str]:
    """Lower-case words, camelCase taken apart; "#" counts and "%" is per cent."""
    spaced = BINARY_UNIT.sub(lambda found: f" {found.group(1).lower()} ", text)
    spaced = CAMEL.sub(" ", spaced.replace("#", " num ").replace("%", " pct "))
    return [word.casefold() for word in WORD.findall(spaced)]


def without_unit_words(words: list[str]) -> tuple[list[str], str | None]:
    """Words without the unit: the last word, or one after "in"."""
    for place, word in enumerate(words):
        unit = unit_word(word)
        if unit is None or len(words) == 1:
            continue
        after_in = place > 0 and words[place - 1] == "in"
        if after_in or (place == len(words) - 1 and len(word) > 1):
            rest = words[: place - 1 if after_in else place] + words[place + 1 :]
            rate = "per" in rest and ("second" in rest or "sec" in rest)
            return rest or words, per_second(unit) if rate else unit
    return words, None


def without_glued_unit(words: list[str]) -> tuple[list[str], str | None]:
    """Words without a unit that the last one ends with, as in "ramgb"."""
    for unit in GLUED_UNITS:
        if words and words[-1].endswith(unit) and len(words[-1]) > len(unit) + 1:
            return [*words[:-1], words[-1].removesuffix(unit)], unit_word(unit)
    return words, None


def without_index(words: list[str]) -> tuple[list[str], int | None]:
    """Words with the number of a numbered column replaced by "n"."""
    for place, word in enumerate(words):
        if word.isascii() and word.isdigit() and len(words) > 1 and int(word) <= MAX_INDEX:
            before = words[:place]
            if before and before[-1] == "num":
                before = before[:-1]
            return [*before, "n", *words[place + 1 :]], int(word)
    return words, None


def spellings(name: HeaderName) -> Iterator[tuple[str, float, str]]:
    """Ways to write the name as one word, with how much each may be trusted and why, best first."""
    yield squashed(name.text), 0.98, "is a known name of"
    joined = "".join(name.words)
    yield joined, 0.97, "is a known name of"
    if name.index is not None:
        yield "".join(word for word in name.words if word != "n"), 0.95, "with its number is a known name of"
    if name.bare != name.words and name.bare:
        yield "".join(name.bare), 0.94, "without its brackets is a known name of"
    yield "".join(ABBREVIATIONS.get(word, word) for word in name.words), 0.95, "written out is a known name of"
    yield from with_or_without_name(name.words)
    if name.words[:1] == ("num",):
        yield "".join(name.words[1:]), 0.92, "without its number sign is a known name of"
    if name.words[-1:] == ("tags",):
        yield "tags", 0.91, "ends like"
    for rest in without_entity(name.words):
        yield "".join(rest), 0.92, "after its first word is a known name of"


def with_or_without_name(words: tuple[str, ...]) -> Iterator[tuple[str, float, str]]:
    """ "Wave name" may be written "Wave", "VM" means the name of the VM, and "NICs" how many there are."""
    joined = "".join(words)
    if words[-1:] == ("name",) and len(words) > 1:
        yield joined.removesuffix("name"), 0.93, "but for the word name is a known name of"
    elif words:
        yield joined + "name", 0.93, "with the word name is a known name of"
    if joined.endswith("s") and not joined.endswith("ss"):
        yield joined.removesuffix("s") + "count", 0.9, "as a number of things is a known name of"


def without_entity(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words after "server", "asset" and their like, which say what the row is about."""
    place = 0
    while place < len(words) - 1 and words[place] in ENTITIES:
        place += 1
        yield words[place:]
