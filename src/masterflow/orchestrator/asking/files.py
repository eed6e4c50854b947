"""Answers as files: a workbook that asks field by field, and what comes back as .xlsx, .csv or .json."""

import csv
import io
import json
from pathlib import PurePath
from typing import Any

from masterflow.errors import EditRejected, FieldProblem, InputRejected, InvalidInput
from masterflow.orchestrator import workbook
from masterflow.orchestrator.asking.types import Asked, AskedField
from masterflow.spec import Column, EditableTable, Row

FORMATS = (".json", ".csv", ".xlsx")


def template(asked: Asked) -> bytes:
    """A workbook with a row for every missing field; the column `value` is to be filled in."""
    return workbook.write(_TABLE, asked)


def read(asked: Asked, name: str, data: bytes) -> dict[str, Any]:
    """The values that a file gives, by field. A blank value is none.

    Raises:
        InvalidInput: it is no file of the formats, or cannot be read.
        InputRejected: a field is given twice.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".json":
        return _json(data)
    if suffix == ".csv":
        return _csv(asked, data)
    if suffix == ".xlsx":
        return _xlsx(asked, data)
    raise InvalidInput(f"{name!r} is none of {', '.join(FORMATS)}.", hint="Fill in the template of this flow.")


def value_of(asked: AskedField | None, given: object) -> object:
    """What a person typed, as the field takes it: JSON where it is some, else text; a list also one entry a line."""
    if not isinstance(given, str):
        return str(given) if asked is not None and asked.type == "text" and given is not None else given
    if asked is not None and asked.type in {"text", "choice", "id"}:
        return given
    if asked is not None and asked.type == "date":
        return given.strip().removesuffix(" 00:00:00")
    try:
        found: object = json.loads(given)
    except ValueError:
        is_list = asked is not None and asked.type.startswith("list of")
        return [line.strip() for line in given.splitlines() if line.strip()] if is_list else given
    return [found] if asked is not None and asked.type.startswith("list of") and not isinstance(found, list) else found


def shown(value: object) -> str | None:
    """A value as it stands in a cell."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _rows(asked: Asked) -> list[Row]:
    return [
        {
            "field": one.field,
            "question": " ".join(part for part in (one.question, "; ".join(one.reasons)) if part),
            "type": one.type,
            "choices": ", ".join(one.choices),
            "value": shown(one.current),
        }
        for one in asked.fields
    ]


def _unchanged(asked: Asked, _: list[Row]) -> Asked:
    return asked


_TABLE: EditableTable[Any] = EditableTable(
    title="Input",
    key="field",
    columns=(
        Column("field", "field", width=24),
        Column("question", "question", width=70),
        Column("type", "type"),
        Column("choices", "choices", width=30),
        Column("value", "value", editable=True, width=40),
    ),
    rows=_rows,
    apply=_unchanged,
)


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise InvalidInput(f"The file is not JSON: {error}.", hint='Write {"field": value, …}.') from error
    if not isinstance(found, dict):
        raise InvalidInput("The file holds no JSON object.", hint='Write {"field": value, …}.')
    return found


def _csv(asked: Asked, data: bytes) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("The file is not UTF-8 text.", hint="Save it as CSV UTF-8.") from error
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    headers = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "field" not in headers or "value" not in headers:
        raise InvalidInput("The file has no columns 'field' and 'value'.", hint="Fill in the template of this flow.")
    at_field, at_value = headers.index("field"), headers.index("value")
    pairs = [(row[at_field].strip(), row[at_value]) for row in rows[1:] if len(row) > max(at_field, at_value)]
    return _given(asked, pairs)


def _xlsx(asked: Asked, data: bytes) -> dict[str, Any]:
    try:
        rows = workbook.read(_TABLE, asked, data)
    except EditRejected as error:
        raise InputRejected(
            [FieldProblem("the file", problem) for problem in error.problems],
            hint="Fill in the column 'value' of this flow's template and nothing else.",
        ) from error
    return _given(asked, [(str(row["field"]), row["value"]) for row in rows])


def _given(asked: Asked, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems = []
    for name, cell in pairs:
        if not name or cell is None or not str(cell).strip():
            continue
        if name in values:
            problems.append(FieldProblem(name, "it is given twice"))
        values[name] = value_of(asked.field(name), cell)
    if problems:
        raise InputRejected(problems, hint="Give each field once; nothing was changed.")
    return values
