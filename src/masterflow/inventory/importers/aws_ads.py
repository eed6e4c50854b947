"""AWS Application Discovery Service: import files, and answers of its interface with servers and their neighbours.

A row of an import file has to name its server by at least one of external id, SMBIOS id, address, MAC address, host
name or the pair of MoRef id and vCenter id: MoRef ids repeat in every vCenter. Neighbours become a table of
dependencies.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from masterflow.errors import Place
from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files.cells import text_of
from masterflow.inventory.files.documented import CERTAIN, Cells, Complaint, Judge, documented_tables, judged
from masterflow.inventory.files.glimpses import glimpsed, json_keys
from masterflow.inventory.files.json_documents import cell_of, json_of
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.json_tables import no_rows, records_under, sheet_of_records
from masterflow.inventory.files.secrets import quotable
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, RawRow, Reject, Sheet

FORMAT = "aws_ads"
SERVERS = documented_tables("aws_ads.toml")["servers"]
NAMES = KNOWN_NAMES | SERVERS.names
FEWEST_TELLING = 3
KNOWN_SHARE = 0.5
SERVER_LISTS = ("configurations", "servers")
NEIGHBOURS = "neighbors"
NEIGHBOUR_KEYS = frozenset({"sourceServerId", "destinationServerId"})
SERVER_KEYS = frozenset({"server.hostName", "server.configurationId", "server.osName", "server.agentId"})
DEPENDENCY_HEADERS = ("source_hostname", "target_hostname", "target_port", "protocol", "connection_count")

IDENTIFYING = ("externalid", "smbiosid", "ipaddress", "macaddress", "hostname")
MOREF, VCENTER = "vmwaremorefid", "vmwarevcenterid"


def recognises(head: FileHead) -> float:
    """Certain by columns or keys that only the service has."""
    keys = json_keys(head)
    if keys:
        return CERTAIN if len(keys & SERVER_KEYS) > 1 or keys >= NEIGHBOUR_KEYS else 0.0
    return CERTAIN if any(map(is_import, glimpsed(head, NAMES))) else 0.0


def is_import(sheet: Sheet) -> bool:
    """Whether a table follows the import file."""
    return SERVERS.telling_in(sheet.headers) >= FEWEST_TELLING and SERVERS.known_share(sheet.headers) >= KNOWN_SHARE


def reads(head: FileHead) -> FileRead:
    """The servers as found, and the dependencies where the file tells neighbours.

    Raises:
        FileRejected: there is no server and no neighbour, or the file is damaged.
    """
    if json_keys(head):
        return read_answer(head)
    return judged(read_every_table(head, format_name=FORMAT, known=NAMES), judge_of)


def judge_of(sheet: Sheet) -> Judge | None:
    """The judge of a sheet that follows the import file."""
    return import_judge if is_import(sheet) else None


def import_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether a row names its server in none of the ways that the service accepts."""
    if not (cells.has(*IDENTIFYING) or cells.has(MOREF)) or cells.text(row, *IDENTIFYING):
        return None
    columns = [cells.header(name) for name in (*IDENTIFYING, MOREF, VCENTER)]
    fill = f"Fill one of {', '.join(column for column in columns if column)}, and upload the row again."
    if not cells.text(row, MOREF):
        message = f"None of the columns that name a server is filled; the row was left out. {fill}"
        return Complaint("server.no_identity", message, columns)
    if cells.text(row, VCENTER):
        return None
    message = f"A MoRef id names a server only together with its vCenter id; the row was left out. {fill}"
    return Complaint("server.moref_without_vcenter", message, [cells.header(MOREF), cells.header(VCENTER)])


def read_answer(head: FileHead) -> FileRead:
    """The servers and neighbours in an answer of the interface."""
    value = json_of(head)
    sheets: list[Sheet] = []
    name, items = records_under(value, SERVER_LISTS)
    neighbours = [item for item in records_under(value, (NEIGHBOURS,))[1] if is_neighbour(item)]
    servers, rejects = sheet_of_records(
        Place(head.name, name), [item for item in items if not is_neighbour(item)], cells_of
    )
    if any(header.startswith("server.") for header in servers.headers):
        sheets.append(servers)
    if neighbours:
        table, unusable = dependencies(Place(head.name, NEIGHBOURS), neighbours, names_of(servers))
        sheets += [table] if table.rows else []
        rejects = (rejects if sheets[:1] == [servers] else []) + unusable
    if not any(sheet.rows for sheet in sheets):
        raise no_rows(head, name)
    return FileRead(FORMAT, tuple(sheets), tuple(rejects), {}, head.name)


def is_neighbour(item: Json) -> bool:
    """Whether a record tells who talks to whom."""
    return isinstance(item, dict) and bool(NEIGHBOUR_KEYS & item.keys())


def cells_of(record: Mapping[str, Json]) -> Mapping[str, CellValue]:
    """The cells of a server, nested values under dotted headers."""
    return dict(cells_in(record, ""))


def cells_in(record: Mapping[str, Json], prefix: str) -> Iterator[tuple[str, CellValue]]:
    """The cells of an object; the service writes lists of objects as JSON text."""
    for key, found in record.items():
        value = unpacked(found)
        objects = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        if isinstance(value, dict) and value:
            yield from ((f"{prefix}{key}.{inner}", cell_of(cell)) for inner, cell in value.items())
        elif objects:
            inner_keys = dict.fromkeys(inner for item in objects for inner in item)
            yield from ((f"{prefix}{key}.{inner}", joined(objects, inner)) for inner in inner_keys)
        else:
            yield prefix + key, cell_of(value)


def unpacked(value: Json) -> Json:
    """The list or object that a text holds as JSON, else the value itself."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            inner: Json = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return inner
    return value


def joined(objects: Sequence[Mapping[str, Json]], key: str) -> CellValue:
    """What several objects say under a key, with commas."""
    texts = [text_of(cell_of(item.get(key))) for item in objects]
    return cell_of([text for text in dict.fromkeys(texts) if text])


def names_of(servers: Sheet) -> Mapping[str, str]:
    """The host name of each server by the id that neighbours refer to."""
    cells = Cells(servers.headers)
    found = {cells.text(row, "serverconfigurationid"): cells.text(row, "serverhostname") for row in servers.rows}
    return {identifier: name for identifier, name in found.items() if identifier and name}


def dependencies(place: Place, items: Sequence[Json], names: Mapping[str, str]) -> tuple[Sheet, list[Reject]]:
    """Neighbours as dependencies, equal ones added up; what names only one end is a reject."""
    first: dict[tuple[CellValue, ...], int] = {}
    connections: Counter[tuple[CellValue, ...]] = Counter()
    rejects: list[Reject] = []
    for number, item in enumerate(items, start=1):
        record = item if isinstance(item, dict) else {}
        ends = [text_of(cell_of(record.get(key))) for key in ("sourceServerId", "destinationServerId")]
        if not all(ends):
            message = "The neighbour names only one server; it was left out. Export the neighbours again."
            at = Place(place.file, place.sheet, number)
            rejects.append(Reject(at, "dependency.no_end", message, quotable(json.dumps(item))[:500]))
            continue
        source, target = (names.get(end, end) for end in ends)
        port, protocol = (cell_of(record.get(key)) for key in ("destinationPort", "transportProtocol"))
        key = (source, target, port, protocol)
        first.setdefault(key, number)
        count = record.get("connectionsCount")
        connections[key] += count if isinstance(count, int) and not isinstance(count, bool) else 1
    rows = tuple(RawRow(number, (*key, connections[key])) for key, number in first.items())
    return Sheet(place.sheet or NEIGHBOURS, 0, DEPENDENCY_HEADERS, rows), rejects


IMPORTER = Importer(
    name=FORMAT,
    title="AWS Application Discovery Service (.csv, .json)",
    recognises=recognises,
    reads=reads,
    aliases={
        **SERVERS.aliases(),
        **{(NEIGHBOURS, header): header for header in DEPENDENCY_HEADERS},
    },
    units=SERVERS.units_of(),
)
