"""The endoflife.date snapshot that ships with the package.

Rebuilt by `tools/build_eol_snapshot.py`; read once, each product parsed when it is first asked for.
"""

import gzip
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

OPERATING_SYSTEMS = "os"
DATABASES = "database"

RawCycle = list[str | bool | None]
Ending = date | bool  # False: no end announced, True: ended on a day that was not recorded


@dataclass(frozen=True, slots=True)
class Cycle:
    """One release line of a product and when its support ends; `extended` is None where none is offered."""

    name: str
    codename: str | None
    label: str | None
    ends: Ending
    extended_ends: Ending | None
    latest: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product and its release cycles, in the order that endoflife.date lists them."""

    id: str
    title: str
    category: str
    aliases: tuple[str, ...]
    cycles: tuple[Cycle, ...]

    def cycle(self, name: str) -> Cycle | None:
        """The cycle of exactly this name."""
        return next((c for c in self.cycles if c.name == name), None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the dates come from: `as_of` is the day of the newest record in it."""

    source: str
    commit: str
    as_of: date
    licence: str
    product_ids: tuple[str, ...]


@cache
def snapshot() -> Snapshot:
    """What the bundled data is, for reports to print beside every date."""
    raw = _raw()
    return Snapshot(
        source=str(raw["source"]),
        commit=str(raw["commit"]),
        as_of=date.fromisoformat(str(raw["as_of"])),
        licence=str(raw["licence"]),
        product_ids=tuple(_products()),
    )


@cache
def product(product_id: str) -> Product | None:
    """The product of this endoflife.date name, or None when the snapshot does not hold it."""
    raw = _products().get(product_id)
    if raw is None:
        return None
    return Product(
        id=product_id,
        title=str(raw["title"]),
        category=str(raw["category"]),
        aliases=tuple(str(a) for a in _list(raw["aliases"])),
        cycles=tuple(_cycle(c) for c in _list(raw["cycles"])),
    )


@cache
def products_in(category: str) -> tuple[Product, ...]:
    """All products of one endoflife.date category, such as "os" or "database"."""
    found = (product(p) for p, raw in _products().items() if raw["category"] == category)
    return tuple(p for p in found if p is not None)


@cache
def _raw() -> dict[str, object]:
    packed = files(__package__).joinpath("endoflife.json.gz").read_bytes()
    loaded: dict[str, object] = json.loads(gzip.decompress(packed))
    return loaded


def _products() -> dict[str, dict[str, object]]:
    found = _raw()["products"]
    assert isinstance(found, dict)
    return found


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _cycle(raw: object) -> Cycle:
    name, codename, label, ends, extended, latest = _list(raw)
    return Cycle(
        name=str(name),
        codename=_text(codename),
        label=_text(label),
        ends=_ending(ends),
        extended_ends=None if extended is None else _ending(extended),
        latest=_text(latest),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _ending(value: object) -> Ending:
    return value if isinstance(value, bool) else date.fromisoformat(str(value))
