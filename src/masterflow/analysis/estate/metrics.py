"""Measurements of machines become facts: percentiles of processor, memory, disk and network use, with their units.

Tables come with a row for each machine and metric (percentiles ready made) or with a row for each machine and moment
(values to be summed up here). Percentiles of moments are nearest-rank: the value that at least that share of the
samples stays at or below.
"""

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.analysis.estate.records import Claim, Record
from masterflow.analysis.estate.values import Parsed, known_text, parse_count, parse_decimal, shown, visible_text
from masterflow.errors import Place
from masterflow.inventory.fields import squashed
from masterflow.inventory.metrics import PERCENT, UNIT_HEADERS, Metric, metric_of
from masterflow.inventory.reading import CellValue, RawRow, Reject
from masterflow.inventory.types import AssetType, Source

NAMES = ("external_id", "instance_id", "uuid", "vm_uuid", "smbios_uuid", "fqdn", "hostname",
         "asset_name", "display_name", "vm_name", "ip_address")  # fmt: skip
STATISTICS: Mapping[str, str] = {
    "metric_p50": "p50",
    "metric_p95": "p95",
    "metric_maximum": "max",
    "metric_average": "average",
}
UNIT = "unit"  # a column of the file, no field of the inventory
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Details:
    """What tables say about machines that other tables list: a record for each machine, and the rejects.

    `named` is how each record names its machine, in the order of the records, the surest name first.
    """

    records: list[Record] = field(default_factory=list)
    named: list[tuple[str, ...]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def tells_measurements(mapped: MappedSheet) -> bool:
    """Whether the approved columns hold a metric's name and at least one statistic of it, a row for each."""
    fields = {c.field for c in mapped.columns}
    return "metric_name" in fields and bool(fields & set(STATISTICS)) and bool(fields & set(NAMES))


def read_measurements(mapped: MappedSheet) -> Details:
    """The measurements of a table with one row for each machine and metric.

    A row is rejected when it names no machine or no known metric, holds no value, or values that cannot be: above 100
    percent, below zero, a percentile above a higher one.
    """
    details = Details()
    claims: dict[tuple[str, ...], list[Claim]] = {}
    rows: dict[tuple[str, ...], int] = {}
    columns = {c.field: c for c in mapped.columns if c.field}
    for column in mapped.columns:
        if not column.field and squashed(column.header) in UNIT_HEADERS:
            columns[UNIT] = column
    for row in mapped.sheet.rows:
        reading = _Reading(mapped, row, columns)
        names, reject = named_in(row, mapped.columns), reading.reject()
        if reject is not None:
            details.rejects.append(reject)
            continue
        rows.setdefault(names, row.number)
        claims.setdefault(names, []).extend(reading.claims())
    for names in sorted(claims):
        details.named.append(names)
        details.records.append(detail_record(mapped, rows[names], claims[names]))
    return details


def named_in(row: RawRow, columns: Sequence[MappedColumn]) -> tuple[str, ...]:
    """Everything in a row that names its machine, the surest first."""
    naming = sorted((c for c in columns if c.field in NAMES), key=lambda c: NAMES.index(c.field or ""))
    cells = (row.cells[c.index] for c in naming if c.index < len(row.cells))
    return tuple(dict.fromkeys(text for cell in cells if (text := known_text(cell))))


def detail_record(
    mapped: MappedSheet, row: int, claims: Iterable[Claim], attributes: Mapping[str, str] | None = None
) -> Record:
    """A record that adds to a machine; where a table measures one thing twice, more samples and then more use win."""
    return Record(
        file=mapped.file,
        sheet=mapped.sheet.name,
        row=row,
        source_kind=mapped.source_kind,
        asset_type=AssetType.OTHER,
        claims=tuple(claims),
        attributes=attributes or {},
        detail=True,
    )


@dataclass(slots=True)
class _Reading:
    """One row of a table of measurements."""

    mapped: MappedSheet
    row: RawRow
    columns: Mapping[str, MappedColumn]
    parsed: dict[str, Parsed[Decimal]] = field(default_factory=dict)

    def number(self, name: str) -> Parsed[Decimal]:
        """The number in the column of a field."""
        if name not in self.parsed:
            self.parsed[name] = parse_decimal(self.cell(name))
        return self.parsed[name]

    def cell(self, name: str) -> CellValue:
        column = self.columns.get(name)
        return self.row.cells[column.index] if column and column.index < len(self.row.cells) else None

    def metric(self) -> Metric | None:
        """What the row measures, by its name and, where there is such a column, its unit."""
        return metric_of(visible_text(self.cell("metric_name")), visible_text(self.cell(UNIT)))

    def reject(self) -> Reject | None:
        """Why the row cannot be used, or None."""
        if not named_in(self.row, self.mapped.columns):
            return self._refuse("row.no_machine", "The measurement names no machine; fill the name.", None)
        text = visible_text(self.cell("metric_name"))
        metric = self.metric()
        if metric is None:
            message = f"'{text}' is no known metric; use processor, memory, disk or network."
            return self._refuse("row.unknown_metric", message, text)
        for name in STATISTICS:
            problem = self.number(name).problem
            if problem:
                return self._refuse("row.not_a_number", f"{problem} Write the measured number.", shown(self.cell(name)))
        values = self.values()
        if not values or parse_count(self.cell("sample_count")).value == 0:
            return self._refuse("row.no_samples", "Nothing was measured; the row holds no samples.", None)
        return self._impossible(metric, values)

    def _impossible(self, metric: Metric, values: Mapping[str, Decimal]) -> Reject | None:
        for value in values.values():
            if value < 0 or (metric.unit == PERCENT and value > HUNDRED):
                message = f"{value} is not between 0 and 100 percent." if value > 0 else f"{value} is below zero."
                return self._refuse("row.out_of_range", f"{message} Measure it again.", str(value))
        ranked = [(name, values[name]) for name in ("p50", "p95", "max") if name in values]
        for (low, lower), (high, higher) in pairwise(ranked):
            if lower > higher:
                message = f"{high} {higher} is below {low} {lower}; one of them is wrong."
                return self._refuse("row.not_in_order", message, str(higher))
        return None

    def _refuse(self, code: str, message: str, value: str | None) -> Reject:
        return Reject(Place(self.mapped.file, self.mapped.sheet.name, self.row.number), code, message, value)

    def values(self) -> dict[str, Decimal]:
        found = {statistic: self.number(name).value for name, statistic in STATISTICS.items()}
        return {statistic: value for statistic, value in found.items() if value is not None}

    def claims(self) -> Iterable[Claim]:
        metric = self.metric()
        samples = parse_count(self.cell("sample_count")).value
        if metric is None:  # such a row is rejected before
            return
        for name, statistic in STATISTICS.items():
            value = self.number(name).value
            if value is not None:
                yield self._claim(name, metric.fact(statistic), value, unit=metric.unit, samples=samples)
        for name, target in (("sample_count", "samples"), ("observed_days", "observed_days")):
            value = self.number(name).value
            if value is not None:
                yield self._claim(name, f"{metric.stem}_{target}", value, unit=None, samples=samples)

    def _claim(self, name: str, target: str, value: Decimal, *, unit: str | None, samples: int | None) -> Claim:
        source = Source(self.mapped.file, self.mapped.sheet.name, self.row.number, self.columns[name].header)
        return Claim(target, value, source, f"measured_{name.removeprefix('metric_')}", -(samples or 0), unit)


SERIES: Mapping[str, Metric] = {
    "cpu_utilization_pct": Metric("cpu", "pct", PERCENT),
    "memory_utilization_pct": Metric("memory", "pct", PERCENT),
    "disk_read_iops": Metric("disk_read", "iops", "IOPS"),
    "disk_write_iops": Metric("disk_write", "iops", "IOPS"),
    "disk_read_mbps": Metric("disk_read", "mb_per_s", "MB/s"),
    "disk_write_mbps": Metric("disk_write", "mb_per_s", "MB/s"),
    "network_in_mbps": Metric("network_in", "mb_per_s", "MB/s"),
    "network_out_mbps": Metric("network_out", "mb_per_s", "MB/s"),
}  # fields whose columns may hold values over time
MB_PER: Mapping[str, float] = {
    "bytes/s": 1e-6, "b/s": 1e-6, "kb/s": 1e-3, "kib/s": 1024e-6, "mb/s": 1.0, "mib/s": 1.048576, "gb/s": 1e3,
    "bit/s": 0.125e-6, "kbit/s": 0.125e-3, "mbit/s": 0.125, "gbit/s": 125.0,
}  # fmt: skip


class SeriesOf:
    """The values of one machine over time, eight bytes each, until they are summed up."""

    def __init__(self) -> None:
        self._values: dict[int, array[float]] = {}
        self.first_row = 0

    def add(self, row: RawRow, columns: Sequence[MappedColumn]) -> Iterable[tuple[MappedColumn, str]]:
        """Take the values of one row; yields the columns whose cell cannot be a value, with the reason."""
        self.first_row = self.first_row or row.number
        for column in columns:
            cell = row.cells[column.index] if column.index < len(row.cells) else None
            parsed = parse_decimal(cell)
            percent = SERIES[column.field or ""].unit == PERCENT
            if parsed.problem:
                yield column, parsed.problem
            elif parsed.value is not None and (parsed.value < 0 or (percent and parsed.value > HUNDRED)):
                yield column, f"'{shown(cell)}' is {'below zero' if parsed.value < 0 else 'above 100 percent'}."
            elif parsed.value is not None:
                self._values.setdefault(column.index, array("d")).append(float(parsed.value) * _scale(column))

    def claims(self, mapped: MappedSheet, columns: Sequence[MappedColumn]) -> list[Claim]:
        """Median, 95th percentile, maximum and number of the values of every column."""
        found: list[Claim] = []
        for column in columns:
            values = sorted(self._values.get(column.index, ()))
            if not values:
                continue
            metric = SERIES[column.field or ""]
            source = Source(mapped.file, mapped.sheet.name, self.first_row, column.header)
            for statistic, value in (("p50", rank(values, 0.50)), ("p95", rank(values, 0.95)), ("max", values[-1])):
                rule = f"{statistic}_of_{len(values)}_samples"
                rounded = Decimal(str(round(value, 3)))
                found.append(Claim(metric.fact(statistic), rounded, source, rule, -len(values), metric.unit))
        return found


def _scale(column: MappedColumn) -> float:
    """How many MB/s one unit of a column of throughput is; 1 for everything else."""
    throughput = SERIES[column.field or ""].unit == "MB/s"
    return MB_PER.get((column.unit or "").casefold().replace(" ", ""), 1.0) if throughput else 1.0


def rank(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of sorted values: the lowest that at least `share` of them stay at or below."""
    return values[max(math.ceil(share * len(values)), 1) - 1]
