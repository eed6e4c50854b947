"""Which application needs which other, from a table of who talked to whom.

Most of what a network carries binds no applications together. Scans, broadcasts, replies, clients, and the traffic of
services that everybody uses are set aside with the reason, and what remains is added up: pairs of machines to pairs of
applications. A dependency is hard when it is a request or a database connection that happens all the time, soft when it
is a transfer, a queue, or rare.
"""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from masterflow.analysis.estate.addresses import short_key
from masterflow.analysis.estate.applications import application_key
from masterflow.analysis.estate.build import Estate
from masterflow.analysis.estate.flows import FlowRow, window_of
from masterflow.analysis.dependencies.ports import HOUSEKEEPING, PortClass, class_of, is_dynamic, serves_everybody
from masterflow.inventory.types import RETIRED, Application, Asset, AssetId, Dependency, DependencyKind

HARD_CONNECTIONS = 2_000  # between two machines in 35 days, about 57 a day
HARD_WINDOW = timedelta(days=35)
USUAL_SHARE = 0.25  # of HARD_CONNECTIONS: fewer requests than that are occasional
SCAN_TARGETS = 20  # machines one source asks on SCAN_PORTS ports or more, hardly ever
SCAN_PORTS = 10
SCAN_CONNECTIONS = 50
HUB_PEERS = 5  # machines, at least, and HUB_SHARE of all that were seen
HUB_SHARE = 0.08
HANDOVER_GAP = timedelta(hours=6)  # silence that a machine in use does not keep
HANDOVER_MARGIN = timedelta(days=1)  # from either end of the window

REASONS: Mapping[str, str] = {
    "broadcast": "broadcast or multicast: meant for a whole network",
    "scan": "a scanner asks every machine on many ports",
    "housekeeping": "names, time, directory and logs bind no applications together",
    "shared_service": "traffic of a service that the whole estate uses",
    "dynamic_port": "a port given out for one connection: the far end of a reply",
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


@dataclass(frozen=True, slots=True)
class Hub:
    """A machine that serves, or watches, a good part of the estate on some ports."""

    asset_id: AssetId
    name: str
    ports: tuple[int, ...]
    peers: int


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The dependencies, what was set aside and why, the names and addresses nobody knows, and the hubs."""

    dependencies: tuple[Dependency, ...]
    set_aside: tuple[SetAside, ...]
    unresolved: tuple[str, ...]
    hubs: tuple[Hub, ...]


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a row: a machine, an application, or neither with the reason."""

    asset: Asset | None = None
    application: Application | None = None
    reason: str | None = None

    @property
    def id(self) -> UUID | None:
        if self.application is not None:
            return self.application.id
        return self.asset.id if self.asset is not None else None


@dataclass(slots=True)
class _Edge:
    """A pair of applications while its rows are added up."""

    pairs: Counter[tuple[UUID, UUID, int | None]] = field(default_factory=Counter)
    counted: bool = False
    bytes_total: int = 0
    ports: Counter[int] = field(default_factory=Counter)
    protocols: Counter[str] = field(default_factory=Counter)
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    rows: list[FlowRow] = field(default_factory=list)
    sure: bool = True


def resolve_dependencies(rows: Sequence[FlowRow], estate: Estate) -> Dependencies:
    """Match both ends of every row to the estate and add the rows up to dependencies between applications.

    An end without an application stands for itself as a machine.
    """
    book = _AddressBook(estate, rows)
    ends = [(book.end(row, "source"), book.end(row, "target")) for row in rows]
    scanners = _scanners(rows)
    hubs = _hubs(rows, ends)
    aside: dict[str, list[FlowRow]] = defaultdict(list)
    edges: dict[tuple[UUID, UUID], _Edge] = {}
    unresolved: set[str] = set()
    for row, (source, target) in zip(rows, ends, strict=True):
        reason = _noise(row, source, target, scanners) or _reason(row, source, target, hubs)
        if reason is not None:
            aside[reason].append(row)
            unresolved |= _unknown_names(row, source, target) if reason == "unresolved" else set()
            continue
        _add(edges, row, source, target)
    scale = _scale(rows)
    dependencies = [_dependency(ids, edge, scale) for ids, edge in edges.items()]
    return Dependencies(
        dependencies=tuple(sorted(dependencies, key=lambda d: (d.source_id, d.target_id))),
        set_aside=tuple(_set_aside(reason, found) for reason, found in sorted(aside.items())),
        unresolved=tuple(sorted(unresolved)),
        hubs=tuple(sorted(_hub_list(hubs, estate), key=lambda h: (-h.peers, h.name))),
    )


class _AddressBook:
    """Finds the machine or application behind an address or a name."""

    def __init__(self, estate: Estate, rows: Sequence[FlowRow]) -> None:
        self._by_address: dict[str, list[Asset]] = defaultdict(list)
        self._by_name: dict[str, dict[UUID, Asset]] = defaultdict(dict)
        machines = [*estate.assets, *estate.hosts]
        for asset in machines:
            for address in asset.ip_addresses:
                self._by_address[address].append(asset)
            for name in {n for n in (asset.fqdn, asset.hostname, asset.vm_name, asset.name) if n}:
                self._by_name[name.casefold()][asset.id] = asset
                self._by_name[short_key(name)][asset.id] = asset
        self._application_of = _memberships(estate.applications)
        self._by_key = {application_key(v): a for a in estate.applications for v in (*a.variants, a.name)}
        self._networks = {n for a in machines for n in (_network(x) for x in a.ip_addresses) if n}
        self._handed_over = _handovers(rows)

    def end(self, row: FlowRow, which: str) -> _End:
        """The machine of one end and its application; an application named in the row outranks what is known."""
        address = row.source if which == "source" else row.target
        host = row.source_hostname if which == "source" else row.target_hostname
        stated = row.source_application if which == "source" else row.target_application
        named = self._by_key.get(application_key(stated)) if stated else None
        found = self._machine(row, address, host)
        if isinstance(found, Asset):
            return _End(found, named or self._application_of.get(found.id))
        if named is None and address and found == "unresolved":
            named = self._by_key.get(application_key(address))
        return _End(application=named) if named is not None else _End(reason=found)

    def _machine(self, row: FlowRow, address: str | None, host: str | None) -> Asset | str:
        if address is not None:
            found = self._by_address.get(address)
            if found:
                return self._of_address(row, address, found)
            by_name = self._named(address)
            if by_name is not None:
                return by_name
        by_name = self._named(host) if host else None
        if by_name is not None:
            return by_name
        return self._unknown(address or host or "")

    def _of_address(self, row: FlowRow, address: str, found: Sequence[Asset]) -> Asset | str:
        live = [a for a in found if RETIRED not in a.concerns]
        owner = live[0] if len(live) == 1 else found[0] if len(found) == 1 else None
        if owner is None:
            return "ambiguous_end"
        changed = self._handed_over.get(address)
        if changed is not None and row.last_seen is not None and row.last_seen <= changed:
            return "address_handover"
        return owner

    def _named(self, name: str) -> Asset | str | None:
        found = self._by_name.get(name.casefold()) or self._by_name.get(short_key(name))
        if not found:
            return None
        return next(iter(found.values())) if len(found) == 1 else "ambiguous_end"

    def _unknown(self, text: str) -> str:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return "unresolved"
        if text.endswith(".255") or address.is_multicast:
            return "broadcast"
        if _network(text) in self._networks:
            return "unresolved"
        return "external" if address.is_global else "client"


def _memberships(applications: Sequence[Application]) -> dict[AssetId, Application]:
    """One application per machine: the one that states it, and for several the first by name."""
    found: dict[AssetId, Application] = {}
    for application in sorted(applications, key=lambda a: a.name, reverse=True):
        for asset_id in application.asset_ids:
            if asset_id not in application.proposed_asset_ids or asset_id not in found:
                found[asset_id] = application
    return found


def _network(text: str) -> str | None:
    """The /16 (IPv4) or /48 (IPv6) around an address: machines and clients rarely share one."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return str(ipaddress.ip_network((address, 16 if address.version == 4 else 48), strict=False))


_Hubs = Mapping[tuple[AssetId, int], frozenset[AssetId]]  # machine and port, with the peers
Talk = tuple[datetime, datetime, str, int | None]  # first and last seen, the peer and its port


def _handovers(rows: Sequence[FlowRow]) -> dict[str, datetime]:
    """Addresses that fell silent and came back with all new talk: the moment after which the present owner speaks.

    Every row of such an address either ends before the silence or begins after it. Names, time and directory do not
    count as talk, because every machine uses them.
    """
    window = window_of(rows)
    if window is None:
        return {}
    talks: dict[str, list[Talk]] = defaultdict(list)
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


def _silence(talks: Sequence[Talk]) -> datetime | None:
    """The last moment before a gap that no talk bridges and after which nobody of before is spoken to."""
    latest = talks[0][1]
    for index, (start, end, _, _) in enumerate(talks):
        if start > latest + HANDOVER_GAP:
            before = {(peer, port) for _, _, peer, port in talks[:index]}
            after = {(peer, port) for _, _, peer, port in talks[index:]}
            return latest if len(before) < len(after) and not before & after else None
        latest = max(latest, end)
    return None


def _noise(row: FlowRow, source: _End, target: _End, scanners: frozenset[str]) -> str | None:
    """Why a row says nothing, whoever its ends are."""
    for reason in ("broadcast", "address_handover"):
        if reason in (source.reason, target.reason):
            return reason
    if row.source in scanners or row.source_hostname in scanners:
        return "scan"
    if row.port is not None and row.port in HOUSEKEEPING:
        return "housekeeping"
    if row.port is not None and is_dynamic(row.port, row.connections):
        return "dynamic_port"
    return None


def _reason(row: FlowRow, source: _End, target: _End, hubs: _Hubs) -> str | None:
    """Why a row gives no dependency between two applications, or None when it does."""
    for end in (target, source):
        if end.reason is not None:
            return end.reason
    if source.asset is not None and target.asset is not None and source.asset.id == target.asset.id:
        return "same_machine"
    if source.id == target.id:
        return "inside_application"
    for end in (source, target):
        if end.application is not None and end.application.shared_service:
            return "shared_service"
        if end.asset is not None and row.port is not None and (end.asset.id, row.port) in hubs:
            return "shared_service"
    return None


def _scanners(rows: Sequence[FlowRow]) -> frozenset[str]:
    """Sources that ask many machines on many ports and hardly talk to any."""
    targets: dict[str, set[str]] = defaultdict(set)
    ports: dict[str, set[int]] = defaultdict(set)
    sparse: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in rows:
        source, target = row.source or row.source_hostname, row.target or row.target_hostname
        if source and target and row.port is not None:
            targets[source].add(target)
            ports[source].add(row.port)
            total[source] += 1
            sparse[source] += row.connections is not None and row.connections < SCAN_CONNECTIONS
    return frozenset(
        s for s in total if len(targets[s]) >= SCAN_TARGETS and len(ports[s]) >= SCAN_PORTS and 2 * sparse[s] > total[s]
    )


def _hubs(rows: Sequence[FlowRow], ends: Sequence[tuple[_End, _End]]) -> _Hubs:
    """Machine and port with the peers, where a service's port joins one machine to a good part of the estate."""
    peers: dict[tuple[AssetId, int], set[AssetId]] = defaultdict(set)
    seen: set[AssetId] = set()
    for row, (source, target) in zip(rows, ends, strict=True):
        if source.asset is None or target.asset is None or row.port is None:
            continue
        seen |= {source.asset.id, target.asset.id}
        if serves_everybody(row.port):
            peers[(source.asset.id, row.port)].add(target.asset.id)
            peers[(target.asset.id, row.port)].add(source.asset.id)
    enough = max(HUB_PEERS, HUB_SHARE * len(seen))
    return {key: frozenset(found) for key, found in peers.items() if len(found) >= enough}


def _hub_list(hubs: _Hubs, estate: Estate) -> list[Hub]:
    """One entry per machine that is a hub, with all its ports."""
    names = {a.id: a for a in (*estate.assets, *estate.hosts)}
    ports: dict[AssetId, set[int]] = defaultdict(set)
    peers: dict[AssetId, set[AssetId]] = defaultdict(set)
    for (asset_id, port), found in hubs.items():
        ports[asset_id].add(port)
        peers[asset_id] |= found
    return [Hub(i, names[i].name, tuple(sorted(ports[i])), len(peers[i])) for i in ports]


def _unknown_names(row: FlowRow, source: _End, target: _End) -> set[str]:
    found = {
        row.source or row.source_hostname if source.reason == "unresolved" else None,
        row.target or row.target_hostname if target.reason == "unresolved" else None,
    }
    return {name for name in found if name}


def _add(edges: dict[tuple[UUID, UUID], _Edge], row: FlowRow, source: _End, target: _End) -> None:
    if source.id is None or target.id is None:
        return
    edge = edges.setdefault((source.id, target.id), _Edge())
    ends = (source.asset.id if source.asset else source.id, target.asset.id if target.asset else target.id)
    edge.pairs[(*ends, row.port)] += row.connections or 0
    edge.counted |= row.connections is not None
    edge.bytes_total += row.bytes_total or 0
    if row.port is not None:
        edge.ports[row.port] += row.connections or 1
    if row.protocol:
        edge.protocols[row.protocol] += 1
    edge.first_seen = min((m for m in (edge.first_seen, row.first_seen) if m), default=None)
    edge.last_seen = max((m for m in (edge.last_seen, row.last_seen) if m), default=None)
    edge.rows.append(row)
    edge.sure &= all(_is_stated(end) for end in (source, target))


def _is_stated(end: _End) -> bool:
    return end.application is None or end.asset is None or end.asset.id not in end.application.proposed_asset_ids


def _scale(rows: Sequence[FlowRow]) -> float:
    """The observed window as a share of the one that HARD_CONNECTIONS is stated for; at least a day."""
    window = window_of(rows)
    if window is None:
        return 1.0
    return max(window[1] - window[0], timedelta(days=1)) / HARD_WINDOW


def _dependency(ids: tuple[UUID, UUID], edge: _Edge, scale: float) -> Dependency:
    kind, strength = _kind(edge, scale)
    files = sorted({r.place.file for r in edge.rows})
    ports = ", ".join(str(p) for p, _ in edge.ports.most_common(10))
    evidence = [f"{f}: {sum(r.place.file == f for r in edge.rows)} rows" for f in files]
    evidence += [f"ports {ports}"] if ports else []
    evidence.append(f"{len({p[:2] for p in edge.pairs})} pairs of machines")
    return Dependency(
        source_id=ids[0],
        target_id=ids[1],
        kind=kind,
        port=edge.ports.most_common(1)[0][0] if edge.ports else None,
        protocol=edge.protocols.most_common(1)[0][0] if edge.protocols else None,
        connections=edge.pairs.total() if edge.counted else None,
        bytes_total=edge.bytes_total or None,
        first_seen=edge.first_seen,
        last_seen=edge.last_seen,
        confidence=round(strength * (1.0 if edge.sure else 0.8), 2),
        evidence=tuple(evidence),
    )


def _kind(edge: _Edge, scale: float) -> tuple[DependencyKind, float]:
    """Hard or soft with the confidence in it, from the strongest pair of machines."""
    graded = [_pair_kind(port, count if edge.counted else None, scale) for (_, _, port), count in edge.pairs.items()]
    hard = [confidence for kind, confidence in graded if kind is DependencyKind.HARD]
    return (DependencyKind.HARD, max(hard)) if hard else (DependencyKind.SOFT, max(c for _, c in graded))


def _pair_kind(port: int | None, connections: int | None, scale: float) -> tuple[DependencyKind, float]:
    synchronous = class_of(port) in {PortClass.DATABASE, PortClass.REQUEST, PortClass.OTHER} and port is not None
    if connections is None:
        return (DependencyKind.HARD, 0.6) if synchronous else (DependencyKind.SOFT, 0.6)
    usual = connections / (HARD_CONNECTIONS * scale)
    if synchronous and usual >= USUAL_SHARE:
        known = class_of(port) is not PortClass.OTHER
        return DependencyKind.HARD, 0.9 if usual >= 1 and known else 0.6
    if not synchronous and usual >= 1:
        return DependencyKind.SOFT, 0.6
    return DependencyKind.SOFT, 0.9 if not synchronous else 0.5


def _set_aside(reason: str, rows: Sequence[FlowRow]) -> SetAside:
    connections = sum(r.connections or 0 for r in rows)
    return SetAside(reason, REASONS[reason], len(rows), connections, rows[0])
