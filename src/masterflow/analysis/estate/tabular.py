"""Rows of any mapped table become records: CMDB exports, spreadsheets, JSON lists of servers.

A row that names no machine is rejected with the reason; a cell that cannot be used is rejected alone and its row kept.
A row that is an application, and every row of a table that names applications but no machines, says something about
an application and makes no machine.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from masterflow.analysis.estate.addresses import is_unnamed, short_key
from masterflow.analysis.estate.fields import NAME_FIELDS, SEEN_FIELDS, claims_of, has_rule
from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.analysis.estate.moments import parse_moment
from masterflow.analysis.estate.records import Claim, Record, claim_text
from masterflow.analysis.estate.uuids import VMWARE_SERIAL, parse_uuid
from masterflow.analysis.estate.values import (
    is_spreadsheet_error,
    known_text,
    parse_criticality,
    parse_environment,
    parse_size_mib,
    visible_text,
    words,
)
from masterflow.errors import Place
from masterflow.inventory.reading import CellValue, RawRow, Reject
from masterflow.inventory.types import AssetType, Criticality, Environment, Identity, IdentityScheme, Source

MACHINE_FIELDS = words(
    "vm_name hostname fqdn ip_address ip_addresses_all mac_address serial_number uuid vm_id vm_uuid smbios_uuid "
    "instance_id os_name cpu_cores memory_mb memory_gb hypervisor_host"
)
IDENTIFYING = (*NAME_FIELDS, "vm_name", "fqdn", "ip_address", "ip_addresses_all", "mac_address", "serial_number",
               "uuid", "vm_uuid", "smbios_uuid", "vm_id", "instance_id", "external_id", "asset_tag")  # fmt: skip
TOTAL_WORDS = words("total totals sum sums subtotal summe gesamt gesamtsumme zwischensumme totale count average") | {
    "grand total", "sub total", "total servers", "total vms", "sum total",
}  # fmt: skip
SHORTEST_FILLER = 3  # "0000" fills a field, "77" may be a number
FACTORY_SERIALS = words("0 00000000 123456789 1234567890 empty default serial") | {
    "to be filled by o.e.m.", "system serial number", "not specified", "default string", "chassis serial number",
    "none", "xxxxxxx", "o.e.m", "to be filled by o.e.m", "no asset tag", "asset tag", "no asset information", "oem",
    "asset-1234567890", "not available", "not applicable", "invalid", "unknown", "redacted", "removed", "n/a", "na",
    "system serial", "serial number", "default_string", "123456789abc", "not asset tagged", "no serial number",
}  # fmt: skip
YES_WORDS, NO_WORDS = words("yes y true ja oui si sí"), words("no n false nein non")
TYPE_WORDS: Sequence[tuple[str, AssetType]] = (
    (r"esxi?\b|hypervisor|vmware host|virtual host|hyper-v (host|server)", AssetType.HYPERVISOR_HOST),
    (r"load.?balanc|\badc\b|big-?ip", AssetType.LOAD_BALANCER),
    (r"switch|router|firewall|network|gateway device|access point", AssetType.NETWORK),
    (r"storage|\bsan\b|\bnas\b|filer|disk array", AssetType.STORAGE),
    (r"container|\bpod\b|kubernetes", AssetType.CONTAINER),
    (r"db.?instance|\bdb\b|database(?! server)", AssetType.DATABASE),
    (r"virtual.?machine|\bvms?\b|virtual server|vmware virtual|ec2|compute instance", AssetType.VIRTUAL_MACHINE),
    (r"server|computer|mainframe|host|physical|workstation|blade|windows|linux|unix|aix|node", AssetType.SERVER),
    (r"\bappl\b|application|business service|\bapp\b", AssetType.APPLICATION),
    (r"component|middleware|service", AssetType.COMPONENT),
)


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """What one row of an application list says."""

    name: str
    source: Source
    criticality: Criticality | None = None
    business_owner: str | None = None
    environment: Environment | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TabularRead:
    """The records, application rows and rejects of one table."""

    records: list[Record] = field(default_factory=list)
    applications: list[ApplicationRow] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def read_tabular(mapped: MappedSheet) -> TabularRead:
    """Every row of a table as a record or, for a list of applications, as what it says about one."""
    read = TabularRead()
    fields = {c.field for c in mapped.columns if c.field}
    if "application_name" in fields and not fields & {*MACHINE_FIELDS, *NAME_FIELDS}:
        for row in mapped.sheet.rows:
            _read_application(mapped, row, "application_name", read)
        return read
    for row in mapped.sheet.rows:
        reject = _row_reject(mapped, row)
        if reject is not None:
            read.rejects.append(reject)
            continue
        record, rejects = _record(mapped, row)
        if record.asset_type is AssetType.APPLICATION:
            named = next((f for f in NAME_FIELDS if _first(mapped, row, f)), "application_name")
            _read_application(mapped, row, named, read)
            continue
        read.rejects += rejects
        if record.identities:
            read.records.append(record)
        else:
            read.rejects.append(_nothing_identifies(mapped, row))
    return read


def _cells(mapped: MappedSheet, row: RawRow) -> Iterable[tuple[MappedColumn, CellValue]]:
    for column in mapped.columns:
        if column.index < len(row.cells):
            yield column, row.cells[column.index]


def _row_reject(mapped: MappedSheet, row: RawRow) -> Reject | None:
    """A row that is no data: the header again, a total, a failed formula where the name should be."""
    filled = [(c, cell) for c, cell in _cells(mapped, row) if visible_text(cell)]
    place = Place(mapped.file, mapped.sheet.name, row.number)
    if len(filled) > 1 and all(visible_text(cell).casefold() == c.header.strip().casefold() for c, cell in filled):
        return Reject(place, "row.repeated_header", "The row repeats the header; delete it.")
    named = [(c, cell) for c, cell in filled if c.field in IDENTIFYING]
    if named and all(visible_text(cell).casefold().rstrip(":") in TOTAL_WORDS for _, cell in named):
        text = visible_text(named[0][1])
        return Reject(place, "row.total", f"'{text}' is a total line, not a server; delete it.", text)
    if named and all(is_spreadsheet_error(cell) for _, cell in named):
        text = visible_text(named[0][1])
        message = f"'{text}' stands where name, address or serial number should be; repair the formula."
        return Reject(place, "row.spreadsheet_error", message, text)
    return None


def _nothing_identifies(mapped: MappedSheet, row: RawRow) -> Reject:
    columns = [c.header for c in mapped.columns if c.field in IDENTIFYING]
    message = f"Nothing identifies the row; fill one of {', '.join(columns) or 'name, address or serial number'}."
    return Reject(Place(mapped.file, mapped.sheet.name, row.number), "row.no_identity", message)


def _record(mapped: MappedSheet, row: RawRow) -> tuple[Record, list[Reject]]:
    claims: list[Claim] = []
    rejects: list[Reject] = []
    attributes: dict[str, str] = {}
    for column, cell in _cells(mapped, row):
        source = Source(mapped.file, mapped.sheet.name, row.number, column.header)
        ruled = column.field is not None and has_rule(column.field)
        if column.field is not None and ruled:
            found, reject = claims_of(column.field, cell, unit=column.unit, source=source)
            claims += found
            rejects += [reject] if reject else []
        if not ruled or column.field in _ALSO_ATTRIBUTES:
            text = known_text(cell)
            if text is not None:
                alone = len(mapped.by_field.get(column.field or "", ())) == 1
                attributes[column.field if column.field and alone else column.header] = text
    if any(c.field == "cpu_cores" and c.rank == 0 for c in claims):  # then physical cores are another figure
        claims = [c for c in claims if c.field != "cpu_cores" or c.rank == 0]
    claims = [*_without_serial_of_vm(claims), *_disks_beside_each_other(mapped, row)]
    kind = _asset_type(mapped, row, claims)
    return Record(
        file=mapped.file,
        sheet=mapped.sheet.name,
        row=row.number,
        source_kind=mapped.source_kind,
        asset_type=kind,
        identities=_identities(mapped, row, claims),
        claims=tuple(claims),
        attributes=attributes,
        observed_at=_observed_at(mapped, row),
    ), rejects


_ALSO_ATTRIBUTES = words(
    "status operational_status hardware_status location serial_number cpu_utilization_pct memory_utilization_pct"
)
DISK_SIZES: Mapping[str, str] = {"disk_capacity_mb": "MiB", "disk_capacity_gb": "GiB"}  # units of bare numbers


def _disks_beside_each_other(mapped: MappedSheet, row: RawRow) -> Iterable[Claim]:
    """The sum of the sizes in "Disk 1 size", "Disk 2 size" …, which only together are what a machine has."""
    if mapped.by_field.keys().isdisjoint(DISK_SIZES):
        return
    sizes = [
        (column, size)
        for column, cell in _cells(mapped, row)
        if (unit := DISK_SIZES.get(column.field or ""))
        and (size := parse_size_mib(cell, unit=column.unit or unit).value)
    ]
    if sizes:
        source = Source(mapped.file, mapped.sheet.name, row.number, sizes[0][0].header)
        total = sum(size for _, size in sizes)
        yield Claim("disk_capacity_mib", total, source, f"sum_of_{len(sizes)}_columns", 1, "MiB")


def _without_serial_of_vm(claims: list[Claim]) -> list[Claim]:
    """A serial number that is an SMBIOS UUID in disguise, or that the factory never set, is no serial number."""
    kept = []
    for claim in claims:
        text = claim_text(claim.value)
        if claim.field == "serial_number" and (VMWARE_SERIAL.fullmatch(text) or _is_factory_text(text)):
            continue
        kept.append(claim)
    return kept


def _is_factory_text(text: str) -> bool:
    """Whether a serial number or asset tag is what the factory, or somebody who blots things out, wrote there."""
    folded = text.casefold().strip(" .")
    return folded in FACTORY_SERIALS or (len(folded) > SHORTEST_FILLER and len(set(folded)) == 1)


def _first(mapped: MappedSheet, row: RawRow, *names: str) -> tuple[MappedColumn, CellValue] | None:
    for name in names:
        for column in mapped.by_field.get(name, ()):
            if column.index < len(row.cells) and visible_text(row.cells[column.index]):
                return column, row.cells[column.index]
    return None


def _observed_at(mapped: MappedSheet, row: RawRow) -> datetime | None:
    found = _first(mapped, row, *SEEN_FIELDS)
    return parse_moment(found[1]).value if found else None


def _asset_type(mapped: MappedSheet, row: RawRow, claims: list[Claim]) -> AssetType:
    text = next(_said_types(mapped, row), "")
    kind = next((kind for pattern, kind in TYPE_WORDS if re.search(pattern, text)), None) if text else None
    system = " ".join(claim_text(c.value).casefold() for c in claims if c.field == "operating_system")
    if kind in (None, AssetType.SERVER) and re.search(r"\besxi?\b", system):
        return AssetType.HYPERVISOR_HOST
    if kind in (None, AssetType.SERVER) and any((c.field, c.value) == ("virtual", True) for c in claims):
        return AssetType.VIRTUAL_MACHINE
    if kind is None and text:
        return AssetType.OTHER
    return kind or AssetType.SERVER


def _said_types(mapped: MappedSheet, row: RawRow) -> Iterator[str]:
    """What columns call the thing; a yes means what its header asks for ("is_it_switch"), a no says nothing."""
    for name in ("asset_type", "asset_subtype", "category"):
        for column, cell in _cells(mapped, row):
            text = visible_text(cell).casefold()
            if column.field == name and text and text not in NO_WORDS:
                yield (column.header.casefold() if text in YES_WORDS else text).replace("_", " ")


def _identities(mapped: MappedSheet, row: RawRow, claims: list[Claim]) -> tuple[Identity, ...]:
    found = [*_ids(mapped, row), *_serial(mapped, row, claims)]
    best: dict[str, str] = {}
    for claim in sorted(claims, key=lambda c: -c.rank):
        best[claim.field] = claim_text(claim.value)
    if "fqdn" in best:
        found.append(Identity(IdentityScheme.FQDN, best["fqdn"].casefold()))
    addresses = [a for c in claims if c.field == "ip_addresses" and isinstance(c.value, tuple) for a in c.value]
    macs = [m for c in claims if c.field == "mac_addresses" and isinstance(c.value, tuple) for m in c.value]
    found += [Identity(IdentityScheme.MAC, mac) for mac in macs]
    named = (best[k] for k in ("hostname", "vm_name", "name") if k in best)
    names = dict.fromkeys(short_key(name) for name in named if not is_unnamed(name.casefold()))
    found += [Identity(IdentityScheme.HOSTNAME_IP, f"{n}/{a}") for n in names for a in addresses]
    found += [Identity(IdentityScheme.NAME, name) for name in names]
    if not names:
        # a machine known by its address alone is still a machine; it has no name to be confused with
        found += [Identity(IdentityScheme.HOSTNAME_IP, f"/{a}") for a in addresses]
    return tuple(dict.fromkeys(found))


def _ids(mapped: MappedSheet, row: RawRow) -> Iterable[Identity]:
    for column, cell in _cells(mapped, row):
        header = _letters(column.header)
        if column.field in ("uuid", "vm_uuid", "smbios_uuid"):
            uuid = parse_uuid(cell).value
            of_vm = column.field == "vm_uuid" or "vmuuid" in header or "instanceuuid" in header
            if uuid:
                yield Identity(IdentityScheme.VM_UUID if of_vm else IdentityScheme.SMBIOS_UUID, uuid)
        elif column.field == "instance_id" or "instanceid" in header:
            if known_text(cell):
                yield Identity(IdentityScheme.INSTANCE_ID, visible_text(cell).casefold())
        elif column.field == "external_id" and known_text(cell):
            yield Identity(IdentityScheme.EXTERNAL_ID, f"{mapped.source_kind}/{visible_text(cell)}")
        elif column.field == "asset_tag" and known_text(cell) and not _is_factory_text(visible_text(cell)):
            yield Identity(IdentityScheme.EXTERNAL_ID, f"{mapped.source_kind}/asset tag {visible_text(cell)}")
    vm_id, vcenter = _first(mapped, row, "vm_id"), _first(mapped, row, "vcenter_id")
    if vm_id and vcenter and known_text(vm_id[1]) and known_text(vcenter[1]):
        vcenter_text = parse_uuid(vcenter[1]).value or visible_text(vcenter[1]).casefold()
        yield Identity(IdentityScheme.VM_ID, f"{vcenter_text}/{visible_text(vm_id[1]).casefold()}")


@lru_cache(maxsize=4096)
def _letters(header: str) -> str:
    return re.sub(r"[^a-z]", "", header.casefold())


def _serial(mapped: MappedSheet, row: RawRow, claims: list[Claim]) -> Iterable[Identity]:
    for column, cell in _cells(mapped, row):
        if column.field == "serial_number" and VMWARE_SERIAL.fullmatch(visible_text(cell)):
            uuid = parse_uuid(cell).value
            if uuid:
                yield Identity(IdentityScheme.SMBIOS_UUID, uuid)
    for claim in claims:
        if claim.field == "serial_number" and len(claim_text(claim.value)) >= 4:
            yield Identity(IdentityScheme.SERIAL, claim_text(claim.value).casefold())


def _read_application(mapped: MappedSheet, row: RawRow, named_by: str, read: TabularRead) -> None:
    found = _first(mapped, row, named_by)
    name = known_text(found[1]) if found else None
    if found is None or name is None:
        place = Place(mapped.file, mapped.sheet.name, row.number)
        read.rejects.append(Reject(place, "row.no_application", "The row names no application; fill the name."))
        return
    texts = {c.field or c.header: known_text(cell) for c, cell in _cells(mapped, row)}
    owner = _first(mapped, row, "business_owner", "technical_owner")
    read.applications.append(
        ApplicationRow(
            name=name,
            source=Source(mapped.file, mapped.sheet.name, row.number, found[0].header),
            criticality=parse_criticality(texts.get("criticality")).value,
            business_owner=known_text(owner[1]) if owner else None,
            environment=parse_environment(texts.get("environment")).value,
            attributes={k: v for k, v in texts.items() if v is not None and k != named_by},
        )
    )
