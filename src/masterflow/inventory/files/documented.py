"""The columns that a vendor documents for its exports: what each means, and whether a table is such an export.

They are data, in a TOML file beside the importer: `[table.means]` lists the headers of each inventory field,
`attributes` those without a field, `telling` those that hardly any other list has, `[table.units]` the headers of each
unit that they leave unsaid. "{n}" in a header stands for a number.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import squashed
from masterflow.inventory.files.cells import text_of
from masterflow.inventory.files.kept_rows import RowKeeper
from masterflow.inventory.reading import CellValue, FileRead, RawRow, Reject, Sheet

CERTAIN = 0.95  # the headers are those of the vendor, and some of them are nobody else's
MOST_NUMBERED = 64  # columns of a series that get an alias; further ones are known by the general vocabulary


@dataclass(frozen=True, slots=True)
class Documented:
    """The documented columns of one kind of table."""

    fields: Mapping[str, str]
    telling: frozenset[str]
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Every header text without case, spaces and signs."""
        return frozenset(map(squashed, self.fields))

    def aliases(self, sheet: str = "") -> dict[tuple[str, str], str]:
        """(sheet, header) to field, as an importer declares them."""
        return {(sheet.casefold(), header.casefold()): name for header, name in self.fields.items()}

    def units_of(self, sheet: str = "") -> dict[tuple[str, str], str]:
        """(sheet, header) to unit, as an importer declares them."""
        return {(sheet.casefold(), header.casefold()): unit for header, unit in self.units.items()}

    def telling_in(self, headers: Iterable[str]) -> int:
        """How many of the headers hardly any other list has."""
        return len({squashed(header) for header in headers} & self.telling)

    def known_share(self, headers: Sequence[str]) -> float:
        """The part of the headers that is documented."""
        known = self.names
        return sum(squashed(header) in known for header in headers) / len(headers) if headers else 0.0


def documented_tables(file: str) -> dict[str, Documented]:
    """The tables that a TOML file beside the importers documents, by name."""
    text = files("masterflow.inventory.importers").joinpath(file).read_text(encoding="utf-8")
    return {name: documented(entry) for name, entry in tomllib.loads(text).items()}


def documented(entry: Mapping[str, object]) -> Documented:
    """One table of such a file."""
    found = {header: name for name, headers in lists_in(entry.get("means")) for header in headers}
    attributes = entry.get("attributes")
    without = dict.fromkeys(map(str, attributes) if isinstance(attributes, list) else (), "")
    units = {header: unit for unit, headers in lists_in(entry.get("units")) for header in headers}
    telling = entry.get("telling")
    return Documented(
        fields=written_out({**without, **found}),
        telling=frozenset(
            squashed(spelling)
            for header in (telling if isinstance(telling, list) else ())
            for spelling in numbered(str(header))
        ),
        units=written_out(units),
    )


def lists_in(entry: object) -> Iterator[tuple[str, list[str]]]:
    """The headers listed under each key."""
    if isinstance(entry, dict):
        for key, headers in entry.items():
            yield str(key), [str(header) for header in headers]


def written_out(entries: Mapping[str, str]) -> dict[str, str]:
    """Every header with the numbers that "{n}" stands for."""
    return {spelling: value for header, value in entries.items() for spelling in numbered(header)}


def numbered(header: str) -> Iterator[str]:
    """A header, or the headers of the series that it stands for."""
    if "{n}" not in header:
        yield header
    else:
        yield from (header.replace("{n}", str(number)) for number in range(1, MOST_NUMBERED + 1))


class Cells:
    """The cells of a row by the squashed names of their columns, whatever order the columns stand in."""

    def __init__(self, headers: Sequence[str]) -> None:
        self.headers = headers
        self.places: dict[str, int] = {}
        for place, header in enumerate(headers):
            self.places.setdefault(squashed(re.sub(r" \(\d+\)$", "", header)), place)

    def has(self, *names: str) -> bool:
        """Whether there is a column of one of these names."""
        return any(name in self.places for name in names)

    def header(self, *names: str) -> str | None:
        """How the file writes the first of these columns that it has."""
        return next((self.headers[self.places[name]] for name in names if name in self.places), None)

    def value(self, row: RawRow, *names: str) -> CellValue:
        """The first filled cell of these columns."""
        cells = (row.cells[self.places[name]] for name in names if name in self.places)
        return next((cell for cell in cells if text_of(cell)), None)

    def text(self, row: RawRow, *names: str) -> str:
        """The first filled cell of these columns as text; "" when none is filled."""
        return text_of(self.value(row, *names))


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a row cannot be used and what to do, and the columns at fault as the file writes them."""

    code: str
    message: str
    columns: Sequence[str | None] = ()


Judge = Callable[[Cells, RawRow], Complaint | None]


def judged(read: FileRead, judge_of: Callable[[Sheet], Judge | None]) -> FileRead:
    """What was read without the rows that a judge complains of; `judge_of` gives none for sheets it does not know.

    Raises:
        FileRejected: no row is left.
    """
    sheets: list[Sheet] = []
    rejects = list(read.rejects)
    for sheet in read.sheets:
        judge = judge_of(sheet)
        kept, refused = sifted(sheet, read.file, judge) if judge else (sheet, [])
        sheets.append(kept)
        rejects += refused
    if rejects and not any(sheet.rows for sheet in sheets):
        message = f"None of the {len(rejects)} rows could be used; the first: {rejects[0].message}"
        raise FileRejected(rejects[0].place, message, hint="Correct the rows.", code="no_usable_rows")
    return replace(read, sheets=tuple(sheets), rejects=tuple(rejects))


def sifted(sheet: Sheet, file: str, judge: Judge) -> tuple[Sheet, list[Reject]]:
    """A sheet without the rows that a judge complains of, and those rows as rejects."""
    cells = Cells(sheet.headers)
    kept = RowKeeper()
    rejects: list[Reject] = []
    for row in sheet.rows:
        complaint = judge(cells, row)
        if complaint is None:
            kept.keep(row)
            continue
        columns = ", ".join(column for column in complaint.columns if column)
        value = " | ".join(text_of(cell) for cell in row.cells if cell is not None)
        place = Place(file, sheet.name, row.number, columns or None)
        rejects.append(Reject(place, complaint.code, complaint.message, value[:500]))
    return replace(sheet, rows=kept.rows()), rejects
