"""JSON documents whose records stand in a list under a known key, as the programming interfaces of vendors answer."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import without_unstorable
from masterflow.inventory.files.json_documents import Cells, RecordTable
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.secrets import quotable
from masterflow.inventory.reading import CellValue, FileHead, Reject, Sheet


def records_under(value: Json, keys: Sequence[str]) -> tuple[str, list[Json]]:
    """The list of records and the key it stands under: one of `keys`, or "json" where the document is the list.

    Lists of lists are taken as one list; a record alone is a list of one.
    """
    if isinstance(value, dict):
        found = [(key, value[key]) for key in keys if isinstance(value.get(key), list | dict)]
        if not found:
            return "json", [value] if value else []
        key, inner = found[0]
        return key, unnested(inner) if isinstance(inner, list) else [inner]
    return "json", unnested(value) if isinstance(value, list) else []


def unnested(items: list[Json]) -> list[Json]:
    """The items of a list, those of lists inside it in their place."""
    return [inner for item in items for inner in (item if isinstance(item, list) else [item])]


def sheet_of_records(
    place: Place, items: Sequence[Json], cells_of: Callable[[Mapping[str, Json]], Cells]
) -> tuple[Sheet, list[Reject]]:
    """The records as a table, numbered by their place in the list; a key that some records lack is empty there.

    Raises:
        FileRejected: the records have no common shape: more keys than any table has columns.
    """
    table = RecordTable(Place(place.file, place.sheet or "json"))
    rejects: list[Reject] = []
    for number, item in enumerate(items, start=1):
        if isinstance(item, dict):
            table.add(number, dict(named(cells_of(item))))
        else:
            message = "This is no record with named values; it was left out. Correct it and upload it again."
            at = Place(place.file, place.sheet, number)
            rejects.append(Reject(at, "record.not_an_object", message, quotable(json.dumps(item))[:500]))
    return table.sheet(), rejects


def named(cells: Cells) -> Iterator[tuple[str, CellValue]]:
    """The cells under headers that can be stored."""
    for header, cell in cells.items():
        yield without_unstorable(header) or "unnamed", cell


def no_rows(head: FileHead, sheet: str) -> FileRejected:
    """The refusal of an answer that holds no record."""
    hint = "Check the filter of the export, and export it again."
    return FileRejected(Place(head.name, sheet), "There is no record in it.", hint=hint, code="no_data_rows")
