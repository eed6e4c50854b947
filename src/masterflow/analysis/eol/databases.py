"""Which database engine a text means, and how well it is supported on a day.

"Oracle 19c", "SQL Server 2014", "PostgreSQL 11.22". A marketing version with several releases ("Oracle 12c") names no
cycle, but has a status when all its releases share one.
"""

import re
from datetime import date
from functools import lru_cache

from masterflow.analysis.eol.names import database_names
from masterflow.analysis.eol.snapshot import Cycle, Product, product
from masterflow.analysis.eol.support import DEFAULT_MONTHS_AHEAD, UNKNOWN_PRODUCT, ProductMatch, Support, cycle_support
from masterflow.analysis.eol.texts import names_a_range, normalised
from masterflow.records.assessments.types import SupportStatus

SQL_SERVER = "mssqlserver"
ORACLE = "oracle-database"
OTHER_PRODUCTS = re.compile(
    r"\b(?:oracle|red ?hat) (?:linux|solaris|vm|weblogic|forms|apps|e-business|ebs)\b|\bmanaged\b"
)
NUMBER = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)*)")
ORACLE_RELEASE = re.compile(r"(?<![\w.])(\d+)(?:\.(\d+))?[\d.]*\s*(?:c|g|ai|i)?\s*(?:release |r)?(\d)?(?![\d.])")
SERVER_YEAR = re.compile(r"(?<![\d.])(20\d\d)\s*(r2)?\b(?:.*?\bsp\s?(\d))?")
YEAR_LABEL = re.compile(r"(?P<year>20\d\d)\b(?:.*?(?P<r2>\bR2\b))?(?:.*?\bSP(?P<pack>\d))?")


def identify_database(text: str) -> ProductMatch:
    """The database product and release that a text names; dates as for operating systems."""
    found = _product_and_candidates(text)
    if found is None:
        return UNKNOWN_PRODUCT
    engine, candidates = found
    if len({(c.ends, c.extended_ends) for c in candidates}) == 1:
        return ProductMatch(engine.id, candidates[0], 1.0 if len(candidates) == 1 else 0.8)
    why = (
        "the version has several releases and the text does not say which" if candidates else "the version is not known"
    )
    return ProductMatch(engine.id, None, 0.5, why)


def database_support(text: str, *, at: date, months_ahead: int = DEFAULT_MONTHS_AHEAD) -> Support:
    """How well the engine that a text names is supported on the day `at`.

    Where the text leaves several releases open the status is unknown unless all of them share it.
    """
    found = _product_and_candidates(text)
    if found is None or not found[1]:
        return Support(SupportStatus.UNKNOWN, f"'{text}' names no database release whose dates are known.", at)
    engine, candidates = found
    of_each = [cycle_support(c, name=_name_of(engine, c), at=at, months_ahead=months_ahead) for c in candidates]
    if len({s.status for s in of_each}) == 1:
        return max(of_each, key=lambda s: s.sentence)
    return Support(SupportStatus.UNKNOWN, f"'{text}' leaves open which of {len(candidates)} releases is meant.", at)


@lru_cache(maxsize=4096)
def _product_and_candidates(text: str) -> tuple[Product, tuple[Cycle, ...]] | None:
    plain = normalised(text)
    if OTHER_PRODUCTS.search(plain):
        return None
    for name in database_names():
        hit = name.pattern.search(plain)
        if hit and name.product:
            return _of(name.product, plain[hit.end() :])
    return None


def _of(product_id: str, behind: str) -> tuple[Product, tuple[Cycle, ...]]:
    engine = product(product_id)
    if names_a_range(behind):
        return engine, ()
    if engine.id == SQL_SERVER:
        return engine, _sql_server(engine, behind)
    if engine.id == ORACLE:
        return engine, _oracle(engine, behind)
    number = NUMBER.search(behind)
    return engine, _by_prefix(engine, number[1].split(".")) if number else ()


def _by_prefix(engine: Product, parts: list[str]) -> tuple[Cycle, ...]:
    for length in range(len(parts), 0, -1):
        cycle = engine.cycle(".".join(parts[:length]))
        if cycle:
            return (cycle,)
    if len(parts) > 1:
        return ()
    return tuple(c for c in engine.cycles if c.name.startswith(f"{parts[0]}."))


def _oracle(engine: Product, text: str) -> tuple[Cycle, ...]:
    found = ORACLE_RELEASE.search(text)
    if found is None:
        return ()
    major, minor, release = found.groups()
    major = "23" if major == "26" else major  # 23ai was renamed 26ai
    point = release or minor
    return _by_prefix(engine, [major, point] if point else [major])


def _sql_server(engine: Product, text: str) -> tuple[Cycle, ...]:
    asked = SERVER_YEAR.search(text)
    if asked is None:
        number = NUMBER.search(text)
        base = ".".join(number[1].split(".")[:2]) if number else None
        line = [c for c in engine.cycles if base and c.name.split("-")[0] == base]
        return _last_service_pack(line)
    year, release_2, pack = asked[1], bool(asked[2]), asked[3]
    line = [c for c in engine.cycles if _label(c)[:2] == (year, release_2)]
    if pack is None:
        return _last_service_pack(line)
    return tuple(c for c in line if _label(c)[2] == pack)


def _name_of(engine: Product, cycle: Cycle) -> str:
    release = re.sub(r" ?'[^']*'", "", cycle.label or cycle.name)  # labels carry codenames: 2014 'Hekaton' SP3
    return f"{engine.title} {release}"


def _label(cycle: Cycle) -> tuple[str | None, bool, str | None]:
    found = YEAR_LABEL.match(cycle.label or "")
    if found is None or "Connect Pack" in (cycle.label or ""):
        return None, False, None
    return found["year"], found["r2"] is not None, found["pack"]


def _last_service_pack(line: list[Cycle]) -> tuple[Cycle, ...]:
    return (max(line, key=lambda c: _label(c)[2] or "0"),) if line else ()
