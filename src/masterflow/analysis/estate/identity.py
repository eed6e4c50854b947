"""Which records speak of the same machine.

Records are joined level by level, strongest identifier first. Two clusters whose strong identifiers contradict each
other are never joined, whatever weaker ones say: cloned VMs share an SMBIOS UUID, two machines share a short name, an
address changes hands. Where an identifier is shared by clusters that contradict each other it proves nothing alone; a
record is then given to the one cluster that also agrees with it on something else, or to none. The outcome does not
depend on the order of the records.

Addresses that hypervisors and container engines hand out to everybody and names that images bring along prove nothing.
A source's own id ("EXT-0001") joins within that kind of source, and within one file where the kind says nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from masterflow.analysis.estate.addresses import is_default_name, is_given_to_everybody, is_unnamed
from masterflow.analysis.estate.records import Issue, Record, Severity
from masterflow.analysis.estate.uuids import swap_free
from masterflow.inventory.types import AssetType, Identity, IdentityScheme

LEVELS: Sequence[tuple[str, frozenset[IdentityScheme]]] = (
    ("uuid", frozenset({IdentityScheme.VM_UUID})),
    ("vm_id", frozenset({IdentityScheme.VM_ID})),
    ("instance_id", frozenset({IdentityScheme.INSTANCE_ID})),
    ("external_id", frozenset({IdentityScheme.EXTERNAL_ID})),
    ("uuid", frozenset({IdentityScheme.VM_UUID, IdentityScheme.SMBIOS_UUID})),
    ("serial", frozenset({IdentityScheme.SERIAL})),
    ("fqdn", frozenset({IdentityScheme.FQDN})),
    ("hostname_ip", frozenset({IdentityScheme.HOSTNAME_IP})),
    ("mac", frozenset({IdentityScheme.MAC})),
    ("name", frozenset({IdentityScheme.NAME})),
)
UUID_SCHEMES = frozenset({IdentityScheme.VM_UUID, IdentityScheme.SMBIOS_UUID})
OF_ONE_FILE = frozenset({"tabular", "json_records"})  # kinds of source whose ids may be line numbers
LARGEST_BLOCK = 40  # clusters that share one identifier; beyond that the identifier says nothing ("localhost")
LIKE_MACHINES = frozenset({AssetType.SERVER, AssetType.VIRTUAL_MACHINE, AssetType.OTHER})

Marks = dict[IdentityScheme, frozenset[str]]


@dataclass(slots=True)
class Cluster:
    """Records that are one machine, with everything the machine is recognised by."""

    records: list[Record]
    marks: Marks
    addresses: frozenset[str]
    kinds: frozenset[str]
    models: frozenset[str]
    kind: AssetType
    exports: frozenset[str]
    key: tuple[str, ...]

    def of(self, scheme: IdentityScheme) -> frozenset[str]:
        """The machine's identifiers of one scheme; UUIDs without regard to byte order."""
        return self.marks.get(scheme, frozenset())


@dataclass(frozen=True, slots=True)
class Resolved:
    """The clusters, each one machine, and the identifiers that stayed ambiguous."""

    clusters: tuple[tuple[Record, ...], ...]
    ambiguous: tuple[Issue, ...] = ()


@dataclass(slots=True)
class _Union:
    parent: list[int]
    clusters: dict[int, Cluster] = field(default_factory=dict)

    def root(self, index: int) -> int:
        while self.parent[index] != index:
            self.parent[index] = self.parent[self.parent[index]]
            index = self.parent[index]
        return index

    def join(self, one: int, other: int) -> bool:
        """Join two clusters unless they contradict each other; answers whether they are one now."""
        a, b = sorted((self.root(one), self.root(other)), key=lambda r: (self.clusters[r].key, r))
        if a == b:
            return True
        if contradicts(self.clusters[a], self.clusters[b]):
            return False
        self.parent[b] = a
        self.clusters[a] = _merged(self.clusters[a], self.clusters.pop(b))
        return True


def resolve(records: Sequence[Record]) -> Resolved:
    """Group the records by machine."""
    union = _Union(list(range(len(records))), {i: _cluster(r) for i, r in enumerate(records)})
    holders = _holders(records)
    torn: list[_Torn] = []
    for level, schemes in LEVELS:
        for key, members in sorted(_blocks(holders, schemes).items()):
            torn += _join_block(union, members, level, key)
    clusters = sorted(union.clusters.values(), key=lambda c: c.key)
    issues = [issue for t in torn if (issue := _ambiguity(union, t)) is not None]
    return Resolved(tuple(_in_order(c.records) for c in clusters), tuple(issues))


def _in_order(records: Sequence[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=content_key) if len(records) > 1 else records)


def proves(identity: Identity) -> bool:
    """Whether two records that share this identity can be one machine because of it."""
    if identity.scheme is IdentityScheme.HOSTNAME_IP:
        return not is_given_to_everybody(identity.value.rpartition("/")[2])
    if identity.scheme is IdentityScheme.NAME:
        return not is_default_name(identity.value)
    if identity.scheme is IdentityScheme.FQDN:
        return not is_unnamed(identity.value)
    return True


def content_key(record: Record) -> tuple[str, ...]:
    """What a record says about who it is, without its place in the file: the order in which records are treated."""
    identities = sorted(f"{i.scheme}:{i.value}" for i in record.identities)
    return (record.source_kind, record.file, record.name, *identities)


def _cluster(record: Record) -> Cluster:
    marks: dict[IdentityScheme, set[str]] = {}
    for identity in filter(proves, record.identities):
        value = swap_free(identity.value) if identity.scheme in UUID_SCHEMES else identity.value
        marks.setdefault(identity.scheme, set()).add(value)
    addresses = record.best("ip_addresses")
    model = record.text("model")
    return Cluster(
        records=[record],
        marks={scheme: frozenset(values) for scheme, values in marks.items()},
        addresses=frozenset(a for a in addresses if not is_given_to_everybody(a))
        if isinstance(addresses, tuple)
        else frozenset(),
        kinds=frozenset({record.source_kind}),
        models=frozenset({model.casefold()}) if model else frozenset(),
        kind=AssetType.SERVER if record.asset_type in LIKE_MACHINES else record.asset_type,
        exports=frozenset({record.file} if record.source_kind == "rvtools" else set()),
        key=content_key(record),
    )


def _merged(one: Cluster, other: Cluster) -> Cluster:
    schemes = {*one.marks, *other.marks}
    return Cluster(
        records=one.records + other.records,
        marks={s: one.of(s) | other.of(s) for s in schemes},
        addresses=one.addresses | other.addresses,
        kinds=one.kinds | other.kinds,
        models=one.models | other.models,
        kind=one.kind,
        exports=one.exports | other.exports,
        key=min(one.key, other.key),
    )


def contradicts(one: Cluster, other: Cluster) -> bool:
    """Whether strong identifiers say that two clusters are two machines."""
    if one.kind != other.kind:
        return True
    if _disjoint(one, other, IdentityScheme.VM_UUID) or _disjoint(one, other, IdentityScheme.INSTANCE_ID):
        return True
    if _disjoint(one, other, IdentityScheme.SERIAL) or _other_bios(one, other) or _other_vm_id(one, other):
        return True
    # rows of one export are as many machines as rows, unless their ids say that a row is there twice
    return bool(one.exports & other.exports) and not one.of(IdentityScheme.VM_ID) & other.of(IdentityScheme.VM_ID)


def _disjoint(one: Cluster, other: Cluster, scheme: IdentityScheme) -> bool:
    a, b = one.of(scheme), other.of(scheme)
    return bool(a and b) and not a & b


def _other_bios(one: Cluster, other: Cluster) -> bool:
    """Different SMBIOS UUIDs. A source may call the VM UUID "UUID", so either kind may agree."""
    if not (one.of(IdentityScheme.SMBIOS_UUID) and other.of(IdentityScheme.SMBIOS_UUID)):
        return False
    a, b = (c.of(IdentityScheme.SMBIOS_UUID) | c.of(IdentityScheme.VM_UUID) for c in (one, other))
    return not a & b


def _other_vm_id(one: Cluster, other: Cluster) -> bool:
    """Different VM ids. Ids of two vCenters compare only where the vCenters are named in the same way."""
    a, b = one.of(IdentityScheme.VM_ID), other.of(IdentityScheme.VM_ID)
    if not a or not b or a & b:
        return False
    vcenters = [{v.rpartition("/")[0] for v in ids} for ids in (a, b)]
    if vcenters[0] & vcenters[1]:
        return True
    alike = {_is_uuid(v) for v in vcenters[0] | vcenters[1]}
    return len(alike) == 1 and not one.of(IdentityScheme.VM_UUID) & other.of(IdentityScheme.VM_UUID)


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


Holders = Mapping[IdentityScheme, Sequence[tuple[str, int]]]  # identifiers of one scheme with the records' places


def _holders(records: Sequence[Record]) -> Holders:
    """Who has which identifier, of those that prove something."""
    holders: dict[IdentityScheme, list[tuple[str, int]]] = {}
    for index, record in enumerate(records):
        for identity in record.identities:
            if proves(identity):
                value = swap_free(identity.value) if identity.scheme in UUID_SCHEMES else identity.value
                if identity.scheme is IdentityScheme.EXTERNAL_ID and record.source_kind in OF_ONE_FILE:
                    value = f"{value} in {record.file}"
                holders.setdefault(identity.scheme, []).append((value, index))
    return holders


def _blocks(holders: Holders, schemes: frozenset[IdentityScheme]) -> dict[str, list[int]]:
    """Records by identifier, for the identifiers that more than one record has."""
    blocks: dict[str, list[int]] = {}
    for scheme in schemes:
        for value, index in holders.get(scheme, ()):
            blocks.setdefault(value, []).append(index)
    return {key: members for key, members in blocks.items() if len(members) > 1}


@dataclass(frozen=True, slots=True)
class _Torn:
    """An identifier whose holders contradict each other, and the pairs it would have joined."""

    level: str
    key: str
    pairs: tuple[tuple[int, int], ...]


def _join_block(union: _Union, members: Iterable[int], level: str, key: str) -> list[_Torn]:
    roots = sorted({union.root(m) for m in members}, key=lambda r: (union.clusters[r].key, r))
    if len(roots) < 2 or len(roots) > LARGEST_BLOCK:
        return []
    allowed = _WEAK_VETO.get(level, _always)
    pairs = [(a, b) for i, a in enumerate(roots) for b in roots[i + 1 :]]
    open_pairs = [p for p in pairs if not contradicts(union.clusters[p[0]], union.clusters[p[1]])]
    if len(open_pairs) < len(pairs):
        wanted = [p for p in open_pairs if allowed(union.clusters[p[0]], union.clusters[p[1]])]
        _join_torn_block(union, wanted, level)
        return [_Torn(level, key, tuple(wanted))] if wanted else []
    for a, b in pairs:
        one, other = union.root(a), union.root(b)
        if one != other and allowed(union.clusters[one], union.clusters[other]):
            union.join(one, other)
    return []


def _join_torn_block(union: _Union, pairs: Sequence[tuple[int, int]], level: str) -> None:
    """Join what agrees on something besides the torn identifier, the best agreement first."""
    support = {pair: _agreement(union.clusters[pair[0]], union.clusters[pair[1]], level) for pair in pairs}
    for pair in sorted(pairs, key=lambda p: (-support[p], union.clusters[p[0]].key, union.clusters[p[1]].key)):
        rivals = [p for p in pairs if p != pair and set(pair) & set(p) and support[p] == support[pair]]
        if support[pair] and not any(_is_rivalry(union, pair, rival) for rival in rivals):
            union.join(*pair)


def _ambiguity(union: _Union, torn: _Torn) -> Issue | None:
    apart = [
        (a, b)
        for a, b in ((union.root(one), union.root(other)) for one, other in torn.pairs)
        if a != b and not contradicts(union.clusters[a], union.clusters[b])
    ]
    if not apart:
        return None
    message = (
        f"{torn.level} '{torn.key}' is shared by machines that contradict each other; "
        f"{len(apart)} pairs stay apart. Look at them and name the right one."
    )
    return Issue("IDENTITY_AMBIGUOUS", Severity.WARNING, message, len(apart))


def _is_rivalry(union: _Union, pair: tuple[int, int], rival: tuple[int, int]) -> bool:
    """Whether two pairs that share a cluster have other ends that cannot be one machine."""
    a, b = (union.root(end) for end in set(pair) ^ set(rival))
    return a != b and contradicts(union.clusters[a], union.clusters[b])


_SUPPORT = (
    ("uuid", IdentityScheme.SMBIOS_UUID),
    ("fqdn", IdentityScheme.FQDN),
    ("mac", IdentityScheme.MAC),
    ("hostname_ip", IdentityScheme.HOSTNAME_IP),
    ("name", IdentityScheme.NAME),
)


def _agreement(one: Cluster, other: Cluster, level: str) -> int:
    """On how many identifiers besides that of `level` two clusters agree; a shared address counts as one."""
    shared = sum(bool(one.of(scheme) & other.of(scheme)) for name, scheme in _SUPPORT if name != level)
    return shared + bool(one.addresses & other.addresses)


def _always(_one: Cluster, _other: Cluster) -> bool:
    return True


def _same_model(one: Cluster, other: Cluster) -> bool:
    return not (one.models and other.models) or bool(one.models & other.models)


def _other_cards(one: Cluster, other: Cluster) -> bool:
    """Two records of one kind of source with other network cards and no address in common."""
    alike = bool(one.kinds & other.kinds) and not one.addresses & other.addresses
    return alike and _disjoint(one, other, IdentityScheme.MAC)


def _id_is_enough(one: Cluster, other: Cluster) -> bool:
    """A source's own id joins unless names differ and no address agrees: ids are given out again, or once a table."""
    return bool(one.addresses & other.addresses) or not _disjoint(one, other, IdentityScheme.NAME)


def _names_agree(one: Cluster, other: Cluster) -> bool:
    """A shared hardware address joins only what is not called by different names."""
    return not _disjoint(one, other, IdentityScheme.NAME)


def _name_is_enough(one: Cluster, other: Cluster) -> bool:
    """A shared name joins unless the domains differ, or one file lists it twice with different addresses or ids."""
    if _disjoint(one, other, IdentityScheme.FQDN) or _other_cards(one, other):
        return False
    same_file = {r.file for r in one.records} & {r.file for r in other.records}
    apart = bool(one.addresses and other.addresses) and not one.addresses & other.addresses
    apart |= not one.addresses & other.addresses and _disjoint(one, other, IdentityScheme.EXTERNAL_ID)
    return not (same_file and apart)


def _fqdn_is_enough(one: Cluster, other: Cluster) -> bool:
    """A shared full name joins, unless one file lists it under two names: then one of its cells is a slip."""
    same_file = {r.file for r in one.records} & {r.file for r in other.records}
    return not (same_file and _disjoint(one, other, IdentityScheme.NAME)) and not _other_cards(one, other)


_WEAK_VETO: Mapping[str, Callable[[Cluster, Cluster], bool]] = {
    "external_id": _id_is_enough,
    "serial": _same_model,
    "fqdn": _fqdn_is_enough,
    "mac": _names_agree,
    "name": _name_is_enough,
}
