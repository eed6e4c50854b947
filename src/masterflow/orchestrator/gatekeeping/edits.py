"""What an edit changed, as a list that people can read. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from masterflow.orchestrator import gates
from masterflow.orchestrator.gatekeeping.types import Edit
from masterflow.orchestrator.types import JsonObject
from masterflow.spec import EditableTable, Phase


def edits_of(phase: Phase[Any, Any], before: JsonObject, after: BaseModel) -> tuple[Edit, ...]:
    """What differs between the output that a gate showed and an edit: cells of its table, or else places."""
    table = phase.gate.table if phase.gate else None
    found = () if table is None else table_edits(table, gates.shown(phase, before), after)
    return found or json_edits(before, after.model_dump(mode="json"))


def table_edits(table: EditableTable[Any], before: BaseModel, after: BaseModel) -> tuple[Edit, ...]:
    """The cells that differ between two outputs of the same table, row by row, by the headers people saw."""
    rows = {str(row[table.key]): row for row in table.rows(after)}
    found = []
    for old in table.rows(before):
        new = rows.get(str(old[table.key]), {})
        found += [
            Edit(column.header, old.get(column.key), new.get(column.key), str(old[table.key]))
            for column in table.columns
            if column.editable and old.get(column.key) != new.get(column.key)
        ]
    return tuple(found)


def json_edits(before: JsonObject, after: JsonObject) -> tuple[Edit, ...]:
    """The places at which two JSON objects differ, as RFC 6901 pointers, each as high up as the difference goes."""
    return tuple(_differences("", before, after))


def _differences(pointer: str, before: object, after: object) -> Iterator[Edit]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _differences(f"{pointer}/{_escaped(key)}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{pointer}/{index}", old, new)
    elif before != after or type(before) is not type(after):
        yield Edit(pointer, before, after)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
