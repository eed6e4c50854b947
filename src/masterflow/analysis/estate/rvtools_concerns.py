"""What makes a VM harder to move, as codes: raw and independent disks, snapshots, tools that do not run, hot-add …"""

from collections.abc import Iterable, Mapping

from masterflow.analysis.estate.addresses import parse_addresses
from masterflow.analysis.estate.rvtools_join import Vm
from masterflow.analysis.estate.rvtools_tabs import Tab
from masterflow.analysis.estate.values import parse_boolean, visible_text
from masterflow.inventory.reading import RawRow

RDM = "disk.rdm"
INDEPENDENT = "disk.independent"
SHARED = "disk.shared"
SNAPSHOT = "snapshot"
CONSOLIDATION = "consolidation_needed"
TOOLS_NOT_RUNNING = "tools.not_running"
TOOLS_NOT_INSTALLED = "tools.not_installed"
CBT_DISABLED = "changed_block_tracking.disabled"
HOSTNAME_EMPTY = "hostname.empty"
IP_MISSING = "vm_missing_ip"
HOTPLUG = "cpu_memory.hotplug"
FAULT_TOLERANCE = "fault_tolerance"
DISCONNECTED = "connection.not_connected"
SUSPENDED = "power.suspended"
UNSHARED = frozenset({"", "sharingnone", "nosharing", "none", "false"})


def concerns_of(vm: Vm, tabs: Mapping[str, Tab]) -> tuple[str, ...]:
    """The concern codes of one VM in a stable order. A column that is missing raises no concern."""
    found = [*_disks(vm, tabs), *_flags(vm, tabs), *_guest(vm, tabs)]
    if vm.rows.get("vSnapshot") or vm.tab.name == "vSnapshot":
        found.append(SNAPSHOT)
    return tuple(sorted(set(found)))


def _rows(vm: Vm, tabs: Mapping[str, Tab], name: str) -> Iterable[tuple[Tab, RawRow]]:
    tab = tabs.get(name)
    if tab is None:
        return []
    return [(tab, row) for row in [*([vm.row] if vm.tab.name == name else []), *vm.rows.get(name, [])]]


def _disks(vm: Vm, tabs: Mapping[str, Tab]) -> Iterable[str]:
    tab, rows = tabs.get("vDisk"), [row for _, row in _rows(vm, tabs, "vDisk")]
    kinds = tab.distinct(rows, "disk_is_rdm", "disk_mode", "disk_sharing", "disk_shared_bus") if tab else []
    for raw, mode, *shared in kinds:
        if parse_boolean(raw).value:
            yield RDM
        if "independent" in visible_text(mode).casefold():
            yield INDEPENDENT
        if {visible_text(cell).casefold() for cell in shared} - UNSHARED:
            yield SHARED


def _flags(vm: Vm, tabs: Mapping[str, Tab]) -> Iterable[str]:
    if _true(vm.tab, vm.row, "consolidation_needed"):
        yield CONSOLIDATION
    if parse_boolean(vm.tab.cell(vm.row, "cbt")).value is False:
        yield CBT_DISABLED
    if vm.text("ft_state") not in {"", "notConfigured"}:
        yield FAULT_TOLERANCE
    if vm.text("connection_state") not in {"", "connected"}:
        yield DISCONNECTED
    hot = [("vCPU", "cpu_hot_add"), ("vCPU", "cpu_hot_remove"), ("vMemory", "memory_hot_add")]
    if any(_true(tab, row, key) for name, key in hot for tab, row in _rows(vm, tabs, name)):
        yield HOTPLUG


def _guest(vm: Vm, tabs: Mapping[str, Tab]) -> Iterable[str]:
    """What only a running guest can have: a VM that is off says nothing about its name, address or tools."""
    power = vm.text("power_state").casefold()
    if power == "suspended":
        yield SUSPENDED
    for tab, row in _rows(vm, tabs, "vTools"):
        if tab.text(row, "tools_status").casefold() == "toolsnotinstalled":
            yield TOOLS_NOT_INSTALLED
        elif tab.text(row, "tools_status").casefold() == "toolsnotrunning" and power == "poweredon":
            yield TOOLS_NOT_RUNNING
    if power != "poweredon" or vm.tab.name != "vInfo" or vm.is_incomplete:
        return
    if "dns_name" in vm.tab.at and not vm.text("dns_name"):
        yield HOSTNAME_EMPTY
    adapters = [
        tab.cell(row, key) for tab, row in _rows(vm, tabs, "vNetwork") for key in ("ip_address", "ipv6_address")
    ]
    if "ip_address" in vm.tab.at and not any(
        parse_addresses(c).value for c in [vm.tab.cell(vm.row, "ip_address"), *adapters]
    ):
        yield IP_MISSING


def _true(tab: Tab, row: RawRow, key: str) -> bool:
    cell = tab.cell(row, key)
    return cell is not None and cell != "False" and parse_boolean(cell).value is True
