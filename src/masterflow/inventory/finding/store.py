"""Which assets a filter means, in which order they come, and what could be chosen next."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from masterflow.db.keyset import cursor_of, parts_of, uuid_of
from masterflow.db.session import Session
from masterflow.db.tables.inventory import application_members, applications, assets
from masterflow.errors import InvalidInput
from masterflow.inventory.queries import AssetField, AssetFilter, AssetSort, Facet, Facets, FacetValue
from masterflow.inventory.types import Asset, Criticality

Condition = sa.ColumnElement[bool]

MOST_VALUES = 20  # of one facet
LONGEST_SORTED = 200  # characters of a text that a list is sorted by, so that its cursor stays short
LONGEST_NUMBER = 18  # digits that surely fit into a column of numbers

OWNER, APPLICATION, TOTAL = "owner", "application", "total"
COLUMNS = ("environment", "asset_type", "criticality", "operating_system", "datacenter", "power_state")
TITLES: Mapping[str, str] = {
    "environment": "Environment",
    "asset_type": "Type",
    "criticality": "Criticality",
    "operating_system": "Operating system",
    "datacenter": "Data centre",
    "power_state": "Power",
    OWNER: "Owner",
    APPLICATION: "Application",
}
TEXTS = frozenset({"environment", "operating_system"})
SEVERITY: Mapping[str, int] = {str(one): place for place, one in enumerate(Criticality)}


def conditions(session: Session, asked: AssetFilter) -> Mapping[str, Condition]:
    """What a filter asks of an asset, by the facet that it belongs to, else by what it asks."""
    found = {name: _one_of(name, asked) for name in COLUMNS if getattr(asked, name) or name in asked.unknown}
    if asked.application or AssetField.APPLICATION in asked.unknown:
        found[APPLICATION] = _of_applications(session, asked)
    if asked.unowned:
        found[OWNER] = _is_unowned()
    found |= {f"unknown {name}": _is_unknown(name) for name in asked.unknown if name not in TITLES}
    if asked.search:
        found["search"] = _mentions(asked.search)
    return found


def _one_of(name: str, asked: AssetFilter) -> Condition:
    """One of the values chosen of a field, or unknown if that is chosen too."""
    chosen = assets.c[name].in_(getattr(asked, name))
    return sa.or_(chosen, assets.c[name].is_(None)) if name in asked.unknown else chosen


def _of_applications(session: Session, asked: AssetFilter) -> Condition:
    members = sa.select(application_members.c.asset_id).where(session.mine(application_members))
    chosen = assets.c.id.in_(members.where(application_members.c.application_id.in_(asked.application)))
    return sa.or_(chosen, assets.c.id.not_in(members)) if AssetField.APPLICATION in asked.unknown else chosen


def _is_unowned() -> Condition:
    return assets.c.business_owner.is_(None) & assets.c.technical_owner.is_(None)


def _is_unknown(field: AssetField) -> Condition:
    if field is AssetField.IP_ADDRESSES:
        return sa.func.cardinality(assets.c.ip_addresses) == 0
    return assets.c[field].is_(None)


def _mentions(text: str) -> Condition:
    addresses = sa.func.array_to_string(assets.c.ip_addresses, " ")
    texts = (assets.c.name, assets.c.hostname, assets.c.fqdn, addresses)
    return sa.or_(*(column.icontains(text, autoescape=True) for column in texts))


def sorted_page(query: sa.Select[Any], sort: AssetSort, cursor: str | None) -> sa.Select[Any]:
    """The assets of a query in an order, from the one after the cursor.

    Raises:
        InvalidInput: the cursor is none of this list, or of another order.
    """
    key = _sorted_by(sort)
    tie = (assets.c.name, assets.c.id)
    if key is None:
        query = query.order_by(*(column.desc() if sort.descending else column.asc() for column in tie))
    else:
        query = query.order_by((key.desc() if sort.descending else key.asc()).nulls_last(), *tie)
    return query if cursor is None else query.where(_after(sort, key, cursor))


def asset_cursor(last: Asset, sort: AssetSort) -> str:
    """The cursor of a page that ends with an asset."""
    value = _value_of(last, sort)
    known = [] if value is None else [str(value)]
    return cursor_of((sort.value, str(len(known)), *(known or [""]), last.name, last.id))


def _value_of(asset: Asset, sort: AssetSort) -> object:
    value = None if sort.key == "name" else getattr(asset, sort.key)
    if isinstance(value, Criticality):
        return SEVERITY[value]
    return value[:LONGEST_SORTED] if isinstance(value, str) else value


def _sorted_by(sort: AssetSort) -> sa.ColumnElement[Any] | None:
    """What comes before name and id in an order; None for the order by name."""
    if sort.key == "name":
        return None
    if sort.key == "criticality":
        return sa.case(SEVERITY, value=assets.c.criticality)
    return sa.func.left(assets.c[sort.key], LONGEST_SORTED) if sort.key in TEXTS else assets.c[sort.key]


def _after(sort: AssetSort, key: sa.ColumnElement[Any] | None, cursor: str) -> Condition:
    given, known, text, name, row_id = parts_of(cursor, count=5)
    if given != sort:
        raise InvalidInput(
            f"This cursor continues the list sorted by {given[:40]!r}, not the one sorted by {sort.value!r}.",
            hint="Ask with the same sort, or start again without a cursor.",
        )
    last = sa.tuple_(sa.literal(name, sa.Text), sa.literal(uuid_of(row_id, cursor), sa.Uuid()))
    tie = sa.tuple_(assets.c.name, assets.c.id)
    if key is None:
        return tie < last if sort.descending else tie > last
    if known != "1":
        return key.is_(None) & (tie > last)
    value = sa.literal(text, sa.Text) if sort.key in TEXTS else sa.literal(_number_of(text, cursor), sa.BigInteger)
    beyond = key < value if sort.descending else key > value
    return sa.or_(beyond, (key == value) & (tie > last), key.is_(None))


def _number_of(text: str, cursor: str) -> int:
    if not text.isascii() or not text.removeprefix("-").isdecimal() or len(text) > LONGEST_NUMBER:
        raise InvalidInput(f"{cursor[:80]!r} is no cursor of this list.", hint="Start again without a cursor.")
    return int(text)


class FacetStore:
    """What a filter finds in the estate of one engagement, counted in one statement."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def facets(self, asked: AssetFilter) -> Facets:
        """How many assets fulfil the filter, and the values of each facet under all of it but the facet's own part."""
        rows = (await self._session.execute(self._counted(asked))).all()
        total = next(row.assets for row in rows if row.field == TOTAL)
        return Facets(total, tuple(_facet(name, [row for row in rows if row.field == name]) for name in TITLES))

    def _counted(self, asked: AssetFilter) -> sa.Select[Any]:
        """The rows of every facet, from one pass over the assets that fulfil what belongs to no facet."""
        wanted = conditions(self._session, asked)
        own = {name: condition for name, condition in wanted.items() if name in TITLES}
        rest = [condition for name, condition in wanted.items() if name not in TITLES]
        columns = [assets.c.id, *(assets.c[name] for name in COLUMNS), _is_unowned().label(OWNER)]
        flags = [condition.label(f"has_{name}") for name, condition in own.items()]
        found = sa.select(*columns, *flags).where(self._session.mine(assets), *rest).cte("found")
        parts = [_of_total(found, own), *(self._part(found, name, own) for name in TITLES)]
        every = sa.union_all(*parts).subquery("every")
        named = self._session.mine(applications) & (sa.cast(applications.c.id, sa.Text) == every.c.value)
        label = sa.select(applications.c.name).where(named, every.c.field == APPLICATION).scalar_subquery()
        return sa.select(every, label.label("label")).where(every.c.place <= MOST_VALUES).order_by(every.c.place)

    def _part(self, found: sa.CTE, name: str, own: Iterable[str]) -> sa.Select[Any]:
        others = [found.c[f"has_{other}"] for other in own if other != name]
        source: sa.FromClause = found
        value: sa.ColumnElement[Any]
        if name in COLUMNS:
            value = sa.cast(found.c[name], sa.Text)
        elif name == OWNER:
            value = sa.case((found.c[OWNER], sa.literal("unknown")), else_=sa.literal("known"))
        else:
            same = self._session.mine(application_members) & (application_members.c.asset_id == found.c.id)
            source = found.outerjoin(application_members, same)
            value = sa.cast(application_members.c.application_id, sa.Text)
        count = sa.func.count()
        place = sa.func.row_number().over(order_by=(count.desc(), value.asc().nulls_last()))
        shown = (
            sa.literal(name).label("field"),
            value.label("value"),
            count.label("assets"),
            place.label("place"),
            sa.func.count().over().label("size"),
        )
        return sa.select(*shown).select_from(source).where(*others).group_by(value)


def _of_total(found: sa.CTE, own: Iterable[str]) -> sa.Select[Any]:
    one = sa.literal(1, sa.BigInteger)
    shown: tuple[sa.ColumnElement[Any], ...] = (
        sa.literal(TOTAL).label("field"),
        sa.cast(sa.null(), sa.Text).label("value"),
        sa.func.count().label("assets"),
        one.label("place"),
        one.label("size"),
    )
    return sa.select(*shown).select_from(found).where(*(found.c[f"has_{name}"] for name in own))


def _facet(name: str, rows: list[Any]) -> Facet:
    values = tuple(FacetValue(row.value, row.assets, row.label) for row in rows)
    return Facet(name, TITLES[name], values, rows[0].size - len(rows) if rows else 0)
