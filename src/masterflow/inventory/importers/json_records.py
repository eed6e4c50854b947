"""JSON records: a list of objects, lists of objects under keys, or one object a line.

Nested objects become dotted headers ("os.name"). A list of values becomes one cell with commas; a list of objects stays
one cell of JSON text. Rows are numbered by their place in the list, in JSON lines by their line.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files import tables
from masterflow.inventory.files.delimited import bounded_lines, encoding_of, on_undecodable
from masterflow.inventory.files.json_documents import (
    Record,
    RecordTable,
    broken,
    document,
    flattened,
    numbered,
    sheet_of,
    text_of_file,
    unreadable,
)
from masterflow.inventory.files.json_stream import MAX_SEARCH_DEPTH, Json, stream_lists
from masterflow.inventory.files.secrets import KeptBack, quotable
from masterflow.inventory.reading import FileHead, FileRead, Importer, Reject, Sheet

GENERIC = 0.5
JSON_START = re.compile(r'\ufeff?\s*(\{\s*["}]|\[\s*[\[{\]])')
MAX_WHOLE_BYTES = 16 * 1024 * 1024  # of a file that is parsed as a whole; bigger ones are read object by object


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
    secrets = KeptBack()
    read = small if head.size_bytes <= MAX_WHOLE_BYTES else big
    found = read(head, rejects, secrets)
    sheets = tuple(sheet for sheet in found if sheet.rows)
    if not sheets:
        raise no_records(head, rejects)
    traits = {"encoding": encoding_of(head) or "utf-8", **secrets.traits()}
    return FileRead("json_records", sheets, tuple(rejects), traits, head.name)


def small(head: FileHead, rejects: list[Reject], secrets: KeptBack) -> list[Sheet]:
    """The sheets of a file that is parsed as a whole."""
    found = lists_in(head, text_of_file(head), rejects)
    return [
        sheet_of(head, name, [Record(record.number, secrets.record(name, record.values)) for record in records])
        for name, records in found
    ]


def big(head: FileHead, rejects: list[Reject], secrets: KeptBack) -> list[Sheet]:
    """The sheets of a file that is read object by object."""
    found: dict[str, RecordTable] = {}

    def sink(name: str, number: int, values: Mapping[str, Json]) -> None:
        table = found.get(name) or found.setdefault(name, RecordTable(Place(head.name, name)))
        table.add(number, dict(flattened(secrets.record(name, values))))

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


def lists_in(head: FileHead, text: str, rejects: list[Reject]) -> list[tuple[str, list[Record]]]:
    """The lists of objects in a text; broken lines of JSON lines become rejects."""
    try:
        return list(lists_of_records(document(text)))
    except json.JSONDecodeError as error:
        records = list(line_records(head, text.split("\n"), rejects))
        if records:
            return [("json", records)]
        raise broken(head, error) from error
    except (ValueError, RecursionError) as error:
        raise unreadable(head) from error


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
            rejects.append(
                Reject(Place(head.name, row=number), "line.broken_json", message, quotable(line.strip())[:500])
            )
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


def no_records(head: FileHead, rejects: Sequence[Reject]) -> FileRejected:
    """The refusal of JSON without a list of objects."""
    reason = f" ({len(rejects)} lines were broken)" if rejects else ""
    message = f"The JSON holds no list of objects with values{reason}."
    hint = "Export a list of records such as [{...}, {...}], one object a line, or a CSV."
    return FileRejected(Place(head.name), message, hint=hint, code="no_records")


IMPORTER = Importer(name="json_records", title="JSON records (.json, .jsonl)", recognises=recognises, reads=reads)
