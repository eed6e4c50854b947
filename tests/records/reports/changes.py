"""Every value of a report, one after the other, replaced by another one of its kind."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;\x00\ud800"


def changes(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of each leaf, and the whole value with that leaf alone changed; of a tuple, the first entry."""
    for where, part, put_back in _parts(value):
        for further, other in changes(part, path + where):
            yield further, put_back(other)
    if not _is_whole(value) and (other := another(value)) is not None:
        yield path, other


def _is_whole(value: Any) -> bool:
    return is_dataclass(value) or isinstance(value, tuple | Mapping)


def _parts(value: Any) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    if is_dataclass(value):
        for field in fields(value):
            yield f".{field.name}", getattr(value, field.name), lambda new, n=field.name: replace(value, **{n: new})
    elif isinstance(value, tuple) and value:
        yield "[]", value[0], lambda new: (new, *value[1:])
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield f"[{key}]", entry, lambda new, k=key: {**value, k: new}


def another(value: Any) -> Any:
    """A different value of the same kind; None where there is nothing to change or an identity would break."""
    if value is None or isinstance(value, UUID):
        return None
    if isinstance(value, Enum):
        members = list(type(value))
        return members[(members.index(value) + 1) % len(members)]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value * 3 + 4321 if value > 5 else value % 5 + 1  # far enough to survive rounding to TiB
    if isinstance(value, float):
        return value + 0.137
    if isinstance(value, datetime | date):
        return value + timedelta(days=17)
    return f"zz {value}"


def hostile(value: Any, text: str = HOSTILE) -> Any:
    """The same value with every text in it replaced, by one that tries to be markup unless another is given."""
    if is_dataclass(value):
        return replace(value, **{field.name: hostile(getattr(value, field.name), text) for field in fields(value)})
    if isinstance(value, tuple):
        return tuple(hostile(entry, text) for entry in value)
    if isinstance(value, Mapping):
        return {hostile(key, text): hostile(entry, text) for key, entry in value.items()}
    return text if isinstance(value, str) and not isinstance(value, Enum) else value
