"""ServiceNow relations between configuration items (cmdb_rel_ci): parent, type, child.

Ends go by name, by label or by sys_id; where name and sys_id are both there, the name counts. A row without one of its
ends says nothing.
"""

from collections.abc import Mapping

from masterflow.errors import Place
from masterflow.inventory.fields import KNOWN_NAMES, squashed
from masterflow.inventory.files.cells import text_of
from masterflow.inventory.files.documented import CERTAIN, Cells, Complaint, Judge, documented_tables, judged
from masterflow.inventory.files.glimpses import glimpsed, json_keys
from masterflow.inventory.files.json_documents import cell_of, json_of
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.json_tables import no_rows, records_under, sheet_of_records
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, RawRow, Sheet

FORMAT = "servicenow_relations"
LIST_KEYS = ("records", "result")
LIKELY = 0.75  # the columns alone; any list of parents and children has them
RELATION = documented_tables("servicenow.toml")["relation"]
NAMES = KNOWN_NAMES | RELATION.names
KNOWN_SHARE = 0.8
BOTH_WAYS = "::"  # "Runs on::Runs" reads from the parent and from the child


def spellings(field: str) -> tuple[str, ...]:
    """The squashed names of a column, names of things before their identifiers."""
    found = [squashed(header) for header, name in RELATION.fields.items() if name == field]
    return tuple(sorted(dict.fromkeys(found), key=lambda name: (not name.endswith("name"), name)))


PARENT, KIND, CHILD = map(spellings, ("relation_parent", "relation_type", "relation_child"))


def recognises(head: FileHead) -> float:
    """Certain by the three columns and types that read both ways, likely by the columns alone."""
    keys = json_keys(head)
    if keys:
        return CERTAIN if is_answer(keys) else 0.0
    return max((sureness(sheet) for sheet in glimpsed(head, NAMES)), default=0.0)


def is_answer(keys: frozenset[str]) -> bool:
    """Whether the keys of a JSON document are those of relations."""
    cells = Cells(tuple(keys))
    return has_ends(cells) and cells.has(*KIND) and bool({"sys_id", *LIST_KEYS} & keys)


def sureness(sheet: Sheet) -> float:
    """How sure it is that a table holds relations."""
    cells = Cells(sheet.headers)
    if not (has_ends(cells) and cells.has(*KIND)) or RELATION.known_share(sheet.headers) < KNOWN_SHARE:
        return 0.0
    types = [cells.text(row, *KIND) for row in sheet.rows]
    own = sum(BOTH_WAYS in text for text in types) * 2 > len(types)
    return CERTAIN if own or "parentname" in cells.places else LIKELY


def has_ends(cells: Cells) -> bool:
    """Whether a table names a parent and a child."""
    return cells.has(*PARENT) and cells.has(*CHILD)


def reads(head: FileHead) -> FileRead:
    """The relations with both ends; the others are rejects.

    Raises:
        FileRejected: there is no relation, or the file is damaged.
    """
    return judged(as_found(head), judge_of)


def as_found(head: FileHead) -> FileRead:
    """Every relation of the file."""
    if not json_keys(head):
        return read_every_table(head, format_name=FORMAT, known=NAMES)
    name, items = records_under(json_of(head), LIST_KEYS)
    sheet, rejects = sheet_of_records(Place(head.name, name), items, cells_of)
    if not sheet.rows:
        raise no_rows(head, name)
    return FileRead(FORMAT, (sheet,), tuple(rejects), {}, head.name)


def cells_of(record: Mapping[str, Json]) -> Mapping[str, CellValue]:
    """The cells of a record; a reference is what it displays, else its sys_id."""
    return {
        key: cell_of(value.get("display_value") or value.get("value") if isinstance(value, dict) else value)
        for key, value in record.items()
    }


def judge_of(sheet: Sheet) -> Judge | None:
    """The judge of a sheet with relations."""
    return relation_judge if has_ends(Cells(sheet.headers)) else None


def relation_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """What is wrong with a relation: an end that is not named."""
    missing = [
        (name, cells.header(*columns))
        for name, columns in (("parent", PARENT), ("child", CHILD))
        if not text_of(cells.value(row, *columns))
    ]
    if not missing:
        return None
    ends = " and ".join(name for name, _ in missing)
    message = f"The relation has no {ends}; it was left out. Name the configuration item and upload the row again."
    return Complaint(f"relation.no_{missing[0][0]}", message, [column for _, column in missing])


IMPORTER = Importer(
    name=FORMAT,
    title="ServiceNow relations (.csv, .xlsx, .json)",
    recognises=recognises,
    reads=reads,
    aliases=RELATION.aliases(),
)
