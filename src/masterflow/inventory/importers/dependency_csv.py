"""Dependency tables: who talks to whom, by address, machine or application, with port and volume where known.

Flow summaries, dependency exports of migration tools and hand-made "application → application" lists differ only in
which ends and measures they name. `read_dependencies` types the rows and says why a row cannot be used.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import FIELDS, squashed
from masterflow.inventory.files.cells import is_address, text_of
from masterflow.inventory.files.connections import CALLS, CONNECTS_TO, DEPENDS_ON, LENT_BY_LINUX
from masterflow.inventory.files.delimited import header_of, read_delimited
from masterflow.inventory.files.records import is_json
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, RawRow, Reject, Sheet

LIKELY = 0.9
MAX_PORT = 65535
PROTOCOL_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp"}  # IANA, as flow logs of clouds write them
MOSTLY = 0.8  # a column is one of addresses when so many of its filled cells are
BROKEN_ADDRESS = re.compile(r"\d+(\.\d+){2,}")  # no host is called so
EXPONENT = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d{1,2}")  # what Excel makes of long numbers
MAX_DIGITS = 18
WHOLE = re.compile(rf"[+-]?\d{{1,{MAX_DIGITS}}}", re.ASCII)
THOUSANDS = re.compile(r"(?<=\d)[,.' ](?=\d{3}\b)")
ISO_START = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
EPOCH_SECONDS = re.compile(r"\d{9,10}(\.\d+)?")
EPOCH_MILLISECONDS = re.compile(r"\d{12,13}")
WRITTEN_DATES = (
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
)  # fmt: skip


class Part(StrEnum):
    """What a column of a dependency table says."""

    SOURCE = "source"
    SOURCE_ADDRESS = "source address"
    SOURCE_APPLICATION = "source application"
    SOURCE_PROCESS = "source process"
    DESTINATION = "destination"
    DESTINATION_ADDRESS = "destination address"
    DESTINATION_APPLICATION = "destination application"
    DESTINATION_PROCESS = "destination process"
    SOURCE_PORT = "source port"
    PORT = "port"
    PROTOCOL = "protocol"
    CONNECTIONS = "connections"
    BYTES = "bytes"
    FIRST_SEEN = "first seen"
    LAST_SEEN = "last seen"
    MOMENT = "moment"
    RELATION = "relation"
    OBSERVATIONS = "observations"


FIELD_OF_PART = {
    Part.SOURCE: ("source_hostname",),
    Part.SOURCE_ADDRESS: ("source_ip_address",),
    Part.SOURCE_APPLICATION: ("source_application",),
    Part.SOURCE_PROCESS: ("source_process",),
    Part.DESTINATION: ("target_hostname",),
    Part.DESTINATION_ADDRESS: ("target_ip_address", "target_ip"),
    Part.DESTINATION_APPLICATION: ("target_application",),
    Part.DESTINATION_PROCESS: ("target_process",),
    Part.SOURCE_PORT: ("source_port",),
    Part.PORT: ("target_port",),
    Part.PROTOCOL: ("protocol",),
    Part.CONNECTIONS: ("connection_count",),
    Part.BYTES: ("byte_count",),
    Part.FIRST_SEEN: ("first_discovered",),
    Part.LAST_SEEN: ("last_discovered",),
    Part.MOMENT: ("timestamp",),
    Part.RELATION: ("relation_type",),
    Part.OBSERVATIONS: ("sample_count",),
}
SOURCES = (Part.SOURCE, Part.SOURCE_ADDRESS, Part.SOURCE_APPLICATION)
DESTINATIONS = (Part.DESTINATION, Part.DESTINATION_ADDRESS, Part.DESTINATION_APPLICATION)
MEASURES = frozenset(Part) - {*SOURCES, *DESTINATIONS}
CHECKED_NUMBERS = (Part.PORT, Part.CONNECTIONS, Part.BYTES)  # a row with another text or below zero there is refused
NUMBERS = (*CHECKED_NUMBERS, Part.SOURCE_PORT, Part.OBSERVATIONS)
ORIENTED = frozenset({CONNECTS_TO, CALLS, DEPENDS_ON})
MAX_BARE_COLUMNS = 4  # a table of nothing but two ends and a remark
FLOW_EXPORT_HEADERS = {
    "sa": Part.SOURCE_ADDRESS, "da": Part.DESTINATION_ADDRESS, "sp": Part.SOURCE_PORT, "dp": Part.PORT,
    "pr": Part.PROTOCOL, "ibyt": Part.BYTES, "ts": Part.FIRST_SEEN, "te": Part.LAST_SEEN,  # nfdump
    "IPV4_SRC_ADDR": Part.SOURCE_ADDRESS, "IPV4_DST_ADDR": Part.DESTINATION_ADDRESS, "L4_SRC_PORT": Part.SOURCE_PORT,
    "L4_DST_PORT": Part.PORT, "IN_BYTES": Part.BYTES, "FIRST_SWITCHED": Part.FIRST_SEEN,
    "LAST_SWITCHED": Part.LAST_SEEN,  # nProbe, with the names of NetFlow version 9
    "sourceIPv4Address": Part.SOURCE_ADDRESS, "destinationIPv4Address": Part.DESTINATION_ADDRESS,
    "sourceTransportPort": Part.SOURCE_PORT, "destinationTransportPort": Part.PORT,
    "protocolIdentifier": Part.PROTOCOL, "octetDeltaCount": Part.BYTES, "flowStartSeconds": Part.FIRST_SEEN,
    "flowEndSeconds": Part.LAST_SEEN,  # IPFIX
}  # fmt: skip
WINDOW_HEADERS = {  # too general to mean this in other tables
    **dict.fromkeys(
        ("start", "start time", "flow start", "begin", "begin time", "first", "window start"), Part.FIRST_SEEN
    ),
    **dict.fromkeys(("end", "end time", "flow end", "stop", "stop time", "last", "window end"), Part.LAST_SEEN),
}
MORE_SPELLINGS = {squashed(header): part for header, part in {**WINDOW_HEADERS, **FLOW_EXPORT_HEADERS}.items()}


def spellings() -> dict[str, Part]:
    """Squashed header text to part, from the header texts that the flow fields go by."""
    by_field = {name: part for part, names in FIELD_OF_PART.items() for name in names}
    found = {
        squashed(alias): by_field[field.name] for field in FIELDS if field.name in by_field for alias in field.aliases
    }
    return {**MORE_SPELLINGS, **found}


PART_BY_SPELLING = spellings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One end of a dependency, by whatever the file names: at least one of address, host and application."""

    address: str | None = None
    host: str | None = None
    application: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DependencyRow:
    """`source` was seen to need `destination`, which answers on `port`.

    `oriented` says that the file itself tells which end serves, `observations` how many lines were added up. Times are
    aware UTC, what the file does not say is None.
    """

    place: Place
    source: Endpoint
    destination: Endpoint
    port: int | None = None
    protocol: str | None = None
    connections: int | None = None
    bytes_total: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    oriented: bool = False
    observations: int = 1


def recognises(head: FileHead) -> float:
    """A text table whose header names both ends of a connection, and a measure of it or nothing much else.

    Lists of what moves where ("source server, target server, wave, size …") name two ends as well.
    """
    if is_json(head):
        return 0.0  # a document of one line would be cut into a million columns
    headers = header_of(head, PART_BY_SPELLING)
    parts = parts_of(headers)
    bare = len(headers) <= MAX_BARE_COLUMNS
    return LIKELY if names_both_ends(parts) and (bare or not MEASURES.isdisjoint(parts)) else 0.0


def reads(head: FileHead) -> FileRead:
    """The table as found; `read_dependencies` types its rows.

    Raises:
        FileRejected: there is no table, or it has no rows.
    """
    return read_delimited(head, format_name="dependency_csv", sheet="csv", known=PART_BY_SPELLING)


def parts_of(headers: Sequence[str]) -> dict[Part, int]:
    """Which column says what; the first of several that say the same."""
    found: dict[Part, int] = {}
    for index, header in enumerate(headers):
        part = PART_BY_SPELLING.get(squashed(header)) or PART_BY_SPELLING.get(squashed(re.sub(r"\(.*?\)", "", header)))
        if part is not None:
            found.setdefault(part, index)
    return found


def names_both_ends(parts: dict[Part, int]) -> bool:
    """Whether a source and a destination are among the columns."""
    return any(part in parts for part in SOURCES) and any(part in parts for part in DESTINATIONS)


def read_dependencies(read: FileRead) -> tuple[list[DependencyRow], list[Reject]]:
    """The typed rows of every sheet that names both ends, and the rows that cannot be used.

    Raises:
        FileRejected: no sheet names both ends.
    """
    rows: list[DependencyRow] = []
    rejects: list[Reject] = []
    for typed in typed_rows(read):
        if isinstance(typed, Reject):
            rejects.append(typed)
        else:
            rows.append(typed)
    return rows, rejects


def unusable_rows(read: FileRead) -> list[Reject]:
    """The rows that `read_dependencies` cannot use; the others are typed and let go one by one.

    Raises:
        FileRejected: no sheet names both ends.
    """
    return [typed for typed in typed_rows(read) if isinstance(typed, Reject)]


def typed_rows(read: FileRead) -> Iterator[DependencyRow | Reject]:
    """Every row of every sheet that names both ends, typed or refused.

    Raises:
        FileRejected: no sheet names both ends.
    """
    tables = [(sheet, parts) for sheet in read.sheets if names_both_ends(parts := parts_of(sheet.headers))]
    if not tables:
        headers = ", ".join(read.sheets[0].headers[:8]) if read.sheets else "none"
        message = f"No sheet names both ends of a connection (columns: {headers})."
        hint = 'Name the columns "source" and "destination", or "source application" and "target application".'
        raise FileRejected(Place(read.file), message, hint=hint, code="no_ends")
    for sheet, parts in tables:
        yield from map(RowReader(Place(read.file, sheet.name), sheet, parts).typed, sheet.rows)


class UnusableRowError(Exception):
    """A row cannot be used; says the code, the reason and the columns at fault."""

    def __init__(self, code: str, reason: str, parts: Sequence[Part]) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.parts = parts


class RowReader:
    """Types the rows of one sheet."""

    def __init__(self, place: Place, sheet: Sheet, parts: dict[Part, int]) -> None:
        self.place = place
        self.sheet = sheet
        self.parts = parts
        self.numbers_at = [(part, parts[part]) for part in NUMBERS if part in parts]
        self.of_addresses = {part for part in (*SOURCES, *DESTINATIONS) if self.mostly_addresses(part)}
        self.source = EndReader(self, SOURCES, Part.SOURCE_PROCESS, "source")
        self.destination = EndReader(self, DESTINATIONS, Part.DESTINATION_PROCESS, "destination")

    def mostly_addresses(self, part: Part) -> bool:
        """Whether the column holds addresses, by its name or by most of its cells."""
        if part in (Part.SOURCE_ADDRESS, Part.DESTINATION_ADDRESS):
            return part in self.parts
        cells = [text for row in self.sheet.rows[:1000] if (text := text_of(self.cell(row, part)))]
        return part in self.parts and sum(map(is_address, cells)) > MOSTLY * len(cells)

    def cell(self, row: RawRow, part: Part) -> CellValue:
        """The cell of a part; None when the sheet has no such column."""
        index = self.parts.get(part)
        return row.cells[index] if index is not None else None

    def typed(self, row: RawRow) -> DependencyRow | Reject:
        """The row with types, or why it cannot be used."""
        try:
            return self.dependency(row)
        except UnusableRowError as unusable:
            at_fault = [part for part in unusable.parts if part in self.parts]
            headers = [self.sheet.headers[self.parts[part]] for part in at_fault]
            values = [text_of(self.cell(row, part)) for part in at_fault]
            place = Place(self.place.file, self.place.sheet, row.number, ", ".join(headers) or None)
            message = f"{unusable.reason.capitalize()}; the row was left out. Correct it and upload it again."
            return Reject(place, f"dependency.{unusable.code}", message, ", ".join(values))

    def dependency(self, row: RawRow) -> DependencyRow:
        """The row with types.

        Raises:
            UnusableRowError: an end is missing or broken, or a measure is no number.
        """
        source, destination = self.source.read(row), self.destination.read(row)
        numbers = self.numbers(row)
        source_port, port = numbers.get(Part.SOURCE_PORT), numbers.get(Part.PORT)
        if port is not None and port > MAX_PORT:
            raise UnusableRowError("port_too_high", f"port above {MAX_PORT}", [Part.PORT])
        first, last = self.moment(row, Part.FIRST_SEEN), self.moment(row, Part.LAST_SEEN)
        if first is not None and last is not None and first > last:
            raise UnusableRowError("times_reversed", "first seen after last seen", [Part.FIRST_SEEN, Part.LAST_SEEN])
        if is_reply(source_port, port):
            source, destination, port = destination, source, source_port
        moment = self.moment(row, Part.MOMENT)
        protocol = text_of(self.cell(row, Part.PROTOCOL)).casefold()
        return DependencyRow(
            place=Place(self.place.file, self.place.sheet, row.number),
            source=source,
            destination=destination,
            port=port,
            protocol=PROTOCOL_NUMBERS.get(protocol, protocol) or None,
            connections=numbers.get(Part.CONNECTIONS),
            bytes_total=numbers.get(Part.BYTES),
            first_seen=first or moment,
            last_seen=last or moment,
            oriented=text_of(self.cell(row, Part.RELATION)) in ORIENTED,
            observations=numbers.get(Part.OBSERVATIONS) or 1,
        )

    def numbers(self, row: RawRow) -> dict[Part, int | None]:
        """All measures at once, so that a row is corrected once; None where the file does not say."""
        found = {part: integer_of(row.cells[index]) for part, index in self.numbers_at}
        wrong: list[Part] = []
        negative: list[Part] = []
        for part in CHECKED_NUMBERS:
            number = found.get(part)
            if number is None and text_of(self.cell(row, part)):
                wrong.append(part)
            elif number is not None and number < 0:
                negative.append(part)
        if wrong:
            verb = "is not a number" if len(wrong) == 1 else "are not numbers"
            raise UnusableRowError("not_a_number", f"{' and '.join(wrong)} {verb}", wrong)
        if negative:
            raise UnusableRowError("negative", f"negative {' and '.join(negative)}", negative)
        return found

    def moment(self, row: RawRow, part: Part) -> datetime | None:
        """A time in UTC; a time without zone is taken as UTC."""
        cell = self.cell(row, part) if part in self.parts else None
        if cell is None or not text_of(cell):
            return None
        moment = moment_of(cell)
        if moment is None:
            raise UnusableRowError("not_a_time", f"{part} is not a time", [part])
        return moment


class EndReader:
    """Reads one end of the rows of a sheet; the same few ends stand in most rows, and each is judged once."""

    def __init__(self, sheet: RowReader, parts: tuple[Part, Part, Part], process: Part, name: str) -> None:
        self.sheet = sheet
        self.parts = parts
        self.process = process
        self.name = name
        self.columns = [sheet.parts[part] for part in (*parts, process) if part in sheet.parts]
        self.known: dict[tuple[CellValue, ...], Endpoint] = {}  # by the cells as found

    def read(self, row: RawRow) -> Endpoint:
        """The end by name, address and application.

        Raises:
            UnusableRowError: it is missing, or its address is none.
        """
        cells = tuple([row.cells[column] for column in self.columns])
        known = self.known.get(cells)
        if known is not None:
            return known
        end = self.judged(row)
        if all(cell is None or isinstance(cell, str) for cell in cells):  # 1 and True are equal and read otherwise
            self.known[cells] = end
        return end

    def judged(self, row: RawRow) -> Endpoint:
        """The end of a row whose cells were not met before."""
        host, address, application = (text_of(self.sheet.cell(row, part)) for part in self.parts)
        if not (host or address or application):
            raise UnusableRowError(f"no_{self.name}", f"no {self.name}", self.parts)
        if self.parts[0] in self.sheet.of_addresses or BROKEN_ADDRESS.fullmatch(host):
            host, address = "", address or host
        if address and not is_address(address):
            raise UnusableRowError(f"{self.name}_not_address", f"{self.name} is not an address", self.parts[:2])
        return Endpoint(
            address=address or None,
            host=host or None,
            application=application or None,
            process=text_of(self.sheet.cell(row, self.process)) or None,
        )


def is_reply(source_port: int | None, port: int | None) -> bool:
    """Whether a row tells of an answer: its source speaks from a port that serves, to one lent for the connection."""
    return source_port is not None and port is not None and 0 < source_port < LENT_BY_LINUX <= port


def integer_of(cell: CellValue) -> int | None:
    """A whole number, also with thousands separators; None for anything else."""
    if isinstance(cell, str):
        return integer_in(cell.strip())
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    return cell if isinstance(cell, int) and not isinstance(cell, bool) else None


def integer_in(text: str) -> int | None:
    """The whole number that a trimmed text writes; None for anything else."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    text = THOUSANDS.sub("", text)
    if EXPONENT.fullmatch(text):
        return integer_of(float(text))
    return int(text) if WHOLE.fullmatch(text) else None


def moment_of(cell: CellValue) -> datetime | None:
    """A moment written in ISO 8601, in a usual order, or as seconds since 1970; None for anything else."""
    if isinstance(cell, datetime):
        return in_utc(cell)
    text = text_of(cell)
    return usual_moment(text) if ISO_START.match(text) else written_moment(text)


@lru_cache(maxsize=200_000)
def usual_moment(text: str) -> datetime | None:
    """A moment that begins as ISO 8601 has it; None when it goes on otherwise."""
    try:
        return in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def written_moment(text: str) -> datetime | None:
    """A moment in seconds since 1970 or in another order; None for anything else."""
    for reading in (from_epoch, datetime.fromisoformat, *map(written_as, WRITTEN_DATES)):
        try:
            return in_utc(reading(text))
        except (ValueError, OverflowError, OSError):
            continue
    return None


def from_epoch(text: str) -> datetime:
    """Seconds or milliseconds since 1970."""
    if EPOCH_SECONDS.fullmatch(text):
        return datetime.fromtimestamp(float(text), tz=UTC)
    if EPOCH_MILLISECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
    raise ValueError(text)


def written_as(form: str) -> Callable[[str], datetime]:
    """A reader for one way to write a date."""
    return lambda text: datetime.strptime(text, form)  # noqa: DTZ007 - in_utc adds the zone


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


IMPORTER = Importer(
    name="dependency_csv",
    title="Dependency and flow tables (.csv)",
    recognises=recognises,
    reads=reads,
    aliases={
        ("", header.lower()): FIELD_OF_PART[part][0]
        for header, part in {**WINDOW_HEADERS, **FLOW_EXPORT_HEADERS}.items()
    },
    tells_dependencies=True,
)
