"""Which application needs which other, from a table of who talked to whom.

Most of what a network carries binds no applications together. Scans, broadcasts, replies, clients, and the traffic of
services that everybody uses are set aside with the reason, and what remains is added up: pairs of machines to pairs of
applications. A dependency is hard when it is a request or a database connection that happens all the time, soft when it
is a transfer, a queue, or rare. What a CMDB states counts as evidence beside it; a statement that traffic would have
shown and did not is stale and stands apart.
"""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from masterflow.analysis.dependencies.communities import Proposal, Tie, propose_applications
from masterflow.analysis.dependencies.hubs import hubs_of
from masterflow.analysis.dependencies.noise import Aside, Noise, SetAside, is_broadcast
from masterflow.analysis.dependencies.talk import (
    RELATION,
    Talk,
    confidence_of,
    kind_of,
    scale_of,
    total,
    weight_of,
)
from masterflow.analysis.dependencies.watching import watched_ends
from masterflow.analysis.estate.addresses import short_key
from masterflow.analysis.estate.applications import application_key
from masterflow.analysis.estate.build import Estate
from masterflow.analysis.estate.flows import FlowRow
from masterflow.analysis.estate.placing import PlacedAddress, Said, place_addresses
from masterflow.inventory.circles import circles
from masterflow.inventory.types import RETIRED, Application, Asset, AssetId, Dependency, DependencyKind

PROPOSED_SHARE, PLACED_SHARE = 0.8, 0.6  # of the confidence, where a membership is proposed or read from behaviour
STALE_CONFIDENCE = 0.15

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Hub:
    """A machine that serves, or watches, a good part of the estate on some ports."""

    asset_id: AssetId
    name: str
    ports: tuple[int, ...]
    peers: int


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The dependencies, what was set aside and why, the names and addresses nobody knows, and the hubs.

    `stale` are stated relations that nobody uses any more: traffic would have shown them and did not. `circles` are
    ends that need each other over hard dependencies, the largest first. `placed` are addresses that no inventory knows
    and that behave as an application is stated to; `proposals` name servers without an application by their ids.
    """

    dependencies: tuple[Dependency, ...]
    set_aside: tuple[SetAside, ...]
    unresolved: tuple[str, ...]
    hubs: tuple[Hub, ...]
    stale: tuple[Dependency, ...] = ()
    circles: tuple[tuple[UUID, ...], ...] = ()
    placed: tuple[PlacedAddress, ...] = ()
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a row: a machine, an application, or neither with the reason.

    `placed` says why an address that no inventory knows stands for the application. `id` is that of the application,
    else of the machine. `number` and `machine` are the ids as numbers, because a UUID is slow to hash and to compare.
    """

    asset: Asset | None = None
    application: Application | None = None
    reason: str | None = None
    placed: str | None = None
    id: UUID | None = field(init=False)
    number: int = field(init=False)  # of `id`; 0 without
    machine: int = field(init=False)  # of the machine, else of the application

    def __post_init__(self) -> None:
        asset_id = self.asset.id if self.asset is not None else None
        end_id = self.application.id if self.application is not None else asset_id
        machine_id = asset_id or end_id
        object.__setattr__(self, "id", end_id)
        object.__setattr__(self, "number", end_id.int if end_id is not None else 0)
        object.__setattr__(self, "machine", machine_id.int if machine_id is not None else 0)

    @property
    def sureness(self) -> float:
        """The share of the confidence that is left where membership is not stated."""
        if self.placed is not None:
            return PLACED_SHARE
        if self.application is None or self.asset is None:
            return 1.0
        return PROPOSED_SHARE if self.asset.id in self.application.proposed_asset_ids else 1.0


@dataclass(slots=True)
class _Edge:
    """A pair of applications while its rows are added up; talks by the numbers of both machines, port and protocol."""

    source: UUID
    target: UUID
    talks: dict[tuple[int, int, int | None, str | None], Talk] = field(default_factory=dict)
    lines: Counter[str] = field(default_factory=Counter)  # of each file
    statements: list[str] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    sureness: float = 1.0
    observed: bool = False


_Placed = tuple[FlowRow, _End, _End]
_Judged = tuple[FlowRow, _End, _End, str | None]  # with the reason why it gives no dependency
_Pair = tuple[int, int]  # numbers of two ends
_Hubs = Mapping[tuple[int, int], frozenset[int]]  # machine and port, with the peers


def resolve_dependencies(rows: Sequence[FlowRow], estate: Estate) -> Dependencies:
    """Match both ends of every row to the estate and add the rows up to dependencies between applications.

    An end without an application stands for itself as a machine. Rows of the origin "relation" are statements.
    """
    book = _AddressBook(estate)
    noise = Noise(rows, owners=True, owned=book.addresses)
    book.is_broadcast = noise.is_broadcast
    reasons = [noise.reason(row) for row in rows]
    ends = [(row, book.end(row, "source"), book.end(row, "target")) for row in rows]
    placed = place_addresses(_sayings(ends, reasons), _without_machines(estate))
    if placed:
        ends = [_with_placed(one, placed, book) for one in ends]
    hubs = hubs_of(_talks(ends))
    judged = [
        (row, source, target, noisy or _reason(row, source, target, hubs))
        for (row, source, target), noisy in zip(ends, reasons, strict=True)
    ]
    aside = Aside()
    edges: dict[_Pair, _Edge] = {}
    unresolved: set[str] = set()
    for row, source, target, reason in judged:
        if reason is None:
            _add(edges, row, source, target)
            continue
        aside.add(reason, row)
        unresolved |= _unknown_names(row, source, target) if reason == "unresolved" else set()
    stale = _stale(edges, ends, estate)
    scale = scale_of(rows)
    found = {pair: _dependency(edge, scale, is_stale=pair in stale) for pair, edge in sorted(edges.items())}
    live = tuple(one for pair, one in found.items() if pair not in stale)
    return Dependencies(
        dependencies=live,
        set_aside=aside.listed(),
        unresolved=tuple(sorted(unresolved)),
        hubs=tuple(sorted(_hub_list(hubs, estate), key=lambda h: (-h.peers, h.name))),
        stale=tuple(one for pair, one in found.items() if pair in stale),
        circles=_circles(live),
        placed=tuple(placed.values()),
        proposals=_proposals(judged),
    )


def _circles(dependencies: Iterable[Dependency]) -> tuple[tuple[UUID, ...], ...]:
    hard = ((d.source_id, d.target_id) for d in dependencies if d.kind is DependencyKind.HARD)
    return tuple(tuple(sorted(members)) for members in circles(hard))


NOBODYS = frozenset({"client", "external", "unresolved"})  # reasons of ends that may be an application's all the same


class _AddressBook:
    """Finds the machine or application behind an address or a name."""

    def __init__(self, estate: Estate) -> None:
        self._by_address: dict[str, list[Asset]] = defaultdict(list)
        self._by_name: dict[str, dict[UUID, Asset]] = defaultdict(dict)
        self.is_broadcast: Callable[[str | None], bool] = is_broadcast
        machines = [*estate.assets, *estate.hosts]
        for asset in machines:
            for address in asset.ip_addresses:
                self._by_address[address].append(asset)
            for name in {n for n in (asset.fqdn, asset.hostname, asset.vm_name, asset.name) if n}:
                self._by_name[name.casefold()][asset.id] = asset
                self._by_name[short_key(name)][asset.id] = asset
        self.application_of = _memberships(estate.applications)
        self.by_id: dict[UUID, Application] = {a.id: a for a in estate.applications}
        self._by_key = {application_key(v): a for a in estate.applications for v in (*a.variants, a.name)}
        self._ends: dict[tuple[str | None, str | None, str | None], _End] = {}  # found so far
        self._networks = {n for a in machines for n in (_network(x) for x in a.ip_addresses) if n}

    @property
    def addresses(self) -> Collection[str]:
        """Every address that a machine of the estate has."""
        return self._by_address.keys()

    def end(self, row: FlowRow, which: str) -> _End:
        """The machine of one end and its application; an application named in the row outranks what is known."""
        address = row.source if which == "source" else row.target
        host = row.source_hostname if which == "source" else row.target_hostname
        stated = row.source_application if which == "source" else row.target_application
        known = self._ends.get((address, host, stated))
        if known is None:
            known = self._ends[(address, host, stated)] = self._found(address, host, stated)
        return known

    def _found(self, address: str | None, host: str | None, stated: str | None) -> _End:
        named = self._by_key.get(application_key(stated)) if stated else None
        found = self._machine(address, host)
        if isinstance(found, Asset):
            return _End(found, named or self.application_of.get(found.id))
        if named is None and found in ("unresolved", "ambiguous_end"):
            named = next(
                (a for text in (address, host) if text and (a := self._by_key.get(application_key(text)))), None
            )
        return _End(application=named) if named is not None else _End(reason=found)

    def _machine(self, address: str | None, host: str | None) -> Asset | str:
        if address is not None:
            found = self._by_address.get(address)
            if found:
                return self._of_address(found)
            by_name = self._named(address)
            if by_name is not None:
                return by_name
        by_name = self._named(host) if host else None
        if by_name is not None:
            return by_name
        return self._unknown(address or host or "")

    def _of_address(self, found: Sequence[Asset]) -> Asset | str:
        live = [a for a in found if RETIRED not in a.concerns]
        if len(live) == 1:
            return live[0]
        return found[0] if len(found) == 1 else "ambiguous_end"

    def _named(self, name: str) -> Asset | str | None:
        found = self._by_name.get(name.casefold()) or self._by_name.get(short_key(name))
        if found and name.casefold() not in self._by_name and "." in name:  # of another domain is another machine
            found = {key: one for key, one in found.items() if one.fqdn is None}
        if not found:
            return None
        return next(iter(found.values())) if len(found) == 1 else "ambiguous_end"

    def _unknown(self, text: str) -> str:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return "unresolved"
        if self.is_broadcast(text):
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


def _talks(ends: Iterable[_Placed]) -> Iterable[tuple[int, int, int | None]]:
    """Machine to machine, as far as both are known; statements say nothing of traffic."""
    for row, source, target in ends:
        if source.asset is not None and target.asset is not None and row.port is not None:
            yield source.machine, target.machine, row.port


def _sayings(ends: Iterable[_Placed], reasons: Iterable[str | None]) -> Iterable[Said]:
    """What is stated about applications, and what is seen of addresses that nobody knows."""
    for (row, source, target), noisy in zip(ends, reasons, strict=True):
        stated = row.origin == RELATION
        if stated and source.id is not None and target.id is not None:
            yield Said(source.id, target.id)
        elif not stated and (source.id is None) != (target.id is None) and noisy is None:
            stranger = target if source.id is not None else source
            if stranger.reason in NOBODYS:
                yield Said(source.id or row.source, target.id or row.target)


def _without_machines(estate: Estate) -> dict[UUID, str]:
    """Applications that no flow can be matched to: they have no living machine, or none whose address is known."""
    reachable = {asset.id for asset in estate.assets if asset.ip_addresses and RETIRED not in asset.concerns}
    homeless = (a for a in estate.applications if not a.shared_service and reachable.isdisjoint(a.asset_ids))
    return {a.id: a.name for a in homeless}


def _with_placed(one: _Placed, placed: Mapping[str, PlacedAddress], book: "_AddressBook") -> _Placed:
    row, source, target = one
    return row, _placed_end(source, row.source, placed, book), _placed_end(target, row.target, placed, book)


def _placed_end(end: _End, address: str | None, placed: Mapping[str, PlacedAddress], book: "_AddressBook") -> _End:
    found = placed.get(address) if address and end.reason in NOBODYS else None
    if found is None:
        return end
    return _End(application=book.by_id[found.application_id], placed=found.reason)


def _reason(row: FlowRow, source: _End, target: _End, hubs: _Hubs) -> str | None:
    """Why a row gives no dependency between two applications, or None when it does."""
    if target.reason is not None or source.reason is not None:
        return target.reason or source.reason
    if source.asset is not None and target.asset is not None and source.machine == target.machine:
        return "same_machine"
    if source.number == target.number:
        return "inside_application"
    return "shared_service" if _serves_all(source, row.port, hubs) or _serves_all(target, row.port, hubs) else None


def _serves_all(end: _End, port: int | None, hubs: _Hubs) -> bool:
    if end.application is not None and end.application.shared_service:
        return True
    return end.asset is not None and port is not None and (end.machine, port) in hubs


def _hub_list(hubs: _Hubs, estate: Estate) -> list[Hub]:
    """One entry per machine that is a hub, with all its ports."""
    machines = {a.id.int: a for a in (*estate.assets, *estate.hosts)}
    ports: dict[int, set[int]] = defaultdict(set)
    peers: dict[int, set[int]] = defaultdict(set)
    for (machine, port), found in hubs.items():
        ports[machine].add(port)
        peers[machine] |= found
    return [Hub(machines[m].id, machines[m].name, tuple(sorted(ports[m])), len(peers[m])) for m in ports]


def _unknown_names(row: FlowRow, source: _End, target: _End) -> set[str]:
    found = {
        row.source or row.source_hostname if source.reason == "unresolved" else None,
        row.target or row.target_hostname if target.reason == "unresolved" else None,
    }
    return {name for name in found if name}


def _add(edges: dict[_Pair, _Edge], row: FlowRow, source: _End, target: _End) -> None:
    if source.id is None or target.id is None:
        return
    pair = (source.number, target.number)
    edge = edges.get(pair)
    if edge is None:
        edge = edges[pair] = _Edge(source.id, target.id)
    _talk(edge.talks, (source.machine, target.machine, row.port, row.protocol), row).add(row)
    edge.sureness = min(edge.sureness, source.sureness, target.sureness)
    edge.placed |= {end.placed for end in (source, target) if end.placed is not None}
    if row.origin == RELATION:
        edge.statements.append(f"stated in {row.place}")
    else:
        edge.observed = True
        edge.lines[row.place.file] += row.observations


def _talk(talks: dict[Key, Talk], key: Key, row: FlowRow) -> Talk:
    """The talk under a key; a new one of the row's port and protocol where there was none."""
    found = talks.get(key)
    if found is None:
        found = talks[key] = Talk(row.port, row.protocol)
    return found


def _stale(edges: Mapping[_Pair, _Edge], ends: Sequence[_Placed], estate: Estate) -> frozenset[_Pair]:
    """Statements that nothing seen bears out, though both ends were watched for a week or more."""
    stated = [(pair, edge) for pair, edge in edges.items() if not edge.observed]
    if not stated:
        return frozenset()
    watched = watched_ends(
        (row.place.file, source.asset.id, target.asset.id, row.first_seen, row.last_seen)
        for row, source, target in ends
        if source.asset is not None and target.asset is not None and row.origin != RELATION
    )
    machines: dict[UUID, Sequence[AssetId]] = {a.id: a.asset_ids for a in estate.applications}

    def is_watched(end: UUID) -> bool:
        own = machines.get(end, [AssetId(end)])
        return bool(own) and 2 * sum(asset_id in watched for asset_id in own) >= len(own)

    return frozenset(pair for pair, edge in stated if is_watched(edge.source) and is_watched(edge.target))


def _dependency(edge: _Edge, scale: float, *, is_stale: bool) -> Dependency:
    whole = total(edge.talks.values())
    kinds = {kind_of(talk, scale) for talk in edge.talks.values()}
    confidence = STALE_CONFIDENCE if is_stale else confidence_of(whole) * edge.sureness
    return Dependency(
        source_id=edge.source,
        target_id=edge.target,
        kind=DependencyKind.HARD if DependencyKind.HARD in kinds else DependencyKind.SOFT,
        port=whole.port,
        protocol=whole.protocol,
        connections=whole.connections,
        bytes_total=whole.bytes_total,
        first_seen=whole.first_seen,
        last_seen=whole.last_seen,
        confidence=round(confidence, 2),
        evidence=tuple(_evidence(edge, is_stale=is_stale)),
    )


def _evidence(edge: _Edge, *, is_stale: bool) -> Iterable[str]:
    ports: Counter[int] = Counter()
    for (_, _, port, _), talk in edge.talks.items():
        if port is not None:
            ports[port] += talk.connections or talk.rows
    yield from (f"{file}: {count} rows" for file, count in sorted(edge.lines.items()))
    if ports:
        yield f"ports {', '.join(str(port) for port, _ in sorted(ports.items(), key=lambda p: (-p[1], p[0]))[:10])}"
    pairs = {key[:2] for key, talk in edge.talks.items() if talk.observed}
    if pairs:
        yield f"{len(pairs)} pairs of machines"
    yield from edge.statements
    yield from sorted(edge.placed)
    if is_stale:
        yield "stale: no traffic between the two, though that of both was watched"
    elif not edge.observed:
        yield "no traffic seen; what was watched does not show whether it is still used"


def _proposals(judged: Sequence[_Judged]) -> tuple[Proposal, ...]:
    """Applications for servers that have none, from whom they talk to."""
    bound = [
        (row, source, target)
        for row, source, target, reason in judged
        if reason in (None, "inside_application") and source.asset is not None and target.asset is not None
    ]
    machines = {end.machine: end for _, *both in bound for end in both}
    applications = {end.machine: end.application.name for _, *both in bound for end in both if end.application}
    if machines.keys() == applications.keys():
        return ()
    talks: dict[tuple[int, int, int | None], Talk] = {}
    for row, source, target in bound:
        _talk(talks, (source.machine, target.machine, row.port), row).add(row)
    ids = {machine: str(UUID(int=machine)) for machine in machines}
    return propose_applications(
        (Tie(ids[a], ids[b], weight_of(talk)) for (a, b, _), talk in talks.items()),
        {ids[machine]: name for machine, name in applications.items()},
        names={ids[machine]: end.asset.name for machine, end in machines.items() if end.asset is not None},
    )
