"""Rows of several RVTools tabs that describe one VM, found by id first and by a guarded name last.

A VM ID counts only together with its vCenter, because two vCenters give out the same ids. Where a tab has no ids, the
name decides, unless data centre, cluster, vCenter, template or placeholder flag say that it is another machine; and a
row joined by name alone whose power state and operating system both contradict the VM is left out and counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from masterflow.analysis.estate.addresses import name_key
from masterflow.analysis.estate.operating_systems import contradict, os_signature
from masterflow.analysis.estate.rvtools_tabs import VM_TABS, Tab
from masterflow.analysis.estate.uuids import parse_uuid
from masterflow.analysis.estate.values import parse_boolean, words
from masterflow.inventory.reading import RawRow

HARDWARE = words("cpu_cores memory_mb storage_gb storage_provisioned_gb")
GUARDS = ("datacenter", "cluster")
OS_TEXTS = ("os_name", "os_name_configured")


@dataclass(slots=True)
class Vm:
    """One VM being put together: the row that leads, its ids, and the rows of the other tabs that joined it."""

    tab: Tab
    row: RawRow
    name: str
    vcenter: str
    vm_id: str
    vm_uuid: str
    template: bool
    placeholder: bool
    rows: dict[str, list[RawRow]] = field(default_factory=dict)
    filled: dict[str, tuple[Tab, RawRow]] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A cell of the leading row."""
        return self.tab.text(self.row, key)

    @property
    def is_incomplete(self) -> bool:
        """Whether the leading row has neither an id nor any hardware, although its tab has columns for hardware."""
        if self.tab.name != "vInfo" or self.text("vm_id") or self.text("vm_uuid"):
            return False
        told = HARDWARE & self.tab.at.keys()
        return bool(told) and not any(self.text(key) for key in told)


@dataclass(frozen=True, slots=True)
class Joined:
    """All VMs of an export in file order, and the rows per tab that found none or the wrong one."""

    vms: tuple[Vm, ...]
    orphans: Mapping[str, tuple[int, ...]]
    doubtful: Mapping[str, tuple[int, ...]]
    renamed: int


def join_tabs(tabs: Mapping[str, Tab]) -> Joined:
    """Put the rows of all VM tabs together; without vInfo the tabs that are there say which VMs exist."""
    present = [name for name in VM_TABS if name in tabs]
    index = _Index(_server_names(tabs[name] for name in present))
    orphans: dict[str, list[int]] = {}
    doubtful: dict[str, list[int]] = {}
    has_list = bool(present) and present[0] == "vInfo"
    if has_list:
        for row in tabs["vInfo"].rows:
            index.add(_vm_of(tabs["vInfo"], row, index.servers))
    for name in present[1 if has_list else 0 :]:
        for row in tabs[name].rows:
            vm, doubt = index.find(tabs[name], row)
            if doubt:
                doubtful.setdefault(name, []).append(row.number)
            elif vm is None and has_list:
                orphans.setdefault(name, []).append(row.number)
            else:
                index.join(vm or index.add(_vm_of(tabs[name], row, index.servers)), tabs[name], row)
    freeze = {name: tuple(rows) for name, rows in orphans.items()}
    return Joined(tuple(index.vms), freeze, {n: tuple(r) for n, r in doubtful.items()}, index.renamed)


def vcenter_of(tab: Tab, row: RawRow, servers: Mapping[str, str]) -> str:
    """The vCenter's UUID, else the server's name; `servers` maps names to UUIDs where another row states both."""
    cell = tab.cell(row, "vcenter_uuid")
    uuid = parse_uuid(cell).value or tab.text(row, "vcenter_uuid").casefold() if cell is not None else ""
    if uuid:
        return uuid
    server = tab.text(row, "vcenter_server").casefold()
    return servers.get(server, server)


def _server_names(tabs: Iterable[Tab]) -> dict[str, str]:
    names: dict[str, str] = {}
    for tab in tabs:
        if {"vcenter_uuid", "vcenter_server"} <= set(tab.at):
            for row in tab.rows:
                server, uuid = tab.text(row, "vcenter_server").casefold(), tab.cell(row, "vcenter_uuid")
                if server and server not in names and uuid:
                    names[server] = vcenter_of(tab, row, {})
    return names


def _vm_of(tab: Tab, row: RawRow, servers: Mapping[str, str]) -> Vm:
    return Vm(
        tab=tab,
        row=row,
        name=tab.text(row, "vm_name"),
        vcenter=vcenter_of(tab, row, servers),
        vm_id=tab.text(row, "vm_id").casefold(),
        vm_uuid=parse_uuid(tab.cell(row, "vm_uuid")).value or "",
        template=parse_boolean(tab.cell(row, "is_template")).value or False,
        placeholder=_is_placeholder(tab, row) or False,
    )


def _is_placeholder(tab: Tab, row: RawRow) -> bool | None:
    """True for SRM placeholders; the column may hold a flag or the name of the recovery plan."""
    text = tab.text(row, "srm_placeholder")
    if not text:
        return None
    flag = parse_boolean(text)
    return flag.value if flag.value is not None else flag.problem is not None


class _Index:
    """The VMs so far, by every name a row may call them."""

    def __init__(self, servers: Mapping[str, str]) -> None:
        self.servers = servers
        self.vms: list[Vm] = []
        self.renamed = 0
        self._by_id: dict[tuple[str, str], list[Vm]] = {}
        self._by_bare_id: dict[str, list[Vm]] = {}
        self._by_uuid: dict[str, list[Vm]] = {}
        self._by_name: dict[str, list[Vm]] = {}

    def add(self, vm: Vm) -> Vm:
        self.vms.append(vm)
        if vm.name:
            self._by_name.setdefault(name_key(vm.name), []).append(vm)
        self._index_ids(vm)
        return vm

    def _index_ids(self, vm: Vm) -> None:
        if vm.vm_id:
            self._by_id.setdefault((vm.vcenter, vm.vm_id), []).append(vm)
            self._by_bare_id.setdefault(vm.vm_id, []).append(vm)
        if vm.vm_uuid:
            self._by_uuid.setdefault(vm.vm_uuid, []).append(vm)

    def find(self, tab: Tab, row: RawRow) -> tuple[Vm | None, bool]:
        """The VM of a row, and whether the row was found by name but contradicts it."""
        vcenter = vcenter_of(tab, row, self.servers)
        vm = self._find_by_ids(tab, row, vcenter)
        if vm is not None:
            return vm, False
        vm = self._find_by_name(tab, row, vcenter)
        if vm is not None and _is_another_machine(vm, tab, row):
            return None, True
        return vm, False

    def _find_by_ids(self, tab: Tab, row: RawRow, vcenter: str) -> Vm | None:
        vm_id = tab.text(row, "vm_id").casefold()
        if vm_id:
            found = self._by_id.get((vcenter, vm_id)) if vcenter else self._by_bare_id.get(vm_id)
            found = found or [vm for vm in self._by_bare_id.get(vm_id, ()) if not vm.vcenter]
            vm = _only(found) or _only(_named(found, tab.text(row, "vm_name")))
            if vm is not None:
                return vm
        uuid = parse_uuid(tab.cell(row, "vm_uuid")).value
        return _only(self._by_uuid.get(uuid, [])) if uuid else None

    def _find_by_name(self, tab: Tab, row: RawRow, vcenter: str) -> Vm | None:
        vm_id = tab.text(row, "vm_id").casefold()
        found = [
            vm
            for vm in self._by_name.get(name_key(tab.text(row, "vm_name")), ())
            if not (vm_id and vm.vm_id) and not (vcenter and vm.vcenter and vm.vcenter != vcenter)
        ]
        found = [vm for vm in found if _is_compatible(vm, tab, row)]
        for narrower in ("power_state", "hypervisor_host"):
            if len(found) < 2:
                break
            found = [vm for vm in found if vm.text(narrower) == tab.text(row, narrower)] or found
        return _only(found)

    def join(self, vm: Vm, tab: Tab, row: RawRow) -> None:
        """Hang a row onto its VM; ids, names and places that the leading row lacks are filled from it."""
        if row is not vm.row:
            vm.rows.setdefault(tab.name, []).append(row)
        name = tab.text(row, "vm_name")
        self.renamed += bool(name and vm.name and name != vm.name and name_key(name) != name_key(vm.name))
        had_ids = (vm.vcenter, vm.vm_id, vm.vm_uuid)
        if not vm.vm_id and tab.text(row, "vm_id"):
            vm.vm_id, vm.filled["vm_id"] = tab.text(row, "vm_id").casefold(), (tab, row)
        if not vm.vm_uuid:
            vm.vm_uuid = parse_uuid(tab.cell(row, "vm_uuid")).value or ""
        if not vm.vcenter:
            vm.vcenter = vcenter_of(tab, row, self.servers)
        if not vm.name and name:
            vm.name, vm.filled["vm_name"] = name, (tab, row)
        if had_ids != (vm.vcenter, vm.vm_id, vm.vm_uuid):
            self._index_ids(vm)


def _only(found: list[Vm] | None) -> Vm | None:
    return found[0] if found and all(vm is found[0] for vm in found) else None


def _named(found: list[Vm], name: str) -> list[Vm]:
    return [vm for vm in found if name_key(vm.name) == name_key(name)]


def _is_compatible(vm: Vm, tab: Tab, row: RawRow) -> bool:
    for key in GUARDS:
        one, other = vm.text(key), tab.text(row, key)
        if one and other and one.casefold() != other.casefold():
            return False
    template, placeholder = parse_boolean(tab.cell(row, "is_template")).value, _is_placeholder(tab, row)
    return template in (None, vm.template) and placeholder in (None, vm.placeholder)


def _is_another_machine(vm: Vm, tab: Tab, row: RawRow) -> bool:
    power = (vm.text("power_state"), tab.text(row, "power_state"))
    if not all(power) or power[0] == power[1]:
        return False
    own, stated = ([text(key) for key in OS_TEXTS] for text in (vm.text, lambda key: tab.text(row, key)))
    texts = [*zip(own, stated, strict=True), (own[0] or own[1], stated[0] or stated[1])]
    return any(one and other and contradict(os_signature(one), os_signature(other)) for one, other in texts)
