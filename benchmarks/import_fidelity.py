"""Is every row, sum and unit of a file still there after importer, mapping and building of the estate?

usage: python benchmarks/import_fidelity.py [--data DIR] [--truth DIR]

Reads each file of the truth twice: by its importer, and plainly by csv, openpyxl or json. Rows, the sums of all columns
of numbers, and every size and count that reached the estate have to be equal; a second import of the same file has to
add nothing. Bills have to be refused as bills. `--data` holds the folders that the truth names; without it the files
among the tests are used, and those that are missing there are named. Exit code 1 when anything differs.
"""

import argparse
import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from uuid import UUID

from openpyxl import load_workbook
from rich.console import Console
from rich.table import Table

from masterflow.analysis.estate.build import Estate, build_estate
from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import proposal
from masterflow.inventory.fields import BY_NAME
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.reading import FileRead, Importer, Sheet

TESTS = Path(__file__).parents[1] / "tests" / "data"
ESTATE = UUID(int=1)
FACTORS = {"mib": Decimal(1), "mb": Decimal(1), "gib": Decimal(1024), "gb": Decimal(1024)}
UNIT_OF_HEADER = re.compile(r"\b([MG]i?B)\b", re.IGNORECASE)
SUMMED = "sum"  # in the rule of a value that adds up several rows
COUNTED = frozenset({"cpu_cores", "cpu_sockets", "disk_count", "nic_count"})

Cells = Sequence[object]
Truth = Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a plain reader sees it: its header, and its filled rows by number."""

    header: Cells
    rows: Mapping[int, Cells]


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table."""

    name: str
    rows: str
    sums: str
    units: str
    again: str
    wrong: tuple[str, ...] = ()


def main() -> int:
    """Print the table; 1 when anything differs from the plain reading."""
    given = _arguments()
    field_truth: Truth = json.loads((given.truth / "field_mapping.json").read_text())
    totals_file = given.truth / "totals.json"
    totals = json.loads(totals_file.read_text()) if totals_file.exists() else {}
    sheets: dict[str, list[str]] = {}
    for name in field_truth:
        if not name.startswith("header_set:"):
            sheets.setdefault(name.partition("#")[0], []).append(name)
    results, missing = [], []
    for name in dict.fromkeys([*sheets, *totals]):
        path = found_at(given.data, name)
        if path is None:
            missing.append(name)
        else:
            results.append(judged(name, path, field_truth, totals.get(name, {})))
    return tell(results, missing)


def found_at(data: Path | None, name: str) -> Path | None:
    """The file in the given folder, or among the tests."""
    places = [data / name] if data else [TESTS / name, TESTS / "estate" / Path(name).name]
    return next((place for place in places if place.exists()), None)


def judged(name: str, path: Path, truth: Truth, total: Mapping[str, object]) -> Result:
    """What one file becomes, beside what a plain reader finds in it."""
    try:
        read, importer = open_file(path), recognise(path)
    except FileRejected as refused:
        return refused_as(name, path, refused, total)
    wrong: list[str] = []
    rows = sums = 0
    parted = path.suffix in (".csv", ".txt")  # one table, whose rows an importer may share out among sheets
    everywhere = {row.number for sheet in read.sheets for row in sheet.rows}
    for sheet in read.sheets:
        grid = grid_of(path, sheet)
        if grid is None:
            continue
        elsewhere = everywhere if parted else frozenset()
        wrong += [f"{sheet.name}: {problem}" for problem in different_rows(sheet, read, grid, elsewhere)]
        compared, differing = different_sums(sheet, grid)
        rows, sums = rows + len(sheet.rows), sums + compared
        wrong += [f"{sheet.name}: {problem}" for problem in differing]
    mapped = [mapped_sheet(path.name, read, sheet, importer) for sheet in read.sheets]
    estate = build_estate(mapped, namespace=ESTATE)
    units, differing = different_units(name, path, read, estate, truth)
    wrong += differing
    wrong += different_totals(read, total)
    again = added_by_second_import(path.name, read, importer, estate)
    wrong += again
    return Result(
        name, f"{rows:,}", f"{sums:,} columns", f"{units:,} values", "no" if again else "nothing", tuple(wrong)
    )


def refused_as(name: str, path: Path, refused: FileRejected, total: Mapping[str, object]) -> Result:
    """A bill has to be refused as one, and the plain reading of it has to agree with the truth."""
    wrong: list[str] = []
    if not refused.reason.startswith("unread."):
        wrong.append(f"refused: {refused}")
    if "cost" in total or "billed_cost_usd" in total:
        if not refused.reason.startswith("unread.bill_"):
            wrong.append(f"not told to be a bill: {refused}")
        wrong += different_bill(path, total)
    return Result(name, "-", refused.reason, "-", "-", tuple(wrong))


def different_bill(path: Path, total: Mapping[str, object]) -> Iterator[str]:
    """Where the plain reading of a bill and the truth differ."""
    grid = csv_grid(path)
    column = list(grid.header).index("BilledCost" if "billed_cost_usd" in total else "Cost")
    cost = sum((number(row[column]) or Decimal(0) for row in grid.rows.values()), Decimal(0))
    if len(grid.rows) != total["rows"]:
        yield f"{len(grid.rows)} rows, not {total['rows']}"
    wanted = Decimal(str(total.get("billed_cost_usd", total.get("cost"))))
    if abs(cost - wanted) > Decimal("1e-9"):
        yield f"a cost of {cost}, not {wanted}"


def different_rows(sheet: Sheet, read: FileRead, grid: Grid, elsewhere: AbstractSet[int]) -> Iterator[str]:
    """Rows that are neither kept, here or `elsewhere`, nor rejected, or that nobody wrote."""
    rejected = {
        r.place.row for r in read.rejects if r.place.sheet in (None, sheet.name) and r.code != "cell.without_header"
    }
    kept = {row.number for row in sheet.rows}
    lost, invented = set(grid.rows) - kept - rejected - elsewhere, kept - set(grid.rows)
    if lost:
        yield f"lost rows {sorted(lost)[:5]}"
    if invented:
        yield f"rows that nobody wrote {sorted(invented)[:5]}"
    if len(sheet.rows) != len(kept):
        yield f"{len(sheet.rows) - len(kept)} rows twice"


def different_sums(sheet: Sheet, grid: Grid) -> tuple[int, list[str]]:
    """How many columns of numbers there are, and those whose sum differs."""
    kept = {row.number for row in sheet.rows}
    plain = [row for place, row in grid.rows.items() if place in kept]
    compared, wrong = 0, []
    for index, header in enumerate(sheet.headers):
        if header in BY_NAME and header not in grid.header and not is_written(index, grid):
            continue  # what the importer adds stands under a field's own name
        place = place_of(header, index, grid)
        theirs = [value for row in plain if place < len(row) and (value := number(row[place])) is not None]
        ours = [value for row in sheet.rows if (value := number(row.cells[index])) is not None]
        if theirs or ours:
            compared += 1
            if sum(theirs) != sum(ours) or len(theirs) != len(ours):
                wrong.append(f"{header}: {sum(ours)} of {len(ours)} values, not {sum(theirs)} of {len(theirs)}")
    return compared, wrong


def is_written(index: int, grid: Grid) -> bool:
    """Whether a table without header has a column at this place; one with a header names all that it has."""
    return not grid.header and any(index < len(row) for row in grid.rows.values())


def place_of(header: str, index: int, grid: Grid) -> int:
    """Where a column stands for the plain reader; columns without name or value may have been left out."""
    return list(grid.header).index(header) if header in grid.header else index


def different_units(name: str, path: Path, read: FileRead, estate: Estate, truth: Truth) -> tuple[int, list[str]]:
    """How many sizes and counts reached the estate, and those that are not what their cell says."""
    grids = {sheet.name: grid_of(path, sheet) for sheet in read.sheets}
    compared, wrong = 0, []
    for fact in (fact for asset in (*estate.assets, *estate.hosts) for fact in asset.facts):
        grid = grids.get(fact.source.sheet or "")
        fields = truth.get(f"{name}#{fact.source.sheet}") or truth.get(name) or {}
        field = fields.get(fact.source.column or "")
        factor = factor_of(fact.source.column or "", field or "")
        if (
            grid is None
            or factor is None
            or SUMMED in fact.rule
            or fact.source.row not in grid.rows
            or fact.source.column not in grid.header
        ):
            continue
        cell = number(grid.rows[fact.source.row][list(grid.header).index(fact.source.column)])
        ours = number(fact.value)
        if cell is None or ours is None:
            continue
        compared += 1
        if abs(ours - cell * factor) > Decimal("0.5"):
            wrong.append(f"row {fact.source.row}, {fact.source.column}: {ours} {fact.field}, not {cell * factor}")
    return compared, wrong


def factor_of(header: str, field: str) -> Decimal | None:
    """What a number of the column is multiplied by to be MiB or a count: as the header says, else as the field does."""
    if field in COUNTED:
        return Decimal(1)
    by_field = FACTORS.get(field.rpartition("_")[2])
    said = UNIT_OF_HEADER.search(header)
    return FACTORS[said.group(1).casefold()] if said and by_field is not None else by_field


def different_totals(read: FileRead, total: Mapping[str, object]) -> Iterator[str]:
    """Where the estate and the stated totals differ."""
    if "vms" in total:
        info = next(len(sheet.rows) for sheet in read.sheets if sheet.name == "vInfo")
        if info != total["vms"]:
            yield f"{info} rows of vInfo, not {total['vms']}"
    if "directed_rows" in total:
        rows = sum(len(sheet.rows) for sheet in read.sheets)
        if rows != total["directed_rows"]:
            yield f"{rows} rows, not {total['directed_rows']}"
        ends = {cell for sheet in read.sheets for row in sheet.rows for cell in map(str, row.cells[:2])}
        if len(ends) != total["nodes"]:
            yield f"{len(ends)} nodes, not {total['nodes']}"


def added_by_second_import(file: str, read: FileRead, importer: Importer, first: Estate) -> list[str]:
    """What importing the same file again changes, which has to be nothing: the same ids with the same facts."""
    again = build_estate([mapped_sheet(file, read, sheet, importer) for sheet in read.sheets], namespace=ESTATE)
    before, after = ({asset.id: asset.facts for asset in (*one.assets, *one.hosts)} for one in (first, again))
    added = (
        [f"{len(after.keys() ^ before.keys())} other ids by a second import"] if after.keys() != before.keys() else []
    )
    return added + ([] if before == after else ["other facts by a second import"])


def mapped_sheet(file: str, read: FileRead, sheet: Sheet, importer: Importer) -> MappedSheet:
    """The sheet with the columns as they are proposed."""
    matches = proposal(sheet, importer)
    columns = [MappedColumn(match.header, index, match.field, match.unit) for index, match in enumerate(matches)]
    return MappedSheet(file, read.format, sheet, tuple(columns))


def grid_of(path: Path, sheet: Sheet) -> Grid | None:
    """The same table by a plain reader; None where no plain reader knows the format."""
    if path.suffix == ".csv":
        return csv_grid(path)
    if path.suffix == ".xlsx":
        return workbook_grid(path, sheet)
    if path.suffix == ".txt":
        return text_grid(path)
    return json_grid(path, sheet) if path.suffix == ".json" else None


def csv_grid(path: Path) -> Grid:
    """A CSV with commas and its header in the first line."""
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    rows: dict[int, Cells] = {}
    reader, first = csv.reader(io.StringIO(text, newline="")), 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows[first] = cells
        first = reader.line_num + 1
    header = rows.pop(min(rows))
    return Grid(header, rows)


def text_grid(path: Path) -> Grid:
    """Lines of values between white space, remarks behind "#"."""
    lines = enumerate(path.read_text().splitlines(), start=1)
    return Grid((), {place: line.split() for place, line in lines if line.strip() and not line.startswith("#")})


def workbook_grid(path: Path, sheet: Sheet) -> Grid:
    """A sheet of a workbook, its header where the importer found it."""
    book = load_workbook(path, data_only=True)
    rows = {
        place: cells
        for place, cells in enumerate(book[sheet.name].iter_rows(values_only=True), start=1)
        if any(cell is not None and str(cell).strip() for cell in cells)
    }
    return Grid(rows[sheet.header_row], {place: cells for place, cells in rows.items() if place > sheet.header_row})


def json_grid(path: Path, sheet: Sheet) -> Grid | None:
    """The plain values of a list of objects under one key."""
    document = json.loads(path.read_text())
    objects = document.get(sheet.name) if isinstance(document, dict) else document
    if not isinstance(objects, list) or not any(set(sheet.headers[:1]) & set(one) for one in objects):
        return None
    return Grid(
        sheet.headers,
        {place: [plain(one.get(header)) for header in sheet.headers] for place, one in enumerate(objects, start=1)},
    )


def plain(value: object) -> object:
    """A value, where it is no list and no object."""
    return None if isinstance(value, list | dict) else value


def number(cell: object) -> Decimal | None:
    """The number that a cell plainly is."""
    if isinstance(cell, bool) or cell is None:
        return None
    try:
        found = Decimal(str(cell).strip())
    except InvalidOperation:
        return None
    return found.normalize() if found.is_finite() else None


def tell(results: Sequence[Result], missing: Sequence[str]) -> int:
    """Print every file, what differs, and what was not there."""
    console = Console()
    table = Table("file", "rows", "sums", "units", "added by a second import", "exact")
    for one in results:
        table.add_row(one.name, one.rows, one.sums, one.units, one.again, "no" if one.wrong else "yes")
    console.print(table)
    for one in results:
        for problem in one.wrong[:8]:
            console.print(f"{one.name}: {problem}")
    if missing:
        console.print(f"Not there, name a folder with --data: {', '.join(missing)}")
    return 1 if any(one.wrong for one in results) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with inventory/, dependencies/ and costs/")
    parser.add_argument("--truth", type=Path, default=TESTS / "inventory", help="folder with the truth files")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
