"""The configuration of a flow as people write it on a command line."""

import json
from pathlib import Path
from typing import Any

from masterflow.db.text import WHY_UNKEPT, unkept_texts
from masterflow.errors import InvalidInput


def configuration_of(file: Path | None, pairs: list[str]) -> dict[str, Any]:
    """The fields of a JSON file and of KEY=VALUE texts, which win; a value is JSON, or else the text.

    Raises:
        InvalidInput: the file holds no object, or a text is not KEY=VALUE.
    """
    values = _object(file) if file else {}
    for pair in pairs:
        key, separator, text = pair.partition("=")
        if not separator or not key:
            raise InvalidInput(f"{pair!r} is not KEY=VALUE.", hint="Write move_date=2027-06-30, say.")
        values[key.strip()] = _value(text)
    for path in unkept_texts(values):
        raise InvalidInput(f"'{'.'.join(path)}' {WHY_UNKEPT}.", hint="Take the character out.")
    return values


def _object(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_bytes())
    except ValueError as error:
        raise InvalidInput(f"{file} is not JSON: {error}.", hint="Write one object.") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{file} holds no object.", hint='Write {"field": value, …}.')
    return value


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
