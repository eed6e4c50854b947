"""Tables with several rows for each machine: disks, adapters, measurements over time, tags, software.

Such a table adds to machines that other tables list and never makes one. What it says is summed up to one record for
each machine: disks are counted and their sizes added, addresses collected, moments turned into percentiles.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from masterflow.analysis.estate.addresses import parse_addresses, parse_macs
from masterflow.analysis.estate.finder import Machine, MachineFinder, Missed
from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.analysis.estate.metrics import NAMES, SERIES, Details, SeriesOf, detail_record, named_in
from masterflow.analysis.estate.records import Claim, Record
from masterflow.analysis.estate.tabular import IDENTIFYING
from masterflow.analysis.estate.values import Parsed, known_text, parse_size_mib, words
from masterflow.errors import Place
from masterflow.inventory.reading import CellValue, RawRow, Reject
from masterflow.inventory.types import Source

OF_MACHINES = words(
    "os_name os_name_configured operating_system os_version os_family cpu_cores cpu_sockets physical_cores memory_mb "
    "memory_gb memory_bytes storage_gb storage_provisioned_gb power_state environment application_name hypervisor_host "
    "virtual_or_physical asset_type"
)  # what only a list of machines has
OF_PARTS = words("disk_name disk_key disk_uuid mount_point nic_name tag_category")  # what only a list of parts has
NAMED_BY_PEOPLE = words("hostname asset_name display_name vm_name fqdn")
DISK_FIELDS = words("disk_name disk_key disk_uuid disk_path disk_capacity_mb disk_capacity_gb")
SIZES: Mapping[str, tuple[str, str]] = {
    "disk_capacity_mb": ("disk_capacity_mib", "MiB"),
    "disk_capacity_gb": ("disk_capacity_mib", "GiB"),
    "partition_used_mb": ("storage_used_mib", "MiB"),
    "storage_used_gb": ("storage_used_mib", "GiB"),
}  # the claim that the sum of a column becomes, and the unit its bare numbers have
OF_OWNER = re.compile(
    r"(?:device|machine|virtual[_ ]?machine|computer|server|host|vm|node|system)[._ ](?P<what>id|name|uuid)"
)
OWNER_FIELDS: Mapping[str, str] = {"id": "external_id", "name": "hostname", "uuid": "uuid"}
OF_ITSELF = words("id name uuid serial serialnumber")  # headers by which a part names itself
MOST_SHOWN = 10  # different values of a column that an attribute lists


def tells_details(mapped: MappedSheet, *, alone: bool) -> bool:
    """Whether a table lists parts of machines. `alone` says that its file has no other table.

    A table that knows its machines only by their source's ids, or that names parts, or that repeats its machines beside
    another table of the same file, and that has nothing a list of machines would have.
    """
    fields = {c.field for c in mapped.columns if c.field}
    if fields & OF_MACHINES or not fields & set(NAMES):
        return False
    if fields & OF_PARTS or ("timestamp" in fields and fields & set(SERIES)):
        return True
    by_id = bool(fields & {"external_id", "instance_id"}) and not fields & NAMED_BY_PEOPLE
    return not alone and (by_id or _repeats(mapped))


def owned(mapped: MappedSheet, siblings: Sequence[MappedSheet]) -> MappedSheet:
    """The table with the columns that name the owner of its rows, where other tables of its file name machines by them.

    Tools that write several tables repeat the machine's id in each; only in one of them it is known for what it is.
    """
    if {c.field for c in mapped.columns} & {*IDENTIFYING, "application_name"}:
        return mapped
    known = {_squashed(c.header): c.field for s in siblings for c in s.columns if c.field in NAMES}
    columns = tuple(_owning(column, known) for column in mapped.columns)
    return mapped if columns == mapped.columns else replace(mapped, columns=columns)


def _owning(column: MappedColumn, known: Mapping[str, str | None]) -> MappedColumn:
    squashed, owner = _squashed(column.header), OF_OWNER.fullmatch(column.header.casefold())
    if column.field is not None or squashed in OF_ITSELF:
        return column
    return replace(column, field=OWNER_FIELDS[owner["what"]] if owner else known.get(squashed))


def _squashed(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", header.casefold())


def _repeats(mapped: MappedSheet) -> bool:
    seen: set[tuple[str, ...]] = set()
    for row in mapped.sheet.rows:
        names = named_in(row, mapped.columns)[:1]
        if names and names in seen:
            return True
        seen.add(names)
    return False


@dataclass(slots=True)
class _Part:
    """The rows of one machine while they are summed up."""

    first_row: int
    rows: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    lists: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    texts: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    series: SeriesOf = field(default_factory=SeriesOf)


def read_details(mapped: MappedSheet) -> Details:
    """One record for each machine of the table; rows that name none and cells that cannot be used are rejected."""
    details = Details()
    series = [c for c in mapped.columns if c.field in SERIES]
    parts: dict[tuple[str, ...], _Part] = {}
    for row in mapped.sheet.rows:
        names = named_in(row, mapped.columns)
        if not names:
            place = Place(mapped.file, mapped.sheet.name, row.number)
            details.rejects.append(
                Reject(place, "row.no_machine", "The row names no machine; fill the name or the id.")
            )
            continue
        part = parts.setdefault(names, _Part(row.number))
        part.rows += 1
        if not series:
            details.rejects += _take(mapped, row, part)
        for column, problem in part.series.add(row, series):
            place = Place(mapped.file, mapped.sheet.name, row.number, column.header)
            details.rejects.append(Reject(place, "cell.out_of_range", f"{problem} The row is kept."))
    for names in sorted(parts):
        claims = [*_claims(mapped, parts[names]), *parts[names].series.claims(mapped, series)]
        details.named.append(names)
        details.records.append(detail_record(mapped, parts[names].first_row, claims, _attributes(parts[names])))
    return details


def _take(mapped: MappedSheet, row: RawRow, part: _Part) -> Iterable[Reject]:
    """Add the cells of one row to its machine; yields the rejects for those that cannot be used."""
    tag = _tag(mapped, row)
    if tag is not None:
        part.texts[tag[0]][tag[1]] = None
    for column in mapped.columns:
        cell = row.cells[column.index] if column.index < len(row.cells) else None
        if column.field in NAMES and column.field != "ip_address":
            continue
        if column.field in SERIES or (tag is not None and column.field in ("tag_category", "tags")):
            continue
        parsed = _sized(part, column, cell) if column.field in SIZES else _listed(part, column, cell)
        reject = parsed.reject(Place(mapped.file, mapped.sheet.name, row.number, column.header), cell)
        if reject is not None:
            yield reject


def _tag(mapped: MappedSheet, row: RawRow) -> tuple[str, str] | None:
    cells = {c.field: row.cells[c.index] for c in mapped.columns if c.field and c.index < len(row.cells)}
    key, value = known_text(cells.get("tag_category")), known_text(cells.get("tags"))
    return (key, value) if key and value else None


def _sized(part: _Part, column: MappedColumn, cell: CellValue) -> Parsed[int]:
    target, unit = SIZES[column.field or ""]
    parsed = parse_size_mib(cell, unit=column.unit or unit)
    if parsed.value is not None:
        part.sizes[target] = part.sizes.get(target, 0) + parsed.value
    return parsed


def _listed(part: _Part, column: MappedColumn, cell: CellValue) -> Parsed[tuple[str, ...]]:
    if column.field in ("ip_address", "ip_addresses_all", "ipv6_address"):
        parsed, target = parse_addresses(cell), "ip_addresses"
    elif column.field == "mac_address":
        parsed, target = parse_macs(cell), "mac_addresses"
    else:
        text = known_text(cell)
        if text is not None:
            part.texts[column.field or column.header][text] = None
        return Parsed(None, "text")
    part.lists[target] |= dict.fromkeys(parsed.value or ())
    return parsed


def _claims(mapped: MappedSheet, part: _Part) -> Iterable[Claim]:
    headers = {c.field: c.header for c in mapped.columns if c.field}
    rule = f"sum_of_{part.rows}_rows"

    def source(*fields: str) -> Source:
        header = next((headers[f] for f in fields if f in headers), None)
        return Source(mapped.file, mapped.sheet.name, part.first_row, header)

    for target, total in part.sizes.items():
        if total:
            yield Claim(target, total, source(*(f for f, s in SIZES.items() if s[0] == target)), rule, 1, "MiB")
    if DISK_FIELDS & set(headers):
        yield Claim("disk_count", part.rows, source(*sorted(DISK_FIELDS)), f"count_of_{part.rows}_rows", 1)
    for target, values in part.lists.items():
        if values:
            found = source("ip_address", "ip_addresses_all", "ipv6_address", "mac_address")
            yield Claim(target, tuple(sorted(values)), found, "of_all_adapters", 1)


def _attributes(part: _Part) -> dict[str, str]:
    """The texts of all rows by column: up to ten different ones, then how many more there are."""
    found: dict[str, str] = {}
    for name, values in part.texts.items():
        more = len(values) - MOST_SHOWN
        shown = ", ".join(sorted(values)[:MOST_SHOWN])
        found[name] = f"{shown} and {more} more" if more > 0 else shown
    return found


def attach(details: Iterable[Details], finder: MachineFinder) -> tuple[dict[int, list[Record]], list[Reject]]:
    """Give every detail to its machine, by place in the list of clusters; details of no machine are rejects."""
    found: dict[int, list[Record]] = defaultdict(list)
    rejects: list[Reject] = []
    for one in details:
        for record, names in zip(one.records, one.named, strict=True):
            machine = _machine(finder, record.source_kind, names, file=record.file)
            if isinstance(machine, Machine):
                found[machine.index].append(record)
            else:
                rejects += _strangers(record, names[-1], machine)
    return found, rejects


def _machine(finder: MachineFinder, source_kind: str, names: Sequence[str], *, file: str) -> Machine | Missed:
    """By the source's own id first, then by name; an ambiguous name does not stop a surer one behind it."""
    missed = Missed.UNKNOWN
    for name in names:
        for found in (finder.by_id(source_kind, name, file=file), finder.find(name, file=file)):
            if isinstance(found, Machine):
                return found
            missed = Missed.AMBIGUOUS if Missed.AMBIGUOUS in (found, missed) else found
    return missed


def _strangers(record: Record, name: str, missed: Missed) -> Iterable[Reject]:
    """One reject for each row that the record was made of, as far as its claims tell them."""
    known = (
        "is the name of several machines; write the full name"
        if missed is Missed.AMBIGUOUS
        else ("is in no inventory; add the machine to one or delete the row")
    )
    code = "row.ambiguous_machine" if missed is Missed.AMBIGUOUS else "row.unknown_machine"
    for number in sorted({c.source.row or record.row for c in record.claims} | {record.row}):
        yield Reject(Place(record.file, record.sheet, number), code, f"'{name}' {known}.", name)
