"""Machines that a cloud bill names: instances that run already, with their region and what their tags say.

A bill in the FOCUS layout (focus.finops.org) has a row for each charge, so a machine stands in many rows and its tags
perhaps only in some. Charges for anything that is no virtual machine make nothing here.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from masterflow.analysis.estate.addresses import short_key
from masterflow.analysis.estate.fields import claims_of
from masterflow.analysis.estate.mapped import MappedSheet
from masterflow.analysis.estate.moments import parse_moment
from masterflow.analysis.estate.records import Claim, Record, claim_text
from masterflow.analysis.estate.values import known_text, visible_text, words
from masterflow.inventory.reading import RawRow
from masterflow.inventory.types import AssetType, Identity, IdentityScheme, Source

KEPT: Sequence[str] = ("providername", "subaccountid")
OF_BILL = words("resourceid resourcetype billedcost chargeperiodstart")  # columns that every FOCUS bill has
MACHINES = words("vm instance virtual-machine virtual-server compute-instance vm-instance ec2-instance")
OWNED_BY = re.compile(r"^(?:amazon|aws|azure|google|gcp|oracle|oci|ibm|microsoft|compute|ec2) ")
TAGGED_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(["app", "application", "appname", "applicationname", "workload", "system"], "application_name"),
    **dict.fromkeys(["env", "environment", "stage"], "environment"),
    **dict.fromkeys(["owner", "team", "ownerteam", "businessowner"], "business_owner"),
}


@dataclass(slots=True)
class _Instance:
    """One machine while its charges are gone through."""

    row: int
    cells: dict[str, tuple[str, int]] = field(default_factory=dict)
    tags: dict[str, tuple[str, int]] = field(default_factory=dict)
    seen: datetime | None = None


def is_bill(mapped: MappedSheet) -> bool:
    """Whether a table is a bill in the FOCUS layout, by its headers."""
    return set(_places(mapped)) >= OF_BILL


def _places(mapped: MappedSheet) -> dict[str, int]:
    return {re.sub(r"[^a-z0-9]", "", c.header.casefold()): c.index for c in mapped.columns}


def read_billed(mapped: MappedSheet) -> tuple[Record, ...]:
    """One record for each virtual machine of a bill, in the order of their ids."""
    places = _places(mapped)
    headers = {c.index: c.header for c in mapped.columns}
    found: dict[str, _Instance] = {}
    for row in mapped.sheet.rows:
        texts = {name: _text(row, place) for name, place in places.items() if name in READ}
        if texts.get("resourceid") and _is_machine(texts):
            _add(found.setdefault(texts["resourceid"] or "", _Instance(row.number)), row, texts)
    named = {name: headers[place] for name, place in places.items()}
    return tuple(_record(mapped, resource, found[resource], named) for resource in sorted(found))


READ = words(
    "resourceid resourcename resourcetype servicecategory regionname regionid providername subaccountid tags "
    "chargeperiodend"
)


def _is_machine(texts: Mapping[str, str | None]) -> bool:
    """Whether a charge is for a virtual machine, by its whole type; an "instance" may be one of another service."""
    kind = " ".join(re.findall(r"[a-z0-9]+", (texts.get("resourcetype") or "").casefold()))
    category = (texts.get("servicecategory") or "compute").casefold()
    bare = OWNED_BY.sub("", kind).replace(" ", "-").removesuffix("s")
    return bare in MACHINES and (bare != "instance" or category == "compute")


def _text(row: RawRow, place: int) -> str | None:
    return known_text(row.cells[place]) if place < len(row.cells) else None


def _add(instance: _Instance, row: RawRow, texts: Mapping[str, str | None]) -> None:
    for name, text in texts.items():
        if text:
            instance.cells.setdefault(name, (text, row.number))
    for key, text in _tags(texts.get("tags")):
        instance.tags.setdefault(re.sub(r"[^a-z]", "", key.casefold()), (text, row.number))
    moment = parse_moment(texts.get("chargeperiodend")).value
    instance.seen = max((m for m in (instance.seen, moment) if m), default=None)


def _tags(text: str | None) -> Iterable[tuple[str, str]]:
    """Tags as a JSON object; anything else, and what is no text in it, says nothing."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return
    if isinstance(found, dict):
        yield from ((key, value) for key, value in found.items() if isinstance(value, str))


def _record(mapped: MappedSheet, resource: str, instance: _Instance, headers: Mapping[str, str]) -> Record:
    claims: list[Claim] = []
    region = "regionid" if "regionid" in instance.cells else "regionname"
    for column, target in (("resourcename", "hostname"), (region, "location")):
        claims += _claims(mapped, target, instance.cells.get(column), headers.get(column, column))
    for tag, said in instance.tags.items():
        if tag in TAGGED_FIELDS:
            claims += _claims(mapped, TAGGED_FIELDS[tag], said, headers.get("tags", "Tags"))
    name = next((claim_text(c.value) for c in claims if c.field == "name"), None)
    identities = [Identity(IdentityScheme.INSTANCE_ID, instance_id(resource))]
    identities += [Identity(IdentityScheme.NAME, short_key(name))] if name else []
    kept = {key: instance.cells[key][0] for key in KEPT if key in instance.cells}
    return Record(
        file=mapped.file,
        sheet=mapped.sheet.name,
        row=instance.row,
        source_kind=mapped.source_kind,
        asset_type=AssetType.VIRTUAL_MACHINE,
        identities=tuple(identities),
        claims=tuple(claims),
        attributes={"resource_id": resource, **kept},
        observed_at=instance.seen,
    )


def _claims(mapped: MappedSheet, field_name: str, said: tuple[str, int] | None, header: str) -> Sequence[Claim]:
    if said is None:
        return ()
    claims, _ = claims_of(
        field_name, said[0], unit=None, source=Source(mapped.file, mapped.sheet.name, said[1], header)
    )
    return claims


def instance_id(resource: str) -> str:
    """The instance's own id at the end of an ARN or a resource path, in lower case."""
    return re.split(r"[/:]", visible_text(resource).rstrip("/"))[-1].casefold()
