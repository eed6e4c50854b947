"""JSON documents whose records stand in a list under a known key, as the programming interfaces of vendors answer."""

import json
from collections.abc import Callable, Mapping, Sequence

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned, without_unstorable
from masterflow.inventory.files.delimited import encoding_of
from masterflow.inventory.reading import CellValue, FileHead, RawRow, Reject, Sheet

MAX_COLUMNS = 2_000

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def document(head: FileHead) -> Json:
    """The JSON value of a file.

    Raises:
        FileRejected: the file is no valid JSON.
    """
    encoding = encoding_of(head) or "utf-8"
    text = head.path.read_text(encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    try:
        value: Json = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        message = f"The JSON is broken in line {error.lineno}, character {error.colno}: {error.msg}."
        hint = "The export may have been cut off: export it again."
        raise FileRejected(Place(head.name, row=error.lineno), message, hint=hint, code="broken_json") from error
    except (ValueError, RecursionError) as error:
        message = "The JSON nests too deep, or holds a number with thousands of digits."
        raise FileRejected(Place(head.name), message, hint="Export a flat list.", code="broken_json") from error
    return value


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
    place: Place, items: Sequence[Json], cells_of: Callable[[Mapping[str, Json]], Mapping[str, CellValue]]
) -> tuple[Sheet, list[Reject]]:
    """The records as a table, numbered by their place in the list; a key that some records lack is empty there.

    Raises:
        FileRejected: the records have no common shape: more keys than any table has columns.
    """
    rows: list[tuple[int, Mapping[str, CellValue]]] = []
    rejects: list[Reject] = []
    for number, item in enumerate(items, start=1):
        if isinstance(item, dict):
            rows.append((number, cells_of(item)))
        else:
            message = "This is no record with named values; it was left out. Correct it and upload it again."
            at = Place(place.file, place.sheet, number)
            rejects.append(Reject(at, "record.not_an_object", message, json.dumps(item)[:500]))
    headers = tuple(dict.fromkeys(key for _, cells in rows for key in cells))
    if len(headers) > MAX_COLUMNS:
        message = f"The records have {len(headers):,} different keys, more than {MAX_COLUMNS:,}."
        hint = "Export records that all have the same keys."
        raise FileRejected(place, message, hint=hint, code="too_many_columns")
    filled = (RawRow(number, tuple(cells.get(header) for header in headers)) for number, cells in rows)
    kept = tuple(row for row in filled if any(cell is not None for cell in row.cells))
    named = tuple(without_unstorable(header) or "unnamed" for header in headers)
    return Sheet(place.sheet or "json", 0, named, kept), rejects


def plain_cell(value: Json) -> CellValue:
    """A JSON value as a cell: a list of values with commas, anything nested as JSON text."""
    if isinstance(value, dict | list) and not value:
        return None
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return cleaned(", ".join(str(item) for item in value if item is not None))
    if isinstance(value, dict | list):
        return cleaned(json.dumps(value, ensure_ascii=False))
    return cleaned(value)


def no_rows(head: FileHead, sheet: str) -> FileRejected:
    """The refusal of an answer that holds no record."""
    hint = "Check the filter of the export, and export it again."
    return FileRejected(Place(head.name, sheet), "There is no record in it.", hint=hint, code="no_data_rows")
