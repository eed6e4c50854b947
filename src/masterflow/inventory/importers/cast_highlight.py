"""CAST Highlight portfolio exports: a row of each application, followed by a row of each technology in it.

Both kinds stand in one table and are told apart by their level. They become two sheets, so that a technology is not
taken for an application; without the level every row is an application.
"""

from dataclasses import replace

from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files.documented import CERTAIN, Cells, Complaint, Judge, documented_tables, judged
from masterflow.inventory.files.glimpses import glimpsed
from masterflow.inventory.files.kept_rows import kept
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import FileHead, FileRead, Importer, RawRow, Sheet

PORTFOLIO = documented_tables("cast_highlight.toml")["portfolio"]
NAMES = KNOWN_NAMES | PORTFOLIO.names
FEWEST_TELLING = 4
KNOWN_SHARE = 0.4
APPLICATION, LEVEL = ("application",), ("level",)
OF_APPLICATION, OF_TECHNOLOGY = "application", "analysis"


def recognises(head: FileHead) -> float:
    """Certain by scores that only CAST Highlight gives."""
    return CERTAIN if any(map(is_portfolio, glimpsed(head, NAMES))) else 0.0


def is_portfolio(sheet: Sheet) -> bool:
    """Whether a table is a portfolio export."""
    enough = PORTFOLIO.telling_in(sheet.headers) >= FEWEST_TELLING
    return enough and PORTFOLIO.known_share(sheet.headers) >= KNOWN_SHARE and Cells(sheet.headers).has(*APPLICATION)


def reads(head: FileHead) -> FileRead:
    """The sheets "applications" and "technologies" of a portfolio, other sheets of a workbook as they are.

    Raises:
        FileRejected: there is no table, or none of its rows can be used.
    """
    read = judged(read_every_table(head, format_name="cast_highlight", known=NAMES), judge_of)
    sheets = [part for sheet in read.sheets for part in (taken_apart(sheet) if is_portfolio(sheet) else [sheet])]
    return replace(read, sheets=tuple(sheets))


def judge_of(sheet: Sheet) -> Judge | None:
    """The judge of a portfolio export."""
    return level_judge if is_portfolio(sheet) else None


def level_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """What keeps a row from being an application or one of its technologies."""
    if not cells.text(row, *APPLICATION):
        message = "The row names no application; it was left out. Fill the name and upload the row again."
        return Complaint("record.no_application", message, [cells.header(*APPLICATION)])
    level = cells.text(row, *LEVEL)
    if cells.has(*LEVEL) and level.casefold() not in (OF_APPLICATION, OF_TECHNOLOGY):
        found = f'is "{level}"' if level else "is empty"
        message = f'The level {found}; the row was left out. Write "Application" or "Analysis".'
        return Complaint("record.unknown_level", message, [cells.header(*LEVEL)])
    return None


def taken_apart(sheet: Sheet) -> list[Sheet]:
    """The applications, and the technologies in them."""
    cells = Cells(sheet.headers)
    technologies = kept(row for row in sheet.rows if cells.text(row, *LEVEL).casefold() == OF_TECHNOLOGY)
    applications = kept(row for row in sheet.rows if cells.text(row, *LEVEL).casefold() != OF_TECHNOLOGY)
    parts = [
        replace(sheet, name="applications", rows=applications),
        replace(sheet, name="technologies", rows=technologies),
    ]
    return [part for part in parts if part.rows]


IMPORTER = Importer(
    name="cast_highlight",
    title="CAST Highlight portfolio (.csv, .xlsx)",
    recognises=recognises,
    reads=reads,
    aliases=PORTFOLIO.aliases(),
)
