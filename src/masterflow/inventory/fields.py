"""The inventory fields: what a column of any export can mean.

A field has one name everywhere: in mapping proposals, facts and reports. The fields, their units and the header texts
they go by are data, in `fields.toml` beside this file, whose first lines explain the keys.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType


class FieldKind(StrEnum):
    """What the values of a field are."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    CHOICE = "choice"  # one of a few words
    INTEGER = "integer"
    NUMBER = "number"
    SIZE = "size"
    RATE = "rate"
    PERCENT = "percent"
    MONEY = "money"
    DATE = "date"
    DURATION = "duration"
    BOOLEAN = "boolean"
    LIST = "list"
    ADDRESS = "address"
    MAC = "mac"
    VERSION = "version"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing a column can mean.

    `aliases` mean the field whatever their case and signs; `hints` may mean it. Fields that differ only in their unit
    share a `measure`. `topic` "flow" restricts a field to sheets that name both ends of a connection.
    """

    name: str
    kind: FieldKind
    about: str
    unit: str | None = None
    measure: str | None = None
    topic: str | None = None
    aliases: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


def squashed(header: str) -> str:
    """A header without case, spaces and signs, so that spellings of one name are equal: "IP_Address" → "ipaddress"."""
    counted = header.casefold().replace("#", " num ").replace("%", " pct ")
    return "".join(letter for letter in counted if letter.isalnum())


def _load() -> tuple[Field, ...]:
    text = files("masterflow.inventory").joinpath("fields.toml").read_text(encoding="utf-8")
    return tuple(_field(name, entry) for name, entry in tomllib.loads(text).items())


def _field(name: str, entry: Mapping[str, object]) -> Field:
    aliases, hints = entry.get("aliases", ()), entry.get("hints", ())
    unit, measure, topic = entry.get("unit"), entry.get("measure"), entry.get("topic")
    return Field(
        name=name,
        kind=FieldKind(str(entry["kind"])),
        about=str(entry["about"]),
        unit=str(unit) if unit else None,
        measure=str(measure) if measure else None,
        topic=str(topic) if topic else None,
        aliases=(name, *(str(alias) for alias in aliases)) if isinstance(aliases, list) else (name,),
        hints=tuple(str(hint) for hint in hints) if isinstance(hints, list) else (),
    )


FIELDS: tuple[Field, ...] = _load()
BY_NAME: Mapping[str, Field] = MappingProxyType({field.name: field for field in FIELDS})
KNOWN_NAMES: frozenset[str] = frozenset(
    squashed(phrase) for field in FIELDS for phrase in (*field.aliases, *field.hints)
)  # every header text that some field goes by: tells a header row from a title
