"""JSON as callers may send it: numbers and nesting that the database could not keep are refused with the field's name.

Texts are looked at before, for every route at once.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator

DEEPEST = 32  # levels of a JSON value
LARGEST_INTEGER = 2**63 - 1


V = TypeVar("V")


def storable(value: V) -> V:
    """A JSON value that the database could keep.

    Raises:
        ValueError: it is nested too deep, or a number is too large or not finite.
    """
    _storable(value, DEEPEST)
    return value


def _storable(value: object, levels: int) -> None:
    if levels == 0:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise ValueError("an integer needs more than 64 bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is not finite")
    if isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            _storable(part, levels - 1)


Json = Annotated[Mapping[str, Any], AfterValidator(storable)]
