from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.tabular import read_tabular
from masterflow.inventory.types import AssetType, Criticality, Environment, Identity, IdentityScheme
from tests.analysis.estate.sheets import mapped

FIELDS = {
    "Name": "asset_name",
    "Host": "hostname",
    "FQDN": "fqdn",
    "IP": "ip_address",
    "MAC": "mac_address",
    "Serial": "serial_number",
    "UUID": "uuid",
    "VM UUID": "uuid",
    "VM id": "vm_id",
    "vCenter": "vcenter_id",
    "Type": "asset_type",
    "OS": "os_name",
    "OS Version": "os_version",
    "CPU": "cpu_cores",
    "RAM": "memory_gb",
    "Disk": "storage_gb",
    "Env": "environment",
    "App": "application_name",
    "Owner": "business_owner",
    "Criticality": "criticality",
    "Status": "operational_status",
    "Seen": "last_discovered",
    "Virtual": "virtual_or_physical",
    "Location": "location",
    "Id": "external_id",
    "P95": "cpu_utilization_p95_pct",
    "Cost": "annual_cost",
}


def read(headers, *rows, **more):
    return read_tabular(mapped(headers, rows, FIELDS, **more))


def record(headers, *cells, **more):
    (found,) = read(headers, cells, **more).records
    return found


def schemes(found):
    return {(i.scheme, i.value) for i in found.identities}


def test_a_row_becomes_a_record_with_the_cell_of_every_value():
    found = record(["Name", "IP", "CPU", "RAM"], "Web01.corp.example", "10.1.1.1", "4", "16")
    facts = {c.field: (c.value, c.source.row, c.source.column, c.rule, c.unit) for c in found.claims}
    assert facts["memory_mib"] == (16384, 2, "RAM", "size_gib_to_mib", "MiB")
    assert facts["cpu_cores"] == (4, 2, "CPU", "count", None)
    assert facts["hostname"] == ("web01", 2, "Name", "hostname", None)
    assert facts["fqdn"] == ("web01.corp.example", 2, "Name", "fqdn_of_name", None)


def test_a_unit_of_the_column_or_the_cell_outranks_the_unit_of_the_field():
    assert record(["Name", "RAM"], "a", "8192", units={"RAM": "MB"}).best("memory_mib") == 8192
    assert record(["Name", "RAM"], "a", "1 TB").best("memory_mib") == 1048576


def test_columns_without_a_field_or_a_rule_stay_attributes():
    found = record(["Name", "Rack row", "Location", "Status"], "a", "B7", "Berlin", "Operational")
    assert found.attributes == {"Rack row": "B7", "location": "Berlin", "operational_status": "Operational"}
    assert found.best("datacenter") == "Berlin"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["", "", ""], "row.no_identity"),
        (["  ", "0.0.0.0", ""], "row.no_identity"),
        (["TOTAL", "", ""], "row.total"),
        (["Gesamt:", "", ""], "row.total"),
        (["#N/A", "#N/A", "#REF!"], "row.spreadsheet_error"),
        (["Name", "IP", "Serial"], "row.repeated_header"),
    ],
)
def test_a_row_that_names_no_machine_is_rejected_with_the_reason(row, code):
    found = read(["Name", "IP", "Serial", "CPU"], [*row, "CPU" if code == "row.repeated_header" else "158"])
    assert found.records == []
    assert [(r.code, r.place.row) for r in found.rejects] == [(code, 2)]


def test_the_reject_says_which_columns_could_identify_the_row():
    (reject,) = read(["Name", "IP", "CPU"], ["", "", "4"]).rejects
    assert reject.message == "Nothing identifies the row; fill one of Name, IP."


def test_a_server_called_total_with_an_address_is_a_server():
    assert record(["Name", "IP"], "total", "10.1.1.1").name == "total"


def test_a_bad_cell_is_rejected_alone():
    found = read(["Name", "CPU", "IP"], ["a", "n/a", "10.20.300.4"])
    assert [(r.place.column, r.value) for r in found.rejects] == [("CPU", "n/a"), ("IP", "10.20.300.4")]
    assert [r.name for r in found.records] == ["a"]


def test_a_moref_counts_only_with_its_vcenter():
    assert read(["VM id"], ["vm-5555"]).records == []
    vcenter = "955A96BC-A0E8-4EA8-943C-A9AE26208B93"
    found = record(["VM id", "vCenter"], "VM-5555", vcenter)
    assert schemes(found) == {(IdentityScheme.VM_ID, f"{vcenter.casefold()}/vm-5555")}


def test_the_serial_number_of_a_vm_is_its_bios_uuid():
    serial = "VMware-42 3b 06 bd 44 57 42 79-89 7b c6 ed a6 c1 8d 7d"
    found = record(["Name", "Serial"], "a", serial)
    assert (IdentityScheme.SMBIOS_UUID, "423b06bd-4457-4279-897b-c6eda6c18d7d") in schemes(found)
    assert found.best("serial_number") is None


@pytest.mark.parametrize("serial", ["To Be Filled By O.E.M.", "0", "None", "123456789", "x"])
def test_a_serial_number_that_the_factory_never_set_identifies_nothing(serial):
    assert {s for s, _ in schemes(record(["Name", "Serial"], "a", serial))} == {IdentityScheme.NAME}


def test_the_header_tells_the_uuid_of_a_vm_from_that_of_its_bios():
    uuid = "500b85c1-ef0d-37fb-6897-61c47157f858"
    assert (IdentityScheme.VM_UUID, uuid) in schemes(record(["VM UUID"], uuid))
    assert (IdentityScheme.SMBIOS_UUID, uuid) in schemes(record(["UUID"], uuid))


def test_names_addresses_and_hardware_addresses_identify_together_and_alone():
    found = schemes(record(["Host", "IP", "MAC", "FQDN"], "A_1", "10.1.1.1", "00-50-56-00-00-01", "a-1.x.example"))
    assert found == {
        (IdentityScheme.FQDN, "a-1.x.example"),
        (IdentityScheme.MAC, "00:50:56:00:00:01"),
        (IdentityScheme.HOSTNAME_IP, "a-1/10.1.1.1"),
        (IdentityScheme.NAME, "a-1"),
    }
    assert schemes(record(["IP"], "10.1.1.1")) == {(IdentityScheme.HOSTNAME_IP, "/10.1.1.1")}


def test_ids_of_a_source_are_kept_with_the_source():
    found = read_tabular(
        mapped(["Id", "EC2 Instance ID"], [["EXT-1", "i-0abc"]], {"Id": "external_id", "EC2 Instance ID": None})
    ).records[0]
    assert set(found.identities) == {
        Identity(IdentityScheme.EXTERNAL_ID, "tabular/EXT-1"),
        Identity(IdentityScheme.INSTANCE_ID, "i-0abc"),
    }


@pytest.mark.parametrize(
    ("kind", "virtual", "expected"),
    [
        ("Linux Server", "false", AssetType.SERVER),
        ("Linux Server", "true", AssetType.VIRTUAL_MACHINE),
        ("cmdb_ci_win_server", None, AssetType.SERVER),
        ("ESX Server", "false", AssetType.HYPERVISOR_HOST),
        ("VM", None, AssetType.VIRTUAL_MACHINE),
        ("Database", None, AssetType.DATABASE),
        ("Database Server", None, AssetType.SERVER),
        ("Core Switch", None, AssetType.NETWORK),
        ("F5 Load Balancer", None, AssetType.LOAD_BALANCER),
        ("NAS filer", None, AssetType.STORAGE),
        ("Teapot", None, AssetType.OTHER),
        (None, None, AssetType.SERVER),
    ],
)
def test_the_kind_of_asset_comes_from_its_class(kind, virtual, expected):
    assert record(["Name", "Type", "Virtual"], "a", kind, virtual).asset_type is expected


def test_a_server_that_runs_a_hypervisor_is_a_host():
    assert record(["Name", "OS"], "a", "VMware ESXi 8.0").asset_type is AssetType.HYPERVISOR_HOST


@pytest.mark.parametrize(
    ("text", "expected"), [("Virtual", True), ("Physical", False), ("yes", True), ("VMware", True)]
)
def test_virtual_or_physical_is_read_from_words_and_flags(text, expected):
    assert record(["Name", "Virtual"], "a", text).best("virtual") is expected


def test_the_remaining_fields_are_read_with_their_own_vocabularies():
    found = record(
        ["Name", "Env", "Criticality", "Owner", "Status", "Seen", "P95", "Cost"],
        "a", "UAT", "Tier 1", "team@example.com", "Retired", "2026-10-07 21:08:13", "12,5 %", "EUR 1.200,50",
    )  # fmt: skip
    assert found.best("environment") is Environment.STAGING
    assert found.best("criticality") is Criticality.CRITICAL
    assert found.best("lifecycle") == "retired"
    assert found.best("cpu_p95_pct") == Decimal("12.5")
    assert found.best("annual_cost") == Decimal("1200.50")
    assert found.observed_at == datetime(2026, 10, 7, 21, 8, 13, tzinfo=UTC)


def test_a_status_may_be_a_power_state_or_nothing():
    assert record(["Name", "Status"], "a", "Running").best("power_state") == "poweredOn"
    assert record(["Name", "Status"], "a", "green").best("lifecycle") is None
    assert record(["Name", "Status"], "a", "").best("lifecycle") is None


def test_one_cell_may_name_several_applications():
    claims = record(["Name", "App"], "a", "Billing; Payroll|CRM").claims
    assert [c.value for c in claims if c.field == "application"] == ["Billing", "Payroll", "CRM"]


def test_zero_cores_or_memory_is_unknown_and_no_size():
    found = record(["Name", "CPU", "RAM"], "a", "0", "0")
    assert (found.best("cpu_cores"), found.best("memory_mib")) == (None, None)


def test_a_table_of_applications_says_what_it_says_about_applications():
    found = read(
        ["App", "Criticality", "Owner", "Env", "Note"], ["Billing", "2 - somewhat critical", "t@x", "Production", "n"]
    )
    (row,) = found.applications
    assert (row.name, row.criticality, row.business_owner) == ("Billing", Criticality.HIGH, "t@x")
    assert (row.environment, row.attributes["Note"]) == (Environment.PRODUCTION, "n")
    assert found.records == []


def test_a_row_of_class_application_says_something_about_an_application_and_is_no_machine():
    found = read(["Name", "Type", "Owner"], ["Billing", "cmdb_ci_appl", "t@x"], ["web01", "Linux Server", "t@x"])
    assert [(a.name, a.business_owner) for a in found.applications] == [("Billing", "t@x")]
    assert [r.name for r in found.records] == ["web01"]


def test_an_application_row_without_a_name_is_rejected():
    found = read(["App", "Owner"], ["", "t@x"])
    assert [r.code for r in found.rejects] == ["row.no_application"]


@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=12), st.floats(), st.booleans()), max_size=6), max_size=4)
)
def test_any_rows_are_read_and_each_is_either_a_record_or_rejected(rows):
    found = read(["Name", "IP", "CPU", "RAM", "Seen", "Serial"], *rows)
    rejected = {r.place.row for r in found.rejects if r.code.startswith("row.")}
    assert sorted([r.row for r in found.records] + sorted(rejected)) == list(range(2, 2 + len(rows)))


@pytest.mark.parametrize(
    "cell", ["Billing; CRM", "Billing|CRM", "Billing\nCRM", "Billing\r\nCRM;", "Billing; n/a ;CRM"]
)
def test_several_applications_in_a_cell_are_several_and_say_so(cell):
    sheet = mapped(["Name", "App"], [["a", cell]], {"Name": "hostname", "App": "application_name"})
    claims = [c for c in read_tabular(sheet).records[0].claims if c.field == "application"]
    assert [(c.value, c.rule) for c in claims] == [("Billing", "stated_one_of_2"), ("CRM", "stated_one_of_2")]


@pytest.mark.parametrize("header", ["Applications", "server.applications", " APPLICATIONS"])
def test_a_comma_separates_applications_in_a_column_of_several(header):
    sheet = mapped(["Name", header], [["a", "Billing, CRM; Shop"]], {"Name": "hostname", header: "application_name"})
    claims = [c for c in read_tabular(sheet).records[0].claims if c.field == "application"]
    assert [c.value for c in claims] == ["Billing", "CRM", "Shop"]


@pytest.mark.parametrize("header", ["Application", "App", "Application name"])
def test_a_comma_belongs_to_the_name_of_one_application(header):
    sheet = mapped(["Name", header], [["a", "Billing, EMEA"]], {"Name": "hostname", header: "application_name"})
    claims = [c for c in read_tabular(sheet).records[0].claims if c.field == "application"]
    assert [c.value for c in claims] == ["Billing, EMEA"]


def test_one_application_is_stated_and_a_repaired_name_says_so():
    sheet = mapped(["Name", "App"], [["a", "BÃ¼ro"], ["b", 42]], {"Name": "hostname", "App": "application_name"})
    found = [(c.value, c.rule) for r in read_tabular(sheet).records for c in r.claims if c.field == "application"]
    assert found == [("Büro", "stated_decoded_again"), ("42", "stated")]


@pytest.mark.parametrize(
    ("cell", "cores"), [("4 vCPU", 4), ("4 cores", 4), ("2 CPUs", 2), ("8", 8), (0, None), ("Quad", None)]
)
def test_a_number_of_processors_may_name_them(cell, cores):
    sheet = mapped(["Name", "CPU"], [["a", cell]], {"Name": "hostname", "CPU": "cpu_cores"})
    assert read_tabular(sheet).records[0].number("cpu_cores") == cores


@pytest.mark.parametrize("tag", ["No Asset Tag", "To Be Filled By O.E.M.", "Default string", "0000", "redacted"])
def test_an_asset_tag_or_serial_number_that_nobody_gave_identifies_nothing(tag):
    fields = {"Name": "hostname", "Tag": "asset_tag", "Serial": "serial_number"}
    identities = read_tabular(mapped(list(fields), [["a", tag, tag]], fields)).records[0].identities
    assert [i.scheme for i in identities] == [IdentityScheme.NAME]


def test_an_asset_tag_is_no_external_id():
    fields = {"Name": "hostname", "Tag": "asset_tag", "Id": "external_id"}
    identities = read_tabular(mapped(list(fields), [["a", "77", "77"]], fields)).records[0].identities
    values = [i.value for i in identities if i.scheme is IdentityScheme.EXTERNAL_ID]
    assert values == ["tabular/asset tag 77", "tabular/77"]


def fields_of(*headers):
    return {header: header for header in headers}


def named_record(row, **more):
    (found,) = read_tabular(mapped(list(row), [list(row.values())], {**fields_of(*row), **more})).records
    return found


@pytest.mark.parametrize(
    ("switch", "kind", "expected"),
    [
        ("yes", None, AssetType.NETWORK),
        ("no", None, AssetType.SERVER),
        ("no", "virtual machine", AssetType.VIRTUAL_MACHINE),
    ],
)
def test_a_yes_to_a_type_is_that_type_and_a_no_says_nothing(switch, kind, expected):
    row = {"hostname": "a1", "is_it_switch": switch, "category": kind}
    assert named_record(row, is_it_switch="asset_type").asset_type is expected


@pytest.mark.parametrize(
    ("said", "virtual"),
    [*((word, True) for word in ("KVM", "xen", "Hyper-V", "lxc", "docker", "qemu", "container", "cloud", "instance")),
     *((word, None) for word in ("cluster", "Blade", "chassis")), ("physical", False)],
)  # fmt: skip
def test_virtual_is_read_from_platforms_and_what_stands_in_something_says_nothing(said, virtual):
    sheet = mapped(["hostname", "virtual_or_physical"], [["a1", said]], fields_of("hostname", "virtual_or_physical"))
    read = read_tabular(sheet)
    assert (read.records[0].best("virtual"), read.rejects) == (virtual, [])


@pytest.mark.parametrize(("said", "platform"), [("physical", None), ("None", None), ("VMware", "VMware")])
def test_physical_is_no_platform(said, platform):
    assert named_record({"hostname": "a1", "virtualization_platform": said}).best("hypervisor") == platform


def test_physical_cores_count_only_where_nothing_else_does():
    both = named_record({"hostname": "a1", "physical_cores": 8, "cpu_cores": 16})
    assert [claim.value for claim in both.claims if claim.field == "cpu_cores"] == [16]
    assert named_record({"hostname": "a1", "physical_cores": 8}).best("cpu_cores") == 8


def test_localhost_and_a_blotted_serial_number_identify_nothing():
    read = read_tabular(
        mapped(["hostname", "serial_number"], [["localhost", "REDACTED"]], fields_of("hostname", "serial_number"))
    )
    assert (read.records, [reject.code for reject in read.rejects]) == ([], ["row.no_identity"])
