"""Measurements with a row for each machine and metric."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.files.documented import Cells
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.utilisation import measurement_judge
from masterflow.inventory.reading import RawRow
from tests.inventory.makers import DATA, text_file, workbook

REAL = DATA.parent / "estate" / "utilisation.csv"
HEADERS = ("server", "metric", "p50", "p95", "max", "samples", "window_days")


def complaint(*cells: str | float | None, headers: tuple[str, ...] = HEADERS) -> str | None:
    found = measurement_judge(Cells(headers), RawRow(2, cells))
    return found.code if found else None


def test_rows_that_contradict_themselves_are_rejects() -> None:
    read = open_file(REAL)
    assert (read.format, len(read.sheets[0].rows)) == ("utilisation", 545)
    assert [(reject.place.row, reject.code.removeprefix("measurement.")) for reject in read.rejects] == [
        (159, "above_100_percent"),
        (463, "percentiles_reversed"),
        (482, "no_server"),
        (515, "unknown_metric"),
        (535, "no_samples"),
    ]
    assert [reject.place.column for reject in read.rejects] == ["p95", "p50, p95", "server", "metric", "samples"]


def test_columns_mean_the_fields_of_measurements() -> None:
    (sheet,) = inspect_file(REAL).sheets
    assert [column.field for column in sheet.columns] == [
        "hostname", "metric_name", "metric_p50", "metric_p95", "metric_maximum", "sample_count", "observed_days",
    ]  # fmt: skip
    assert not any(column.needs_decision for column in sheet.columns)


@pytest.mark.parametrize(
    "header",
    [
        "Host;Counter;Average;95th Percentile;Peak;Data Points",
        "VM Name,Metric Name,Mean,P95,Maximum,Sample Count",
        "max\tmetric\thostname\tavg",
    ],
)
def test_near_spellings_in_any_order_are_known(tmp_path: Path, header: str) -> None:
    separator = next(sign for sign in ";,\t" if sign in header)
    names = header.split(separator)
    values = {
        "host": "web01",
        "vm name": "web01",
        "hostname": "web01",
        "metric": "cpu_pct",
        "counter": "% Processor Time",
    }
    row = separator.join(values.get(name.casefold(), "cpu_pct" if "etric" in name else "10") for name in names)
    inspection = inspect_file(text_file(tmp_path, f"{header}\n{row}\n"))
    assert (inspection.format, inspection.rejects) == ("utilisation", ())
    assert None not in [column.field for column in inspection.sheets[0].columns]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("web01", "cpu_pct", 10, 20, 30, 100, 35), None),
        (("web01", "cpu_pct", 10, 20, 100, 100, 35), None),
        (("web01", "cpu_pct", 10, 20, 100.5, 100, 35), "above_100_percent"),
        (("web01", "disk_iops", 100, 200, 3000, 100, 35), None),
        (("web01", "net_mbps", "1,5", "2,5", "3,5", 100, 35), None),
        (("web01", "cpuUsage %", 101, 102, 103, 100, 35), "above_100_percent"),
        (("web01", "mem_pct", 10, 20, 15, 100, 35), "percentiles_reversed"),
        (("web01", "mem_pct", 10, None, 5, 100, 35), "percentiles_reversed"),
        (("web01", "mem_pct", "ten", 20, 30, 100, 35), "not_a_number"),
        (("web01", "mem_pct", 10, 20, 30, "many", 35), "not_a_number"),
        (("web01", "mem_pct", -1, 20, 30, 100, 35), "negative"),
        (("web01", "mem_pct", 10, 20, 30, -5, 35), "no_samples"),
        (("web01", "mem_pct", 10, 20, 30, 0, 35), "no_samples"),
        (("web01", "mem_pct", None, None, None, 100, 35), "no_samples"),
        (("web01", "mem_pct", 10, 20, 30, None, None), None),
        (("web01", "", 10, 20, 30, 100, 35), "unknown_metric"),
        (("web01", "gpu_pct", 10, 20, 30, 100, 35), "unknown_metric"),
        ((None, "cpu_pct", 10, 20, 30, 100, 35), "no_server"),
    ],
)
def test_each_contradiction_has_its_code(cells: tuple[str | float | None, ...], code: str | None) -> None:
    assert complaint(*cells) == (f"measurement.{code}" if code else None)


def test_a_unit_decides_what_is_a_share() -> None:
    headers = ("server", "metric", "unit", "avg", "max")
    assert complaint("web01", "cpu usage", "MHz", 2000, 3000, headers=headers) is None
    assert complaint("web01", "cpu", "%", 20, 300, headers=headers) == "measurement.above_100_percent"
    assert complaint("web01", "cpu", "percent", 20, 300, headers=headers) == "measurement.above_100_percent"
    assert complaint("web01", "cpu utilization", None, 20, 300, headers=headers) == "measurement.above_100_percent"


@given(values=st.lists(st.floats(0, 100), min_size=3, max_size=3), samples=st.integers(1, 10**6))
def test_ordered_shares_are_never_refused(values: list[float], samples: int) -> None:
    assert complaint("web01", "cpu_pct", *sorted(values), samples, 35) is None


def test_a_workbook_keeps_its_other_sheets(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Measured in October"], list(HEADERS), ["web01", "cpu_pct", 10, 20, 30, 100, 35]]
    read = open_file(workbook(tmp_path, {"Data": rows, "Notes": [["who", "what"], ["me", "this"]]}))
    assert (read.format, [sheet.name for sheet in read.sheets]) == ("utilisation", ["Data", "Notes"])


def test_a_table_with_a_column_for_each_metric_stays_a_table(tmp_path: Path) -> None:
    assert recognise(text_file(tmp_path, "server,cpu_p95,cpu_max,mem_p95\nweb01,1,2,3\n")).name == "tabular"
    assert recognise(text_file(tmp_path, "server,metric,max\nweb01,cpu,3\n")).name == "tabular"


def test_a_file_of_rejects_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="The measurement names no server"):
        open_file(text_file(tmp_path, ",".join(HEADERS) + "\n,cpu_pct,1,2,3,4,5\n,mem_pct,1,2,3,4,5\n"))
