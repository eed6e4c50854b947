"""Network scans by nmap, as XML (-oX): hosts that answered, their open ports, and what did not answer.

An open port is evidence that the host listens, not that somebody needs it. The file is streamed, so that a scan of a
whole network needs no more memory than its hosts; of a scan that was cut off everything before the cut is kept.
Documents that declare entities or fetch a DTD are refused unread.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.json_documents import Cells, listed
from masterflow.inventory.files.unread import contains
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, RawRow, Reject, Sheet

CERTAIN = 0.95
HOSTS, PORTS, NO_ANSWER = "hosts", "ports", "hosts without answer"
HARMLESS_DOCTYPE = re.compile(rb"<!DOCTYPE\s+nmaprun\s*>")
UNSAYING_TYPES = ("general purpose", "specialized")  # device types that say nothing of what a host is for
SURE = 100  # percent: a worse guess takes servers for routers
HOST_HEADERS = (
    "status.state", "status.reason", "hostnames.user", "hostnames.PTR", "address.ipv4", "address.ipv6", "address.mac",
    "address.mac.vendor", "os.osmatch.name", "os.osmatch.accuracy", "os.osclass.vendor", "os.osclass.osfamily",
    "os.osclass.osgen", "os.osclass.type", "os.osclass.cpe", "device type", "uptime.seconds", "uptime.lastboot",
    "distance.value", "ports.open", "starttime", "endtime",
)  # fmt: skip
PORT_HEADERS = (
    "host", "host address", "portid", "protocol", "state", "reason", "service.name", "service.product",
    "service.version", "service.extrainfo", "service.ostype", "service.hostname", "service.method", "service.conf",
    "service.tunnel", "service.cpe",
)  # fmt: skip
QUIET_HEADERS = ("state", "reason", "host", "host address")

is_nmap = contains(r"<nmaprun[\s>]")


@dataclass(slots=True)
class Scan:
    """What was read of a scan so far."""

    hosts: list[RawRow] = field(default_factory=list)
    ports: list[RawRow] = field(default_factory=list)
    quiet: list[RawRow] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    seen: int = 0


def recognises(head: FileHead) -> float:
    """XML with nmap's root element."""
    return CERTAIN if is_nmap(head) else 0.0


def reads(head: FileHead) -> FileRead:
    """One row for each host that answered, one for each of its ports that is not closed, and what did not answer.

    Raises:
        FileRejected: the XML declares entities or a DTD, or not a single host could be read.
    """
    if (doctype := re.search(rb"<!DOCTYPE[^>]{0,2000}>", head.start)) and not HARMLESS_DOCTYPE.fullmatch(
        doctype.group()
    ):
        raise unsafe(head)
    scan, rejects = Scan(), []
    try:
        read_into(scan, head)
    except DefusedXmlException as error:
        raise unsafe(head) from error
    except (ParseError, ValueError, LookupError) as error:
        rejects.append(cut_off(head, scan, error))
    if not scan.hosts and not scan.quiet:
        raise no_hosts(head, rejects)
    sheets = (
        Sheet(HOSTS, 0, HOST_HEADERS, tuple(scan.hosts)),
        Sheet(PORTS, 0, PORT_HEADERS, tuple(scan.ports)),
        Sheet(NO_ANSWER, 0, QUIET_HEADERS, tuple(scan.quiet)),
    )
    return FileRead("nmap", tuple(s for s in sheets if s.rows), tuple(rejects), dict(scan.about), head.name)


def unsafe(head: FileHead) -> FileRejected:
    """The refusal of a document that could fetch or blow up something."""
    message = "The XML declares entities or refers to a DTD, which nmap never does; it was not read."
    hint = "Upload the file as nmap wrote it with -oX."
    return FileRejected(Place(head.name), message, hint=hint, code="unsafe_xml")


def cut_off(head: FileHead, scan: Scan, error: Exception) -> Reject:
    """What to say of a scan that ends too early or is damaged: everything before that place was kept."""
    line = error.position[0] if isinstance(error, ParseError) else None
    message = (
        f"The scan breaks off or is damaged here; {scan.seen} hosts before this place were read. "
        "Let the scan finish, or repeat it for the other hosts."
    )
    return Reject(Place(head.name, row=line), "file.cut_off", message)


def no_hosts(head: FileHead, rejects: list[Reject]) -> FileRejected:
    """The refusal of a scan without hosts."""
    broken = f" It is damaged in line {rejects[0].place.row}." if rejects and rejects[0].place.row else ""
    message = f"The scan holds no host.{broken}"
    hint = "Check the addresses that were scanned, and run nmap with -oX again."
    return FileRejected(Place(head.name), message, hint=hint, code="no_data_rows")


def read_into(scan: Scan, head: FileHead) -> None:
    """Add every host of the file to a scan, one after the other.

    Raises:
        ParseError, ValueError, LookupError: the document is damaged, or in an unknown encoding.
        DefusedXmlException: it declares entities or refers to external ones.
    """
    with head.path.open("rb") as file:
        root: Element | None = None
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=False):
            if event == "start":
                if root is None:
                    root = element
                    scan.about.update(about_scan(element))
            elif element.tag == "host":
                add_host(scan, element)
            elif element.tag == "finished" and element.get("exit") not in (None, "success"):
                scan.about["exit"] = text(element, "exit") or ""
            if event == "end" and root is not None and element.tag in ("host", "taskprogress", "hosthint"):
                root.clear()


def about_scan(root: Element) -> Iterator[tuple[str, str]]:
    """What the root says about the scan."""
    for name in ("version", "startstr"):
        if value := text(root, name):
            yield name, value[:80]


def add_host(scan: Scan, host: Element) -> None:
    """Add one host with its ports, or among those that did not answer."""
    scan.seen += 1
    state = first(host, "status", "state")
    addresses = list(addresses_of(host))
    if state == "down":
        address = listed(addr for addr, _ in addresses)
        names = listed(names_of(host, None))
        scan.quiet.append(RawRow(scan.seen, (state, first(host, "status", "reason"), names, address)))
        return
    cells = {**dict(who(host, addresses)), **dict(system_of(host))}
    opened = [port for port in host.iterfind("ports/port") if first(port, "state", "state") == "open"]
    cells["status.state"], cells["status.reason"] = state, first(host, "status", "reason")
    cells["ports.open"] = listed(f"{port.get('portid')}/{port.get('protocol')}" for port in opened)
    cells["starttime"], cells["endtime"] = text(host, "starttime"), text(host, "endtime")
    scan.hosts.append(row(scan.seen, HOST_HEADERS, cells))
    for port in host.iterfind("ports/port"):
        if first(port, "state", "state") != "closed":
            scan.ports.append(row(len(scan.ports) + 1, PORT_HEADERS, port_cells(port, cells)))


def row(number: int, headers: tuple[str, ...], cells: Cells) -> RawRow:
    """Cells in the order of the headers."""
    return RawRow(number, tuple(cells.get(header) for header in headers))


def who(host: Element, addresses: list[tuple[str, str]]) -> Iterator[tuple[str, CellValue]]:
    """What a host is called and reached by."""
    for kind in ("ipv4", "ipv6", "mac"):
        yield f"address.{kind}", listed(addr for addr, found in addresses if found == kind)
    vendor = next((text(a, "vendor") for a in host.iterfind("address") if a.get("addrtype") == "mac"), None)
    yield "address.mac.vendor", vendor
    for kind in ("user", "PTR"):
        yield f"hostnames.{kind}", next(iter(names_of(host, kind)), None)


def addresses_of(host: Element) -> Iterator[tuple[str, str]]:
    """The addresses of a host with their kinds."""
    for address in host.iterfind("address"):
        if (found := text(address, "addr")) is not None:
            yield found, address.get("addrtype") or "ipv4"


def names_of(host: Element, kind: str | None) -> list[str]:
    """The names of a host that somebody gave to nmap ("user") or that the DNS gives its address ("PTR")."""
    found = host.iterfind("hostnames/hostname")
    return [name for one in found if kind in (None, one.get("type")) and (name := text(one, "name"))]


def system_of(host: Element) -> Iterator[tuple[str, CellValue]]:
    """What nmap takes the system for: the best of its guesses, and the class it belongs to."""
    matches = sorted(host.iterfind("os/osmatch"), key=accuracy, reverse=True)
    classes = sorted(
        [*(matches[0].iterfind("osclass") if matches else ()), *host.iterfind("os/osclass")], key=accuracy, reverse=True
    )
    if matches:
        yield "os.osmatch.name", text(matches[0], "name")
        yield "os.osmatch.accuracy", accuracy(matches[0])
    if classes:
        for name in ("vendor", "osfamily", "osgen", "type"):
            yield f"os.osclass.{name}", text(classes[0], name)
        yield "os.osclass.cpe", cpes_of(classes[0])
        kind = text(classes[0], "type") or ""
        is_sure = accuracy(classes[0]) >= SURE and kind not in UNSAYING_TYPES
        yield "device type", cleaned(kind) if is_sure else None
    yield "uptime.seconds", first(host, "uptime", "seconds")
    yield "uptime.lastboot", first(host, "uptime", "lastboot")
    yield "distance.value", first(host, "distance", "value")


def accuracy(element: Element) -> int:
    """How sure nmap is, in percent."""
    said = element.get("accuracy") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 3 else 0


def cpes_of(element: Element) -> CellValue:
    """The platform names below an element."""
    return cleaned(listed(cpe.text for cpe in element.iterfind("cpe")))


def port_cells(port: Element, host: Mapping[str, CellValue]) -> dict[str, CellValue]:
    """A port of a host, and the service that was found behind it."""
    cells: dict[str, CellValue] = {
        "host": host["hostnames.user"] or host["hostnames.PTR"],
        "host address": host["address.ipv4"] or host["address.ipv6"],
        "portid": text(port, "portid"),
        "protocol": text(port, "protocol"),
        "state": first(port, "state", "state"),
        "reason": first(port, "state", "reason"),
    }
    service = port.find("service")
    if service is not None:
        for name in ("name", "product", "version", "extrainfo", "ostype", "hostname", "method", "conf", "tunnel"):
            cells[f"service.{name}"] = text(service, name)
        cells["service.cpe"] = cpes_of(service)
    return cells


def first(element: Element, tag: str, name: str) -> str | None:
    """An attribute of the first element of a kind below."""
    found = element.find(tag)
    return None if found is None else text(found, name)


def text(element: Element, name: str) -> str | None:
    """An attribute as it can be kept; None for a blank one."""
    value = cleaned(element.get(name))
    return None if value is None else str(value)


FIELDS = {
    "status.state": "power_state",
    "hostnames.user": "hostname",
    "hostnames.PTR": "asset_name",
    "address.ipv4": "ip_address",
    "address.ipv6": "ipv6_address",
    "address.mac": "mac_address",
    "address.mac.vendor": "",
    "os.osmatch.name": "os_name",
    "os.osclass.osfamily": "os_family",
    "device type": "asset_type",
    "uptime.seconds": "uptime_seconds",
    "uptime.lastboot": "last_boot",
    "endtime": "last_discovered",
}

IMPORTER = Importer(
    name="nmap",
    title="nmap scan (.xml)",
    recognises=recognises,
    reads=reads,
    aliases={
        **{(HOSTS, header): FIELDS.get(header, "") for header in HOST_HEADERS},
        **{(PORTS, header): "" for header in PORT_HEADERS},
        **{(NO_ANSWER, header): "" for header in QUIET_HEADERS},
    },
    units={(HOSTS, "uptime.seconds"): "seconds"},
)
