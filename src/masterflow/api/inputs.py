"""Texts and JSON as callers may send them: what the database cannot store is refused with the field's name."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

DEEPEST = 32  # levels of a JSON value
LARGEST_INTEGER = 2**63 - 1


def _text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("it holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("it holds half of a surrogate pair") from error
    return value


def _json(value: Mapping[str, Any]) -> Mapping[str, Any]:
    _storable(value, DEEPEST)
    return value


def _storable(value: object, levels: int) -> None:
    if levels == 0:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, str):
        _text(value)
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise ValueError("an integer needs more than 64 bits")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is not finite")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            _text(str(name))
            _storable(part, levels - 1)
    elif isinstance(value, list):
        for part in value:
            _storable(part, levels - 1)


Text = Annotated[str, AfterValidator(_text)]
Json = Annotated[Mapping[str, Any], AfterValidator(_json)]
