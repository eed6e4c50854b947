"""Measurements with a row for each machine and metric: percentiles, average, maximum, samples, days.

A row that contradicts itself would size a machine wrongly and is a reject: a share above 100 percent, a 95th percentile
below the median, no machine, a metric that nobody knows, or no sample at all.
"""

from itertools import pairwise

from masterflow.inventory.fields import KNOWN_NAMES, squashed
from masterflow.inventory.files.cells import number_of
from masterflow.inventory.files.documented import CERTAIN, Cells, Complaint, Judge, documented_tables, judged
from masterflow.inventory.files.glimpses import glimpsed
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.metrics import PERCENT, UNIT_HEADERS, metric_of
from masterflow.inventory.reading import FileHead, FileRead, Importer, RawRow, Sheet

TABLE = documented_tables("utilisation.toml")["measurements"]
NAMES = KNOWN_NAMES | TABLE.names
FEWEST_STATISTICS = 2
FULL = 100.0
ROUNDING = 1e-9  # of numbers written with few digits


def spellings(*fields: str) -> tuple[str, ...]:
    """The squashed names of the columns of these fields."""
    return tuple(dict.fromkeys(squashed(header) for header, name in TABLE.fields.items() if name in fields))


MACHINE = spellings("hostname", "fqdn", "ip_address")
METRIC, SAMPLES, DAYS = spellings("metric_name"), spellings("sample_count"), spellings("observed_days")
AVERAGE, MEDIAN, P95, MAXIMUM = map(spellings, ("metric_average", "metric_p50", "metric_p95", "metric_maximum"))
STATISTICS = (AVERAGE, MEDIAN, P95, MAXIMUM)
UNIT = tuple(sorted(UNIT_HEADERS))


def recognises(head: FileHead) -> float:
    """Certain by a machine, a metric and at least two statistics."""
    return CERTAIN if any(map(is_measured, glimpsed(head, NAMES))) else 0.0


def is_measured(sheet: Sheet) -> bool:
    """Whether a table has a row for each machine and metric."""
    cells = Cells(sheet.headers)
    statistics = sum(cells.has(*columns) for columns in STATISTICS)
    return cells.has(*MACHINE) and cells.has(*METRIC) and statistics >= FEWEST_STATISTICS


def reads(head: FileHead) -> FileRead:
    """The measurements as found; rows that contradict themselves are rejects.

    Raises:
        FileRejected: there is no table, or none of its rows can be used.
    """
    return judged(read_every_table(head, format_name="utilisation", known=NAMES), judge_of)


def judge_of(sheet: Sheet) -> Judge | None:
    """The judge of a table of measurements."""
    return measurement_judge if is_measured(sheet) else None


def measurement_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """The first thing that is wrong with a measurement."""
    for complaint in (named_complaint, samples_complaint, number_complaint, order_complaint, share_complaint):
        found = complaint(cells, row)
        if found is not None:
            return found
    return None


def named_complaint(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether machine and metric are said and known."""
    if not cells.text(row, *MACHINE):
        message = "The measurement names no server; the row was left out. Fill the name and upload the row again."
        return Complaint("measurement.no_server", message, [cells.header(*MACHINE)])
    metric = cells.text(row, *METRIC)
    if metric_of(metric) is not None:
        return None
    said = f'The metric "{metric}" is not known' if metric else "The measurement names no metric"
    message = f"{said}; the row was left out. Measured are processor, memory, disk and network."
    return Complaint("measurement.unknown_metric", message, [cells.header(*METRIC)])


def samples_complaint(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether nothing was measured."""
    counted = number_of(cells.value(row, *SAMPLES))
    measured = any(cells.text(row, *columns) for columns in STATISTICS)
    if measured and (counted is None or counted > 0):
        return None
    message = "There is no sample behind the measurement; the row was left out. Measure again, or delete the row."
    return Complaint("measurement.no_samples", message, [cells.header(*SAMPLES) or cells.header(*MEDIAN, *AVERAGE)])


def number_complaint(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether a statistic is no number, or below zero."""
    for columns in (*STATISTICS, SAMPLES, DAYS):
        text, number = cells.text(row, *columns), number_of(cells.value(row, *columns))
        if text and number is None:
            message = f'"{text}" is not a number; the row was left out. Correct it and upload the row again.'
            return Complaint("measurement.not_a_number", message, [filled_header(cells, row, columns)])
        if number is not None and number < 0:
            message = f"{text} is below zero; the row was left out. Correct it and upload the row again."
            return Complaint("measurement.negative", message, [filled_header(cells, row, columns)])
    return None


def filled_header(cells: Cells, row: RawRow, columns: tuple[str, ...]) -> str | None:
    """The header of the column whose cell was taken."""
    return next((cells.header(column) for column in columns if cells.text(row, column)), None)


def order_complaint(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether a higher percentile is below a lower one."""
    ranked = [("the median", MEDIAN), ("the 95th percentile", P95), ("the maximum", MAXIMUM)]
    found = [
        (name, columns, number)
        for name, columns in ranked
        if (number := number_of(cells.value(row, *columns))) is not None
    ]
    for (low, low_columns, lower), (high, high_columns, higher) in pairwise(found):
        if higher < lower - ROUNDING:
            message = (
                f"{high.capitalize()}, {higher:g}, is below {low}, {lower:g}; the row was left out. Measure again."
            )
            columns = [filled_header(cells, row, low_columns), filled_header(cells, row, high_columns)]
            return Complaint("measurement.percentiles_reversed", message, columns)
    return None


def share_complaint(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether a share is above 100 percent."""
    metric = metric_of(cells.text(row, *METRIC), cells.text(row, *UNIT))
    if metric is None or metric.unit != PERCENT:
        return None
    for columns in STATISTICS:
        number = number_of(cells.value(row, *columns))
        if number is not None and number > FULL + ROUNDING:
            message = f"{number:g} percent is above 100; the row was left out. Correct it or measure again."
            return Complaint("measurement.above_100_percent", message, [filled_header(cells, row, columns)])
    return None


IMPORTER = Importer(
    name="utilisation",
    title="Measurements by machine and metric (.csv, .xlsx)",
    recognises=recognises,
    reads=reads,
    aliases=TABLE.aliases(),
)
