"""RVTools workbooks: one sheet for each view of a vSphere estate.

Sheets are read raw: which rows belong to one machine, which are templates or placeholders, and what a cell with the
literal text "VM" stands for are matters of joining. The sheets of an export hold different subsets of the machines.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import squashed
from masterflow.inventory.files.tables import read_table
from masterflow.inventory.files.workbooks import open_grids, sheet_names
from masterflow.inventory.reading import FileHead, FileRead, Importer, Reject, Sheet

CERTAIN = 0.95  # a sheet vInfo
LIKELY = 0.9  # no vInfo, but two or more of the other sheets


@dataclass(frozen=True, slots=True)
class Documented:
    """The columns of one sheet as RVTools documents them."""

    fields: Mapping[str, str]
    old: Mapping[str, str]
    attributes: tuple[str, ...]
    units: Mapping[str, str]


def documented_sheets() -> dict[str, Documented]:
    """The documented columns by sheet, those that several sheets share included."""
    text = files("masterflow.inventory.importers").joinpath("rvtools.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    shared = {name: entries.pop(name) for name in ("machine", "place")}
    return {name: with_shared(entry, shared.get(entry.get("with", ""), {})) for name, entry in entries.items()}


def with_shared(entry: Mapping[str, dict[str, str]], shared: Mapping[str, dict[str, str]]) -> Documented:
    """A sheet's own columns before those that its family shares."""
    return Documented(
        fields={**shared.get("fields", {}), **entry.get("fields", {})},
        old={**shared.get("old", {}), **entry.get("old", {})},
        attributes=(*shared.get("attributes", ()), *entry.get("attributes", ())),
        units=entry.get("units", {}),
    )


SHEETS = documented_sheets()
SHEET_BY_SPELLING = {name.casefold(): name for name in SHEETS}


def sheet_known_as(name: str) -> str | None:
    """The documented name of a sheet; CSV-like exports call it "tabvInfo", or "RVTools_tabvInfo"."""
    spelled = name.strip().casefold().removeprefix("rvtools_").removeprefix("tab")
    return SHEET_BY_SPELLING.get(spelled)


def spellings(sheet: str) -> Iterator[tuple[str, str]]:
    """Every header text of a sheet with the present name of its column."""
    columns = SHEETS[sheet]
    for header in (*columns.fields, *columns.attributes):
        yield header, header
        yield sheet + header.replace(" ", ""), header
        if "MiB" in header:
            yield header.replace("MiB", "MB"), header
    for old, header in columns.old.items():
        yield old, header
        yield sheet + old, header


def aliases() -> dict[tuple[str, str], str]:
    """(sheet, header) to field, "" for documented columns that no field stands for."""
    return {
        (sheet.casefold(), spelling.casefold()): SHEETS[sheet].fields.get(header, "")
        for sheet in SHEETS
        for spelling, header in spellings(sheet)
    }


def units() -> dict[tuple[str, str], str]:
    """(sheet, header) to unit: MB of earlier versions means MiB, other columns do not name theirs."""
    return {
        (sheet.casefold(), spelling.casefold()): SHEETS[sheet].units.get(header, "MiB")
        for sheet in SHEETS
        for spelling, header in spellings(sheet)
        if header in SHEETS[sheet].units or "MiB" in header
    }


def recognises(head: FileHead) -> float:
    """Certain by the sheet vInfo, likely by two other sheets."""
    names = [known for name in sheet_names(head) if (known := sheet_known_as(name))]
    if "vInfo" in names:
        return CERTAIN
    return LIKELY if len(names) > 1 else 0.0


def reads(head: FileHead) -> FileRead:
    """All documented sheets that the workbook has, headers and rows as found.

    Raises:
        FileRejected: the workbook is damaged or too large, or none of its sheets has a row.
    """
    sheets: list[Sheet] = []
    rejects: list[Reject] = []
    without_header: list[str] = []
    with open_grids(head) as grids:
        documented = [(known, grid) for grid in grids if (known := sheet_known_as(grid.name))]
        passed_over = [grid.name for grid in grids if sheet_known_as(grid.name) is None]
        for known, grid in documented:
            try:
                table = read_table(grid.rows, Place(head.name, known), NAMES[known], may_be_empty=True)
            except FileRejected as refused:
                without_header.append(known)
                rejects += [] if refused.reason == "no_rows" else [sheet_reject(refused)]
            else:
                sheets.append(table.sheet)
                rejects += table.rejects
    if not any(sheet.rows for sheet in sheets):
        raise no_machines(head, sheets, rejects)
    traits = {"empty_sheets": ", ".join(without_header), "sheets_passed_over": ", ".join(passed_over)}
    said = {name: value for name, value in traits.items() if value}
    return FileRead("rvtools", tuple(sheets), tuple(rejects), said, head.name)


def sheet_reject(refused: FileRejected) -> Reject:
    """A sheet that could not be read among others that could."""
    return Reject(refused.place, f"sheet.{refused.reason}", str(refused))


def no_machines(head: FileHead, sheets: list[Sheet], rejects: list[Reject]) -> FileRejected:
    """The refusal of an export without a single row."""
    names = ", ".join(sheet.name for sheet in sheets) or "none with column names"
    first = f" {rejects[0].message}" if rejects else ""
    message = f"The RVTools export has no row in any sheet (sheets: {names}).{first}"
    hint = "Check the rights of the account that ran RVTools, and export all tabs to xlsx again."
    return FileRejected(Place(head.name), message, hint=hint, code="no_data_rows")


NAMES = {sheet: frozenset(squashed(spelling) for spelling, _ in spellings(sheet)) for sheet in SHEETS}

IMPORTER = Importer(
    name="rvtools",
    title="RVTools workbook (.xlsx)",
    recognises=recognises,
    reads=reads,
    aliases=aliases(),
    units=units(),
)
