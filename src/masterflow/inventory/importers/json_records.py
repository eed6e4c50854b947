"""JSON records: a list of objects, lists of objects under keys, or one object a line.

Nested objects become dotted headers ("os.name"). A list of values becomes one cell with commas; a list of objects stays
one cell of JSON text. Rows are numbered by their place in the list, in JSON lines by their line.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files import tables
from masterflow.inventory.files.cells import cleaned, without_unstorable
from masterflow.inventory.files.delimited import bounded_lines, encoding_of, on_undecodable
from masterflow.inventory.files.json_stream import MAX_SEARCH_DEPTH, Json, stream_lists
from masterflow.inventory.files.kept_rows import RowKeeper, changed
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, RawRow, Reject, Sheet

GENERIC = 0.5
JSON_START = re.compile(r'\ufeff?\s*(\{\s*["}]|\[\s*[\[{\]])')
MAX_DEPTH = 6  # deeper objects stay JSON text
MAX_COLUMNS = 2_000
MAX_WHOLE_BYTES = 16 * 1024 * 1024  # of a file that is parsed as a whole; bigger ones are read object by object


@dataclass(frozen=True, slots=True)
class Record:
    """One object and the number of its row."""

    number: int
    values: Mapping[str, Json]


def recognises(head: FileHead) -> float:
    """Text that begins like JSON; what the objects are about is not asked here."""
    encoding = encoding_of(head)
    start = head.start.decode(encoding, errors="ignore") if encoding else ""
    return GENERIC if JSON_START.match(start) else 0.0


def reads(head: FileHead) -> FileRead:
    """One sheet for each list of objects.

    Raises:
        FileRejected: the file is no valid JSON, or holds no list of objects.
    """
    rejects: list[Reject] = []
    found = small(head, rejects) if head.size_bytes <= MAX_WHOLE_BYTES else big(head, rejects)
    sheets = tuple(sheet for sheet in found if sheet.rows)
    if not sheets:
        raise no_records(head, rejects)
    return FileRead("json_records", sheets, tuple(rejects), {"encoding": encoding_of(head) or "utf-8"}, head.name)


def small(head: FileHead, rejects: list[Reject]) -> list[Sheet]:
    """The sheets of a file that is parsed as a whole."""
    found = lists_in(head, text_of_file(head), rejects)
    return [sheet_of(head, name, records) for name, records in found]


def big(head: FileHead, rejects: list[Reject]) -> list[Sheet]:
    """The sheets of a file that is read object by object."""
    found: dict[str, RecordTable] = {}

    def sink(name: str, number: int, values: Mapping[str, Json]) -> None:
        table = found.get(name) or found.setdefault(name, RecordTable(Place(head.name, name)))
        table.add(Record(number, values))

    encoding = encoding_of(head) or "utf-8"
    with head.path.open(encoding=encoding, errors=on_undecodable(encoding)) as file:
        if is_json_lines(head):
            for record in line_records(head, bounded_lines(file), rejects):
                sink("json", record.number, record.values)
        else:
            stream_lists(file, head.name, sink)
    return [table.sheet() for table in found.values()]


def is_json_lines(head: FileHead) -> bool:
    """Whether the first line of a file is an object by itself."""
    encoding = encoding_of(head) or "utf-8"
    start = head.start.decode(encoding, errors="ignore").removeprefix("\ufeff").lstrip()
    first, line_end, _ = start.partition("\n")
    return bool(line_end) and isinstance(object_in(first), dict)


def text_of_file(head: FileHead) -> str:
    """The whole file as text."""
    encoding = encoding_of(head) or "utf-8"
    text = head.path.read_text(encoding=encoding, errors=on_undecodable(encoding))
    return text.removeprefix("\ufeff")


def lists_in(head: FileHead, text: str, rejects: list[Reject]) -> list[tuple[str, list[Record]]]:
    """The lists of objects in a text; broken lines of JSON lines become rejects."""
    try:
        return list(lists_of_records(document(text)))
    except json.JSONDecodeError as error:
        records = list(line_records(head, text.split("\n"), rejects))
        if records:
            return [("json", records)]
        place = Place(head.name, row=error.lineno)
        message = f"The JSON is broken in line {error.lineno}, character {error.colno}: {error.msg}."
        hint = "The export may have been cut off: export it again."
        raise FileRejected(place, message, hint=hint, code="broken_json") from error
    except (ValueError, RecursionError) as error:
        message = "The JSON nests too deep, or holds a number with thousands of digits."
        hint = "Export a flat list of objects."
        raise FileRejected(Place(head.name), message, hint=hint, code="broken_json") from error


def document(text: str) -> Json:
    """The JSON value of a text."""
    value: Json = json.loads(text)
    return value


def line_records(head: FileHead, lines: Iterable[str], rejects: list[Reject]) -> Iterator[Record]:
    """The objects of a file with one a line; nothing unless its first line is one."""
    found = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        value = object_in(line.removeprefix("\ufeff"))
        if value is not None:
            found = True
            yield Record(number, value)
        elif not found:
            return
        else:
            message = "The line is no JSON object; the other lines were kept. Correct it and upload it again."
            rejects.append(Reject(Place(head.name, row=number), "line.broken_json", message, line.strip()[:500]))
            tables.check_rejects(Place(head.name), rejects)


def object_in(line: str) -> dict[str, Json] | None:
    """The JSON object that a line is; None for any other text."""
    try:
        value = document(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def lists_of_records(value: Json) -> Iterator[tuple[str, list[Record]]]:
    """Every list of objects with the key it stands under; a single object is a list of one."""
    if isinstance(value, list):
        yield "json", numbered(value)
    elif isinstance(value, dict):
        found = list(lists_below(value, (), 1))
        yield from found
        if not found and any(not isinstance(inner, dict | list) for inner in value.values()):
            yield "json", [Record(1, value)]


def lists_below(value: Mapping[str, Json], path: tuple[str, ...], depth: int) -> Iterator[tuple[str, list[Record]]]:
    """The lists of objects under the keys of an object."""
    for key, inner in value.items():
        if isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            yield ".".join((*path, key)), numbered(inner)
        elif isinstance(inner, dict) and depth < MAX_SEARCH_DEPTH:
            yield from lists_below(inner, (*path, key), depth + 1)


def numbered(items: Sequence[Json]) -> list[Record]:
    """The objects of a list with their place in it, from 1."""
    return [Record(place, item) for place, item in enumerate(items, start=1) if isinstance(item, dict)]


def sheet_of(head: FileHead, name: str, records: Sequence[Record]) -> Sheet:
    """Records as a table; a key that some records lack is empty there.

    Raises:
        FileRejected: the objects have no common shape: more keys than any table has columns.
    """
    table = RecordTable(Place(head.name, name))
    for record in records:
        table.add(record)
    return table.sheet()


class RecordTable:
    """Records that become a table, one by one; a key that comes first in a later record becomes a column too."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.columns: dict[str, int] = {}
        self.rows = RowKeeper()
        self.count = 0

    def add(self, record: Record) -> None:
        """Take a record; one without any value is no row.

        Raises:
            FileRejected: there are more keys than any table has columns, or more rows.
        """
        self.count += 1
        if self.count > tables.MAX_ROWS:
            raise tables.too_many_rows(self.place)
        cells = dict(flattened(record.values))
        for header in cells:
            self.columns.setdefault(header, len(self.columns))
        if len(self.columns) > MAX_COLUMNS:
            self.refuse_columns()
        if any(cell is not None for cell in cells.values()):
            self.rows.keep(RawRow(record.number, tuple([cells.get(header) for header in self.columns])))

    def refuse_columns(self) -> None:
        """Refuse objects without a common shape."""
        message = f"The objects under {self.place.sheet} have more than {MAX_COLUMNS:,} different keys."
        hint = "Export a list of objects that all have the same keys."
        raise FileRejected(self.place, message, hint=hint, code="too_many_columns")

    def sheet(self) -> Sheet:
        """All that was taken, every row as wide as the headers."""
        rows, width = self.rows.rows(), len(self.columns)
        if any(len(row.cells) < width for row in rows):
            rows = changed(rows, lambda row: RawRow(row.number, row.cells + (None,) * (width - len(row.cells))))
        return Sheet(self.place.sheet or "", 0, tuple(self.columns), rows)


def flattened(values: Mapping[str, Json], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, CellValue]]:
    """The cells of an object, nested objects under dotted headers."""
    for key, value in values.items():
        header = prefix + (without_unstorable(key) or "unnamed")
        if isinstance(value, dict) and value and depth < MAX_DEPTH:
            yield from flattened(value, f"{header}.", depth + 1)
        else:
            yield header, cell_of(value)


def cell_of(value: Json) -> CellValue:
    """One JSON value as a cell."""
    if isinstance(value, dict | list) and not value:
        return None
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return cleaned(", ".join(str(item) for item in value if item is not None))
    if isinstance(value, dict | list):
        return cleaned(json.dumps(value, ensure_ascii=False))
    return cleaned(value)


def no_records(head: FileHead, rejects: Sequence[Reject]) -> FileRejected:
    """The refusal of JSON without a list of objects."""
    reason = f" ({len(rejects)} lines were broken)" if rejects else ""
    message = f"The JSON holds no list of objects with values{reason}."
    hint = "Export a list of records such as [{...}, {...}], one object a line, or a CSV."
    return FileRejected(Place(head.name), message, hint=hint, code="no_records")


IMPORTER = Importer(name="json_records", title="JSON records (.json, .jsonl)", recognises=recognises, reads=reads)
