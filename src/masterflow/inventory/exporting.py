"""What an exporter is given and what it answers: the published estate, one thing after another.

An exporter writes what it is handed at once, so that an estate of any size leaves in bounded memory. What the format
cannot carry is named with the reason; nothing is lost silently and nothing is made up to fill a column.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import IO

from masterflow.inventory.harmless import harmless
from masterflow.inventory.types import Application, Asset

SEPARATOR = "; "
WINDOWS, LINUX = "windows", "linux"
_LINUX_WORDS = (
    "linux", "ubuntu", "debian", "red hat", "rhel", "centos", "suse", "sles", "fedora", "rocky", "alma",
)  # fmt: skip

Value = str | int | Decimal | bool | StrEnum | tuple[str, ...] | None


class Part(StrEnum):
    """What of an estate a format carries."""

    SERVERS = "servers"
    EVERY_ASSET = "every_asset"
    APPLICATIONS = "applications"
    DEPENDENCIES = "dependencies"


@dataclass(frozen=True, slots=True)
class Exported:
    """One asset with the names of its applications, the stated ones first; facts only where lineage was asked for."""

    asset: Asset
    applications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """One application that needs another, by their names."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that the format cannot carry, or not in full, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What an export wrote, in rows of each part, and what it left out."""

    written: int
    left_out: tuple[LeftOut, ...]


class Writer:
    """One file that is being written; it is handed what its exporter carries, and nothing else."""

    def asset(self, exported: Exported) -> str | None:
        """Write one asset; answers why it was left out, or None."""
        raise NotImplementedError

    def application(self, application: Application) -> str | None:
        """Write one application; answers why it was left out, or None."""
        raise NotImplementedError

    def need(self, need: Need) -> str | None:
        """Write that one application needs another; answers why that was left out, or None."""
        raise NotImplementedError

    def shortened(self) -> Sequence["LeftOut"]:
        """What was written, but not in full: asked for once, after everything was handed over."""
        return ()

    def close(self) -> None:
        """Write what is still to be written; the target stays open."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Exporter:
    """A format that the estate can leave in. `lineage` says whether it can hold where each value came from."""

    name: str
    title: str
    file_name: str
    media_type: str
    carries: tuple[Part, ...]
    opens: Callable[[IO[bytes]], Writer]
    lineage: bool = False


class Rows:
    """A CSV on a binary target, in UTF-8 with CRLF as RFC 4180 wants it; texts are made harmless for spreadsheets."""

    def __init__(self, target: IO[bytes], header: Sequence[str], *, encoding: str = "utf-8") -> None:
        self._text = io.TextIOWrapper(target, encoding=encoding, newline="", write_through=True)
        self._rows = csv.writer(self._text)
        self._rows.writerow(header)

    def add(self, values: Iterable[Value]) -> None:
        """One row."""
        self._rows.writerow([cell_of(value) for value in values])

    def close(self) -> None:
        """Let go of the target, which stays open."""
        self._text.detach()


class Servers(Writer):
    """A writer of servers alone: one row each, by a function that answers the row or why there is none."""

    def __init__(
        self, target: IO[bytes], header: Sequence[str], row: Callable[[Exported], Sequence[Value] | str]
    ) -> None:
        self._rows = Rows(target, header)
        self._row = row

    def asset(self, exported: Exported) -> str | None:
        row = self._row(exported)
        if isinstance(row, str):
            return row
        self._rows.add(row)
        return None

    def close(self) -> None:
        self._rows.close()


def cell_of(value: Value) -> str:
    """A value as a cell of a CSV. Numbers stay numbers; a text never begins like a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    return harmless(SEPARATOR.join(value) if isinstance(value, tuple) else str(value))


def listed(left_out: Iterable[LeftOut]) -> bytes:
    """What was left out as a CSV, with the reasons."""
    target = io.BytesIO()
    rows = Rows(target, ("Name", "Reason"))
    for one in left_out:
        rows.add((one.name, one.reason))
    rows.close()
    return target.getvalue()


def gib_of(mib: int | None) -> Decimal | None:
    """MiB as GiB, exact: 1,024 divides every whole number in at most ten decimals."""
    return None if mib is None else Decimal(mib) / 1024


def missing(values: dict[str, Value]) -> str | None:
    """Why a row cannot be written: the names of what the format requires and nobody knows; None if all is there."""
    lacking = [name for name, value in values.items() if value is None or value == ""]
    return f"the format requires {' and '.join(lacking)}, which no source states" if lacking else None


def family_of(operating_system: str | None) -> str | None:
    """ "windows" or "linux" from the words of an operating system; None for others and for nothing."""
    said = (operating_system or "").casefold()
    if WINDOWS in said:
        return WINDOWS
    return LINUX if any(word in said for word in _LINUX_WORDS) else None
