"""Azure Migrate: the import template with its columns for every disk, and reports of discovery and assessment.

The template needs a server name, cores and memory: a row without a name is nobody, a row without cores and memory
cannot be sized by the tool that it was written for. Reports name their servers "Machine" or "Machine Name".
"""

from masterflow.inventory.fields import KNOWN_NAMES, squashed
from masterflow.inventory.files.documented import CERTAIN, Cells, Complaint, Judge, documented_tables, judged
from masterflow.inventory.files.glimpses import glimpsed
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import FileHead, FileRead, Importer, RawRow, Sheet

TABLES = documented_tables("azure_migrate.toml")
TEMPLATE, ASSESSED = TABLES["servers"], TABLES["assessed"]
NAMES = KNOWN_NAMES | TEMPLATE.names | ASSESSED.names
FEWEST_TELLING = 3
FEWEST_WITH_STAR = 1  # a header "*Server name" is the template's own
KNOWN_SHARE = 0.5

NAME = ("servername",)
CORES = ("cores", "numberofcores")
MEMORY = ("memoryinmb", "memorymb", "memory")
MACHINE = ("machine", "machinename")


def recognises(head: FileHead) -> float:
    """Certain by columns that only Azure Migrate has, among others that it documents."""
    sheets = glimpsed(head, NAMES)
    return CERTAIN if any(is_template(sheet) or is_assessment(sheet) for sheet in sheets) else 0.0


def is_template(sheet: Sheet) -> bool:
    """Whether a table follows the import template."""
    stars = any(header.lstrip().startswith("*") and squashed(header) in TEMPLATE.names for header in sheet.headers)
    fewest = FEWEST_WITH_STAR if stars else FEWEST_TELLING
    return TEMPLATE.telling_in(sheet.headers) >= fewest and TEMPLATE.known_share(sheet.headers) >= KNOWN_SHARE


def is_assessment(sheet: Sheet) -> bool:
    """Whether a table is a sheet of a report."""
    known = TEMPLATE.names | ASSESSED.names
    share = sum(squashed(header) in known for header in sheet.headers) / max(len(sheet.headers), 1)
    return ASSESSED.telling_in(sheet.headers) >= FEWEST_TELLING and share >= KNOWN_SHARE


def reads(head: FileHead) -> FileRead:
    """The servers as found; rows of the template without what it requires are rejects.

    Raises:
        FileRejected: there is no table, or none of its rows can be used.
    """
    return judged(read_every_table(head, format_name="azure_migrate", known=NAMES), judge_of)


def judge_of(sheet: Sheet) -> Judge | None:
    """The judge of a sheet of servers or of an assessment."""
    if is_template(sheet):
        return template_judge
    return assessment_judge if is_assessment(sheet) else None


def template_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """What a row of the template lacks: the server name, or cores and memory both."""
    if cells.has(*NAME) and not cells.text(row, *NAME):
        message = "The row has no server name; it was left out. Fill the name and upload the row again."
        return Complaint("server.no_name", message, [cells.header(*NAME)])
    if cells.has(*CORES) and cells.has(*MEMORY) and not (cells.text(row, *CORES) or cells.text(row, *MEMORY)):
        server = cells.text(row, *NAME) or "the server"
        message = f"Cores and memory of {server} are empty, and the template requires both; the row was left out. "
        columns = [cells.header(*CORES), cells.header(*MEMORY)]
        return Complaint("server.no_size", message + "Fill them and upload the row again.", columns)
    return None


def assessment_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """What a row of an assessment lacks: the machine it is about."""
    if cells.has(*MACHINE) and not cells.text(row, *MACHINE):
        message = "The row names no machine; it was left out. Fill the name and upload the row again."
        return Complaint("server.no_name", message, [cells.header(*MACHINE)])
    return None


IMPORTER = Importer(
    name="azure_migrate",
    title="Azure Migrate import template and reports (.csv, .xlsx)",
    recognises=recognises,
    reads=reads,
    aliases={**ASSESSED.aliases(), **TEMPLATE.aliases()},
    units={**ASSESSED.units_of(), **TEMPLATE.units_of()},
)
