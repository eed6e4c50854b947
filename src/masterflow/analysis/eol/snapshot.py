"""The endoflife.date snapshot that ships with the package.

Rebuilt by `tools/build_eol_snapshot.py`; read once, each product parsed when it is first asked for.
"""

import gzip
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from pydantic import BaseModel

OPERATING_SYSTEMS = "os"
DATABASES = "database"

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


class _RawProduct(BaseModel):
    title: str
    category: str
    aliases: tuple[str, ...]
    cycles: tuple[tuple[str, str | None, str | None, Ending, Ending | None, str | None], ...]


class _RawSnapshot(BaseModel):
    source: str
    commit: str
    as_of: date
    licence: str
    products: dict[str, _RawProduct]


@cache
def snapshot() -> Snapshot:
    """What the bundled data is, for reports to print beside every date."""
    raw = _raw()
    return Snapshot(raw.source, raw.commit, raw.as_of, raw.licence, tuple(raw.products))


@cache
def product(product_id: str) -> Product:
    """The product of this endoflife.date name.

    Raises:
        LookupError: the snapshot does not hold it.
    """
    raw = _raw().products.get(product_id)
    if raw is None:
        raise LookupError(f"The end-of-life data of {_raw().as_of} holds no product '{product_id}'.")
    return Product(product_id, raw.title, raw.category, raw.aliases, tuple(Cycle(*c) for c in raw.cycles))


@cache
def products_in(category: str) -> tuple[Product, ...]:
    """All products of one endoflife.date category, such as "os" or "database"."""
    return tuple(product(p) for p, raw in _raw().products.items() if raw.category == category)


@cache
def _raw() -> _RawSnapshot:
    packed = files(__package__).joinpath("endoflife.json.gz").read_bytes()
    return _RawSnapshot.model_validate_json(gzip.decompress(packed))
