"""Text that Postgres keeps: no NUL character, no half of a surrogate pair."""

import re
from collections.abc import Iterator, Mapping, Sequence

_UNKEPT = re.compile("[\x00\ud800-\udfff]")

WHY_UNKEPT = "holds a NUL character or a lone surrogate, which no database text can hold"


def is_kept(text: str) -> bool:
    """Whether the database can hold `text`."""
    return _UNKEPT.search(text) is None


def printable(text: str) -> str:
    """`text` with escapes in place of what cannot be kept, so that a message can quote it."""
    return _UNKEPT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def unkept_texts(value: object) -> Iterator[tuple[str, ...]]:
    """Where in a JSON value there are texts or keys that cannot be kept: keys and list positions from the outside."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, str):
            if not is_kept(one):
                yield path
        elif isinstance(one, Mapping):
            yield from ((*path, printable(key)) for key in one if not is_kept(key))
            waiting.extend(((*path, printable(key)), inner) for key, inner in one.items())
        elif isinstance(one, Sequence) and not isinstance(one, bytes | bytearray):
            waiting.extend(((*path, str(position)), inner) for position, inner in enumerate(one))
