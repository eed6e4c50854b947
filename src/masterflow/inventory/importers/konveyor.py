"""Konveyor application imports: rows of type 1 are applications, rows of type 2 say which application needs which.

Rows of type 2 are short, and people write their two last values a column further left or right than the header says:
the direction is known by its word, and the other application stands before it. "southbound" means that the application
of the row needs the other one, "northbound" that the other one needs it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from masterflow.errors import FileRejected
from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files.cells import text_of
from masterflow.inventory.files.documented import CERTAIN, Cells, Complaint, documented_tables, sifted
from masterflow.inventory.files.glimpses import glimpsed
from masterflow.inventory.files.kept_rows import kept
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import FileHead, FileRead, Importer, RawRow, Reject, Sheet

APPLICATIONS = documented_tables("konveyor.toml")["applications"]
NAMES = KNOWN_NAMES | APPLICATIONS.names
FEWEST_TELLING = 4
KNOWN_SHARE = 0.5
RECORD_TYPE = ("recordtype", "recordtype1")
NAME = ("applicationname",)
DEPENDENCY = ("dependency",)
DEPENDENCY_HEADERS = ("source_application", "target_application")
NEEDS_OTHER, NEEDED_BY_OTHER = "southbound", "northbound"


def recognises(head: FileHead) -> float:
    """Certain by a record type and other columns that only Konveyor has."""
    return CERTAIN if any(map(is_import, glimpsed(head, NAMES))) else 0.0


def is_import(sheet: Sheet) -> bool:
    """Whether a table follows the application import."""
    cells = Cells(sheet.headers)
    enough = APPLICATIONS.telling_in(sheet.headers) >= FEWEST_TELLING
    known = APPLICATIONS.known_share(sheet.headers) >= KNOWN_SHARE
    return enough and known and cells.has(*RECORD_TYPE) and cells.has(*NAME)


def reads(head: FileHead) -> FileRead:
    """The sheets "applications" and "dependencies" of an import, other sheets of a workbook as they are.

    Raises:
        FileRejected: there is no table, or none of its rows can be used.
    """
    read = read_every_table(head, format_name="konveyor", known=NAMES)
    sheets: list[Sheet] = []
    rejects: list[Reject] = []
    for sheet in read.sheets:
        parts, refused = taken_apart(sheet, read.file) if is_import(sheet) else ([sheet], [])
        sheets += parts
        rejects += refused
    rejects = [*read.rejects, *rejects]
    if not any(sheet.rows for sheet in sheets):
        message = f"None of the {len(rejects)} rows could be used; the first: {rejects[0].message}"
        raise FileRejected(rejects[0].place, message, hint="Correct the rows.", code="no_usable_rows")
    return replace(read, sheets=tuple(sheets), rejects=tuple(rejects))


def taken_apart(sheet: Sheet, file: str) -> tuple[list[Sheet], list[Reject]]:
    """The applications with all columns, the dependencies by their two ends, and the rows that are neither."""
    usable, rejects = sifted(sheet, file, row_judge)
    cells = Cells(sheet.headers)
    applications = kept(row for row in usable.rows if record_type(cells, row) == "1")
    needs = dependency_rows(cells, (row for row in usable.rows if record_type(cells, row) == "2"))
    parts = [Sheet("applications", sheet.header_row, sheet.headers, applications)] if applications else []
    parts += [Sheet("dependencies", sheet.header_row, DEPENDENCY_HEADERS, needs)] if needs else []
    return parts, rejects


def record_type(cells: Cells, row: RawRow) -> str:
    """The type of a row: "1" for an application, "2" for a dependency; spreadsheets may write 1.0."""
    return cells.text(row, *RECORD_TYPE).removesuffix(".0")


def row_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """What keeps a row from being an application or a dependency."""
    kind = record_type(cells, row)
    if kind not in ("1", "2"):
        found = f'is "{kind}"' if kind else "is empty"
        message = f"The record type {found}; the row was left out. Write 1 for an application, 2 for a dependency."
        return Complaint("record.unknown_type", message, [cells.header(*RECORD_TYPE)])
    if not cells.text(row, *NAME):
        message = "The row names no application; it was left out. Fill the name and upload the row again."
        return Complaint("record.no_application", message, [cells.header(*NAME)])
    return dependency_complaint(cells, row) if kind == "2" else None


def dependency_complaint(cells: Cells, row: RawRow) -> Complaint | None:
    """What keeps a row of type 2 from being a dependency."""
    direction = direction_place(row)
    if direction == len(row.cells):
        message = f"The dependency has no direction; it was left out. Write {NEEDS_OTHER} or {NEEDED_BY_OTHER}."
        return Complaint("dependency.no_direction", message, [cells.header("dependencydirection")])
    if not other_application(cells, row, direction):
        message = "The dependency names no other application; it was left out. Fill it and upload the row again."
        return Complaint("dependency.no_other", message, [cells.header(*DEPENDENCY)])
    return None


def direction_place(row: RawRow) -> int:
    """The cell with the direction, wherever in the row it stands; the end of the row when there is none."""
    words = (NEEDS_OTHER, NEEDED_BY_OTHER)
    return next((place for place, cell in enumerate(row.cells) if text_of(cell).casefold() in words), len(row.cells))


def other_application(cells: Cells, row: RawRow, direction: int) -> str:
    """The application before the direction, "" when there is none but the one that the row is about."""
    own = max(cells.places[name] for name in NAME)
    before = [text_of(cell) for cell in row.cells[own + 1 : direction]]
    return next((text for text in reversed(before) if text), "")


def dependency_rows(cells: Cells, rows: Iterable[RawRow]) -> Sequence[RawRow]:
    """The two ends of each dependency, the one that needs before the one that is needed; equal ones once."""
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        place = direction_place(row)
        own, other = cells.text(row, *NAME), other_application(cells, row, place)
        needs_other = text_of(row.cells[place]).casefold() == NEEDS_OTHER
        found.setdefault((own, other) if needs_other else (other, own), row.number)
    return kept(RawRow(number, ends) for ends, number in found.items())


IMPORTER = Importer(
    name="konveyor",
    title="Konveyor application import (.csv, .xlsx)",
    recognises=recognises,
    reads=reads,
    aliases={
        **APPLICATIONS.aliases(),
        **{("dependencies", header): header for header in DEPENDENCY_HEADERS},
    },
)
