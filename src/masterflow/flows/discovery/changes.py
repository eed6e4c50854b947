"""What a new estate changes of the published one: shown before it is approved, so that nobody is surprised."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from masterflow.analysis.estate.applications import application_key
from masterflow.flows.discovery.members import Member
from masterflow.flows.discovery.shown import Frozen
from masterflow.inventory.estate_rows import ASSET_COLUMNS, LONGEST_NAME, published_asset
from masterflow.inventory.types import ACTIVITIES, Application, Asset, AssetId

MOST_LINES = 50  # of each list; the counts are of everything
LONGEST_VALUE = 200  # characters of a value that are shown
APPLICATIONS, ATTRIBUTES = "applications", "attributes"
COMPARED = tuple(name for name in ASSET_COLUMNS if name not in {"id", ATTRIBUTES})


class ChangedValue(Frozen):
    """One field of one asset that has another value than before; None is "not known"."""

    asset_id: UUID
    asset: str
    field: str
    old: str | None
    new: str | None


class Changes(Frozen):
    """The new estate against the published one, in assets; `by_field` counts the assets of which a field changed.

    Of the names and the changed values the first are shown. `told` says it in a sentence.
    """

    added: int
    changed: int
    gone: int
    unchanged: int
    by_field: dict[str, int]
    added_names: tuple[str, ...]
    gone_names: tuple[str, ...]
    values: tuple[ChangedValue, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Before:
    """The published estate: its assets as `InventoryStore.assets_as_json` answers them, and its applications."""

    assets: tuple[str, ...] = ()
    applications: tuple[Application, ...] = ()


def changes_of(before: Before, after: Iterable[Asset], members: Iterable[Member]) -> Changes:
    """Compare an estate with the published one; what people set by hand at the gate before counts as they set it."""
    seen = {member.asset_id: member for member in members}
    new = {asset.id: asset for asset in after if asset.id not in seen or seen[asset.id].keep}
    belonged = _names_by_asset(before.applications)
    by_field: Counter[str] = Counter()
    gone: list[str] = []
    values: list[ChangedValue] = []
    changed = 0
    met: set[AssetId] = set()
    for old in _published(before.assets):
        if old.id not in new:
            gone.append(old.name)
            continue
        met.add(old.id)
        found = list(_differences(old, new[old.id], seen.get(old.id), belonged.get(old.id, ())))
        if found:
            changed += 1
            by_field.update(value.field for value in found)
            values = _first([*values, *found])
    added = [asset.name for asset in new.values() if asset.id not in met]
    counts = (len(added), changed, len(gone), len(met) - changed)
    return Changes(
        added=counts[0],
        changed=counts[1],
        gone=counts[2],
        unchanged=counts[3],
        by_field=dict(by_field.most_common(MOST_LINES)),
        added_names=tuple(sorted(added, key=str.casefold)[:MOST_LINES]),
        gone_names=tuple(sorted(gone, key=str.casefold)[:MOST_LINES]),
        values=tuple(values),
        told=_told(*counts),
    )


def _told(added: int, changed: int, gone: int, unchanged: int) -> str:
    if not changed + gone + unchanged:
        return f"Nothing is published yet: all {added:,} assets are new."
    if not added + changed + gone:
        return f"Nothing changes: the published estate has the same {unchanged:,} assets with the same values."
    return (
        f"Against the published estate: {added:,} added, {changed:,} changed, {gone:,} gone, {unchanged:,} unchanged."
    )


def _published(texts: Iterable[str]) -> Iterator[Asset]:
    for text in texts:
        for values in orjson.loads(text):
            yield published_asset(values)


def _names_by_asset(applications: Iterable[Application]) -> Mapping[AssetId, Sequence[str]]:
    found: dict[AssetId, list[str]] = {}
    for application in applications:
        for asset_id in application.asset_ids:
            found.setdefault(asset_id, []).append(application.name)
    return found


def _first(values: Sequence[ChangedValue]) -> list[ChangedValue]:
    """The first values by the name of their asset; the order within an asset stays."""
    return sorted(values, key=lambda value: (value.asset.casefold(), str(value.asset_id)))[:MOST_LINES]


def _differences(old: Asset, new: Asset, member: Member | None, belonged: Sequence[str]) -> Iterator[ChangedValue]:
    def line(field: str, before: object, after: object) -> ChangedValue:
        return ChangedValue(asset_id=new.id, asset=new.name, field=field, old=_text(before), new=_text(after))

    for name in COMPARED:
        before, after = getattr(old, name), getattr(new, name)
        if name == "name":
            after = new.name[:LONGEST_NAME]
        elif name == "concerns":
            before = tuple(concern for concern in old.concerns if concern not in ACTIVITIES)
        elif name == "environment" and member is not None:
            after = member.environment
        if before != after:
            yield line(name, before, after)
    for key in sorted({*old.attributes, *new.attributes}):
        if old.attributes.get(key) != new.attributes.get(key):
            yield line(f"{ATTRIBUTES}.{key}"[:LONGEST_VALUE], old.attributes.get(key), new.attributes.get(key))
    if member is not None and {*map(application_key, belonged)} != {*map(application_key, member.applications)}:
        yield line(APPLICATIONS, tuple(sorted(belonged)) or None, tuple(sorted(member.applications)) or None)


def _text(value: object) -> str | None:
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return "; ".join(map(str, value))[:LONGEST_VALUE]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)[:LONGEST_VALUE]
