"""How commands speak: tables and sentences for people, JSON with stable keys for programs, notes on standard error."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import orjson
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 240  # a pipe has no width; narrower would cut ids


def console() -> Console:
    """Where people read results; plain and wide when it is a pipe."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=PIPED_WIDTH)


def say(sentence: str) -> None:
    """A result in words."""
    console().print(Text(sentence), soft_wrap=True)


def note(sentence: str) -> None:
    """Something to know that is not part of the result."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(sentence))


def print_json(value: BaseModel | Mapping[str, object] | Sequence[object]) -> None:
    """A result for programs: the keys of the HTTP API."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    sys.stdout.write(orjson.dumps(plain, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def print_json_line(value: BaseModel) -> None:
    """One of many results for programs, in a line of its own, at once."""
    sys.stdout.write(orjson.dumps(value.model_dump(mode="json")).decode() + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Rows for people, or the sentence `empty`."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        table.add_column(column, no_wrap=column == "id", overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row))
        count += 1
    if count:
        console().print(table)
    else:
        say(empty)


def print_fields(fields: Mapping[str, object]) -> None:
    """One thing for people, a field a line; what is unknown is left out."""
    print_table(("", ""), [(name, value) for name, value in fields.items() if value is not None], empty="")


def shown(value: object) -> str:
    """A value as people read it: moments to the second in UTC, nothing for unknown."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset | set):
        return ", ".join(sorted(str(part) for part in value))
    return str(value)
