"""AWS Cloud Migration Factory: intake lists of servers, applications and databases.

The factory's schema, a JSON catalogue of its attributes, is known and refused: it describes an estate and holds none.
"""

from collections.abc import Mapping

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files.documented import CERTAIN, Cells, Complaint, Judge, documented_tables, judged
from masterflow.inventory.files.glimpses import glimpsed, json_keys
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import FileHead, FileRead, Importer, RawRow, Sheet

INTAKE = documented_tables("aws_cmf.toml")["intake"]
NAMES = KNOWN_NAMES | INTAKE.names
FEWEST_TELLING = 4
FEWEST_OF_FEW = 3  # lists of applications have five columns in all
KNOWN_SHARE = 0.6
SCHEMA_KEYS = frozenset({"schema_name", "attributes"})
THINGS: Mapping[str, tuple[str, ...]] = {
    "server": ("servername", "serverfqdn", "serverid"),
    "database": ("databasename", "databaseid"),
    "application": ("appname", "applicationname", "appid"),
    "wave": ("wavename",),
}  # what a list is about: the first of these whose columns it has


def recognises(head: FileHead) -> float:
    """Certain by columns that only the factory has, or by the keys of its schema."""
    keys = json_keys(head)
    if keys:
        return CERTAIN if keys >= SCHEMA_KEYS else 0.0
    return CERTAIN if any(map(is_intake, glimpsed(head, NAMES))) else 0.0


def is_intake(sheet: Sheet) -> bool:
    """Whether a table is an intake list."""
    underscored = any("_" in header for header in sheet.headers)
    fewest = FEWEST_OF_FEW if underscored and len(sheet.headers) <= 2 * FEWEST_OF_FEW else FEWEST_TELLING
    return INTAKE.telling_in(sheet.headers) >= fewest and INTAKE.known_share(sheet.headers) >= KNOWN_SHARE


def reads(head: FileHead) -> FileRead:
    """The lists as found; rows that name nothing are rejects.

    Raises:
        FileRejected: there is no table, none of its rows can be used, or the file is the factory's schema.
    """
    if json_keys(head):
        message = "This is the schema of AWS Cloud Migration Factory: it names attributes and holds no estate."
        hint = "Export the servers and applications of the factory as CSV and upload those."
        raise FileRejected(Place(head.name), message, hint=hint, code="schema")
    return judged(read_every_table(head, format_name="aws_cmf", known=NAMES), judge_of)


def judge_of(sheet: Sheet) -> Judge | None:
    """The judge of an intake list."""
    return intake_judge if is_intake(sheet) else None


def intake_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether a row does not name what its list is about."""
    about = next(((thing, columns) for thing, columns in THINGS.items() if cells.has(*columns)), None)
    if about is None or cells.text(row, *about[1]):
        return None
    thing, columns = about
    message = f"The row names no {thing}; it was left out. Fill the name and upload the row again."
    return Complaint(f"intake.no_{thing}", message, [cells.header(*columns)])


IMPORTER = Importer(
    name="aws_cmf",
    title="AWS Cloud Migration Factory intake (.csv, .xlsx)",
    recognises=recognises,
    reads=reads,
    aliases=INTAKE.aliases(),
)
