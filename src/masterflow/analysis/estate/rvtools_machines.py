"""One record per VM and per host of an RVTools export, with every tab's word kept.

Precedence among tabs: vInfo, then the tab of the subject, then the other tabs that repeat a column, then vHost. Two
exceptions: the sum of the disks in vDisk outranks the total in vInfo, because the list is the detail; and the system
that VMware Tools report outranks the configured one, because the guest says it of itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from masterflow.analysis.estate.addresses import name_key, parse_addresses, parse_hostname, parse_macs, short_key
from masterflow.analysis.estate.fields import claims_of
from masterflow.analysis.estate.operating_systems import os_signature
from masterflow.analysis.estate.records import INCOMPLETE, LIFECYCLE, Claim, ClaimValue, Record, claim_text
from masterflow.analysis.estate.rvtools_concerns import concerns_of
from masterflow.analysis.estate.rvtools_join import Vm, vcenter_of
from masterflow.analysis.estate.rvtools_tabs import VM_TABS, Tab
from masterflow.analysis.estate.uuids import parse_uuid
from masterflow.analysis.estate.values import (
    MIB,
    Parsed,
    known_text,
    parse_count,
    parse_decimal,
    parse_power_state,
    parse_size_mib,
    visible_text,
)
from masterflow.errors import Place
from masterflow.inventory.reading import CellValue, RawRow, Reject
from masterflow.inventory.types import AssetType, Identity, IdentityScheme, Source

LARGEST_HOST_MIB = 100_000_000  # 95 TiB; a larger number in a host's memory column is bytes
MOST_LISTED = 20  # rows that a rule names one by one
REPEATED: Mapping[str, str] = {
    "hypervisor_host": "host",
    "cluster": "cluster",
    "datacenter": "datacenter",
    "power_state": "power_state",
    "folder": "folder",
}  # columns that every tab repeats
SAID = (*REPEATED, "os_name", "os_name_configured")
ATTRIBUTES = (
    "connection_state", "guest_state", "boot_type", "vm_hw_version", "resource_pool", "annotation", "install_date",
    "nic_count", "latency_sensitivity", "ft_state",
)  # fmt: skip
NETWORKS = tuple(f"network_{n}" for n in range(1, 9))
OWNER_IN_NOTE = re.compile(r"\bowner\s*[:=]\s*(\S+)", re.IGNORECASE)
RUNNING_WHY = "vCenter shows the machine running; it must not be dropped as retired"
TOOLS_WHY = "the running guest reports its own release; the configured text is set by hand"


def vm_record(
    vm: Vm, tabs: Mapping[str, Tab], *, cluster_of_host: Mapping[tuple[str, str], tuple[str, str]]
) -> tuple[Record, list[Reject]]:
    """All that an export says about one VM, and the cells that could not be used.

    `cluster_of_host` maps (vCenter, host) to (data centre, cluster).
    """
    claims = [*_naming(vm), *_hardware(vm, tabs), *_storage(vm, tabs), *_network(vm, tabs)]
    said = _sayings(vm, tabs)
    claims += [*_systems(said), *_places(vm, said, cluster_of_host)]
    custom, rejects = _custom(vm, tabs)
    claims += custom
    claims.append(Claim("virtual", True, vm.tab.source(vm.row, "vm_name"), "rvtools_lists_vms"))
    claims.append(Claim("hypervisor", "VMware vSphere", vm.tab.source(vm.row, "vm_name"), "rvtools_lists_vms", rank=9))
    if vm.text("power_state").casefold() == "poweredon":
        source = vm.tab.source(vm.row, "power_state")
        claims.append(Claim(LIFECYCLE, "in_use", source, "powered_on_is_in_use", why=RUNNING_WHY))
    owner = OWNER_IN_NOTE.search(vm.text("annotation"))
    if owner:
        source = vm.tab.source(vm.row, "annotation")
        claims.append(Claim("business_owner", owner[1].strip(";,."), source, "annotation", rank=50, confidence=0.7))
    concerns = concerns_of(vm, tabs)
    return Record(
        file=vm.tab.file,
        sheet=vm.tab.sheet,
        row=vm.row.number,
        source_kind="rvtools",
        asset_type=AssetType.VIRTUAL_MACHINE,
        identities=_identities(vm, claims),
        claims=tuple(claims),
        attributes=_attributes(vm, tabs),
        concerns=(*concerns, INCOMPLETE) if vm.is_incomplete else concerns,
    ), [*rejects, *_cell_rejects(vm)]


def _cell_rejects(vm: Vm) -> Iterable[Reject]:
    """The cells of the leading row that could not be used; the row itself is."""
    for key, parser in _CHECKED.items():
        cell = vm.tab.cell(vm.row, key)
        if cell is None or cell == "VM":
            continue
        parsed = parser(cell)
        if parsed.problem is None:
            continue
        source = vm.tab.source(vm.row, key)
        reject = parsed.reject(Place(source.file, source.sheet, source.row, source.column), cell)
        if reject is not None:
            yield reject


_CHECKED: Mapping[str, Callable[[CellValue], Parsed[object]]] = {
    "cpu_cores": parse_count,
    "memory_mb": parse_decimal,
    "ip_address": parse_addresses,
}


def _claim(tab: Tab, row: RawRow, key: str, target: str, parsed: Parsed[ClaimValue], **more: int | str) -> list[Claim]:
    if parsed.value is None or parsed.value == "":
        return []
    unit = "MiB" if target.endswith("_mib") else None
    rank, why = int(more.get("rank", 0)), str(more.get("why", ""))
    return [Claim(target, parsed.value, tab.source(row, key), parsed.rule, rank, unit, why=why)]


def rows_with(vm: Vm, tabs: Mapping[str, Tab], name: str) -> tuple[Tab | None, list[RawRow]]:
    """The rows of one tab that belong to a VM, the leading row included."""
    joined = vm.rows.get(name, [])
    return tabs.get(name), [vm.row, *joined] if vm.tab.name == name else joined


def _single_rows(vm: Vm, tabs: Mapping[str, Tab]) -> Iterable[tuple[Tab, RawRow]]:
    """The first row of every tab, in the order of precedence."""
    for name in VM_TABS:
        tab, rows = rows_with(vm, tabs, name)
        if tab is not None and rows:
            yield tab, rows[0]


def _custom(vm: Vm, tabs: Mapping[str, Tab]) -> tuple[list[Claim], list[Reject]]:
    """Columns that a mapping gave a field; tabs repeat custom attributes, so a cell counts where it is first met."""
    claims: list[Claim] = []
    rejects: list[Reject] = []
    seen: set[tuple[str, CellValue]] = set()
    for place, (tab, row) in enumerate(_single_rows(vm, tabs)):
        for column in tab.approved:
            cell = row.cells[column.index] if column.index < len(row.cells) else None
            if column.field is None or (column.field, cell) in seen or known_text(cell) is None:
                continue
            seen.add((column.field, cell))
            source = Source(tab.file, tab.sheet, row.number, column.header)
            found, reject = claims_of(column.field, cell, unit=column.unit, source=source)
            claims += [replace(c, rank=c.rank + place) for c in found if c.field != "name"]
            rejects += [reject] if reject else []
    return claims, rejects


def _naming(vm: Vm) -> list[Claim]:
    tab, row = vm.filled.get("vm_name", (vm.tab, vm.row))
    name = vm.name or vm.text("dns_name") or vm.vm_id or vm.vm_uuid
    rule = "text" if vm.name else "filled_from_id"
    source = tab.source(row, "vm_name")
    claims = [Claim("name", name, source, rule), Claim("vm_name", name, source, rule)]
    host = parse_hostname(vm.tab.cell(vm.row, "dns_name")).value
    if host is not None:
        dns = vm.tab.source(vm.row, "dns_name")
        claims.append(Claim("hostname", host.short, dns, "hostname"))
        if host.fqdn:
            claims.append(Claim("fqdn", host.fqdn, dns, "fqdn"))
    if vm.vcenter:
        key = "vcenter_uuid" if "vcenter_uuid" in vm.tab.at else "vcenter_server"
        claims.append(Claim("vcenter_id", vm.vcenter, vm.tab.source(vm.row, key), "vcenter"))
    return claims


def _hardware(vm: Vm, tabs: Mapping[str, Tab]) -> list[Claim]:
    claims: list[Claim] = []
    for rank, name in enumerate(("vInfo", "vCPU", "vMemory")):
        tab, rows = rows_with(vm, tabs, name)
        if tab is None or not rows:
            continue
        for key, target in (("cpu_cores", "cpu_cores"), ("memory_mb", "memory_mib")):
            if key not in tab.at:
                continue
            cell, row = tab.cell(rows[0], key), rows[0]
            parsed = parse_count(cell) if target == "cpu_cores" else parse_size_mib(cell, unit=tab.units[key])
            why = _why_hardware(vm, tabs, target) if rank == 0 else ""
            claims += _claim(tab, row, key, target, Parsed(parsed.value or None, parsed.rule), rank=rank, why=why)
    return claims


def _why_hardware(vm: Vm, tabs: Mapping[str, Tab], target: str) -> str:
    """What speaks for the number in vInfo, where something does."""
    if target == "cpu_cores":
        tab, rows = rows_with(vm, tabs, "vCPU")
        product = _product(tab, rows[0]) if tab is not None and rows else None
        agrees = product is not None and product == _count(vm, "cpu_cores")
        return "sockets × cores per socket in vCPU agree with vInfo" if agrees else ""
    sizes = [_size(vm, key) for key in ("storage_provisioned_gb", "storage_gb", "memory_mb")]
    provisioned, disks, memory = sizes
    if provisioned is None or disks is None or memory is None or abs(provisioned - disks - memory) > 1:
        return ""
    return "two tabs read at different moments; Provisioned MiB includes a swap file of the size in vInfo"


def _product(tab: Tab, row: RawRow) -> int | None:
    sockets = parse_count(tab.cell(row, "cpu_sockets")).value
    cores = parse_count(tab.cell(row, "cores_per_socket")).value
    return sockets * cores if sockets and cores else None


def _count(vm: Vm, key: str) -> int | None:
    return parse_count(vm.tab.cell(vm.row, key)).value


def _size(vm: Vm, key: str) -> int | None:
    return parse_size_mib(vm.tab.cell(vm.row, key), unit=vm.tab.units.get(key, "MiB")).value


def _storage(vm: Vm, tabs: Mapping[str, Tab]) -> list[Claim]:
    claims: list[Claim] = []
    disk_tab, disks = rows_with(vm, tabs, "vDisk")
    if disk_tab is not None and disks:
        source = disk_tab.source(disks[0], "disk_capacity_mb")
        listed = "_".join(str(r.number) for r in disks)
        rule = f"sum_of_rows_{listed}" if len(disks) <= MOST_LISTED else f"sum_of_{len(disks)}_rows"
        total = sum_mib(disk_tab, disks, "disk_capacity_mb")
        why = "the disk list is the detail; the total in vInfo is stale"
        if total:
            claims.append(Claim("disk_capacity_mib", total, source, rule, 0, "MiB", why=why))
        claims.append(Claim("disk_count", len(disks), disk_tab.source(disks[0], "disk_name"), rule))
    if vm.tab.name == "vInfo":
        claims += _sized(vm, "storage_gb", "disk_capacity_mib", rank=1)
        claims += _sized(vm, "storage_provisioned_gb", "storage_provisioned_mib", rank=0)
        claims += _sized(vm, "storage_used_gb", "storage_used_mib", rank=0)
        claims += _claim(vm.tab, vm.row, "disk_count", "disk_count", Parsed(_count(vm, "disk_count"), "count"), rank=1)
    tab, partitions = rows_with(vm, tabs, "vPartition")
    if tab is not None and partitions and not any(c.field == "storage_used_mib" for c in claims):
        used = sum_mib(tab, partitions, "partition_used_mb") or None
        claims += _claim(
            tab, partitions[0], "partition_used_mb", "storage_used_mib", Parsed(used, "sum_of_partitions"), rank=1
        )
    return claims


def _sized(vm: Vm, key: str, target: str, *, rank: int) -> list[Claim]:
    parsed = parse_size_mib(vm.tab.cell(vm.row, key), unit=vm.tab.units.get(key, "MiB"))
    return _claim(vm.tab, vm.row, key, target, parsed, rank=rank)


def sum_mib(tab: Tab, rows: Iterable[RawRow], key: str) -> int:
    """The sum of a size column over rows, in MiB; cells that are no sizes count as nothing."""
    unit = tab.units.get(key, "MiB")
    total = 0
    for row in rows:
        cell = tab.cell(row, key)
        # plain numbers are the common case in tabs of a hundred thousand rows
        whole = unit == "MiB" and isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell // 1
        total += int(cell) if whole and isinstance(cell, int | float) else (parse_size_mib(cell, unit=unit).value or 0)
    return total


def _network(vm: Vm, tabs: Mapping[str, Tab]) -> list[Claim]:
    claims = _claim(vm.tab, vm.row, "ip_address", "ip_addresses", parse_addresses(vm.tab.cell(vm.row, "ip_address")))
    tab, rows = rows_with(vm, tabs, "vNetwork")
    if tab is None or not rows:
        return claims
    for key, target, parser in (
        ("ip_address", "ip_addresses", parse_addresses),
        ("ipv6_address", "ip_addresses", parse_addresses),
        ("mac_address", "mac_addresses", parse_macs),
    ):
        found = dict.fromkeys(value for (cell,) in tab.distinct(rows, key) for value in parser(cell).value or ())
        claims += _claim(tab, rows[0], key, target, Parsed(tuple(found) or None, "of_all_adapters"), rank=1)
    return claims


@dataclass(frozen=True, slots=True)
class _Said:
    """A text that one row says about a VM; `place` numbers the VM's rows in the order of precedence."""

    text: str
    tab: Tab
    row: RawRow
    place: int


def _sayings(vm: Vm, tabs: Mapping[str, Tab]) -> dict[str, list[_Said]]:
    """What the rows of a VM say in the columns that every tab repeats; each text once, where it is first met."""
    found: dict[str, list[_Said]] = {key: [] for key in SAID}
    seen: dict[str, set[CellValue]] = {key: set() for key in SAID}
    place = 0
    for name in VM_TABS:
        tab, rows = rows_with(vm, tabs, name)
        if tab is None:
            continue
        columns = [(key, tab.at[key]) for key in SAID if key in tab.at]
        for row in rows:
            for key, index in columns:
                cell = row.cells[index] if index < len(row.cells) else None
                if cell not in seen[key]:
                    seen[key].add(cell)
                    text = tab.text(row, key)
                    found[key] += [_Said(text, tab, row, place)] if text else []
            place += 1
    return found


def _systems(said: Mapping[str, Sequence[_Said]]) -> list[Claim]:
    """The operating system: VMware Tools first, the configured text next, then what other tabs say differently."""
    tools, configured = said["os_name"], said["os_name_configured"]
    # Tools that know only the kernel are less than a configured release
    vague = {t.place for t in tools if os_signature(t.text).vague} & {
        c.place for c in configured if not os_signature(c.text).vague
    }
    known = {t.text for t in tools}
    claims = []
    for key, texts in (("os_name", tools), ("os_name_configured", configured)):
        for one in texts:
            if key == "os_name" or one.text not in known:
                second = (key == "os_name") == (one.place in vague)
                why = TOOLS_WHY if key == "os_name" else ""
                rank = one.place * 2 + second
                claims.append(Claim("operating_system", one.text, one.tab.source(one.row, key), "text", rank, why=why))
    return claims


def _places(
    vm: Vm, said: Mapping[str, Sequence[_Said]], cluster_of_host: Mapping[tuple[str, str], tuple[str, str]]
) -> list[Claim]:
    """Where the VM stands and whether it runs; what the leading row leaves blank is filled, and contradicts nothing."""
    claims: list[Claim] = []
    for key, target in REPEATED.items():
        for one in said[key] if vm.text(key) else said[key][:1]:
            value = parse_power_state(one.text) if key == "power_state" else Parsed(one.text, "text")
            claims += _claim(one.tab, one.row, key, target, value, rank=one.place)
    hosts = [c for c in claims if c.field == "host"]
    stated = {c.field for c in claims}
    found = cluster_of_host.get((vm.vcenter, name_key(str(hosts[0].value)))) if hosts else None
    for target, text in zip(("datacenter", "cluster"), found or (), strict=False):
        if text and target not in stated:
            claims.append(Claim(target, text, hosts[0].source, "place_of_host_in_vhost", rank=99))
    return claims


def _identities(vm: Vm, claims: list[Claim]) -> tuple[Identity, ...]:
    found: list[Identity] = []
    if vm.vm_uuid:
        found.append(Identity(IdentityScheme.VM_UUID, vm.vm_uuid))
    smbios = parse_uuid(vm.tab.cell(vm.row, "smbios_uuid")).value
    if smbios:
        found.append(Identity(IdentityScheme.SMBIOS_UUID, smbios))
    if vm.vm_id and vm.vcenter:
        found.append(Identity(IdentityScheme.VM_ID, f"{vm.vcenter}/{vm.vm_id}"))
    texts = {c.field: claim_text(c.value) for c in reversed(claims) if c.field in ("fqdn", "hostname", "vm_name")}
    if "fqdn" in texts:
        found.append(Identity(IdentityScheme.FQDN, texts["fqdn"]))
    addresses = [a for c in claims if c.field == "ip_addresses" and isinstance(c.value, tuple) for a in c.value]
    macs = [m for c in claims if c.field == "mac_addresses" and isinstance(c.value, tuple) for m in c.value]
    found += [Identity(IdentityScheme.MAC, mac) for mac in macs]
    names = dict.fromkeys(short_key(texts[k]) for k in ("hostname", "vm_name") if k in texts)
    found += [Identity(IdentityScheme.HOSTNAME_IP, f"{n}/{a}") for n in names for a in dict.fromkeys(addresses)]
    found += [Identity(IdentityScheme.NAME, name) for name in names]
    return tuple(dict.fromkeys(found))


def _attributes(vm: Vm, tabs: Mapping[str, Tab]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header, index in vm.tab.extra:
        text = known_text(vm.row.cells[index]) if index < len(vm.row.cells) else None
        if text is not None:
            found[header] = text
    found |= {key: text for key in ATTRIBUTES if (text := vm.text(key))}
    for tab, row in _single_rows(vm, tabs):
        for key in ("annotation", "tools_status", "tools_version"):
            if key not in found and tab.text(row, key):
                found[key] = tab.text(row, key)
    networks = _networks(vm, tabs)
    if networks:
        found["networks"] = ", ".join(networks)
    return found | _sums(vm, tabs)


def _networks(vm: Vm, tabs: Mapping[str, Tab]) -> list[str]:
    names = [vm.text(key) for key in NETWORKS] if vm.tab.name == "vInfo" else []
    tab, rows = rows_with(vm, tabs, "vNetwork")
    names += [visible_text(cell) for (cell,) in tab.distinct(rows, "network")] if tab is not None else []
    return list(dict.fromkeys(n for n in names if n))


def _sums(vm: Vm, tabs: Mapping[str, Tab]) -> dict[str, str]:
    found: dict[str, str] = {}
    snapshots, taken = rows_with(vm, tabs, "vSnapshot")
    if snapshots is not None and taken:
        found["snapshot_count"] = str(len(taken))
        found["snapshot_mib"] = str(sum_mib(snapshots, taken, "snapshot_mb"))
    partitions, used = rows_with(vm, tabs, "vPartition")
    if partitions is not None and used:
        found["partition_used_mib"] = str(sum_mib(partitions, used, "partition_used_mb"))
    return found


def host_record(tab: Tab, row: RawRow, servers: Mapping[str, str]) -> Record | None:
    """One hypervisor host of vHost, or None for a row without a name."""
    name = tab.text(row, "hostname")
    if not name:
        return None
    vcenter = vcenter_of(tab, row, servers)
    claims = [Claim("name", name, tab.source(row, "hostname"), "text")]
    host = parse_hostname(name).value
    if host is not None:
        claims.append(Claim("hostname", host.short, tab.source(row, "hostname"), "hostname"))
        claims += [Claim("fqdn", host.fqdn, tab.source(row, "hostname"), "fqdn")] if host.fqdn else []
    address = parse_addresses(name).value if host is None else None
    claims += _claim(tab, row, "hostname", "ip_addresses", Parsed(address, "name_is_address"))
    cores = parse_count(tab.cell(row, "cpu_cores"))
    claims += _claim(tab, row, "cpu_cores", "cpu_cores", Parsed(cores.value or _product(tab, row), "count"))
    claims += _claim(tab, row, "memory_mb", "memory_mib", _host_memory(tab.cell(row, "memory_mb"), tab))
    for key, target in _HOST_TEXTS.items():
        claims += _claim(tab, row, key, target, Parsed(tab.text(row, key) or None, "text"))
    claims += _claim(tab, row, "vcenter_uuid", "vcenter_id", Parsed(vcenter or None, "vcenter"))
    claims.append(Claim("virtual", False, tab.source(row, "hostname"), "hosts_are_physical"))
    return Record(
        file=tab.file,
        sheet=tab.sheet,
        row=row.number,
        source_kind="rvtools",
        asset_type=AssetType.HYPERVISOR_HOST,
        identities=_host_identities(tab, row, vcenter, host.fqdn if host else None),
        claims=tuple(claims),
        attributes=_host_attributes(tab, row),
    )


def _host_attributes(tab: Tab, row: RawRow) -> dict[str, str]:
    found = {header: known_text(row.cells[index]) for header, index in tab.extra if index < len(row.cells)}
    found |= {key: tab.text(row, key) or None for key in ("cpu_model", "cpu_sockets", "object_id")}
    return {key: text for key, text in found.items() if text is not None}


_HOST_TEXTS: Mapping[str, str] = {
    "datacenter": "datacenter",
    "cluster": "cluster",
    "os_name": "operating_system",
    "manufacturer": "vendor",
    "model": "model",
    "serial_number": "serial_number",
}


def _host_memory(cell: CellValue, tab: Tab) -> Parsed[int]:
    """A host's memory in MiB; the tool's raw export writes bytes, which no host could have as MiB."""
    found = parse_size_mib(cell, unit=tab.units.get("memory_mb", "MiB"))
    if found.value is not None and found.value > LARGEST_HOST_MIB:
        return Parsed(round(found.value / MIB), "size_bytes_to_mib_by_magnitude")
    return found


def _host_identities(tab: Tab, row: RawRow, vcenter: str, fqdn: str | None) -> tuple[Identity, ...]:
    found: list[Identity] = []
    if vcenter and tab.text(row, "object_id"):
        found.append(Identity(IdentityScheme.VM_ID, f"{vcenter}/{tab.text(row, 'object_id').casefold()}"))
    serial = tab.text(row, "serial_number") or tab.text(row, "service_tag")
    if serial:
        found.append(Identity(IdentityScheme.SERIAL, serial.casefold()))
    if fqdn:
        found.append(Identity(IdentityScheme.FQDN, fqdn))
    found.append(Identity(IdentityScheme.NAME, short_key(tab.text(row, "hostname"))))
    return tuple(found)
