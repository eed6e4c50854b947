"""JSON files as values, and their objects as tables.

Nested objects become dotted headers ("os.name"). A list of values becomes one cell with commas; a list of objects stays
one cell of JSON text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files import tables
from masterflow.inventory.files.cells import cleaned, without_unstorable
from masterflow.inventory.files.delimited import encoding_of, on_undecodable
from masterflow.inventory.files.heads import check_parsed_whole
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.kept_rows import RowKeeper, changed
from masterflow.inventory.reading import CellValue, FileHead, RawRow, Reject, Sheet

MAX_DEPTH = 6  # deeper objects stay JSON text
MAX_COLUMNS = 2_000

JsonObject = dict[str, Json]
Cells = Mapping[str, CellValue]


@dataclass(frozen=True, slots=True)
class Record:
    """One object and the number of its row."""

    number: int
    values: Mapping[str, Json]


def text_of_file(head: FileHead) -> str:
    """The whole file as text."""
    encoding = encoding_of(head) or "utf-8"
    text = head.path.read_text(encoding=encoding, errors=on_undecodable(encoding))
    return text.removeprefix("\ufeff")


def document(text: str) -> Json:
    """A JSON value, by the fast reader, or by the one that also knows NaN, half surrogates and long numbers."""
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = json.loads(text)
    return value


def json_of(head: FileHead) -> Json:
    """The JSON value of a file.

    Raises:
        FileRejected: the file is no valid JSON, nests too deep, holds a number with thousands of digits, or is too
            large to be parsed whole.
    """
    check_parsed_whole(head)
    try:
        return document(text_of_file(head))
    except json.JSONDecodeError as error:
        raise broken(head, error) from error
    except (ValueError, RecursionError) as error:
        raise unreadable(head) from error


def broken(head: FileHead, error: json.JSONDecodeError, line_number: int | None = None) -> FileRejected:
    """The refusal of a text that is no JSON; it quotes nothing of the text, which may hold secrets."""
    line = line_number or error.lineno
    message = f"The JSON is broken in line {line}, character {error.colno}: {error.msg}."
    hint = "The export may have been cut off: export it again."
    return FileRejected(Place(head.name, row=line), message, hint=hint, code="broken_json")


def unreadable(head: FileHead) -> FileRejected:
    """The refusal of JSON that cannot be held."""
    message = "The JSON nests too deep, or holds a number with thousands of digits."
    return FileRejected(Place(head.name), message, hint="Export a flat list of objects.", code="broken_json")


def dig(value: Json, *path: str) -> Json:
    """What stands under these keys; None where one of them is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def objects(value: Json) -> list[JsonObject]:
    """The objects of a list; a single object counts as a list of one."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]


def named_objects(value: Json) -> Iterator[tuple[str, JsonObject]]:
    """The objects under the keys of an object, with their keys."""
    if isinstance(value, dict):
        yield from ((key, item) for key, item in value.items() if isinstance(item, dict))


def listed(values: Iterable[Json]) -> str | None:
    """Different texts and numbers as one cell with commas, in their order; None when there is none."""
    texts = [str(value).strip() for value in values if isinstance(value, str | int | float)]
    return ", ".join(dict.fromkeys(text for text in texts if text)) or None


def numbered(items: Sequence[Json]) -> list[Record]:
    """The objects of a list with their place in it, from 1."""
    return [Record(place, item) for place, item in enumerate(items, start=1) if isinstance(item, dict)]


def sheet_of(head: FileHead, name: str, records: Sequence[Record]) -> Sheet:
    """Records as a table; a key that some records lack is empty there.

    Raises:
        FileRejected: the objects have no common shape: more keys than any table has columns.
    """
    return table_of(head, name, ((record.number, dict(flattened(record.values))) for record in records))


def table_of(head: FileHead, name: str, rows: Iterable[tuple[int, Cells]]) -> Sheet:
    """Rows that are flat already as a table.

    Raises:
        FileRejected: there are more different headers than any table has columns, or more rows.
    """
    table = RecordTable(Place(head.name, name))
    for number, cells in rows:
        table.add(number, cells)
    return table.sheet()


class RecordTable:
    """Flat records that become a table, one by one; a header that comes first in a later one becomes a column too."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.columns: dict[str, int] = {}
        self.rows = RowKeeper()
        self.count = 0

    def add(self, number: int, cells: Cells) -> None:
        """Take a record as row `number`; one without any value is no row.

        Raises:
            FileRejected: there are more keys than any table has columns, or more rows.
        """
        self.count += 1
        if self.count > tables.MAX_ROWS:
            raise tables.too_many_rows(self.place)
        for header in cells:
            self.columns.setdefault(header, len(self.columns))
        if len(self.columns) > MAX_COLUMNS:
            self.refuse_columns()
        if any(cell is not None for cell in cells.values()):
            self.rows.keep(RawRow(number, tuple([cells.get(header) for header in self.columns])))

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


def details(
    head: FileHead, tables: Mapping[str, Sequence[tuple[int, Cells]]]
) -> tuple[tuple[Sheet, ...], tuple[Reject, ...]]:
    """Tables beside the one of the machines, without the empty ones; one that cannot be held is a reject."""
    sheets: list[Sheet] = []
    rejects: list[Reject] = []
    for name, rows in tables.items():
        try:
            sheet = table_of(head, name, rows)
        except FileRejected as refused:
            rejects.append(Reject(refused.place, f"sheet.{refused.reason}", str(refused)))
        else:
            sheets += [sheet] if sheet.rows else []
    return tuple(sheets), tuple(rejects)


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
