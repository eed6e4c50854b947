"""Rows that bind nothing together, as far as the table itself tells it, whoever the ends are.

Scans, broadcasts, housekeeping and answers are most of what a network carries.
"""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from masterflow.analysis.dependencies.ports import HOUSEKEEPING, is_dynamic, serves_everybody
from masterflow.analysis.estate.flows import FlowRow, window_of

SCAN_TARGETS = 20  # machines one source asks on SCAN_PORTS ports or more, hardly ever
SCAN_PORTS = 10
SCAN_CONNECTIONS = 50
SWEEP_TARGETS = 100  # machines one source asks SWEEP_CONNECTIONS times or less on one port that serves nobody special
SWEEP_CONNECTIONS = 2
LISTENER_PEERS = 3  # a port that so many ask was not given out for one connection
HANDOVER_GAP = timedelta(hours=18)  # silence that a machine in use does not keep
HANDOVER_MARGIN = timedelta(days=1)  # from either end of the window

REASONS: Mapping[str, str] = {
    "broadcast": "broadcast or multicast: meant for a whole network",
    "scan": "a scanner asks every machine on many ports",
    "housekeeping": "names, time, directory and logs bind no applications together",
    "shared_service": "traffic of a service that the whole estate uses",
    "dynamic_port": "a port given out for one connection: the far end of a reply",
    "reply": "the answer to a connection that is counted where it was opened",
    "self_loop": "both ends are the same",
    "mirrored": "the same edge the other way round: this list has no direction and names every edge twice",
    "duplicate": "says what an earlier row says, word for word",
    "no_dependency": "a relation that places or contains, and needs nothing",
    "client": "the source is outside the networks of the estate: people or partners, not an application",
    "external": "the target is a public address outside the estate",
    "unresolved": "an address or name inside the estate's networks that no inventory knows",
    "address_handover": "the address changed hands: it belonged to another machine when this was seen",
    "ambiguous_end": "several machines claim the address or name",
    "inside_application": "both ends belong to one application",
    "same_machine": "both ends are one machine",
}


@dataclass(frozen=True, slots=True)
class SetAside:
    """Rows that give no dependency, for one reason; `example` is the first of them."""

    reason: str
    message: str
    rows: int
    connections: int
    example: FlowRow


class Aside:
    """Adds up what is set aside, reason by reason."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._connections: Counter[str] = Counter()
        self._first: dict[str, FlowRow] = {}

    def add(self, reason: str, row: FlowRow, *, lines: int | None = None) -> None:
        """Count a row, or only some of its lines, under a reason of `REASONS`."""
        self._rows[reason] += row.observations if lines is None else lines
        self._connections[reason] += row.connections or 0
        self._first.setdefault(reason, row)

    def listed(self) -> tuple[SetAside, ...]:
        """Every reason that was met, in the alphabet's order."""
        return tuple(
            SetAside(reason, REASONS[reason], self._rows[reason], self._connections[reason], first)
            for reason, first in sorted(self._first.items())
        )


class Noise:
    """Judges single rows by what all rows of the table say.

    `owned` are the addresses of known machines. With `owners`, addresses stand for machines, and talk of an earlier
    owner is no talk of the present one.
    """

    def __init__(self, rows: Sequence[FlowRow], *, owners: bool = False, owned: Collection[str] = ()) -> None:
        self._machines = {*owned, *(row.source for row in rows)}
        self.scanners = scanners(rows)
        self._listeners = listeners(rows)
        self._handed_over = handovers(rows) if owners else {}
        self._asked = {
            (row.source or row.source_hostname, row.target or row.target_hostname)
            for row in rows
            if row.port is not None and not self._is_lent(row)
        }

    def reason(self, row: FlowRow) -> str | None:
        """Why a row says nothing, as a key of `REASONS`; None when it may say something."""
        if self.is_broadcast(row.source) or self.is_broadcast(row.target):
            return "broadcast"
        if self._handed_over and (self._was_anothers(row, row.source) or self._was_anothers(row, row.target)):
            return "address_handover"
        if row.source in self.scanners or row.source_hostname in self.scanners:
            return "scan"
        if row.port is not None and row.port in HOUSEKEEPING:
            return "housekeeping"
        if self._is_lent(row):
            answered = (row.target or row.target_hostname, row.source or row.source_hostname)
            return "reply" if answered in self._asked else "dynamic_port"
        return None

    def is_broadcast(self, address: str | None) -> bool:
        """Whether an address means a whole network or a group. Nobody says how large a network is, so one that ends
        in .255 means it only where no inventory owns the address and nothing speaks from it.
        """
        return is_broadcast(address) and (address not in self._machines or is_group(address))

    def _is_lent(self, row: FlowRow) -> bool:
        if row.oriented or row.port is None or not is_dynamic(row.port, row.connections):
            return False
        return (row.target or row.target_hostname, row.port) not in self._listeners

    def _was_anothers(self, row: FlowRow, address: str | None) -> bool:
        changed = self._handed_over.get(address) if address else None
        return changed is not None and row.last_seen is not None and row.last_seen <= changed


@lru_cache(maxsize=1 << 17)  # a table names the same addresses again and again
def is_broadcast(address: str | None) -> bool:
    """Whether an address looks as if it meant a whole network or a group; a name does not."""
    found = _address(address)
    return found is not None and (is_group(address) or (found.version == 4 and str(address).endswith(".255")))


def is_group(address: str | None) -> bool:
    """Whether an address is multicast, or that of everybody, which no machine has."""
    found = _address(address)
    return found is not None and (found.is_multicast or address == "255.255.255.255")


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text or "")
    except ValueError:
        return None


def listeners(rows: Iterable[FlowRow]) -> frozenset[tuple[str | None, int]]:
    """Ends and high ports that serve: the evidence says so, or `LISTENER_PEERS` ask the same one."""
    asking: dict[tuple[str | None, int], set[str | None]] = defaultdict(set)
    stated: set[tuple[str | None, int]] = set()
    for row in rows:
        if row.port is None or not is_dynamic(row.port, row.connections):
            continue
        key = (row.target or row.target_hostname, row.port)
        asking[key].add(row.source or row.source_hostname)
        if row.oriented:
            stated.add(key)
    return frozenset(stated | {key for key, sources in asking.items() if len(sources) >= LISTENER_PEERS})


def scanners(rows: Iterable[FlowRow]) -> frozenset[str]:
    """Sources that ask many machines and hardly talk to any: on many ports, or on one port nearly all of them."""
    asking: dict[str, _Asking] = defaultdict(_Asking)
    for row in rows:
        source, target = row.source or row.source_hostname, row.target or row.target_hostname
        if source and target and row.port is not None and not row.oriented:
            asking[source].add(target, row.port, row.connections)
    return frozenset(source for source, found in asking.items() if found.scans)


@dataclass(slots=True)
class _Asking:
    """What one source asks for, while rows are added up."""

    targets: set[str] = field(default_factory=set)
    ports: set[int] = field(default_factory=set)
    rows: int = 0
    sparse: int = 0
    sweeping: int = 0

    def add(self, target: str, port: int, connections: int | None) -> None:
        self.targets.add(target)
        self.ports.add(port)
        self.rows += 1
        if connections is not None:
            self.sparse += connections < SCAN_CONNECTIONS
            self.sweeping += connections <= SWEEP_CONNECTIONS and not serves_everybody(port)

    @property
    def scans(self) -> bool:
        many = len(self.targets) >= SCAN_TARGETS and len(self.ports) >= SCAN_PORTS
        swept = len(self.targets) >= SWEEP_TARGETS and 10 * self.sweeping > 9 * self.rows
        return (many and 2 * self.sparse > self.rows) or swept


_Exchange = tuple[datetime, datetime, str, int | None]  # first and last seen, the peer and its port


def handovers(rows: Sequence[FlowRow]) -> dict[str, datetime]:
    """Addresses that fell silent and came back with all new talk: the moment after which the present owner speaks.

    Every row of such an address either ends before the silence or begins after it. Names, time and directory do not
    count as talk, because every machine uses them.
    """
    window = window_of(rows)
    if window is None:
        return {}
    talks: dict[str, list[_Exchange]] = defaultdict(list)
    for row in rows:
        if row.first_seen and row.last_seen and row.source and row.target and row.port not in HOUSEKEEPING:
            talks[row.source].append((row.first_seen, row.last_seen, row.target, row.port))
            talks[row.target].append((row.first_seen, row.last_seen, row.source, row.port))
    found: dict[str, datetime] = {}
    for address, seen in talks.items():
        moment = _silence(sorted(seen, key=lambda t: t[:3]))
        if moment is not None and window[0] + HANDOVER_MARGIN < moment < window[1] - HANDOVER_MARGIN:
            found[address] = moment
    return found


def _silence(talks: Sequence[_Exchange]) -> datetime | None:
    """The last moment before the only gap that no talk bridges, when nobody of before is spoken to after it.

    An address that falls silent again and again is one that talks rarely.
    """
    latest = talks[0][1]
    gaps: list[tuple[int, datetime]] = []
    for index, (start, end, _, _) in enumerate(talks):
        if start > latest + HANDOVER_GAP:
            gaps.append((index, latest))
        latest = max(latest, end)
    if len(gaps) != 1:
        return None
    index, moment = gaps[0]
    before = {(peer, port) for _, _, peer, port in talks[:index]}
    after = {(peer, port) for _, _, peer, port in talks[index:]}
    return moment if len(before) < len(after) and not before & after else None
