"""RVTools exports become records of VMs and hosts, with everything that was left out named and counted."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from masterflow.analysis.estate.addresses import name_key
from masterflow.analysis.estate.mapped import MappedSheet
from masterflow.analysis.estate.records import Excluded, Issue, Record, Severity
from masterflow.analysis.estate.rvtools_join import Joined, Vm, join_tabs, vcenter_of
from masterflow.analysis.estate.rvtools_machines import host_record, sum_mib, vm_record
from masterflow.analysis.estate.rvtools_tabs import Tab, tabs_by_export
from masterflow.errors import Place
from masterflow.inventory.reading import Reject

TEMPLATE = "template"
SRM_PLACEHOLDER = "srm_placeholder"
VCLS = "vcls"
VCLS_NAME = re.compile(r"vcls( \(\d+\))?|vcls-[0-9a-f-]{36}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RvtoolsOptions:
    """Which machines of the platform to keep; none of them is a server of the estate."""

    templates: bool = False
    srm_placeholders: bool = False
    vcls: bool = False


@dataclass(slots=True)
class RvtoolsRead:
    """What the exports hold. `sums` are MiB and virtual processors over all accepted rows, kept or excluded."""

    vms: list[Record] = field(default_factory=list)
    hosts: list[Record] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)


def read_rvtools(sheets: Sequence[MappedSheet], options: RvtoolsOptions) -> RvtoolsRead:
    """Join the tabs of every export among `sheets` and turn them into records."""
    read = RvtoolsRead()
    for tabs in tabs_by_export(sheets).values():
        _read_export(tabs, options, read)
    if sheets and not read.vms:
        read.issues.append(
            Issue(
                "NO_VMS", Severity.ERROR, "The RVTools sheets hold no VM that can be used; export vInfo with all rows."
            )
        )
    return read


def _read_export(tabs: Mapping[str, Tab], options: RvtoolsOptions, read: RvtoolsRead) -> None:
    joined = join_tabs(tabs)
    servers = _servers(tabs)
    host_tab = tabs.get("vHost")
    found = [host_record(host_tab, row, servers) for row in host_tab.rows] if host_tab else []
    hosts = [record for record in found if record is not None]
    clusters = {_host_key(h): (h.text("datacenter") or "", h.text("cluster") or "") for h in hosts}
    kept: list[Record] = []
    for vm in joined.vms:
        read.counts["vinfo_rows"] += vm.tab.name == "vInfo"
        reject = _row_reject(vm)
        if reject is not None:
            read.rejects.append(reject)
            continue
        record, rejects = vm_record(vm, tabs, cluster_of_host=clusters)
        read.rejects += rejects
        _count(record, vm, read)
        why = _why_excluded(vm, record, options)
        if why is None:
            kept.append(record)
        else:
            read.excluded.append(Excluded(record.name, why, vm.tab.source(vm.row, "vm_name"), _sizes(record)))
    read.vms += kept
    read.hosts += hosts
    _count_tabs(tabs, kept, hosts, read)
    read.issues += [*_join_issues(joined, tabs), *_gaps(tabs, joined, kept, hosts)]


def _host_key(host: Record) -> tuple[str, str]:
    return host.text("vcenter_id") or "", name_key(host.name)


def _servers(tabs: Mapping[str, Tab]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tab in tabs.values():
        for row in tab.rows[:1000]:
            server = tab.text(row, "vcenter_server").casefold()
            if server and tab.text(row, "vcenter_uuid"):
                found.setdefault(server, vcenter_of(tab, row, {}))
    return found


def _row_reject(vm: Vm) -> Reject | None:
    place = Place(vm.tab.file, vm.tab.sheet, vm.row.number, vm.tab.headers.get("vm_name"))
    if not vm.name and not vm.vm_id and not vm.vm_uuid:
        message = "The row has no VM name and no VM ID; fill one of them and import the row again."
        return Reject(place, "MISSING_VM_NAME", message)
    if vm.is_incomplete and not vm.rows:
        message = (
            f"'{vm.name}' is a stub: no VM ID, no hardware, and no other tab knows it. "
            "Export the tab again, or fill VM ID and CPUs."
        )
        return Reject(place, "INCOMPLETE_VM", message, vm.name)
    return None


def _why_excluded(vm: Vm, record: Record, options: RvtoolsOptions) -> str | None:
    if vm.template and not options.templates:
        return TEMPLATE
    if vm.placeholder and not options.srm_placeholders:
        return SRM_PLACEHOLDER
    in_folder = (record.text("folder") or "").casefold().endswith("/vcls")
    if (VCLS_NAME.fullmatch(vm.name) or (in_folder and "vcls" in vm.name.casefold())) and not options.vcls:
        return VCLS
    return None


def _sizes(record: Record) -> dict[str, int]:
    fields = {
        "vcpu": "cpu_cores",
        "memory_mib": "memory_mib",
        "provisioned_mib": "storage_provisioned_mib",
        "in_use_mib": "storage_used_mib",
    }
    return {name: record.number(target) or 0 for name, target in fields.items()}


def _count(record: Record, vm: Vm, read: RvtoolsRead) -> None:
    read.counts["rows_accepted"] += 1
    read.counts["templates"] += vm.template
    read.counts["srm_placeholders"] += vm.placeholder and not vm.template
    read.counts["vcls"] += _why_excluded(vm, record, RvtoolsOptions()) == VCLS
    read.counts["incomplete_rows"] += vm.is_incomplete
    read.counts["vms_without_vm_id"] += not vm.text("vm_id")
    read.sums.update(_sizes(record))


def _count_tabs(tabs: Mapping[str, Tab], vms: list[Record], hosts: list[Record], read: RvtoolsRead) -> None:
    everything = [*vms, *hosts]
    vcenters = {v for r in everything if (v := r.text("vcenter_id"))}
    read.counts.update(
        {
            "hosts": len(hosts),
            "vcenters": len(vcenters),
            "datacenters": len({(r.text("vcenter_id"), d) for r in everything if (d := r.text("datacenter"))}),
            "clusters": _clusters(tabs, everything),
            "datastores": len(tabs["vDatastore"].rows) if "vDatastore" in tabs else 0,
            "disks": len(tabs["vDisk"].rows) if "vDisk" in tabs else 0,
            "snapshots": len(tabs["vSnapshot"].rows) if "vSnapshot" in tabs else 0,
        }
    )
    for name, key, target in (
        ("vDisk", "disk_capacity_mb", "vdisk_capacity_mib"),
        ("vPartition", "partition_used_mb", "vpartition_consumed_mib"),
    ):
        if name in tabs:
            read.sums[target] += sum_mib(tabs[name], tabs[name].rows, key)


def _clusters(tabs: Mapping[str, Tab], records: Iterable[Record]) -> int:
    if "vCluster" in tabs and "cluster" in tabs["vCluster"].at:
        tab = tabs["vCluster"]
        return len({(vcenter_of(tab, r, {}), tab.text(r, "cluster")) for r in tab.rows if tab.text(r, "cluster")})
    return len({(r.text("vcenter_id"), r.text("datacenter"), c) for r in records if (c := r.text("cluster"))})


def _join_issues(joined: Joined, tabs: Mapping[str, Tab]) -> Iterable[Issue]:
    for name, rows in joined.orphans.items():
        message = f"{len(rows)} rows of {name} belong to no VM of vInfo; export all tabs at the same moment."
        yield Issue("VM_NOT_IN_VINFO", Severity.WARNING, message, len(rows), _place(tabs[name], rows[0]))
    for name, rows in joined.doubtful.items():
        message = (
            f"{len(rows)} rows of {name} carry the name of a VM whose power state and operating system they "
            "contradict; they were left out. Export the tab with VM ID."
        )
        yield Issue("JOIN_DOUBTFUL", Severity.WARNING, message, len(rows), _place(tabs[name], rows[0]))
    if joined.renamed:
        message = f"{joined.renamed} rows were joined by VM ID although the tabs call the VM by different names."
        yield Issue("VM_NAME_DIFFERS", Severity.WARNING, message, joined.renamed)


def _place(tab: Tab, row: int | None = None) -> Place:
    return Place(tab.file, tab.sheet, row)


def _gaps(tabs: Mapping[str, Tab], joined: Joined, vms: list[Record], hosts: list[Record]) -> Iterable[Issue]:
    leading = next((tabs[n] for n in tabs if n == "vInfo"), None)
    place = _place(leading) if leading else None
    without_id = [vm for vm in joined.vms if not vm.text("vm_id") and _row_reject(vm) is None]
    if without_id:
        filled = sum("vm_id" in vm.filled for vm in without_id)
        message = (
            f"{len(without_id)} VMs have no VM ID; {filled} were filled from other tabs, "
            "the rest is recognised by VM UUID or by vCenter and name."
        )
        yield Issue("MISSING_VM_ID", Severity.WARNING, message, len(without_id), place)
    for code, target, text in (
        ("MISSING_CLUSTER", "cluster", "stand in no named cluster"),
        ("MISSING_VI_SDK_UUID", "vcenter_id", "name no vCenter, so their VM IDs cannot be told from another vCenter's"),
        ("EMPTY_CPU", "cpu_cores", "have no number of processors"),
        ("EMPTY_MEMORY", "memory_mib", "have no memory size"),
        ("EMPTY_DISKS", "disk_capacity_mib", "have no disk size"),
    ):
        missing = sum(1 for vm in vms if vm.best(target) is None)
        if missing:
            yield Issue(code, Severity.WARNING, f"{missing} of {len(vms)} VMs {text}.", missing, place)
    yield from _empty_tabs(tabs, vms, hosts, place)


def _empty_tabs(
    tabs: Mapping[str, Tab], vms: list[Record], hosts: list[Record], place: Place | None
) -> Iterable[Issue]:
    if not hosts:
        yield Issue("EMPTY_HOSTS", Severity.WARNING, "The export has no vHost tab with hosts; host sizes are unknown.")
    else:
        known = {_host_key(h) for h in hosts} | {("", name_key(h.name)) for h in hosts}
        lost = [vm for vm in vms if vm.text("host") and ("", name_key(vm.text("host") or "")) not in known]
        if lost:
            message = f"{len(lost)} of {len(vms)} VMs run on a host that vHost does not list."
            yield Issue("HOST_NOT_IN_VHOST", Severity.WARNING, message, len(lost), place)
    for code, tab, text in (
        ("EMPTY_DATASTORES", "vDatastore", "datastores"),
        ("EMPTY_NICS", "vNetwork", "network adapters"),
    ):
        if tab not in tabs or not tabs[tab].rows:
            yield Issue(code, Severity.INFO, f"The export has no {tab} tab with rows; {text} are unknown.")
    if vms and not any("networks" in vm.attributes for vm in vms):
        yield Issue("EMPTY_NETWORKS", Severity.INFO, "No VM names a network.", place=place)
