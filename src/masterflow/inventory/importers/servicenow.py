"""ServiceNow configuration items: exports of cmdb_ci and its classes as CSV, Excel or JSON, and Table API answers.

Columns go by name ("ip_address") or by label ("IP Address"). In JSON a value may be an object with a display value;
then the cell is what a person would read, and of a bare reference its sys_id.
"""

from collections.abc import Iterable, Iterator, Mapping

from masterflow.errors import Place
from masterflow.inventory.fields import KNOWN_NAMES, squashed
from masterflow.inventory.files.cells import text_of
from masterflow.inventory.files.documented import CERTAIN, documented_tables
from masterflow.inventory.files.glimpses import glimpsed, json_keys
from masterflow.inventory.files.json_documents import cell_of, json_of
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.json_tables import no_rows, records_under, sheet_of_records
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, Sheet

LIST_KEYS = ("records", "result")
CI = documented_tables("servicenow.toml")["ci"]
NAMES = KNOWN_NAMES | CI.names
CLASS_COLUMNS = frozenset(map(squashed, ("sys_class_name", "Class")))
FEWEST_TELLING = 3
FEWEST_OF_JSON = 4  # documented keys beside the telling ones
KNOWN_SHARE = 0.5
ENDS = frozenset({"parent", "child"})


def recognises(head: FileHead) -> float:
    """Certain by columns that only ServiceNow has among others that it documents, or by classes called cmdb_ci."""
    keys = json_keys(head)
    if keys:
        return CERTAIN if is_answer(keys) else 0.0
    return CERTAIN if any(map(is_export, glimpsed(head, NAMES))) else 0.0


def is_answer(keys: frozenset[str]) -> bool:
    """Whether the keys of a JSON document are those of configuration items."""
    known = {key for key in keys if squashed(key) in CI.names}
    own = bool({"sys_id", "sys_class_name"} & keys) and len(known) >= FEWEST_OF_JSON
    return own and not names_both_ends(keys)


def is_export(sheet: Sheet) -> bool:
    """Whether a table is an export of configuration items."""
    if names_both_ends(sheet.headers):
        return False
    if names_classes(sheet):
        return True
    return CI.telling_in(sheet.headers) >= FEWEST_TELLING and CI.known_share(sheet.headers) >= KNOWN_SHARE


def names_both_ends(names: Iterable[str]) -> bool:
    """Whether columns name a parent and a child: then a row is a relation and no item."""
    return {squashed(name).removesuffix("name") for name in names} >= ENDS


def names_classes(sheet: Sheet) -> bool:
    """Whether a class column holds names such as cmdb_ci_linux_server."""
    places = [place for place, header in enumerate(sheet.headers) if squashed(header) in CLASS_COLUMNS]
    return any(text_of(row.cells[place]).startswith("cmdb_ci") for place in places for row in sheet.rows)


def reads(head: FileHead) -> FileRead:
    """The configuration items as found.

    Raises:
        FileRejected: there is no item, or the file is damaged.
    """
    if not json_keys(head):
        return read_every_table(head, format_name="servicenow", known=NAMES)
    name, items = records_under(json_of(head), LIST_KEYS)
    sheet, rejects = sheet_of_records(Place(head.name, name), items, cells_of)
    if not sheet.rows:
        raise no_rows(head, name)
    return FileRead("servicenow", (sheet,), tuple(rejects), {}, head.name)


def cells_of(record: Mapping[str, Json]) -> Mapping[str, CellValue]:
    """The cells of a record of the Table API."""
    return dict(cells_in(record))


def cells_in(record: Mapping[str, Json], prefix: str = "") -> Iterator[tuple[str, CellValue]]:
    """The cells of an object; what is neither a display value nor a reference becomes dotted headers."""
    for key, value in record.items():
        if not isinstance(value, dict):
            yield prefix + key, cell_of(value)
        elif "display_value" in value or "value" in value:
            yield prefix + key, cell_of(value.get("display_value") or value.get("value"))
        else:
            yield from ((header, cell) for header, cell in cells_below(value, f"{prefix}{key}."))


def cells_below(value: Mapping[str, Json], prefix: str) -> Iterator[tuple[str, CellValue]]:
    """The cells of an inner object, which holds no further ones."""
    for key, inner in value.items():
        yield prefix + key, cell_of(inner)


IMPORTER = Importer(
    name="servicenow",
    title="ServiceNow configuration items (.csv, .xlsx, .json)",
    recognises=recognises,
    reads=reads,
    aliases=CI.aliases(),
    units=CI.units_of(),
)
