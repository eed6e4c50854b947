from decimal import Decimal

import pytest

from masterflow.analysis.estate.build import build_estate
from masterflow.analysis.estate.details import tells_details
from masterflow.analysis.estate.rvtools import RvtoolsOptions
from masterflow.analysis.estate.sheets import read_sheets, strangers
from tests.analysis.estate.sheets import mapped
from tests.analysis.estate.truth import NAMESPACE

KIND = "google_migration_center"
MACHINES = {
    "MachineId": "external_id",
    "MachineName": "hostname",
    "PrimaryIPAddress": "ip_address",
    "AllocatedProcessorCoreCount": "cpu_cores",
}
DISKS = {"MachineId": "external_id", "DiskLabel": "disk_name", "SizeInGib": "disk_capacity_gb"}
TAGS = {"MachineId": "external_id", "Key": "tag_category", "Value": "tags"}
TIMES = {
    "MachineId": "external_id",
    "TimeStamp": "timestamp",
    "Cpu": "cpu_utilization_pct",
    "Sent": "network_out_mbps",
}


def of(fields, *rows, file, units=None, sheet="csv", kind=KIND):
    return mapped(list(fields), rows, fields, file=file, kind=kind, units=units, sheet=sheet)


def machines(*rows):
    return of(MACHINES, *(rows or (["m-1", "db01", "10.1.1.1", 4], ["m-2", "web01", "10.1.1.2", 2])), file="vmInfo.csv")


def built(*sheets):
    return build_estate(sheets, namespace=NAMESPACE)


def asset(estate, name="db01"):
    return next(a for a in estate.assets if a.name == name)


def test_four_tables_of_one_source_meet_by_its_machine_id():
    estate = built(
        of(TIMES, *(["m-1", f"2026-11-01 {h:02}:00", h, 2_000_000] for h in range(20)), file="perfInfo.csv",
           units={"Sent": "bytes/s"}),
        of(TAGS, ["m-1", "costcentre", "4711"], ["m-1", "team", "ops"], file="tagInfo.csv"),
        of(DISKS, ["m-1", "sda", 100], ["m-1", "sdb", "50"], ["m-2", "sda", 20], file="diskInfo.csv"),
        machines(),
    )  # fmt: skip
    one = asset(estate)
    assert len(estate.assets) == 2
    assert estate.rejects == ()
    assert (one.disk_count, one.disk_capacity_mib) == (2, 150 * 1024)
    assert (one.attributes["costcentre"], one.attributes["team"]) == ("4711", "ops")
    assert (one.cpu_p95_pct, one.cpu_max_pct) == (18, 19)
    found = {f.field: (f.value, f.unit, f.rule) for f in one.facts}
    assert found["cpu_p50_pct"] == ("9.0", "percent", "p50_of_20_samples")
    assert Decimal(found["network_out_p95_mb_per_s"][0]) == 2
    assert found["disk_capacity_mib"] == (str(150 * 1024), "MiB", "sum_of_2_rows")
    assert asset(estate, "web01").cpu_p95_pct is None


def test_parts_of_a_machine_in_no_inventory_are_rejected_and_make_none():
    estate = built(machines(), of(DISKS, ["m-9", "sda", 100], ["m-9", "sdb", 1], [None, "sda", 5], file="diskInfo.csv"))
    assert len(estate.assets) == 2
    assert [(r.code, r.place.row) for r in estate.rejects] == [("row.no_machine", 4), ("row.unknown_machine", 2)]


def test_ids_of_another_kind_of_source_mean_other_machines():
    estate = built(machines(), of(DISKS, ["m-1", "sda", 100], file="disks.csv", kind="device42"))
    assert [r.code for r in estate.rejects] == ["row.unknown_machine"]


def test_what_the_list_of_machines_says_goes_before_the_sum_of_its_parts():
    fields = {**MACHINES, "Disk": "storage_gb"}
    listed = of(fields, ["m-1", "db01", "10.1.1.1", 4, 40], file="vmInfo.csv")
    estate = built(of(DISKS, ["m-1", "sda", 100], file="a.csv"), listed)
    assert asset(estate).disk_capacity_mib == 40 * 1024
    assert estate.conflicts == ()


def test_values_over_time_that_cannot_be_are_rejected_cell_by_cell():
    rows = [["m-1", "t", 10, 1], ["m-1", "t", 101, 1], ["m-1", "t", -1, 1], ["m-1", "t", "x", 1], ["m-1", "t", None, 1]]
    estate = built(machines(), of(TIMES, *rows, file="perfInfo.csv"))
    assert [(r.place.row, r.place.column) for r in estate.rejects] == [(3, "Cpu"), (4, "Cpu"), (5, "Cpu")]
    assert asset(estate).cpu_max_pct == 10


def test_adapters_add_their_addresses_to_the_machine():
    fields = {"MachineId": "external_id", "Nic": "nic_name", "IP": "ip_address", "MAC": "mac_address"}
    rows = [["m-1", "eth0", "10.1.1.1", "00:50:56:00:00:01"], ["m-1", "eth1", "10.9.1.1; bad", "00:50:56:00:00:02"]]
    estate = built(machines(), of(fields, *rows, file="nics.csv"))
    one = asset(estate)
    assert one.ip_addresses == ("10.1.1.1", "10.9.1.1")
    assert one.mac_addresses == ("00:50:56:00:00:01", "00:50:56:00:00:02")
    assert [(r.place.row, r.place.column, r.code) for r in estate.rejects] == [(3, "IP", "cell.not_an_address")]
    assert estate.conflicts == ()


def test_used_space_is_added_up_and_texts_are_listed_up_to_ten():
    fields = {"MachineId": "external_id", "Mount": "mount_point", "Used": "partition_used_mb", "Note": None}
    rows = [["m-1", f"/d{n:02}", 10, "same"] for n in range(12)]
    one = asset(built(machines(), of(fields, *rows, file="mounts.csv")))
    assert one.storage_used_mib == 120
    assert one.disk_count is None
    assert one.attributes["mount_point"].endswith("/d09 and 2 more")
    assert one.attributes["Note"] == "same"


def test_parts_find_their_owner_by_the_column_that_the_main_table_knows():
    main = of({"deviceid": "external_id", "name": "hostname", "uuid": "uuid"},
              ["d-1", "foo", "423b06bd-4457-4279-897b-c6eda6c18d7a"], file="a.json", sheet="computer")  # fmt: skip
    other = of({"deviceid": "external_id", "name": "hostname", "uuid": "uuid"},
               ["d-2", "foo", "423b06bd-4457-4279-897b-c6eda6c18d7b"], file="b.json", sheet="computer")  # fmt: skip
    parts = of({"deviceid": None, "name": None}, ["d-1", "java"], ["d-1", "httpd"], file="a.json", sheet="software")
    named = of({"device.name": None, "label": None}, ["foo", "rack 1"], file="b.json", sheet="labels")
    estate = built(main, other, parts, named)
    assert len(estate.assets) == 2
    assert estate.rejects == ()
    found = {a.attributes.get("name", "") + a.attributes.get("label", "") for a in estate.assets}
    assert found == {"httpd, java", "rack 1"}


def test_parts_that_name_no_owner_are_left_alone_with_a_notice():
    parts = of({"slot": None, "size": None}, ["A0", "8"], ["A1", "8"], file="vmInfo.csv", sheet="memory")
    estate = built(machines(), parts)
    assert estate.rejects == ()
    assert [(i.code, i.count, i.place.sheet) for i in estate.issues] == [("PARTS_WITHOUT_MACHINE", 2, "memory")]


def test_a_name_that_several_machines_have_gives_a_part_to_none_of_them():
    listed = of({"Name": "hostname", "Serial": "serial_number"}, ["foo", "S100"], ["foo", "S200"], file="x.csv")
    fields = {"Name": "hostname", "Disk": "disk_name", "Size": "disk_capacity_gb"}
    estate = built(listed, of(fields, ["foo", "sda", 5], file="d.csv"))
    assert [r.code for r in estate.rejects] == ["row.ambiguous_machine"]
    assert "several machines" in estate.rejects[0].message


@pytest.mark.parametrize(
    ("fields", "alone", "expected"),
    [
        (MACHINES, True, False),
        (DISKS, True, True),
        (TIMES, True, True),
        ({"Name": "hostname", "Disk": "disk_name"}, True, True),
        ({"Name": "hostname", "Disk 1": "disk_capacity_gb", "RAM": "memory_gb"}, False, False),
        ({"Id": "external_id", "Note": None}, True, False),
        ({"Id": "external_id", "Note": None}, False, True),
        ({"Disk": "disk_name"}, False, False),
        ({"Name": "hostname", "IP": "ip_address"}, False, False),
    ],
)
def test_a_table_of_parts_is_told_from_a_list_of_machines(fields, alone, expected):
    assert tells_details(of(fields, file="f.csv"), alone=alone) is expected


def test_what_fits_no_machine_is_told_before_anything_is_built():
    read = read_sheets([machines(), of(DISKS, ["m-9", "sda", 100], file="diskInfo.csv")], RvtoolsOptions())
    assert [r.code for r in strangers(read)] == ["row.unknown_machine"]
    assert strangers(read_sheets([machines()], RvtoolsOptions())) == ()


def test_a_table_that_repeats_its_machines_beside_another_one_is_a_table_of_parts():
    fields = {"Name": "hostname", "IP": "ip_address"}
    sheet = of(fields, ["db01", "10.1.1.1"], ["db01", "10.1.1.9"], file="vmInfo.csv", sheet="addresses")
    estate = built(machines(), sheet)
    assert len(estate.assets) == 2
    assert asset(estate).ip_addresses == ("10.1.1.1", "10.1.1.9")
    assert not tells_details(sheet, alone=True)


def test_disks_beside_each_other_in_one_row_are_added_up():
    fields = {"Name": "hostname", "Cores": "cpu_cores", "Disk 1": "disk_capacity_gb", "Disk 2": "disk_capacity_gb"}
    estate = built(of(fields, ["db01", 2, 80, "400"], ["web01", 2, None, None], file="azure.csv"))
    assert asset(estate).disk_capacity_mib == 480 * 1024
    assert (asset(estate).attributes["Disk 1"], asset(estate).attributes["Disk 2"]) == ("80", "400")
    assert asset(estate, "web01").disk_capacity_mib is None
