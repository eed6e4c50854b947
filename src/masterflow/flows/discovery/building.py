"""Builds the estate in a process of its own, and hands it back as texts that are ready to be staged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import orjson

from masterflow.analysis.estate.build import Estate, EstateOptions, build_estate
from masterflow.analysis.estate.completeness import completeness_of
from masterflow.analysis.estate.mapped import MappedSheet
from masterflow.db.bulk import JsonRow
from masterflow.flows.discovery.adoption import adopted_ids, with_ids
from masterflow.flows.discovery.changes import Before, Changes, changes_of
from masterflow.flows.discovery.members import Member, members_of
from masterflow.flows.discovery.sources import Source
from masterflow.inventory.deciding import DecidedValue
from masterflow.inventory.estate_rows import (
    application_row,
    asset_row,
    conflict_rows,
    fact_rows,
    identity_rows,
)
from masterflow.inventory.publishing.store import ASSETS, CONFLICTS, FACTS, IDENTITIES
from masterflow.inventory.publishing.types import Decision
from masterflow.inventory.types import Application, Asset, AssetId

APPLICATIONS = "applications"
ASSETS_A_CHUNK = 500
ROWS_A_CHUNK = 5000
NOT_A_SERVERS = "dependencies"  # completeness that only flows can fill


@dataclass(frozen=True, slots=True)
class Known:
    """What the engagement has already: the ids that identities stand for, as JSON text, what people decided of machines
    at the gate and of contradicting sources, and what is published."""

    identities: str
    decisions: tuple[Decision, ...]
    decided: tuple[DecidedValue, ...] = ()
    published: Before = field(default_factory=Before)


@dataclass(frozen=True, slots=True)
class Built:
    """An estate ready to be staged: texts by kind, its numbers, and the servers for the gate.

    `estate` carries no assets any more: they are in the texts.
    """

    texts: Mapping[str, tuple[str, ...]]
    estate: Estate
    members: tuple[Member, ...]
    changes: Changes


def build(sources: Sequence[Source], namespace: UUID, options: EstateOptions, known: Known) -> Built:
    """Build the estate of every source that tells of machines; machines known before keep their ids."""
    mapped = [source.mapped() for source in sources if not source.tells_dependencies]
    estate = _estate(mapped, namespace, options, known)
    import_ids = {source.label: str(source.import_id) for source in sources}
    members = members_of(estate.assets, estate.applications, known.decisions)
    changes = changes_of(known.published, (*estate.assets, *estate.hosts), members)
    bare = replace(estate, assets=(), hosts=())
    return Built(dict(_texts(estate, import_ids)), bare, members, changes)


def _estate(mapped: Sequence[MappedSheet], namespace: UUID, options: EstateOptions, known: Known) -> Estate:
    """The estate with the ids that its machines had before, and with what people decided of those machines."""
    estate = build_estate(mapped, namespace=namespace, options=options, decided=known.decided)
    ids = adopted_ids(estate, orjson.loads(known.identities))
    before = {old: new for new, old in ids.items()}
    moved = [replace(said, asset_id=before[said.asset_id]) for said in known.decided if said.asset_id in before]
    if moved:
        estate = build_estate(mapped, namespace=namespace, options=options, decided=[*known.decided, *moved])
    return with_ids(estate, ids)


def _texts(estate: Estate, import_ids: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    assets = (*estate.assets, *estate.hosts)
    of_asset = _applications_by_asset(estate.applications)
    parts = [assets[start : start + ASSETS_A_CHUNK] for start in range(0, len(assets), ASSETS_A_CHUNK)]
    yield ASSETS, tuple(_text(_asset_row(a, of_asset.get(a.id, ())) for a in part) for part in parts)
    yield IDENTITIES, tuple(_text(row for a in part for row in identity_rows(a)) for part in parts)
    yield FACTS, tuple(_text(row for a in part for row in fact_rows(a, import_ids)) for part in parts)
    yield CONFLICTS, _chunked(conflict_rows(estate.conflicts))
    yield APPLICATIONS, _chunked([application_row(one) for one in estate.applications])


def _asset_row(asset: Asset, applications: Sequence[Application]) -> JsonRow:
    known = completeness_of([asset], applications)
    shares = [share for name, share in known.items() if name != NOT_A_SERVERS]
    return asset_row(asset, completeness=sum(shares) / len(shares))


def _applications_by_asset(applications: Iterable[Application]) -> Mapping[AssetId, Sequence[Application]]:
    """Each asset's applications, cut down to itself: a large one is not gone through for every member."""
    found: dict[AssetId, list[Application]] = {}
    for application in applications:
        for asset_id in application.asset_ids:
            found.setdefault(asset_id, []).append(replace(application, asset_ids=(asset_id,)))
    return found


def _chunked(rows: Sequence[JsonRow]) -> tuple[str, ...]:
    return tuple(_text(rows[start : start + ROWS_A_CHUNK]) for start in range(0, len(rows), ROWS_A_CHUNK))


def _text(rows: Iterable[JsonRow]) -> str:
    return orjson.dumps(list(rows)).decode()
