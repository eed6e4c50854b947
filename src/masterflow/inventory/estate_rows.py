"""The estate's values as rows of JSON on their way into the database, and back as values."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from masterflow.db.bulk import JsonRow
from masterflow.inventory.types import (
    Application,
    ApplicationId,
    Asset,
    AssetId,
    AssetType,
    Conflict,
    Criticality,
    Dependency,
    DependencyKind,
    Environment,
    Fact,
    Identity,
    IdentityScheme,
    Membership,
    Source,
)

Columns = Mapping[Any, Any]  # a row as it came from the database or from JSON

LONGEST_NAME = 500  # characters of an indexed text: an index entry holds 2,704 bytes
DECIMAL_COLUMNS = ("cpu_p95_pct", "cpu_max_pct", "annual_cost")
_BESIDE = {"identities", "facts"}  # have tables of their own
ASSET_COLUMNS = tuple(f.name for f in fields(Asset) if f.name not in _BESIDE)


def asset_row(asset: Asset, *, completeness: float | None) -> JsonRow:
    """An asset without its identities and facts."""
    row = {name: _plain(getattr(asset, name)) for name in ASSET_COLUMNS}
    return row | {"name": asset.name[:LONGEST_NAME], "completeness": completeness}


def identity_rows(asset: Asset) -> list[JsonRow]:
    """What an asset is recognised by, each once."""
    seen = dict.fromkeys((identity.scheme, indexed_text(identity.value)) for identity in asset.identities)
    asset_id = str(asset.id)
    return [{"asset_id": asset_id, "scheme": str(scheme), "value": value} for scheme, value in seen]


def fact_rows(asset: Asset, import_ids: Mapping[str, str]) -> list[JsonRow]:
    """Where an asset's values came from; `import_ids` knows, as text, the import behind a file as sources name it."""
    asset_id = str(asset.id)
    return [
        {"asset_id": asset_id, "position": position, **_fact(fact, import_ids)}
        for position, fact in enumerate(asset.facts, 1)
    ]


def conflict_rows(found: Iterable[Conflict]) -> list[JsonRow]:
    """Contradictions in their order."""
    return [
        {
            "position": position,
            "asset_id": str(conflict.asset_id) if conflict.asset_id else None,
            "asset_name": conflict.asset_name,
            "field": conflict.field,
            "preferred": conflict.preferred,
            "why": conflict.why,
            "needs_review": conflict.needs_review,
            "facts": [_fact(fact, {}) for fact in conflict.values],
            "decided_by": conflict.decided_by,
            "decided_at": conflict.decided_at,
        }
        for position, conflict in enumerate(found, 1)
    ]


def application_row(application: Application) -> JsonRow:
    """An application without its members."""
    return {
        "id": str(application.id),
        "name": application.name[:LONGEST_NAME],
        "variants": list(application.variants),
        "membership": str(application.membership),
        "criticality": _plain(application.criticality),
        "business_owner": application.business_owner,
        "environment": _plain(application.environment),
        "shared_service": application.shared_service,
        "evidence": list(application.evidence),
        "attributes": dict(application.attributes),
    }


def dependency_rows(found: Iterable[Dependency]) -> list[JsonRow]:
    """Dependencies in their order."""
    return [_dependency_row(position, dependency) for position, dependency in enumerate(found, 1)]


def _dependency_row(position: int, dependency: Dependency) -> JsonRow:
    return {
        "position": position,
        "source_id": str(dependency.source_id),
        "target_id": str(dependency.target_id),
        "kind": dependency.kind,
        "port": dependency.port,
        "protocol": dependency.protocol,
        "connections": _plain(dependency.connections),
        "bytes_total": _plain(dependency.bytes_total),
        "first_seen": dependency.first_seen,
        "last_seen": dependency.last_seen,
        "confidence": dependency.confidence,
        "evidence": list(dependency.evidence),
    }


def indexed_text(value: str) -> str:
    """A text that fits into an index: a longer one is cut and ends in the hash of the whole."""
    if len(value) <= LONGEST_NAME:
        return value
    return value[: LONGEST_NAME - 65] + "#" + hashlib.sha256(value.encode()).hexdigest()


def plain_uuid(value: UUID) -> UUID:
    """The driver hands out a kind of UUID of its own, which orjson does not know."""
    return UUID(int=value.int)


def asset_of(row: Columns, *, identities: Iterable[Identity] = (), facts: Iterable[Fact] = ()) -> Asset:
    """The asset that a row holds."""
    values = {name: row[name] for name in ASSET_COLUMNS}
    values |= {name: tuple(row[name]) for name in ("ip_addresses", "mac_addresses", "concerns")}
    values |= {
        "id": AssetId(plain_uuid(row["id"])),
        "asset_type": AssetType(row["asset_type"]),
        "environment": Environment(row["environment"]) if row["environment"] else None,
        "criticality": Criticality(row["criticality"]) if row["criticality"] else None,
    }
    return Asset(**values, identities=tuple(identities), facts=tuple(facts))


def published_asset(values: Sequence[Any]) -> Asset:
    """The asset of one entry of `InventoryStore.assets_as_json`, without its identities and facts."""
    row = dict(zip(ASSET_COLUMNS, values, strict=True))
    numbers = {name: None if row[name] is None else Decimal(row[name]) for name in DECIMAL_COLUMNS}
    return asset_of({**row, **numbers, "id": UUID(row["id"])})


def identity_of(row: Columns) -> Identity:
    """The identity that a row holds."""
    return Identity(IdentityScheme(row["scheme"]), row["value"])


def fact_of(row: Columns) -> Fact:
    """The fact that a row holds."""
    source = Source(row["source_file"], row["source_sheet"], row["source_row"], row["source_column"])
    return Fact(row["field"], row["value"], source, row["rule"], row["unit"], row["chosen"], row["confidence"])


def conflict_of(row: Columns) -> Conflict:
    """The contradiction that a row holds."""
    facts = tuple(fact_of(fact) for fact in row["facts"])
    return Conflict(
        asset_name=row["asset_name"],
        field=row["field"],
        values=facts,
        preferred=row["preferred"],
        why=row["why"],
        needs_review=row["needs_review"],
        asset_id=AssetId(plain_uuid(row["asset_id"])) if row["asset_id"] else None,
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
    )


def application_of(row: Columns) -> Application:
    """The application that a row holds, with the arrays of its members and of those that are only proposed."""
    return Application(
        id=ApplicationId(plain_uuid(row["id"])),
        name=row["name"],
        variants=tuple(row["variants"]),
        membership=Membership(row["membership"]),
        asset_ids=_asset_ids(row["asset_ids"]),
        proposed_asset_ids=_asset_ids(row["proposed_asset_ids"]),
        criticality=Criticality(row["criticality"]) if row["criticality"] else None,
        business_owner=row["business_owner"],
        environment=Environment(row["environment"]) if row["environment"] else None,
        shared_service=row["shared_service"],
        evidence=tuple(row["evidence"]),
        attributes=row["attributes"],
    )


def staged_application(row: Columns) -> Application:
    """The application that a staged row holds; its members are decided at the gate."""
    return application_of({**row, "id": UUID(row["id"]), "asset_ids": (), "proposed_asset_ids": ()})


def dependency_of(row: Columns) -> Dependency:
    """The dependency that a row holds."""
    values = {f.name: row[f.name] for f in fields(Dependency)}
    values |= {
        "source_id": plain_uuid(row["source_id"]),
        "target_id": plain_uuid(row["target_id"]),
        "kind": DependencyKind(row["kind"]),
        "evidence": tuple(row["evidence"]),
        "bytes_total": None if row["bytes_total"] is None else int(row["bytes_total"]),
    }
    return Dependency(**values)


def _asset_ids(found: Iterable[UUID]) -> tuple[AssetId, ...]:
    return tuple(AssetId(plain_uuid(one)) for one in found)


def _fact(fact: Fact, import_ids: Mapping[str, str]) -> JsonRow:
    return {
        "field": fact.field,
        "value": fact.value,
        "unit": fact.unit,
        "import_id": import_ids.get(fact.source.file),
        "source_file": fact.source.file,
        "source_sheet": fact.source.sheet,
        "source_row": fact.source.row,
        "source_column": fact.source.column,
        "rule": fact.rule,
        "chosen": fact.chosen,
        "confidence": fact.confidence,
    }


def _plain(value: object) -> object:
    """A value as JSON holds it; decimals and numbers beyond 64 bits as text, so that no digit is lost."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal | UUID) or (isinstance(value, int) and value.bit_length() > 63):
        return str(value)
    return value
