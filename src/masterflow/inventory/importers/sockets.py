"""Socket tables of one machine: what ss, netstat and lsof print, and the JSON that jc makes of it.

A listening socket tells that the machine itself serves on that port; every other connection it opened. Only sockets
that were answered give connections: those that still wait for an answer, local ones and Unix sockets are counted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from masterflow.inventory.files.cells import is_address
from masterflow.inventory.files.connections import (
    ALIASES,
    LENT,
    MAX_PORT,
    UNITS,
    End,
    Evidence,
    Observation,
    asks_by_ports,
)
from masterflow.inventory.files.json_documents import dig, json_of
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.records import first_lines, is_json, numbered_lines, objects_in, text_in, text_start
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
HEADER = re.compile(
    r"(Active (Internet )?[Cc]onnections|Netid\s+State\s|State\s+Recv-Q\s+Send-Q\s|\s*Proto\s+(Recv-Q|Local)\b"
    r"|Recv-Q\s+Send-Q\s+Local|COMMAND\s+PID\s+.*\bTYPE\s+DEVICE\s)"
)
JC_SIGNS = (
    ('"local_address"', '"foreign_address"'), ('"local_address"', '"peer_address"'), ('"netid"', '"state"'),
    ('"command"', '"fd"', '"device"', '"node"'),
)  # fmt: skip
LISTENING = frozenset({"listen", "listening", "unconn", "bound"})
WAITING = frozenset({"syn-sent", "syn-recv", "syn_sent", "syn_recv", "syn_received", "closed", "close"})
STATES = frozenset({
    "estab", "established", "time-wait", "time_wait", "close-wait", "close_wait", "fin-wait-1", "fin-wait-2",
    "fin_wait1", "fin_wait2", "fin_wait_1", "fin_wait_2", "last-ack", "last_ack", "closing", *LISTENING, *WAITING,
})  # fmt: skip
TRANSPORT = re.compile(r"(tcp|udp|sctp|dccp)(4|6|46|lite)?", re.IGNORECASE)
SERVICE_PORTS = {
    "ftp-data": 20,
    "ftp": 21,
    "ssh": 22,
    "telnet": 23,
    "smtp": 25,
    "domain": 53,
    "bootps": 67,
    "bootpc": 68,
    "tftp": 69,
    "http": 80,
    "kerberos": 88,
    "kerberos-sec": 88,
    "pop3": 110,
    "sunrpc": 111,
    "rpcbind": 111,
    "portmapper": 111,
    "ntp": 123,
    "epmap": 135,
    "loc-srv": 135,
    "netbios-ns": 137,
    "netbios-dgm": 138,
    "netbios-ssn": 139,
    "imap": 143,
    "imap2": 143,
    "snmp": 161,
    "snmptrap": 162,
    "snmp-trap": 162,
    "ldap": 389,
    "https": 443,
    "microsoft-ds": 445,
    "kpasswd": 464,
    "submissions": 465,
    "urd": 465,
    "shell": 514,
    "syslog": 514,
    "printer": 515,
    "submission": 587,
    "ipp": 631,
    "ldaps": 636,
    "rsync": 873,
    "imaps": 993,
    "pop3s": 995,
    "ms-sql-s": 1433,
    "ms-sql-m": 1434,
    "ncube-lm": 1521,
    "oracle": 1521,
    "radius": 1812,
    "radius-acct": 1813,
    "nfs": 2049,
    "nfsd": 2049,
    "docker": 2375,
    "eforward": 2181,
    "mysql": 3306,
    "ms-wbt-server": 3389,
    "svn": 3690,
    "mdns": 5353,
    "zeroconf": 5353,
    "postgresql": 5432,
    "postgres": 5432,
    "amqp": 5672,
    "amqps": 5671,
    "x11": 6000,
    "redis": 6379,
    "afs3-fileserver": 7000,
    "http-alt": 8080,
    "webcache": 8080,
    "https-alt": 8443,
    "jetdirect": 9100,
    "zabbix-agent": 10050,
    "zabbix-trapper": 10051,
    "memcache": 11211,
    "mongodb": 27017,
    "dhcpv6-client": 546,
    "git": 9418,
    "puppet": 8140,
    "wap-wsp": 9200,
    "websm": 9090,
    "nrpe": 5666,
    "vnc-server": 5900,
    "wsman": 5985,
}  # fmt: skip  (IANA names, and those of /etc/services that differ)
ANY = frozenset({"*", "0.0.0.0", "::", "[::]", "", "0"})  # noqa: S104 - only compared
LOOPBACK = re.compile(r"(127\.[\d.]+|::1|::ffff:127\.[\d.]+)")
PROCESS_OF_SS = re.compile(r'\(\("([^"]+)"')
PROCESS_OF_NETSTAT = re.compile(r"\d+/([^\s:]+)")
WINDOWS_PROCESS = re.compile(r"\s*\[([^\[\]]+)\]\s*")
LSOF_STATE = re.compile(r"\s*\((\w+)\)\s*$")


@dataclass(frozen=True, slots=True)
class Socket:
    """One socket of the machine, as printed; ports may be names."""

    line: int
    protocol: str
    state: str
    local: tuple[str, str]
    peer: tuple[str, str]
    process: str | None = None


def recognises(head: FileHead) -> float:
    """The headings that ss, netstat and lsof print, or the keys that jc gives their columns."""
    if is_json(head):
        start = text_start(head)
        return KNOWS if any(all(sign in start for sign in signs) for signs in JC_SIGNS) else 0.0
    return KNOWS if any(HEADER.match(line) for line in first_lines(head, 10)) else 0.0


def reads(head: FileHead) -> FileRead:
    """The connections of the machine, from the end that asks.

    Raises:
        FileRejected: no socket is connected to another machine.
    """
    evidence = Evidence(head)
    sockets = list(from_json(evidence) if is_json(head) else from_text(evidence))
    listening = {
        (socket.protocol, port) for socket in sockets if is_listening(socket) and (port := port_in(socket.local[1]))
    }
    for socket in with_full_names(sockets):
        if is_listening(socket):
            evidence.counts["listening"] += 1
        elif reason := set_aside(socket):
            evidence.counts[reason] += 1
        else:
            take(evidence, socket, listening)
    return evidence.read("sockets")


def with_full_names(sockets: Sequence[Socket]) -> Iterator[Socket]:
    """The sockets with the machine's own name in full: netstat cuts it off so that the port fits in the column."""
    names = {socket.local[0] for socket in sockets if not is_address(socket.local[0]) and socket.local[0] not in ANY}
    for socket in sockets:
        name, port = socket.local
        full = max((other for other in names if other.startswith(name)), key=len) if name in names else name
        yield replace(socket, local=(full, port))


def is_listening(socket: Socket) -> bool:
    """Whether the socket waits for others."""
    return socket.state in LISTENING or (not socket.state and socket.peer[1] in ANY)


def set_aside(socket: Socket) -> str | None:
    """Why a socket is no connection to another machine; None when it is one."""
    if socket.state in WAITING or socket.peer[0] in ANY:
        return "unanswered"
    if socket.local[0] == socket.peer[0] or (
        LOOPBACK.fullmatch(socket.local[0]) and LOOPBACK.fullmatch(socket.peer[0])
    ):
        return "within_the_machine"
    return None


def take(evidence: Evidence, socket: Socket, listening: set[tuple[str, int]]) -> None:
    """Add one connection up, from the machine unless it listens on the port."""
    try:
        local_port, peer_port = number_of(socket.local[1]), number_of(socket.peer[1])
    except ValueError:
        ports = f"{socket.local[1]} {socket.peer[1]}"
        evidence.reject(socket.line, "not_a_port", "A port is no port, and no service with a known one", ports)
        return
    seen = Observation(
        line=socket.line,
        source=end_in(socket.local[0], socket.process),
        target=end_in(socket.peer[0]),
        source_port=local_port,
        target_port=peer_port,
        protocol=socket.protocol,
    )
    if (socket.protocol, local_port) in listening:
        seen = replace(seen, asked=False)
    elif listening and (asks_by_ports(seen) or local_port >= LENT):  # not every listening socket need be shown
        seen = replace(seen, asked=True)
    evidence.connections.add(seen)


def end_in(text: str, process: str | None = None) -> End:
    """An end by address or name."""
    return End(address=text, process=process) if is_address(text) else End(host=text, process=process)


def number_of(text: str) -> int:
    """A port by number or service name.

    Raises:
        ValueError: it is neither.
    """
    port = port_in(text)
    if port is None:
        raise ValueError(text)
    return port


def port_in(text: str) -> int | None:
    """A port by number or service name; None for anything else."""
    if text.isascii() and text.isdigit():
        number = int(text[:9])
        return number if 0 < number <= MAX_PORT else None
    return SERVICE_PORTS.get(text.casefold())


def from_text(evidence: Evidence) -> Iterator[Socket]:
    """The network sockets among printed lines; the other kinds are counted."""
    last: Socket | None = None
    for number, line in numbered_lines(evidence.head):
        named = WINDOWS_PROCESS.fullmatch(line)
        if named and last:
            last = Socket(last.line, last.protocol, last.state, last.local, last.peer, named.group(1))
            continue
        if last:
            yield last
        last = None
        words = line.split()
        if HEADER.match(line) or len(words) < 3:
            continue
        evidence.counts["lines"] += 1
        last = socket_in(number, words, evidence.counts)
    if last:
        yield last


def socket_in(number: int, words: Sequence[str], counts: Counter[str]) -> Socket | None:
    """The socket that a line prints; None, and counted, for one that is of no network or unreadable."""
    if "TCP" in words[5:] or "UDP" in words[5:]:
        return from_lsof(number, words)
    if words[0].startswith(("u_", "unix")):
        counts["unix_sockets"] += 1
        return None
    protocol = TRANSPORT.fullmatch(words[0])
    if protocol is None and words[0].casefold() not in STATES:
        counts["other_sockets"] += 1
        return None
    name = protocol.group(1).casefold() if protocol else "tcp"
    ends = [place for place, word in enumerate(words) if place and looks_like_end(word)][:2]
    if len(ends) < 2:
        counts["other_lines"] += 1
        return None
    state = next((word.casefold() for word in words if word.casefold() in STATES), "")
    return Socket(
        number, name, state, split_end(words[ends[0]]), split_end(words[ends[1]]), process_in(words[ends[1] + 1 :])
    )


def looks_like_end(word: str) -> bool:
    """Whether a word is address or name with port, as "10.0.0.1:22", "*:ssh", "[::1]:53" or "10.0.0.1.22"."""
    _, port = split_end(word)
    return bool(port)


def split_end(word: str) -> tuple[str, str]:
    """Address or name, and port; an interface after "%" is dropped. BSD puts a dot before the port."""
    host, colon, port = word.rpartition(":")
    if not colon or (not port and word.count(".") >= 1):
        host, dot, port = word.rpartition(".")
        is_end = dot and (host == "*" or is_address(host)) and (port == "*" or port_in(port))
        return (host, port) if is_end else (word, "")
    host = host.strip("[]").partition("%")[0]
    if host.casefold().startswith("::ffff:") and "." in host:
        host = host[7:]
    return host or "*", port


def process_in(words: Sequence[str]) -> str | None:
    """The process that the rest of a line names."""
    rest = " ".join(words)
    found = PROCESS_OF_SS.search(rest) or PROCESS_OF_NETSTAT.search(rest)
    return found.group(1) if found else None


def from_lsof(number: int, words: Sequence[str]) -> Socket | None:
    """A line of `lsof -i`: command first, at the end "local->peer (STATE)"."""
    place = next(place for place, word in enumerate(words) if word in ("TCP", "UDP"))
    return of_lsof(number, command=words[0], node=words[place], name=" ".join(words[place + 1 :]))


def of_lsof(number: int, *, command: str, node: str, name: str) -> Socket:
    """A socket by the columns COMMAND, NODE and NAME of lsof."""
    state = LSOF_STATE.search(name)
    local, _, peer = LSOF_STATE.sub("", name).partition("->")
    stated = state.group(1).casefold() if state else "established" if peer else "unconn"
    return Socket(number, node.casefold(), stated, split_end(local), split_end(peer or "*:*"), command)


def from_json(evidence: Evidence) -> Iterator[Socket]:
    """The network sockets among the objects that jc made; the other kinds are counted. Lines are places in the list."""
    for number, record in enumerate(objects_in(json_of(evidence.head)), start=1):
        evidence.counts["lines"] += 1
        if text_in(record, "command") and text_in(record, "node") in ("TCP", "UDP"):
            node, name = text_in(record, "node") or "", text_in(record, "name") or ""
            yield of_lsof(number, command=text_in(record, "command") or "", node=node, name=name)
            continue
        kind = text_in(record, "netid", "transport_protocol", "proto") or ""
        protocol = TRANSPORT.fullmatch(kind)
        if protocol is None:
            counted = "unix_sockets" if kind.startswith(("u_", "unix")) else "other_sockets"
            evidence.counts[counted] += 1
            continue
        yield Socket(
            number,
            protocol.group(1).casefold(),
            (text_in(record, "state") or "").casefold(),
            (host_in(record, "local_address"), text_in(record, "local_port_num", "local_port") or ""),
            (
                host_in(record, "peer_address", "foreign_address"),
                text_in(record, "peer_port_num", "foreign_port_num", "peer_port", "foreign_port") or "",
            ),
            process_of(record),
        )


def host_in(record: dict[str, Json], *keys: str) -> str:
    """The address or name of one end."""
    return split_end(f"{text_in(record, *keys) or '*'}:0")[0]


def process_of(record: dict[str, Json]) -> str | None:
    """The process of a socket, as netstat or ss names it."""
    processes = dig(record, "opts", "process_id")
    first = next(iter(processes.values()), None) if isinstance(processes, dict) else None
    return text_in(record, "program_name") or text_in(first, "user", "name")


IMPORTER = Importer(
    name="sockets",
    title="ss, netstat and lsof output (text or jc JSON)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
