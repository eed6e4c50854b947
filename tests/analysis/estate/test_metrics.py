from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.build import build_estate
from masterflow.analysis.estate.metrics import rank, read_measurements, tells_measurements
from masterflow.inventory.metrics import metric_of
from tests.analysis.estate.sheets import mapped
from tests.analysis.estate.truth import NAMESPACE

FIELDS = {
    "server": "hostname",
    "metric": "metric_name",
    "p50": "metric_p50",
    "p95": "metric_p95",
    "max": "metric_maximum",
    "avg": "metric_average",
    "samples": "sample_count",
    "days": "observed_days",
}


def measured(*rows):
    return mapped(list(FIELDS), rows, FIELDS, file="use.csv", kind="utilisation")


def estate(*rows, names=("db01", "web01")):
    servers = mapped(["Name"], [[n] for n in names], {"Name": "hostname"})
    return build_estate([servers, measured(*rows)], namespace=NAMESPACE)


def facts(asset):
    return {f.field: (f.value, f.unit) for f in asset.facts if f.source.file == "use.csv"}


@pytest.mark.parametrize(
    ("text", "fact", "unit"),
    [
        ("cpu_pct", "cpu_p95_pct", "percent"),
        ("CPU utilization", "cpu_p95_pct", "percent"),
        ("% Processor Time", "cpu_p95_pct", "percent"),
        ("cpu", "cpu_p95_pct", "percent"),
        ("cpuUsage", "cpu_p95_pct", "percent"),
        ("cpu_usage_mhz", "cpu_p95_mhz", "MHz"),
        ("cpu_ready_pct", "cpu_ready_p95_pct", "percent"),
        ("cpu_load", "cpu_load_p95", None),
        ("mem_pct", "memory_p95_pct", "percent"),
        ("RAM used MB", "memory_used_p95_mib", "MiB"),
        ("disk_iops", "disk_p95_iops", "IOPS"),
        ("net_mbps", "network_p95_mbps", "Mbit/s"),
        ("net MBps", "network_p95_mb_per_s", "MB/s"),
        ("Network Mbit/s", "network_p95_mbps", "Mbit/s"),
        ("disk_read_MB/s", "disk_read_p95_mb_per_s", "MB/s"),
        ("swap_used_pct", "memory_swap_used_p95_pct", "percent"),
        ("throughput", "network_throughput_p95", None),
    ],
)
def test_metrics_are_known_by_their_words_and_units(text, fact, unit):
    metric = metric_of(text)
    assert (metric.fact("p95"), metric.unit) == (fact, unit)


@pytest.mark.parametrize(
    ("name", "unit", "fact", "said"),
    [
        ("Processor", "%", "cpu_p95_pct", "percent"),
        ("CPU", "MHz", "cpu_p95_mhz", "MHz"),
        ("CPU", "count", "cpu_p95", "count"),
        ("cpu usage", "MHz", "cpu_p95_mhz", "MHz"),
        ("Network", "MB/s", "network_p95_mb_per_s", "MB/s"),
        ("Network", "Mb/s", "network_p95_mbps", "Mbit/s"),
        ("Memory", "Prozent", "memory_p95_pct", "percent"),
        ("Disk", "KB per sec", "disk_p95_kb_per_s", "KB/s"),
    ],
)
def test_a_unit_column_goes_before_the_name(name, unit, fact, said):
    metric = metric_of(name, unit)
    assert (metric.fact("p95"), metric.unit) == (fact, said)


def test_the_unit_column_of_a_table_tells_shares_from_frequencies():
    headers = ["server", "metric", "Unit", "p50", "p95", "max"]
    rows = [["db01", "Processor", "%", 10, 20, 30], ["web01", "CPU", "MHz", 900, 1500, 2400]]
    servers = mapped(["Name"], [["db01"], ["web01"]], {"Name": "hostname"})
    found = build_estate(
        [servers, mapped(headers, rows, FIELDS, file="use.csv", kind="utilisation")], namespace=NAMESPACE
    )
    db, web = found.assets
    assert (db.cpu_p95_pct, web.cpu_p95_pct, found.rejects) == (20, None, ())
    assert facts(web)["cpu_p95_mhz"] == ("1500", "MHz")


@pytest.mark.parametrize("text", ["gpu_pct", "", "temperature", "users"])
def test_a_metric_of_another_family_is_none(text):
    assert metric_of(text) is None


def test_measurements_are_facts_with_units_and_rows_and_fill_the_processor_use():
    found = estate(
        ["DB01.x.example", "cpu_pct", "9.6", "22.6", "37.9", "11", 10080, 35],
        ["db01", "mem_pct", 43.5, 50, 54.4, None, 10080, 35],
        ["db01", "disk_iops", 59, 544, 584, None, 10080, 35],
        names=("db01", "web01"),
    )
    asset = next(a for a in found.assets if a.name == "db01")
    assert (asset.cpu_p95_pct, asset.cpu_max_pct) == (Decimal("22.6"), Decimal("37.9"))
    known = facts(asset)
    assert known["memory_p95_pct"] == ("50", "percent")
    assert known["disk_max_iops"] == ("584", "IOPS")
    assert known["cpu_average_pct"] == ("11", "percent")
    assert known["cpu_observed_days"] == ("35", None)
    assert len(found.assets) == 2
    p95 = next(f for f in asset.facts if f.field == "cpu_p95_pct")
    assert (p95.source.row, p95.source.column, p95.rule) == (2, "p95", "measured_p95")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([None, "cpu_pct", 1, 2, 3, None, 9, 35], "row.no_machine"),
        (["db01", "gpu_pct", 1, 2, 3, None, 9, 35], "row.unknown_metric"),
        (["db01", None, 1, 2, 3, None, 9, 35], "row.unknown_metric"),
        (["db01", "cpu_pct", 1, "x", 3, None, 9, 35], "row.not_a_number"),
        (["db01", "cpu_pct", None, None, None, None, 9, 35], "row.no_samples"),
        (["db01", "cpu_pct", 1, 2, 3, None, 0, 35], "row.no_samples"),
        (["db01", "cpu_pct", 40, 99, 190, None, 9, 35], "row.out_of_range"),
        (["db01", "disk_iops", -1, 2, 3, None, 9, 35], "row.out_of_range"),
        (["db01", "cpu_pct", 60, 40, 70, None, 9, 35], "row.not_in_order"),
        (["db01", "cpu_pct", 1, 40, 39, None, 9, 35], "row.not_in_order"),
        (["nobody", "cpu_pct", 1, 2, 3, None, 9, 35], "row.unknown_machine"),
    ],
)
def test_a_measurement_that_cannot_be_is_rejected_and_the_others_stay(row, code):
    found = estate(row, ["db01", "cpu_pct", 1, 5, 9, None, 100, 35])
    assert [(r.code, r.place.row) for r in found.rejects] == [(code, 2)]
    assert next(a for a in found.assets if a.name == "db01").cpu_p95_pct == 5


def test_every_row_of_a_machine_in_no_inventory_is_rejected():
    found = estate(["nobody", "cpu_pct", 1, 2, 3, None, 9, 35], ["nobody", "mem_pct", 1, 2, 3, None, 9, 35])
    assert [(r.code, r.place.row) for r in found.rejects] == [("row.unknown_machine", 2), ("row.unknown_machine", 3)]
    assert "is in no inventory" in found.rejects[0].message


def test_of_two_measurements_the_one_with_more_samples_is_shown_and_both_are_kept():
    rows = [["db01", "cpu_pct", 1, 9, 9, None, 10, 35], ["db01", "cpu_pct", 1, 5, 6, None, 900, 35]]
    for order in (rows, rows[::-1]):
        asset = next(a for a in estate(*order).assets if a.name == "db01")
        assert (asset.cpu_p95_pct, asset.cpu_max_pct) == (5, 6)
        assert {f.value for f in asset.facts if f.field == "cpu_p95_pct"} == {"5", "9"}


def test_a_maximum_without_a_percentile_gives_way_to_one_measured_with_it():
    fields = {"Name": "hostname", "Max": "cpu_utilization_max_pct"}
    ads = mapped(["Name", "Max"], [["db01", "84"]], fields, kind="aws_ads", file="ads.csv")
    found = build_estate([ads, measured(["db01", "cpu_pct", 1, 2, 6, None, 99, 35])], namespace=NAMESPACE)
    assert found.assets[0].cpu_max_pct == 6
    alone = build_estate([ads], namespace=NAMESPACE)
    assert alone.assets[0].cpu_max_pct == 84


def test_averages_of_wide_tables_are_facts_in_percent():
    fields = {"Name": "hostname", "CPU": "cpu_utilization_pct", "Memory": "memory_utilization_pct"}
    sheet = mapped(list(fields), [["db01", "30 %", "54"]], fields, kind="azure_migrate")
    asset = build_estate([sheet], namespace=NAMESPACE).assets[0]
    found = {f.field: (f.value, f.unit) for f in asset.facts}
    assert (found["cpu_average_pct"], found["memory_average_pct"]) == (("30", "percent"), ("54", "percent"))
    assert asset.attributes["cpu_utilization_pct"] == "30 %"
    assert asset.cpu_p95_pct is None


def test_a_table_of_measurements_needs_a_machine_a_metric_and_a_statistic():
    assert tells_measurements(measured())
    assert not tells_measurements(mapped(["server", "metric"], [], FIELDS))
    assert not tells_measurements(mapped(["metric", "p95"], [], FIELDS))
    assert read_measurements(measured()).records == []


@given(st.lists(st.floats(0, 100), min_size=1), st.sampled_from([0.5, 0.95, 1.0]))
def test_a_percentile_is_a_value_that_its_share_stays_at_or_below(values, share):
    found = rank(sorted(values), share)
    assert found in values
    assert sum(v <= found for v in values) >= share * len(values)
    assert sum(v < found for v in values) < share * len(values)
