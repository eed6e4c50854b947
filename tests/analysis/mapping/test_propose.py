"""The mapping that is proposed for a sheet."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.analysis.mapping import ASK, AUTO, ColumnMatch, propose
from masterflow.analysis.mapping.names import header_name
from masterflow.inventory.fields import BY_NAME, FIELDS

Column = tuple[str, Sequence[object]]


def proposed(*columns: Column, **documents: object) -> dict[str, ColumnMatch]:
    matches = propose([header for header, _ in columns], [values for _, values in columns], **documents)
    return {match.header: match for match in matches}


def fields(*columns: Column) -> dict[str, str | None]:
    return {header: match.field for header, match in proposed(*columns).items()}


def field(header: str, *values: object) -> str | None:
    return fields((header, values))[header]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Hostname", "hostname"),
        ("IP_Address", "ip_address"),
        ("IP-Adresse", "ip_address"),
        ("Operating System", "os_name"),
        ("O/S", "os_name"),
        ("Server OS", "os_name"),
        ("vCPU(s)", "cpu_cores"),
        ("Biz Criticality", "criticality"),
        ("App Owner", "business_owner"),
        ("custom tags", "tags"),
        ("acme-tags", "tags"),
        ("6R", "migration_strategy"),
        ("Memory (In MB)", "memory_mb"),
        ("RAM_GB", "memory_gb"),
        ("# Memory", "memory_mb"),
        ("Aostname", None),
        ("memory_bytes", "memory_bytes"),
        ("Memory %", "memory_utilization_pct"),
        ("Uptime (hours)", "uptime_hours"),
        ("CPU speed (MHz)", "cpu_speed_mhz"),
        ("Disk Read (in OPS)", "disk_read_iops"),
        ("Disk Read (in MBPS)", "disk_read_mbps"),
        ("Backup Policy", None),
        ("Change Version", None),
        ("PII", None),
    ],
)
def test_a_header_alone_tells_its_field(header: str, name: str | None) -> None:
    assert field(header) == name


@pytest.mark.parametrize(
    ("header", "name"), [("Hostnmae", "hostname"), ("Enviroment", "environment"), ("Migration Waves", "migration_wave")]
)
def test_a_header_spelled_nearly_right_is_asked_about(header: str, name: str) -> None:
    match = proposed((header, []))[header]
    assert (match.field, match.needs_decision) == (name, True)
    assert ASK <= match.confidence < AUTO


def test_words_in_another_order_are_asked_about() -> None:
    match = proposed(("Name of Operating System", []))["Name of Operating System"]
    assert (match.field, match.needs_decision) == ("os_name", True)
    assert "has most words in common with os_name" in match.reason


def test_a_field_is_given_to_one_column_and_the_other_is_told_why() -> None:
    found = proposed(("IP Address", []), ("Primary IP", []))
    assert found["IP Address"].field == "ip_address"
    assert found["Primary IP"].field is None
    assert "may be ip_address, but another column is closer to it" in found["Primary IP"].reason
    assert not found["Primary IP"].needs_decision


def test_two_names_for_one_thing_take_different_fields() -> None:
    assert fields(("Name", []), ("Hostname", [])) == {"Name": "asset_name", "Hostname": "hostname"}
    assert fields(("CPU count", []), ("CPU core count", [])) == {
        "CPU count": "cpu_sockets",
        "CPU core count": "cpu_cores",
    }
    assert fields(("Instance UUID", []), ("UUID", [])) == {"Instance UUID": None, "UUID": "uuid"}
    assert fields(("id", []), ("device_id", [])) == {"id": None, "device_id": "external_id"}


def test_columns_of_a_numbered_series_share_a_field() -> None:
    found = fields(("Network #1", []), ("Network #2", []), ("Disk 1 size (In GB)", []), ("Disk 2 size (In GB)", []))
    assert list(found.values()) == ["network", "network", "disk_capacity_gb", "disk_capacity_gb"]


def test_what_the_vendor_documents_is_taken_at_its_word() -> None:
    aliases = {
        ("vinfo", "memory"): "memory_mb",
        ("", "thing"): "tier",
        ("vinfo", "environment"): "",
        ("other", "site"): "rack",
    }
    units = {("vinfo", "memory"): "MiB"}
    found = proposed(
        ("Memory", [4096]),
        ("Thing", []),
        ("Environment", []),
        ("Site", []),
        aliases=aliases,
        units=units,
        sheet="vInfo",
    )
    assert (found["Memory"].field, found["Memory"].unit, found["Memory"].confidence) == ("memory_mb", "MiB", 1.0)
    assert found["Thing"].field == "tier"
    assert (found["Environment"].field, found["Environment"].confidence) == (None, 1.0)
    assert "is documented by the vendor of the format; no field stands for it" in found["Environment"].reason
    assert found["Site"].field == "location"


def test_a_documented_unit_gives_way_to_numbers_that_can_only_be_bytes() -> None:
    documents = {
        "aliases": {("vhost", "# memory"): "memory_mb"},
        "units": {("vhost", "# memory"): "MiB"},
        "sheet": "vHost",
    }
    assert proposed(("# Memory", [261797, 130000]), **documents)["# Memory"].unit == "MiB"
    assert proposed(("# Memory", [274_511_953_920, 137_438_953_472]), **documents)["# Memory"].unit == "bytes"


@pytest.mark.parametrize(
    ("values", "name", "unit", "asked"),
    [
        ([4, 8, 16], "memory_gb", "GB", False),
        ([4096, 8192], "memory_mb", "MB", False),
        (["16 GB", "8 GB"], "memory_gb", "GB", False),
        ([700, 900], "memory_mb", "MB", True),
        ([17_179_869_184], "memory_bytes", "bytes", False),
        ([], "memory_mb", "MB", False),
    ],
)
def test_values_tell_the_unit_that_the_header_leaves_out(
    values: list[object], name: str, unit: str, asked: bool
) -> None:
    match = proposed(("RAM", values))["RAM"]
    assert (match.field, match.unit, match.needs_decision) == (name, unit, asked)
    assert ("judged by the size of the numbers" in match.reason) is asked


def test_two_columns_of_one_measure_never_become_one_field() -> None:
    found = fields(("RAM", [4, 8]), ("Memory GB", [4, 8]))
    assert sorted(name or "" for name in found.values()) == ["", "memory_gb"]


@pytest.mark.parametrize(
    ("header", "values", "name"),
    [
        ("os_version", ["Windows Server 2022", "CentOS 9"], "os_name"),
        ("os_version", ["7.9", "8.4"], "os_version"),
        ("os_type", ["Ubuntu 20.04", "CentOS 7"], "os_name"),
        ("os_type", ["Linux", "Windows"], "os_family"),
        ("Status", ["Active", "Retired"], "status"),
        ("Status", ["running", "stopped"], "power_state"),
        ("Type", ["Server", "Database"], "asset_type"),
        ("Type", ["virtual", "physical"], "virtual_or_physical"),
        ("Server Type", ["Virtual", "Physical"], "virtual_or_physical"),
        ("Server Type", ["Web", "Database"], "asset_type"),
        ("Database", ["yes", "no"], "has_database"),
        ("Database", ["ORCL1", "SALES"], "database_instance"),
        ("CPU", [4, 8], "cpu_cores"),
        ("CPU", ["Intel Xeon Gold 5218", "AMD EPYC 7543 x"], "cpu_model"),
        ("Disk", ["Hard disk 1", "Hard disk 2"], "disk_name"),
        ("IP Address", ["web01", "web02"], None),
    ],
)
def test_values_decide_between_meanings(header: str, values: list[object], name: str | None) -> None:
    assert field(header, *values) == name


def test_a_version_beside_the_system_stays_a_version() -> None:
    found = fields(("os_family", ["windows"]), ("os_version", ["windows server 2012 R2"]))
    assert found == {"os_family": "os_family", "os_version": "os_version"}


def test_a_host_beside_virtual_machines_is_the_one_that_runs_them() -> None:
    assert fields(("VM Name", []), ("Host", []))["Host"] == "hypervisor_host"
    assert fields(("Application", []), ("Host", []))["Host"] == "hostname"


def test_a_bare_version_is_the_applications_only_beside_an_application() -> None:
    assert fields(("Application", []), ("Version", []))["Version"] == "application_version"
    match = proposed(("Hostname", []), ("Version", []))["Version"]
    assert match.needs_decision


def test_of_two_name_columns_the_short_one_is_the_host_name() -> None:
    found = fields(("Name", ["web01", "db01"]), ("Host Name", ["web01.example.com", "db01.example.com"]))
    assert found == {"Name": "hostname", "Host Name": "fqdn"}
    kept = fields(("Name", ["Shop front", "Shop data"]), ("Hostname", ["web01.example.com", "db01.example.com"]))
    assert kept == {"Name": "asset_name", "Hostname": "hostname"}


def test_ends_of_connections_are_meant_only_where_both_are_named() -> None:
    assert fields(("Source", []), ("Name", []))["Source"] == "discovery_source"
    found = fields(("source", ["10.0.0.1"]), ("destination", ["10.0.0.2"]), ("port", [443]), ("bytes", [5]))
    assert list(found.values()) == ["source_hostname", "target_ip_address", "target_port", "byte_count"]
    named = fields(("src", ["web01"]), ("dst ip", ["db01", "db02"]))
    assert named == {"src": "source_hostname", "dst ip": "target_hostname"}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["10.0.0.1", "10.0.0.2"], "ip_address"),
        (["00:50:56:aa:00:01"], "mac_address"),
        (["500b85c1-ef0d-37fb-6897-61c47157f858"], "uuid"),
        (["web01.example.com"], "fqdn"),
        (["Ubuntu 22.04"], "os_name"),
        (["something"], None),
    ],
)
def test_a_column_without_a_name_is_told_by_values_and_asked_about(values: list[object], name: str | None) -> None:
    match = proposed(("column 3", values))["column 3"]
    assert (match.field, match.needs_decision) == (name, name is not None)


def test_a_nameless_column_does_not_take_a_field_from_a_named_one() -> None:
    assert fields(("IP Address", ["10.0.0.1"]), ("column 2", ["10.0.0.2"]))["column 2"] is None


def test_an_attribute_says_what_it_is_a_little_like() -> None:
    match = proposed(("Monthly Security Cost Estimate", []))["Monthly Security Cost Estimate"]
    assert match.field is None
    assert "is a little like target_monthly_storage_cost" in match.reason


def test_there_is_nothing_to_propose_for_no_columns() -> None:
    assert propose([], []) == []


headers = st.lists(
    st.sampled_from([alias for field in FIELDS for alias in (*field.aliases, *field.hints)]) | st.text(max_size=15),
    max_size=25,
)
values = st.lists(
    st.none()
    | st.integers(0, 10**12)
    | st.sampled_from(["10.0.0.1", "web01.x.de", "Linux", "on", "16 GB", "virtual"])
    | st.text(max_size=5),
    max_size=6,
)
unhurried = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@unhurried
@given(headers=headers, data=st.data())
def test_a_field_goes_to_one_column_or_to_one_numbered_series(headers: list[str], data: st.DataObject) -> None:
    columns = [data.draw(values) for _ in headers]
    matches = propose(headers, columns)
    assert [match.header for match in matches] == headers
    taken: dict[str, object] = {}
    for place, match in enumerate(matches):
        assert 0 <= match.confidence <= 1
        assert match.needs_decision is (match.field is not None and ASK <= match.confidence < AUTO)
        if match.field is None:
            continue
        assert match.field in BY_NAME
        name = header_name(match.header)
        series = name.words if name.index is not None else place
        assert taken.setdefault(match.field, series) == series


@unhurried
@given(headers=headers, data=st.data())
def test_the_same_sheet_gets_the_same_proposal(headers: list[str], data: st.DataObject) -> None:
    columns = [data.draw(values) for _ in headers]
    assert propose(headers, columns) == propose(headers, columns)


SPELLINGS = (str.upper, str.lower, str.title, lambda text: text.replace("_", " "), lambda text: text.replace("_", "-"))


@pytest.mark.parametrize("name", [field.name for field in FIELDS if field.topic is None])
def test_the_name_of_a_field_means_the_field_in_every_spelling(name: str) -> None:
    assert {propose([spelled(name)], [[]])[0].field for spelled in SPELLINGS} == {name}


@pytest.mark.parametrize(
    ("header", "values", "name"),
    [
        ("Firmware kind", ["BIOS", "EFI"], "boot_type"),
        ("Lane", ["Rehost", "Retire", "Replatform"], "migration_strategy"),
        ("Shape", ["m5.large", "t3.medium"], "target_instance_type"),
        ("Shape", ["Standard_D4s_v5", "Standard_B2ms"], "target_instance_type"),
        ("Shape", ["n2-standard-8", "e2-medium"], "target_instance_type"),
        ("Where mounted", ["C:\\", "/var/log", "/"], "mount_point"),
        ("OS laut Inventar", ["Windows Server 2019", "Ubuntu 22.04"], "os_name"),
        ("OS as configured there", ["Windows Server 2019", "Ubuntu 22.04"], "os_name_configured"),
        ("IP des Hosts hier", ["10.0.0.1", "10.0.0.2"], "ip_address"),
        ("Shape", ["round", "square"], None),
    ],
)
def test_values_tell_what_a_strange_header_means(header: str, values: list[object], name: str | None) -> None:
    match = proposed((header, values))[header]
    assert match.field == name
    assert match.needs_decision is (name is not None)


def test_values_do_not_overrule_a_known_name() -> None:
    assert field("Recommended instance type", "m5.large", "t3.medium") == "recommended_target"
    assert field("Disk path", "/var", "/opt") == "disk_path"


def test_the_sheet_completes_what_a_header_leaves_out() -> None:
    def on(sheet: str, header: str) -> str | None:
        return proposed((header, []), sheet=sheet)[header].field

    assert on("vMemory", "Limit") == "memory_limit_mb"
    assert on("vCPU", "Limit") == "cpu_limit_mhz"
    assert on("csv", "Limit") is None
    assert on("Disks", "Size GiB") == "disk_capacity_gb"
    assert on("csv", "Consumed GiB") == "storage_used_gb"


def test_percentages_above_a_hundred_are_none() -> None:
    assert field("CPU usage", 12.5, 80) == "cpu_utilization_pct"
    assert field("CPU max", 2400, 4800) != "cpu_utilization_max_pct"


@pytest.mark.parametrize(("values", "name"), [([2400, 3100], "cpu_speed_mhz"), ([2.4, 3.1], "cpu_speed")])
def test_a_clock_is_in_the_unit_that_fits(values: list[object], name: str) -> None:
    assert field("CPU speed", *values) == name


def test_a_number_that_differs_is_no_slip_of_the_pen() -> None:
    assert field("IPv5 address") != "ipv6_address"


def test_a_column_names_at_most_three_other_fields_it_may_mean() -> None:
    match = proposed(("Host", []))["Host"]
    assert match.field == "hostname"
    assert [other.field for other in match.alternatives][:1] == ["hypervisor_host"]
    assert len(proposed(("Disk size", []))["Disk size"].alternatives) <= 3
    assert all(other.score <= 1 for other in match.alternatives)
