"""The lines of a log and the objects of a JSON file, one after the other, so that big files need little memory."""

import json
from collections.abc import Iterator
from functools import lru_cache

from masterflow.inventory.files.delimited import BYTE_ORDER_MARKS, encoding_of, on_undecodable
from masterflow.inventory.files.heads import check_parsed_whole
from masterflow.inventory.files.json_documents import JsonObject, broken, dig, document, text_of_file, unreadable
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.reading import FileHead

JSON_STARTS = ("{", "[")


@lru_cache(maxsize=16)
def text_start(head: FileHead) -> str:
    """The first 64 KiB as text, to tell a format by; what no encoding explains is left out."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.start.startswith(mark):
            return head.start.decode(encoding, errors="ignore").lstrip("\ufeff")
    if head.start.count(0) > len(head.start) * 0.2:
        return head.start.decode(encoding_of(head) or "utf-8", errors="ignore")
    return head.start.decode("utf-8", errors="ignore")


def first_lines(head: FileHead, most: int = 200) -> list[str]:
    """The first lines that are not blank, without one that was cut in the middle."""
    lines = text_start(head).splitlines()
    if len(head.start) < head.size_bytes and len(lines) > 1:
        lines.pop()
    return [line for line in lines if line.strip()][:most]


def is_json(head: FileHead) -> bool:
    """Whether the text begins like JSON."""
    return text_start(head).lstrip()[:1] in JSON_STARTS


def numbered_lines(head: FileHead) -> Iterator[tuple[int, str]]:
    """Every line that is not blank, with its number from 1."""
    encoding = encoding_of(head) or "utf-8"
    with head.path.open(encoding=encoding, errors=on_undecodable(encoding)) as file:
        for number, line in enumerate(file, start=1):
            text = line.strip("\r\n\x00\ufeff")
            if text.strip():
                yield number, text


def objects(head: FileHead) -> Iterator[tuple[int, Json]]:
    """The values of a JSON list, numbered by their place, or of JSON lines, by their line; a single value is number 1.

    A list is read value by value.

    Raises:
        FileRejected: the JSON is broken, cut off or nested too deep, or a single value too large to be parsed whole.
    """
    text = text_of_file(head)
    if is_json_lines(text):
        del text
        for number, line in numbered_lines(head):
            yield number, parsed(head, line, line_number=number)
    elif text.lstrip()[:1] == "[":
        yield from listed(head, text)
    else:
        check_parsed_whole(head)
        yield 1, parsed(head, text)


def is_json_lines(text: str) -> bool:
    """Whether the first line is an object by itself and another follows, or it is the only one."""
    stripped = text.lstrip()
    first, _, rest = stripped.partition("\n")
    if not first.startswith("{") or not rest.lstrip().startswith("{"):
        return False
    try:
        return isinstance(document(first), dict)
    except ValueError:
        return False


def listed(head: FileHead, text: str) -> Iterator[tuple[int, Json]]:
    """The values of a list, one decoded after the other."""
    decoder = json.JSONDecoder()
    place, number = after_spaces(text, text.index("[") + 1), 0
    try:
        while not text.startswith("]", place):
            value, place = decoder.raw_decode(text, place)
            number += 1
            yield number, value
            place = after_spaces(text, place)
            if text.startswith(",", place):
                place = after_spaces(text, place + 1)
            elif not text.startswith("]", place):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, min(place, len(text)))
    except json.JSONDecodeError as error:
        raise broken(head, error) from error
    except (ValueError, RecursionError) as error:
        raise unreadable(head) from error
    if text[place + 1 :].strip():
        raise broken(head, json.JSONDecodeError("Extra data", text, place + 1))


def after_spaces(text: str, place: int) -> int:
    """The next place that is no white space."""
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def parsed(head: FileHead, text: str, *, line_number: int | None = None) -> Json:
    """The JSON value of a text, or the refusal of its file."""
    try:
        return document(text)
    except json.JSONDecodeError as error:
        raise broken(head, error, line_number) from error
    except (ValueError, RecursionError) as error:
        raise unreadable(head) from error


def objects_in(value: Json) -> list[JsonObject]:
    """The objects of a list; nothing for any other value."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def data_of(element: JsonObject) -> JsonObject:
    """What an element of a graph says of itself, under "data" as Cytoscape has it or plain."""
    data = element.get("data")
    return data if isinstance(data, dict) else element


def text_in(record: Json, *keys: str) -> str | None:
    """The first of some keys under which a text or number stands, as text."""
    for key in keys:
        value = dig(record, key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return None


def whole_in(record: Json, *keys: str) -> int | None:
    """The first of some keys under which a whole number of at least 0 stands, also as text; None for anything else."""
    for key in keys:
        text = text_in(record, key)
        if text is not None and text.isascii() and text.isdigit() and len(text) <= 18:
            return int(text)
    return None
