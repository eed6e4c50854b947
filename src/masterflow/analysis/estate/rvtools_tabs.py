"""Which column of an RVTools tab is which, in every spelling that the tool and its readers have used.

Three generations of headers exist: "Provisioned MiB" (4.x), "Provisioned MB" (3.x, which means MiB too) and
"vInfoProvisioned" (the tool's own names, used by some exporters). A tab is a sheet of one workbook or a file of its own
("RVTools_tabvInfo.csv").
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from masterflow.analysis.estate.fields import has_rule
from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.analysis.estate.values import visible_text, words
from masterflow.inventory.reading import CellValue, RawRow
from masterflow.inventory.types import Source

VM_TABS = ("vInfo", "vCPU", "vMemory", "vDisk", "vPartition", "vNetwork", "vSnapshot", "vTools")
OTHER_TABS = ("vHost", "vCluster", "vDatastore")

PLACEMENT: Mapping[str, str] = {
    "VM": "vm_name", "VM Name": "vm_name", "Powerstate": "power_state", "Template": "is_template",
    "SRM Placeholder": "srm_placeholder", "Datacenter": "datacenter", "Cluster": "cluster", "Host": "hypervisor_host",
    "Folder": "folder", "Annotation": "annotation", "VM ID": "vm_id", "VM UUID": "vm_uuid", "UUID": "vm_uuid",
    "SMBIOS UUID": "smbios_uuid", "VM SMBIOS UUID": "smbios_uuid", "VI SDK UUID": "vcenter_uuid",
    "vCenter UUID": "vcenter_uuid", "VI SDK Server": "vcenter_server", "VI SDK": "vcenter_server",
    "OS according to the configuration file": "os_name_configured", "OS": "os_name_configured",
    "OS according to the VMware Tools": "os_name", "OS Tools": "os_name",
}  # fmt: skip
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "vInfo": {
        "DNS Name": "dns_name", "Guest Host Name": "dns_name", "Connection state": "connection_state",
        "Guest state": "guest_state", "Consolidation Needed": "consolidation_needed", "CPUs": "cpu_cores",
        "# CPUs": "cpu_cores", "CPU": "cpu_cores", "Memory": "memory_mb", "Memory MiB": "memory_mb",
        "NICs": "nic_count", "Disks": "disk_count",
        "Num Virtual Disks": "disk_count", "Total disk capacity MiB": "storage_gb",
        "Provisioned MiB": "storage_provisioned_gb", "Provisioned": "storage_provisioned_gb",
        "In Use MiB": "storage_used_gb", "In Use": "storage_used_gb", "Primary IP Address": "ip_address",
        "CBT": "cbt", "Change Block Tracking": "cbt", "FT State": "ft_state", "Firmware": "boot_type",
        "HW version": "vm_hw_version", "Resource pool": "resource_pool",
        "Latency Sensitivity": "latency_sensitivity", "Creation date": "install_date", "Create Date": "install_date",
        **{f"Network #{n}": f"network_{n}" for n in range(1, 9)},
    },
    "vCPU": {"CPUs": "cpu_cores", "Sockets": "cpu_sockets", "Cores p/s": "cores_per_socket",
             "Hot Add": "cpu_hot_add", "Hot Remove": "cpu_hot_remove"},
    "vMemory": {"Size MiB": "memory_mb", "Size": "memory_mb", "Hot Add": "memory_hot_add"},
    "vDisk": {"Disk": "disk_name", "Capacity MiB": "disk_capacity_mb", "Capacity": "disk_capacity_mb",
              "Raw": "disk_is_rdm", "Disk Mode": "disk_mode", "Sharing mode": "disk_sharing",
              "Shared Bus": "disk_shared_bus"},
    "vPartition": {"Disk": "mount_point", "Consumed MiB": "partition_used_mb", "Consumed": "partition_used_mb"},
    "vNetwork": {"Mac Address": "mac_address", "MAC": "mac_address", "IPv4 Address": "ip_address",
                 "IP Address": "ip_address", "IPv6 Address": "ipv6_address", "Network": "network",
                 "Connected": "nic_connected"},
    "vSnapshot": {"Name": "snapshot_name", "Snapshot": "snapshot_name", "Size MiB (total)": "snapshot_mb"},
    "vTools": {"Tools": "tools_status", "Tools Version": "tools_version"},
    "vHost": {"Host": "hostname", "Name": "hostname", "CPU Model": "cpu_model", "# CPU": "cpu_sockets",
              "Cores per CPU": "cores_per_socket", "# Cores": "cpu_cores", "Num Cpu Cores": "cpu_cores",
              "# Memory": "memory_mb", "Memory Size": "memory_mb", "ESX Version": "os_name", "Full Name": "os_name",
              "Vendor": "manufacturer", "Model": "model", "Serial number": "serial_number",
              "Service tag": "service_tag", "Object ID": "object_id"},
    "vCluster": {"Name": "cluster", "Cluster": "cluster"},
    "vDatastore": {"Name": "datastore", "Capacity MiB": "datastore_mb", "Object ID": "object_id"},
}  # fmt: skip
READ_BY_HEADER = words(
    "vm_name vm_id vm_uuid smbios_uuid vcenter_uuid vcenter_server dns_name is_template srm_placeholder cbt ft_state "
    "consolidation_needed cpu_hot_add cpu_hot_remove memory_hot_add disk_name disk_is_rdm disk_mode disk_sharing "
    "disk_shared_bus latency_sensitivity connection_state guest_state annotation network tools_status tools_version "
    "snapshot_name snapshot_mb mount_point nic_connected object_id datastore datastore_mb hostname service_tag "
    "partition_used_mb disk_capacity_mb mac_address ipv6_address "
    "network_1 network_2 network_3 network_4 network_5 network_6 network_7 network_8"
)  # joins, flags and details: the inventory has no field of its own for them, so a mapping leaves them open
SYNONYMS: Mapping[str, frozenset[str]] = {
    "storage_gb": frozenset({"storage_gb", "disk_capacity_gb", "disk_capacity_mb", "storage_mb"}),
    "storage_provisioned_gb": frozenset({"storage_provisioned_gb", "storage_gb", "storage_provisioned_mb"}),
    "storage_used_gb": frozenset({"storage_used_gb", "storage_used_mb"}),
    "memory_mb": frozenset({"memory_mb", "memory_gb", "memory_bytes"}),
    "ip_address": frozenset({"ip_address", "ip_addresses_all"}),
    "os_name_configured": frozenset({"os_name_configured", "os_name"}),
    "os_name": frozenset({"os_name", "os_name_configured", "os_version"}),
    "manufacturer": frozenset({"manufacturer", "vendor"}),
    "hypervisor_host": frozenset({"hypervisor_host", "hostname", "host"}),
    "cluster": frozenset({"cluster", "asset_name"}),
    "cpu_cores": frozenset({"cpu_cores", "physical_cores"}),
}  # fields that a mapping may rightly give to a column which this table knows under the first name


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with the places of its columns.

    `at` holds the columns that RVTools itself defines, `approved` those that a mapping gave a field (custom attributes,
    mostly), `extra` the rest, to keep as attributes.
    """

    name: str
    file: str
    sheet: str
    rows: tuple[RawRow, ...]
    at: Mapping[str, int]
    headers: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    approved: tuple[MappedColumn, ...] = ()
    extra: tuple[tuple[str, int], ...] = ()

    def cell(self, row: RawRow, key: str) -> CellValue:
        """The raw cell of a column, or None where the tab has no such column or the row is short."""
        index = self.at.get(key)
        return row.cells[index] if index is not None and index < len(row.cells) else None

    def text(self, row: RawRow, key: str) -> str:
        """The cell as trimmed text; "" when it is blank or holds the placeholder "VM"."""
        index = self.at.get(key)
        if index is None or index >= len(row.cells):
            return ""
        text = visible_text(row.cells[index])
        return "" if text == "VM" else text

    def distinct(self, rows: Iterable[RawRow], *keys: str) -> list[tuple[CellValue, ...]]:
        """The different combinations of raw cells that rows have in some columns, each once, in their order."""
        places = [self.at.get(key) for key in keys]
        found = (tuple(None if i is None or i >= len(r.cells) else r.cells[i] for i in places) for r in rows)
        return list(dict.fromkeys(found))

    def source(self, row: RawRow, key: str) -> Source:
        """Where the cell stands."""
        return Source(self.file, self.sheet, row.number, self.headers.get(key, key))


@lru_cache(maxsize=8192)
def header_key(header: str) -> str:
    """A header without case, blanks and signs; "MB" reads "MiB" and "#" reads "num"."""
    text = visible_text(header).replace("#", " num ")
    text = re.sub(r"\bM[Bb]\b", "MiB", text)
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _known_columns(tab: str) -> dict[str, str]:
    shared = PLACEMENT if tab in VM_TABS else {k: v for k, v in PLACEMENT.items() if v in _HOST_PLACEMENT}
    table = {header_key(h): key for h, key in {**shared, **COLUMNS[tab]}.items()}
    # the tool's own names: vInfoVMName, vHostNumCpuCores, vInfoGuestHostName
    own = {header_key(tab) + plain: key for plain, key in table.items()}
    return {**table, **own, **_OWN_NAMES.get(tab, {})}


_HOST_PLACEMENT = frozenset({"datacenter", "cluster", "vcenter_uuid", "vcenter_server"})
_OWN_NAMES: Mapping[str, Mapping[str, str]] = {
    "vInfo": {
        "vinfonumcpu": "cpu_cores", "vinfonics": "nic_count", "vinfosrmplaceholder": "srm_placeholder",
        "vinfocreatedate": "install_date", "vinfoviasdkserver": "vcenter_server", "vinfovisdkserver": "vcenter_server",
        "vinfovisdkuuid": "vcenter_uuid", "vinfosmbiosuuid": "smbios_uuid", "vinfovmid": "vm_id",
        "vinfoconsolidationneeded": "consolidation_needed", "vinfoguestos": "os_name_configured",
    },
    "vCPU": {"vcpucpus": "cpu_cores", "vcpunumcpu": "cpu_cores", "vcpunumcpus": "cpu_cores",
             "vcpucorespersocket": "cores_per_socket", "corespersocket": "cores_per_socket"},
    "vMemory": {"vmemorysizemib": "memory_mb", "vmemorysize": "memory_mb"},
    "vHost": {"vhostname": "hostname", "vhostnumcpu": "cpu_sockets", "vhostnumcpucores": "cpu_cores",
              "vhostmemorysize": "memory_mb", "vhostfullname": "os_name"},
    "vPartition": {"vpartitionconsumedmib": "partition_used_mb"},
}  # fmt: skip
KNOWN: Mapping[str, Mapping[str, str]] = {tab: _known_columns(tab) for tab in (*VM_TABS, *OTHER_TABS)}
_TAB_BY_KEY = {header_key(tab): tab for tab in (*VM_TABS, *OTHER_TABS)}


def tab_name(mapped: MappedSheet) -> str | None:
    """Which tab a sheet is: by its own name, by its file's name, or by the tool's prefix on its headers."""
    for text in (mapped.sheet.name, re.sub(r"\.\w+$", "", mapped.file)):
        key = header_key(text)
        exact = _TAB_BY_KEY.get(key.removeprefix("rvtools").removeprefix("tab"))
        if exact:
            return exact
        ending = [tab for name, tab in _TAB_BY_KEY.items() if key.endswith("tab" + name)]
        if ending:
            return ending[0]
    headers = [header_key(h) for h in mapped.sheet.headers if h]
    for name, tab in _TAB_BY_KEY.items():
        if headers and sum(h.startswith(name) for h in headers) * 2 > len(headers):
            return tab
    return "vInfo" if {"vm", "powerstate"} <= set(headers) and {"cpus", "numcpus", "memory"} & set(headers) else None


def workbook_key(mapped: MappedSheet) -> str:
    """What the tabs of one export share: the file, or for one file a tab the name without the tab's."""
    stem = re.sub(r"\.\w+$", "", mapped.file)
    found = re.search(r"tab(v[A-Za-z]+)$", stem)
    if found and header_key(found[1]) in _TAB_BY_KEY:
        return stem[: found.start()]
    return mapped.file


def read_tab(mapped: MappedSheet, name: str) -> Tab:
    """The columns of one tab by key; an approved field that means something else than the header outranks it."""
    at: dict[str, int] = {}
    headers: dict[str, str] = {}
    units: dict[str, str] = {}
    approved: list[MappedColumn] = []
    extra: list[tuple[str, int]] = []
    for column in mapped.columns:
        key = _known_key(name, column)
        if key is not None and key not in at:
            at[key], headers[key], units[key] = column.index, column.header, _unit(column.header, column.unit)
        elif key is None and column.field is not None and has_rule(column.field):
            approved.append(column)
        else:
            extra.append((column.header, column.index))
    sheet = mapped.sheet
    rows = tuple(sorted(sheet.rows, key=lambda row: row.number))
    return Tab(name, mapped.file, sheet.name, rows, at, headers, units, tuple(approved), tuple(extra))


def _known_key(tab: str, column: MappedColumn) -> str | None:
    known = KNOWN[tab].get(header_key(column.header))
    if known is None or known in READ_BY_HEADER:
        return known
    return known if column.field in SYNONYMS.get(known, {known}) else None


def _unit(header: str, approved: str | None) -> str:
    """RVTools writes MiB throughout; 3.x calls it MB."""
    if approved and approved.casefold() not in {"mb", "mib"}:
        return approved
    return "GiB" if re.search(r"\bG(i)?B\b", header) else "MiB"


def tabs_by_export(sheets: Sequence[MappedSheet]) -> dict[str, dict[str, Tab]]:
    """The tabs of every RVTools export among the sheets, by export and tab name; other sheets are left out."""
    exports: dict[str, dict[str, Tab]] = {}
    for mapped in sheets:
        name = tab_name(mapped)
        if name is not None:
            exports.setdefault(workbook_key(mapped), {}).setdefault(name, read_tab(mapped, name))
    return exports
