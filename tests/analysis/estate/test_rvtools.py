"""Exports as they come: old headers, missing tabs, missing ids, files apart."""

from dataclasses import replace

import pytest

from masterflow.analysis.estate.build import EstateOptions, build_estate
from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.analysis.estate.records import Severity
from masterflow.analysis.estate.rvtools import RvtoolsOptions, read_rvtools
from masterflow.analysis.estate.rvtools_tabs import header_key, read_tab, tab_name, tabs_by_export, workbook_key
from masterflow.inventory.reading import RawRow, Sheet
from tests.analysis.estate.sheets import mapped, tab, workbook
from tests.analysis.estate.truth import NAMESPACE, rvtools_estate

VCENTER = "955a96bc-a0e8-4ea8-943c-a9ae26208b93"
OTHER_VCENTER = "6ab6ba5e-865e-40b7-b237-a36ba5c7cf3b"


def estate_of(*sheets, **options):
    return build_estate(sheets, namespace=NAMESPACE, options=EstateOptions(rvtools=RvtoolsOptions(**options)))


def only(estate):
    (asset,) = estate.assets
    return asset


def renamed(sheet, rename, *, name=None, file=None):
    """The same sheet with other header texts."""
    columns = tuple(replace(c, header=rename(c.header)) for c in sheet.columns)
    headers = tuple(c.header for c in columns)
    inner = replace(sheet.sheet, headers=headers, name=name or sheet.sheet.name)
    return replace(sheet, sheet=inner, columns=columns, file=file or sheet.file)


def without(sheet, *headers):
    """The same sheet with some columns unreadable."""
    columns = tuple(c for c in sheet.columns if c.header not in headers)
    return replace(sheet, columns=columns)


def figures(estate):
    return {
        k: estate.counts[k] for k in ("vms", "hosts", "vms_powered_on", "rdm_vms", "disks", "templates")
    }, estate.sums


def test_headers_of_version_3_say_mb_and_mean_mib():
    sheets = [renamed(s, lambda h: h.replace("MiB", "MB")) for s in workbook("rvtools_estate.xlsx")]
    assert figures(build_estate(sheets, namespace=NAMESPACE)) == figures(rvtools_estate())


OWN_NAMES = {
    "VM": "vInfoVMName",
    "VM UUID": "vInfoUUID",
    "DNS Name": "vInfoGuestHostName",
    "OS according to the configuration file": "vInfoOS",
    "OS according to the VMware Tools": "vInfoOSTools",
    "Provisioned MiB": "vInfoProvisioned",
    "In Use MiB": "vInfoInUse",
    "Disks": "vInfoNumVirtualDisks",
    "Creation date": "vInfoCreateDate",
}


def test_the_tools_own_header_names_read_the_same():
    def rename(tab):
        return lambda h: OWN_NAMES.get(h, "vInfo" + h.replace(" ", "")) if tab == "vInfo" and h != "App Name" else h

    sheets = [renamed(s, rename(s.sheet.name)) for s in workbook("rvtools_estate.xlsx")]
    assert figures(build_estate(sheets, namespace=NAMESPACE)) == figures(rvtools_estate())


def test_tabs_exported_as_files_of_their_own_are_joined():
    sheets = [
        renamed(s, lambda h: h, name="csv", file=f"RVTools_tab{s.sheet.name}.csv")
        for s in workbook("rvtools_estate.xlsx")
    ]
    assert figures(build_estate(sheets, namespace=NAMESPACE)) == figures(rvtools_estate())


def test_without_any_ids_the_name_joins_and_its_guards_tell_placeholders_from_machines():
    ids = ("VM ID", "VM UUID", "SMBIOS UUID", "VI SDK UUID", "VI SDK Server")
    estate = build_estate([without(s, *ids) for s in workbook("rvtools_estate.xlsx")], namespace=NAMESPACE)
    assert estate.counts["vms"] == 150
    assert estate.sums["servers"] == rvtools_estate().sums["servers"]
    codes = {i.code: i.count for i in estate.issues}
    assert codes["MISSING_VM_ID"] == 160
    assert codes["MISSING_VI_SDK_UUID"] == 150
    assert len({a.id for a in estate.assets}) == 150


def test_vinfo_alone_makes_the_estate():
    sheets = [s for s in workbook("rvtools_estate.xlsx") if s.sheet.name == "vInfo"]
    estate = build_estate(sheets, namespace=NAMESPACE)
    assert estate.counts["vms"] == 150
    assert estate.sums["servers"]["memory_mib"] == rvtools_estate().sums["servers"]["memory_mib"]
    assert {"EMPTY_HOSTS", "EMPTY_DATASTORES", "EMPTY_NICS"} <= {i.code for i in estate.issues}


def test_without_vinfo_the_other_tabs_say_which_vms_exist():
    sheets = [s for s in workbook("rvtools_estate.xlsx") if s.sheet.name in ("vCPU", "vMemory", "vDisk")]
    estate = build_estate(sheets, namespace=NAMESPACE)
    assert estate.counts["vms"] == 150
    # without vInfo there is nothing to prefer to the one wrong number in each of the two tabs
    assert estate.sums["servers"]["vcpu"] == rvtools_estate().sums["servers"]["vcpu"] + 8
    assert estate.sums["servers"]["memory_mib"] == rvtools_estate().sums["servers"]["memory_mib"] - 4096


def test_the_disk_tab_alone_counts_every_disk():
    disks = tab("vDisk", ["VM", "Disk", "Capacity MiB"], ["a", "1", 10.0], ["a", "2", 5.0], ["b", "1", 7.0])
    assert {a.name: (a.disk_capacity_mib, a.disk_count) for a in estate_of(disks).assets} == {"a": (15, 2), "b": (7, 1)}


def test_the_synthetic_export_without_ids_is_read():
    estate = build_estate(workbook("rvtools_minimal_synthetic.xlsx"), namespace=NAMESPACE)
    assert (estate.counts["vms"], estate.counts["hosts"]) == (3, 2)
    assert {a.name: a.disk_count for a in estate.assets} == {
        "sample-archive-01": 1,
        "sample-db-01": 2,
        "sample-web-01": 2,
    }


def test_vm_ids_that_repeat_across_vcenters_are_two_machines_with_their_own_disks():
    info = tab(
        "vInfo",
        ["VM", "VM ID", "VI SDK UUID", "CPUs"],
        ["a", "vm-1", VCENTER, 1.0],
        ["b", "vm-1", OTHER_VCENTER, 2.0],
    )
    disks = tab(
        "vDisk",
        ["VM", "VM ID", "VI SDK UUID", "Capacity MiB"],
        ["b", "vm-1", OTHER_VCENTER, 20.0],
        ["a", "vm-1", VCENTER, 10.0],
    )
    assert {a.name: a.disk_capacity_mib for a in estate_of(info, disks).assets} == {"a": 10, "b": 20}


def test_a_repeated_vm_id_in_a_tab_without_vcenter_is_decided_by_the_name():
    info = tab(
        "vInfo",
        ["VM", "VM ID", "VI SDK UUID", "CPUs"],
        ["a", "vm-1", VCENTER, 1.0],
        ["b", "vm-1", OTHER_VCENTER, 2.0],
    )
    disks = tab("vDisk", ["VM", "VM ID", "Capacity MiB"], ["b", "vm-1", 20.0], ["a", "vm-1", 10.0])
    assert {a.name: a.disk_capacity_mib for a in estate_of(info, disks).assets} == {"a": 10, "b": 20}


def test_a_server_name_stands_for_its_vcenter_where_another_row_states_both():
    info = tab("vInfo", ["VM", "VM ID", "VI SDK UUID", "VI SDK Server", "CPUs"], ["a", "vm-1", VCENTER, "VC-1", 1.0])
    disks = tab("vDisk", ["VM", "VM ID", "VI SDK Server", "Capacity MiB"], ["a", "vm-1", "vc-1", 10.0])
    asset = only(estate_of(info, disks))
    assert (asset.disk_capacity_mib, asset.vcenter_id) == (10, VCENTER)


def test_a_tab_that_states_only_the_uuid_joins_by_it():
    uuid = "500b85c1-ef0d-37fb-6897-61c47157f858"
    info = tab("vInfo", ["VM", "VM UUID", "CPUs"], ["a", uuid, 1.0])
    disks = tab("vDisk", ["VM", "VM UUID", "Capacity MiB"], ["renamed", uuid.upper(), 10.0])
    estate = estate_of(info, disks)
    assert only(estate).disk_capacity_mib == 10
    assert "VM_NAME_DIFFERS" in {i.code for i in estate.issues}


@pytest.mark.parametrize(("header", "value"), [("Cluster", "C2"), ("Datacenter", "D2"), ("Template", "True")])
def test_a_name_joins_nothing_that_stands_elsewhere(header, value):
    info = tab("vInfo", ["VM", "Datacenter", "Cluster", "Template", "CPUs"], ["a", "D1", "C1", "False", 1.0])
    disks = tab("vDisk", ["VM", header, "Capacity MiB"], ["a", value, 10.0])
    estate = estate_of(info, disks)
    assert only(estate).disk_capacity_mib is None
    assert {i.code: i.count for i in estate.issues}["VM_NOT_IN_VINFO"] == 1


def test_equal_names_in_one_cluster_are_told_apart_by_power_state_or_not_at_all():
    info = tab(
        "vInfo", ["VM", "Cluster", "Powerstate", "CPUs"], ["a", "C", "poweredOn", 1.0], ["a", "C", "poweredOff", 2.0]
    )
    told = tab("vDisk", ["VM", "Cluster", "Powerstate", "Capacity MiB"], ["a", "C", "poweredOff", 10.0])
    untold = tab("vDisk", ["VM", "Cluster", "Capacity MiB"], ["a", "C", 10.0])
    assert {a.cpu_cores: a.disk_capacity_mib for a in estate_of(info, told).assets} == {1: None, 2: 10}
    assert [a.disk_capacity_mib for a in estate_of(info, untold).assets] == [None, None]


def test_a_row_of_that_name_whose_power_and_system_contradict_the_vm_is_left_out():
    head = ["VM", "Powerstate", "OS according to the configuration file"]
    info = tab("vInfo", [*head, "CPUs"], ["a", "poweredOff", "Amazon Linux 2 (64-bit)", 1.0])
    parts = tab("vPartition", [*head, "Consumed MiB"], ["a", "poweredOn", "Debian GNU/Linux 7 (64-bit)", 9.0])
    estate = estate_of(info, parts)
    assert only(estate).storage_used_mib is None
    assert {i.code: i.count for i in estate.issues}["JOIN_DOUBTFUL"] == 1
    started = tab("vPartition", [*head, "Consumed MiB"], ["a", "poweredOn", "Amazon Linux 2 (64-bit)", 9.0])
    assert only(estate_of(info, started)).storage_used_mib == 9


def test_a_missing_vm_id_is_filled_from_a_tab_that_has_it():
    info = tab("vInfo", ["VM", "VM ID", "VI SDK UUID", "CPUs"], ["a", None, VCENTER, 1.0])
    memory = tab("vMemory", ["VM", "VM ID", "VI SDK UUID", "Size MiB"], ["a", "vm-7", VCENTER, 2048.0])
    disks = tab("vDisk", ["VM", "VM ID", "VI SDK UUID", "Capacity MiB"], ["other name", "vm-7", VCENTER, 10.0])
    estate = estate_of(info, memory, disks)
    asset = only(estate)
    assert (asset.memory_mib, asset.disk_capacity_mib) == (2048, 10)
    assert f"{VCENTER}/vm-7" in {i.value for i in asset.identities}


def test_a_row_with_an_id_and_no_name_takes_the_name_from_another_tab():
    info = tab("vInfo", ["VM", "VM ID", "CPUs"], [None, "vm-7", 1.0], [None, "vm-8", 1.0])
    memory = tab("vMemory", ["VM", "VM ID", "Size MiB"], ["found", "vm-7", 2048.0])
    assert [a.name for a in estate_of(info, memory).assets] == ["found", "vm-8"]


def test_a_row_with_neither_name_nor_id_is_rejected_with_its_place():
    info = tab("vInfo", ["VM", "VM ID", "CPUs"], ["a", "vm-1", 1.0], [None, None, 2.0])
    (reject,) = estate_of(info).rejects
    assert (reject.code, str(reject.place)) == ("MISSING_VM_NAME", "rvtools.xlsx, sheet vInfo, row 3, column VM")


def test_a_stub_is_rejected_unless_another_tab_knows_the_machine():
    info = tab("vInfo", ["VM", "VM ID", "CPUs"], ["a", "vm-1", 1.0], ["stub", None, None])
    estate = estate_of(info)
    assert [r.code for r in estate.rejects] == ["INCOMPLETE_VM"]
    memory = tab("vMemory", ["VM", "VM ID", "Size MiB"], ["stub", "vm-2", 2048.0])
    kept = estate_of(info, memory)
    assert kept.rejects == ()
    assert kept.counts["incomplete_rows"] == 1
    assert {a.name: "incomplete" in a.concerns for a in kept.assets} == {"a": False, "stub": True}


def test_a_list_of_names_without_hardware_columns_is_no_list_of_stubs():
    assert [a.name for a in estate_of(tab("vInfo", ["VM", "Powerstate"], ["a", "poweredOn"])).assets] == ["a"]


def test_the_placeholder_vm_in_a_cell_is_unknown():
    info = tab("vInfo", ["VM", "VM ID", "CPUs", "Cluster", "Primary IP Address"], ["a", "vm-1", 1.0, "VM", "VM"])
    estate = estate_of(info)
    assert (only(estate).cluster, only(estate).ip_addresses, estate.rejects) == (None, (), ())


def test_templates_placeholders_and_service_machines_stay_when_asked_for():
    sheets = [s for s in workbook("rvtools_estate.xlsx") if s.sheet.name == "vInfo"]
    options = EstateOptions(rvtools=RvtoolsOptions(templates=True, srm_placeholders=True, vcls=True))
    estate = build_estate(sheets, namespace=NAMESPACE, options=options)
    assert (estate.counts["vms"], estate.excluded) == (160, ())


def test_a_recovery_plan_in_the_placeholder_column_marks_a_placeholder():
    info = tab("vInfo", ["VM", "SRM Placeholder", "CPUs"], ["a", "Plan North", 1.0], ["a", "False", 1.0])
    estate = estate_of(info)
    assert [e.why for e in estate.excluded] == ["srm_placeholder"]
    assert len(estate.assets) == 1


def test_an_export_without_vms_is_an_error_issue():
    issues = estate_of(tab("vInfo", ["VM", "CPUs"])).issues
    assert [i.code for i in issues if i.severity is Severity.ERROR] == ["NO_VMS"]


def test_memory_one_mib_apart_is_rounding_and_two_is_a_conflict():
    def conflicts(size):
        info = tab("vInfo", ["VM", "Memory"], ["a", 4096.0])
        return [c.field for c in estate_of(info, tab("vMemory", ["VM", "Size MiB"], ["a", size])).conflicts]

    assert conflicts(4095.0) == []
    assert conflicts(4094.0) == ["memory_mib"]


def test_a_conflict_keeps_both_facts_and_blocks_nothing():
    info = tab("vInfo", ["VM", "CPUs"], ["a", 8.0])
    cpu = tab("vCPU", ["VM", "CPUs", "Sockets", "Cores p/s"], ["a", 16.0, 8.0, 2.0])
    estate = estate_of(info, cpu)
    (conflict,) = estate.conflicts
    assert (conflict.preferred, conflict.why) == ("8", "vInfo takes precedence over vCPU")
    facts = {(f.source.sheet, f.value, f.chosen) for f in only(estate).facts if f.field == "cpu_cores"}
    assert facts == {("vInfo", "8", True), ("vCPU", "16", False)}
    assert conflict.asset_id == only(estate).id


def test_a_blank_in_the_leading_row_is_filled_and_contradicts_nothing():
    info = tab("vInfo", ["VM", "Host", "CPUs"], ["a", None, 1.0])
    cpu = tab("vCPU", ["VM", "Host"], ["a", "esx1"])
    memory = tab("vMemory", ["VM", "Host"], ["a", "esx2"])
    estate = estate_of(info, cpu, memory)
    assert (only(estate).host, estate.conflicts) == ("esx1", ())


def test_the_place_of_the_host_fills_a_blank_cluster():
    info = tab("vInfo", ["VM", "Host", "CPUs"], ["a", "ESX1", 1.0])
    hosts = tab("vHost", ["Host", "Datacenter", "Cluster", "# Cores"], ["esx1", "D", "C", 32.0])
    estate = estate_of(info, hosts)
    assert (only(estate).datacenter, only(estate).cluster) == ("D", "C")
    assert "HOST_NOT_IN_VHOST" not in {i.code for i in estate.issues}


def test_tools_that_know_only_the_kernel_do_not_outrank_a_configured_release():
    info = tab(
        "vInfo",
        ["VM", "CPUs", "OS according to the configuration file", "OS according to the VMware Tools"],
        ["a", 1.0, "Red Hat Enterprise Linux 9 (64-bit)", "Other 5.x or later Linux (64-bit)"],
    )
    assert only(estate_of(info)).operating_system == "Red Hat Enterprise Linux 9 (64-bit)"


@pytest.mark.parametrize(("memory", "expected"), [(785_000.0, 785_000), (823_121_444_864.0, 784_990)])
def test_host_memory_in_bytes_is_told_from_mib_by_its_size(memory, expected):
    hosts = tab("vHost", ["vHostName", "vHostMemorySize"], ["esx1", memory])
    columns = tuple(replace(c, field=f) for c, f in zip(hosts.columns, ("hostname", "memory_mb"), strict=True))
    estate = estate_of(tab("vInfo", ["VM"], ["a"]), replace(hosts, columns=columns))
    assert estate.hosts[0].memory_mib == expected


def test_host_cores_come_from_sockets_when_the_total_is_missing():
    hosts = tab("vHost", ["Host", "# CPU", "Cores per CPU"], ["10.1.2.3", 2.0, 16.0], [None, 2.0, 16.0])
    (host,) = estate_of(tab("vInfo", ["VM"], ["a"]), hosts).hosts
    assert (host.cpu_cores, host.ip_addresses) == (32, ("10.1.2.3",))


CONCERNS = {
    "disk.rdm": tab("vDisk", ["VM", "Raw"], ["a", "True"]),
    "disk.independent": tab("vDisk", ["VM", "Disk Mode"], ["a", "independent_persistent"]),
    "disk.shared": tab("vDisk", ["VM", "Sharing mode"], ["a", "sharingMultiWriter"]),
    "snapshot": tab("vSnapshot", ["VM", "Name", "Size MiB (total)"], ["a", "before upgrade", 5.0]),
    "tools.not_running": tab("vTools", ["VM", "Tools"], ["a", "toolsNotRunning"]),
    "tools.not_installed": tab("vTools", ["VM", "Tools"], ["a", "toolsNotInstalled"]),
    "cpu_memory.hotplug": tab("vMemory", ["VM", "Hot Add"], ["a", "True"]),
}


@pytest.mark.parametrize("code", CONCERNS)
def test_each_tab_raises_its_own_concern(code):
    info = tab("vInfo", ["VM", "Powerstate", "CPUs"], ["a", "poweredOn", 1.0])
    assert only(estate_of(info, CONCERNS[code])).concerns == (code,)


INFO_CONCERNS = {
    "consolidation_needed": ("Consolidation Needed", "True"),
    "changed_block_tracking.disabled": ("CBT", "False"),
    "fault_tolerance": ("FT State", "running"),
    "connection.not_connected": ("Connection state", "orphaned"),
    "power.suspended": ("Powerstate", "suspended"),
    "hostname.empty": ("DNS Name", None),
    "vm_missing_ip": ("Primary IP Address", None),
}


@pytest.mark.parametrize("code", INFO_CONCERNS)
def test_each_flag_of_vinfo_raises_its_own_concern(code):
    header, value = INFO_CONCERNS[code]
    head = ["VM", "CPUs", header] if header == "Powerstate" else ["VM", "CPUs", header, "Powerstate"]
    row = ["a", 1.0, value, "poweredOn"][: len(head)]
    assert only(estate_of(tab("vInfo", head, row))).concerns == (code,)


def test_a_vm_that_is_off_is_not_blamed_for_what_only_a_running_guest_has():
    info = tab(
        "vInfo", ["VM", "CPUs", "Powerstate", "DNS Name", "Primary IP Address"], ["a", 1.0, "poweredOff", None, None]
    )
    tools = tab("vTools", ["VM", "Tools"], ["a", "toolsNotRunning"])
    assert only(estate_of(info, tools)).concerns == ()


def test_an_address_of_an_adapter_is_an_address_of_the_vm():
    info = tab("vInfo", ["VM", "CPUs", "Powerstate", "Primary IP Address"], ["a", 1.0, "poweredOn", None])
    nics = tab(
        "vNetwork", ["VM", "IPv4 Address", "IPv6 Address", "Mac Address", "Network"],
        ["a", "10.1.1.1", None, "00:50:56:00:00:01", "LAN"], ["a", "0.0.0.0", "2001:db8::1", None, "DMZ"],
    )  # fmt: skip
    asset = only(estate_of(info, nics))
    assert asset.ip_addresses == ("10.1.1.1", "2001:db8::1")
    assert asset.attributes["networks"] == "LAN, DMZ"
    assert asset.concerns == ()


def test_custom_attributes_fill_fields_and_unknown_columns_stay_attributes():
    head = ["VM", "CPUs", "App Name", "Service Owner", "Cost Code"]
    estate = estate_of(tab("vInfo", head, ["a", 1.0, "Billing", "team@example.com", "K7"]))
    asset = only(estate)
    assert asset.business_owner == "team@example.com"
    assert asset.attributes["Cost Code"] == "K7"
    assert [a.name for a in estate.applications] == ["Billing"]


def test_a_custom_attribute_that_only_another_tab_has_counts_too():
    info = tab("vInfo", ["VM", "CPUs"], ["a", 1.0])
    memory = tab("vMemory", ["VM", "Size MiB", "Service Owner"], ["a", 1024.0, "team@example.com"])
    assert only(estate_of(info, memory)).business_owner == "team@example.com"


def test_a_damaged_cell_is_rejected_and_the_vm_kept():
    head = ["VM", "CPUs", "Memory", "Primary IP Address", "Env"]
    sheet = mapped(
        head,
        [["a", "four", 1024.0, "10.20.300.4", "Mars"]],
        {"VM": "vm_name", "CPUs": "cpu_cores", "Memory": "memory_mb", "Primary IP Address": "ip_address",
         "Env": "environment"},
        file="r.xlsx", sheet="vInfo", kind="rvtools",
    )  # fmt: skip
    estate = estate_of(sheet)
    assert only(estate).memory_mib == 1024
    assert {r.place.column for r in estate.rejects} == {"CPUs", "Primary IP Address", "Env"}


def test_a_person_who_unmaps_a_column_or_maps_it_elsewhere_is_obeyed():
    sheet = tab("vInfo", ["VM", "Memory", "Folder", "Resource pool"], ["a", 1024.0, "x", "Billing"])
    fields = {"VM": "vm_name", "Memory": None, "Folder": "folder", "Resource pool": "application_name"}
    changed = replace(sheet, columns=tuple(replace(c, field=fields[c.header]) for c in sheet.columns))
    estate = estate_of(changed)
    assert (only(estate).memory_mib, only(estate).attributes["Memory"]) == (None, "1024")
    assert [a.name for a in estate.applications] == ["Billing"]


def test_a_note_that_names_an_owner_is_a_weak_claim():
    head = ["VM", "CPUs", "Annotation"]
    asset = only(estate_of(tab("vInfo", head, ["a", 1.0, "Owner: team-finance@example.com; ask first"])))
    fact = next(f for f in asset.facts if f.field == "business_owner")
    assert (asset.business_owner, fact.confidence) == ("team-finance@example.com", 0.7)


def test_short_rows_are_blank_to_the_right():
    columns = tuple(
        MappedColumn(h, i, f) for i, (h, f) in enumerate([("VM", "vm_name"), ("Extra", None), ("App", "folder")])
    )
    sheet = MappedSheet("r.xlsx", "rvtools", Sheet("vInfo", 1, ("VM", "Extra", "App"), (RawRow(2, ("a",)),)), columns)
    assert only(estate_of(sheet)).folder is None


def test_a_tab_is_known_by_its_name_its_file_or_its_headers():
    assert tab_name(tab("vInfo", ["VM"])) == "vInfo"
    assert tab_name(tab("tabvCPU", ["VM"])) == "vCPU"
    assert tab_name(tab("csv", ["VM"], file="site1_RVTools_tabvDisk.csv")) == "vDisk"
    assert tab_name(tab("csv", ["vHostName", "vHostNumCPU", "x"], file="hosts.csv")) == "vHost"
    assert tab_name(tab("Sheet1", ["VM", "Powerstate", "CPUs"], file="x.xlsx")) == "vInfo"
    assert tab_name(tab("vHealth", ["Name", "Message"])) is None
    assert workbook_key(tab("csv", ["VM"], file="site1_RVTools_tabvDisk.csv")) == "site1_RVTools_"


def test_sheets_that_are_no_tabs_are_left_out():
    assert tabs_by_export([tab("vHealth", ["Name"], ["x"])]) == {}
    assert read_rvtools([], RvtoolsOptions()).issues == []


def test_an_approved_unit_outranks_the_header():
    fields = {"VM": "vm_name", "Memory": "memory_mb"}
    sheet = mapped(["VM", "Memory"], [["a", 4]], fields, sheet="vInfo", kind="rvtools", units={"Memory": "GB"})
    assert read_tab(sheet, "vInfo").units["memory_mb"] == "GB"
    assert only(estate_of(sheet)).memory_mib == 4096
    assert header_key("In Use MB") == header_key("In use MiB") == "inusemib"


def test_the_same_machine_in_two_exports_is_one():
    head = ["VM", "VM ID", "VI SDK UUID", "CPUs"]
    one = tab("vInfo", head, ["a", "vm-1", VCENTER, 1.0], file="june.xlsx")
    other = tab("vInfo", head, ["a", "vm-1", VCENTER, 1.0], file="july.xlsx")
    estate = estate_of(one, other)
    assert (len(estate.assets), estate.merged) == (1, 1)
