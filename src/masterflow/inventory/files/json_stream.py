"""JSON that is too big to be held: its lists of objects, one object after the other."""

import json
from collections.abc import Callable
from typing import TextIO

from masterflow.errors import FileRejected, Place

READ_CHARACTERS = 1024 * 1024
MAX_VALUE_CHARACTERS = 16 * 1024 * 1024  # of one object in a list, or one value that is in none
MAX_SEARCH_DEPTH = 4  # how deep under keys a list of objects is looked for

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Sink = Callable[[str, int, dict[str, Json]], None]
DECODER = json.JSONDecoder()


def stream_lists(file: TextIO, name: str, sink: Sink) -> None:
    """Hand every object of every list to `sink`, with the dotted keys the list stands under and its place from 1.

    A list at the top is called "json".

    Raises:
        FileRejected: the JSON is broken, nests too deep, or holds a value too big to be read at once.
    """
    reader = Reader(file, name)
    if reader.peek() == "[":
        stream_list(reader, "json", sink)
    elif reader.peek() == "{":
        stream_object(reader, (), sink)
    else:
        raise reader.broken("Expecting a list or an object")
    if reader.peek():
        raise reader.broken("Extra data")


def stream_list(reader: "Reader", path: str, sink: Sink) -> None:
    """The objects of a list; other values in it are passed over."""
    reader.take("[")
    number = 0
    while reader.peek() != "]":
        if number:
            reader.take(",")
        number += 1
        value = reader.value()
        if isinstance(value, dict):
            sink(path, number, value)
    reader.take("]")


def stream_object(reader: "Reader", path: tuple[str, ...], sink: Sink) -> None:
    """The lists under the keys of an object."""
    reader.take("{")
    first = True
    while reader.peek() != "}":
        if not first:
            reader.take(",")
        first = False
        if reader.peek() != '"':
            raise reader.broken("Expecting property name enclosed in double quotes")
        inner = (*path, str(reader.value()))
        reader.take(":")
        sign = reader.peek()
        if sign == "[":
            stream_list(reader, ".".join(inner), sink)
        elif sign == "{" and len(inner) < MAX_SEARCH_DEPTH:
            stream_object(reader, inner, sink)
        else:
            reader.value()
    reader.take("}")


class Reader:
    """Takes signs and values from a text, of which it holds only a piece."""

    def __init__(self, file: TextIO, name: str) -> None:
        self.file = file
        self.name = name
        self.text = file.read(READ_CHARACTERS).removeprefix("\ufeff")
        self.place = 0
        self.line = 1  # of the first character held
        self.at_end = not self.text

    def peek(self) -> str:
        """The next sign that is no white space; "" at the end."""
        while True:
            while self.place < len(self.text):
                if self.text[self.place] not in " \t\r\n":
                    return self.text[self.place]
                self.place += 1
            if self.at_end:
                return ""
            self.more()

    def take(self, sign: str) -> None:
        """Pass this sign, which has to come next."""
        if self.peek() != sign:
            raise self.broken(f"Expecting '{sign}'")
        self.place += 1

    def value(self) -> Json:
        """The next value as a whole."""
        self.peek()
        while True:
            try:
                value: Json
                value, end = DECODER.raw_decode(self.text, self.place)
            except json.JSONDecodeError as error:
                if self.at_end:
                    self.place = error.pos
                    raise self.broken(error.msg) from error
            except (ValueError, RecursionError) as error:
                raise self.too_deep() from error
            else:
                if end < len(self.text) or self.at_end:
                    self.place = end
                    return value
            self.more()

    def more(self) -> None:
        """Hold twice as much, from the present place on."""
        self.line += self.text.count("\n", 0, self.place)
        held = len(self.text) - self.place
        if held > MAX_VALUE_CHARACTERS:
            message = f"A value that begins in line {self.line:,} is broken, or has more than {held:,} characters."
            hint = "The export may have been cut off: export it again, as a list of objects."
            raise FileRejected(Place(self.name, row=self.line), message, hint=hint, code="broken_json")
        read = self.file.read(max(READ_CHARACTERS, held))
        self.text = self.text[self.place :] + read
        self.place = 0
        self.at_end = not read

    def broken(self, reason: str) -> FileRejected:
        """The refusal of a text that is no JSON."""
        line = self.line + self.text.count("\n", 0, self.place)
        message = f"The JSON is broken in line {line}: {reason}."
        hint = "The export may have been cut off: export it again."
        return FileRejected(Place(self.name, row=line), message, hint=hint, code="broken_json")

    def too_deep(self) -> FileRejected:
        """The refusal of JSON that is a trap rather than data."""
        message = "The JSON nests too deep, or holds a number with thousands of digits."
        hint = "Export a flat list of objects."
        return FileRejected(Place(self.name, row=self.line), message, hint=hint, code="broken_json")
