"""Builds the estate: the one call that discovery makes after the mapping has been approved."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from uuid import UUID, uuid5

from masterflow.analysis.estate.applications import Grouped, Machine, group_applications
from masterflow.analysis.estate.completeness import FileHint, completeness_of, next_file_hints
from masterflow.analysis.estate.environments import GOOD, Placed, Proposal, propose_environments
from masterflow.analysis.estate.identity import proves, resolve
from masterflow.analysis.estate.mapped import RVTOOLS, MappedSheet
from masterflow.analysis.estate.records import (
    APPLICATION,
    INCOMPLETE,
    LIFECYCLE,
    Excluded,
    Issue,
    Record,
    claim_text,
)
from masterflow.analysis.estate.rvtools import RvtoolsOptions, RvtoolsRead
from masterflow.analysis.estate.sheets import attached, read_sheets
from masterflow.analysis.estate.stale import Known, forgotten, forgotten_issue
from masterflow.analysis.estate.survivorship import DEFAULT_PRECEDENCE, Settled, settle
from masterflow.inventory.deciding import DecidedValue, decide, decide_application
from masterflow.inventory.reading import Reject
from masterflow.inventory.types import (
    RETIRED,
    Application,
    Asset,
    AssetId,
    AssetType,
    Conflict,
    Fact,
    Identity,
    IdentityScheme,
    Source,
)

STRENGTH = {scheme: rank for rank, scheme in enumerate(IdentityScheme)}
ASSET_FIELDS = frozenset(f.name for f in fields(Asset))


@dataclass(frozen=True, slots=True)
class EstateOptions:
    """What to keep and whom to believe; `precedence` lists kinds of source, the most believed first."""

    rvtools: RvtoolsOptions = field(default_factory=RvtoolsOptions)
    precedence: tuple[str, ...] = DEFAULT_PRECEDENCE


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything that was found, left out, contradicted and missed.

    `assets` are servers and what else the tables list, without hypervisor hosts, which are in `hosts`. `sums` are MiB
    and virtual processors for "servers", "servers_on" and "rvtools" (all accepted rows, excluded machines too).
    `merged` counts the records that turned out to be a machine another record had named already.
    """

    assets: tuple[Asset, ...]
    hosts: tuple[Asset, ...]
    applications: tuple[Application, ...]
    conflicts: tuple[Conflict, ...]
    excluded: tuple[Excluded, ...]
    rejects: tuple[Reject, ...]
    issues: tuple[Issue, ...]
    counts: Mapping[str, int]
    sums: Mapping[str, Mapping[str, int]]
    merged: int
    completeness: Mapping[str, float]
    next_file_hints: tuple[FileHint, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """An asset with the records it was made of and the contradictions among them."""

    asset: Asset
    records: tuple[Record, ...]
    conflicts: tuple[Conflict, ...]
    details: tuple[Record, ...] = ()


def build_estate(
    sheets: Sequence[MappedSheet],
    *,
    namespace: UUID,
    options: EstateOptions | None = None,
    decided: Sequence[DecidedValue] = (),
) -> Estate:
    """Turn approved sheets into an estate. Ids derive from `namespace` and the strongest identity, so that the same
    machine gets the same id whenever its files are read; the order of files and rows does not matter.

    What people `decided` goes before the precedence of sources.
    """
    chosen = options or EstateOptions()
    read = read_sheets(sheets, chosen.rvtools)
    records = read.records
    resolved = resolve(records)
    more = attached(read, resolved.clusters)
    made = _assets(resolved.clusters, more.details, namespace=namespace, precedence=chosen.precedence)
    made, likely_retired = _without_forgotten(_with_environments(made))
    made = _with_decisions(made, decided)
    servers = [m for m in made if m.asset.asset_type is not AssetType.HYPERVISOR_HOST]
    grouped = group_applications(
        [_machine(m) for m in servers if _serves(m.asset)], read.applications, namespace=namespace
    )
    grouped = _decided_applications(grouped, decided)
    assets = tuple(_with_facts(m.asset, grouped.proposals.get(m.asset.id, ())) for m in servers)
    completeness = completeness_of([a for a in assets if _serves(a)], grouped.applications)
    return Estate(
        assets=assets,
        hosts=tuple(m.asset for m in made if m.asset.asset_type is AssetType.HYPERVISOR_HOST),
        applications=grouped.applications,
        conflicts=(*(c for m in made for c in m.conflicts), *grouped.conflicts),
        excluded=tuple(read.rvtools.excluded),
        rejects=(*read.rejects, *more.rejects),
        issues=(*read.issues, *resolved.ambiguous, *forgotten_issue(likely_retired)),
        counts=_counts(read.rvtools, made, grouped.applications),
        sums=_sums(read.rvtools, assets),
        merged=len(records) - len(resolved.clusters),
        completeness=completeness,
        next_file_hints=next_file_hints(completeness) if assets else (),
    )


def _serves(asset: Asset) -> bool:
    """Whether the asset is a machine that an application can run on."""
    return asset.asset_type in {AssetType.SERVER, AssetType.VIRTUAL_MACHINE, AssetType.CONTAINER}


def _assets(
    clusters: Sequence[tuple[Record, ...]],
    details: Sequence[tuple[Record, ...]],
    *,
    namespace: UUID,
    precedence: Sequence[str],
) -> list[_Made]:
    made: list[_Made] = []
    taken: Counter[UUID] = Counter()
    for records, more in zip(clusters, details, strict=True):
        settled = settle((*records, *more), precedence=precedence)
        identities = _identities(records)
        asset_id = _asset_id(identities, namespace, taken)
        conflicts = tuple(replace(c, asset_id=asset_id) for c in settled.conflicts)
        asset = _asset(asset_id, (*records, *more), settled, identities)
        made.append(_Made(asset, records, conflicts, more))
    return sorted(made, key=lambda m: (m.asset.name.casefold(), m.asset.id))


def _identities(records: Sequence[Record]) -> tuple[Identity, ...]:
    every = {identity for record in records for identity in record.identities}
    found = {identity for identity in every if proves(identity)} or every
    return tuple(sorted(found, key=lambda i: (STRENGTH[i.scheme], i.value)))


def _asset_id(identities: Sequence[Identity], namespace: UUID, taken: Counter[UUID]) -> AssetId:
    """The id from the strongest identity; machines that share it take all they have, then their number."""
    strongest = identities[0]
    found = uuid5(namespace, f"{strongest.scheme}:{strongest.value}")
    if found in taken:
        found = uuid5(namespace, "|".join(f"{i.scheme}:{i.value}" for i in identities))
    taken[found] += 1
    return AssetId(found if taken[found] == 1 else uuid5(found, str(taken[found])))


def _asset(asset_id: AssetId, records: Sequence[Record], settled: Settled, identities: tuple[Identity, ...]) -> Asset:
    values = {name: value for name, value in settled.values.items() if name in ASSET_FIELDS}
    attributes: dict[str, str] = {}
    for record in records:
        for key, text in record.attributes.items():
            attributes.setdefault(key, text)
    retired = {RETIRED} if settled.values.get(LIFECYCLE) == "retired" else set()
    names = (
        claim_text(settled.values[k]) for k in ("name", "vm_name", "hostname", "ip_addresses") if k in settled.values
    )
    name = next(names, identities[0].value)
    own = {
        "id": asset_id,
        "name": name,
        "asset_type": _asset_type(records),
        "identities": identities,
        "facts": settled.facts,
        "attributes": attributes,
        "concerns": tuple(sorted({c for r in records for c in r.concerns} | retired)),
    }
    return _FILLED(**{**own, **values})


# the rules in `fields` give every asset field its type; a call per field would only repeat their table
_FILLED: Callable[..., Asset] = Asset


def _asset_type(records: Sequence[Record]) -> AssetType:
    """A virtual machine as soon as a source knows it as one; otherwise what the first source says."""
    kinds = [r.asset_type for r in records if not r.detail]
    if AssetType.VIRTUAL_MACHINE in kinds:
        return AssetType.VIRTUAL_MACHINE
    return next((k for k in kinds if k is not AssetType.OTHER), AssetType.OTHER)


def _chosen_fact(made: _Made, name: str) -> Fact | None:
    for fact in made.asset.facts:
        if fact.field == name and fact.chosen:
            return fact
    return None


def _with_environments(made: Sequence[_Made]) -> list[_Made]:
    """Add the proposed environments; what several signals agree on outranks a stated one, until a person decides."""
    machines = [m for m in made if _serves(m.asset)]
    proposals = propose_environments([_placed(m) for m in machines])
    found = {m.asset.id: p for m, p in zip(machines, proposals, strict=True) if p is not None}
    return [_with_environment(m, found[m.asset.id]) if m.asset.id in found else m for m in made]


def _with_decisions(made: Sequence[_Made], decided: Sequence[DecidedValue]) -> list[_Made]:
    by_asset: dict[AssetId, list[DecidedValue]] = {}
    for said in decided:
        by_asset.setdefault(said.asset_id, []).append(said)
    return [_with_said(one, by_asset.get(one.asset.id, ())) for one in made]


def _with_said(made: _Made, decided: Sequence[DecidedValue]) -> _Made:
    asset, conflicts = made.asset, {conflict.field: conflict for conflict in made.conflicts}
    for said in decided:
        asset, after = decide(asset, conflicts.get(said.field), said)
        if after is not None:
            conflicts[said.field] = after
    return replace(made, asset=asset, conflicts=tuple(conflicts.values())) if decided else made


def _decided_applications(grouped: Grouped, decided: Sequence[DecidedValue]) -> Grouped:
    """The applications with what people decided where lists contradict each other."""
    said = {(one.asset_id, one.field): one for one in decided}
    found: dict[UUID, Application] = {one.id: one for one in grouped.applications}
    conflicts: list[Conflict] = []
    for conflict in grouped.conflicts:
        word = said.get((conflict.asset_id, conflict.field)) if conflict.asset_id else None
        if word is not None:
            found[word.asset_id], conflict = decide_application(found[word.asset_id], conflict, word)  # noqa: PLW2901
        conflicts.append(conflict)
    return replace(grouped, applications=tuple(found.values()), conflicts=tuple(conflicts))


def _without_forgotten(made: Sequence[_Made]) -> tuple[list[_Made], list[str]]:
    """Mark what only a stale row names as retired; the names of the machines come with them."""
    living = [m for m in made if _serves(m.asset) and RETIRED not in m.asset.concerns]
    found = {living[at].asset.id: fact for at, fact in forgotten([Known(m.records, m.details) for m in living])}
    marked = [replace(m, asset=_retired(m.asset, found[m.asset.id])) if m.asset.id in found else m for m in made]
    return marked, [m.asset.name for m in marked if m.asset.id in found]


def _retired(asset: Asset, proposal: Fact) -> Asset:
    facts = [replace(f, chosen=False) if f.field == LIFECYCLE else f for f in asset.facts]
    if not any(f.field == LIFECYCLE for f in facts):  # what the list says by naming it, for a person to decide for
        facts.append(replace(proposal, value="in_use", rule="listed", chosen=False))
    return replace(asset, facts=(*facts, proposal), concerns=tuple(sorted({*asset.concerns, RETIRED})))


def _placed(made: _Made) -> Placed:
    name = _chosen_fact(made, "vm_name") or _chosen_fact(made, "name")
    places = {k: (f.value, f.source) for k in ("cluster", "folder") if (f := _chosen_fact(made, k)) is not None}
    networks = made.asset.attributes.get("networks")
    if networks and name:
        places["networks"] = (networks, replace(name.source, column="Network"))
    fallback = Source(made.records[0].file, made.records[0].sheet, made.records[0].row, None)
    return Placed(made.asset.vm_name or made.asset.name, name.source if name else fallback, places)


def _with_environment(made: _Made, proposal: Proposal) -> _Made:
    stated = _chosen_fact(made, "environment")
    outranks = stated is not None and stated.value != proposal.environment and proposal.confidence >= GOOD
    wins = stated is None or outranks
    proposed = Fact(
        field="environment",
        value=str(proposal.environment),
        source=proposal.source,
        rule="proposed_from_" + "_and_".join(sorted({r.split()[0] for r in proposal.reasons})),
        chosen=wins,
        confidence=proposal.confidence,
    )
    if stated is not None and not outranks:
        return replace(made, asset=replace(made.asset, facts=(*made.asset.facts, proposed)))
    facts = [replace(f, chosen=False) if f is stated else f for f in made.asset.facts]
    asset = replace(made.asset, environment=proposal.environment, facts=(proposed, *facts))
    if stated is None:
        return replace(made, asset=asset)
    conflict = Conflict(
        asset_name=asset.name,
        field="environment",
        values=(proposed, replace(stated, chosen=False)),
        preferred=str(proposal.environment),
        why=f"{', '.join(proposal.reasons)} show the real environment; a person should decide",
        needs_review=True,
        asset_id=asset.id,
    )
    others = tuple(c for c in made.conflicts if c.field != "environment")
    return replace(made, asset=asset, conflicts=(*others, conflict))


def _machine(made: _Made) -> Machine:
    asset = made.asset
    record = made.records[0]
    name = _chosen_fact(made, "vm_name") or _chosen_fact(made, "name")
    folder = _chosen_fact(made, "folder")
    note = asset.attributes.get("annotation")
    where = name.source if name else Source(record.file, record.sheet, record.row, None)
    places = {p.casefold() for p in (asset.datacenter, asset.cluster, asset.host, asset.vcenter_id) if p}
    return Machine(
        asset_id=asset.id,
        name=asset.vm_name or asset.name,
        stated=tuple((f.value, f.source) for f in asset.facts if f.field == APPLICATION),
        note=(note, replace(where, column="Annotation")) if note else None,
        folder=(folder.value, folder.source) if folder else None,
        places=frozenset(places | {"vm"}),
        owner=asset.business_owner,
        criticality=asset.criticality,
        environment=asset.environment,
        name_source=where,
    )


def _with_facts(asset: Asset, facts: tuple[Fact, ...]) -> Asset:
    return replace(asset, facts=(*asset.facts, *facts)) if facts else asset


def _counts(rvtools: RvtoolsRead, made: Sequence[_Made], applications: Sequence[Application]) -> dict[str, int]:
    servers = [m.asset for m in made if _serves(m.asset)]
    vms = [m.asset for m in made if any(r.source_kind == RVTOOLS for r in m.records) and _serves(m.asset)]
    kinds = Counter(str(m.asset.asset_type) for m in made)
    return {
        **{f"rvtools_{k}" if k in {"vinfo_rows", "rows_accepted"} else k: n for k, n in rvtools.counts.items()},
        "hosts": kinds[AssetType.HYPERVISOR_HOST],
        "servers": len(servers),
        "vms": len(vms),
        "vms_powered_on": sum(a.power_state == "poweredOn" for a in vms),
        "vms_powered_off": sum(a.power_state == "poweredOff" for a in vms),
        "vms_with_snapshots": sum("snapshot" in a.concerns for a in vms),
        "rdm_vms": sum("disk.rdm" in a.concerns for a in vms),
        "independent_disk_vms": sum("disk.independent" in a.concerns for a in vms),
        "incomplete_servers": sum(INCOMPLETE in a.concerns for a in servers),
        "retired_servers": sum(RETIRED in a.concerns for a in servers),
        "applications": len(applications),
        "applications_shared_service": sum(a.shared_service for a in applications),
        "unassigned_servers": len({a.id for a in servers} - {i for a in applications for i in a.asset_ids}),
        **{f"assets_{kind}": n for kind, n in sorted(kinds.items())},
    }


def _sums(rvtools: RvtoolsRead, assets: Sequence[Asset]) -> dict[str, dict[str, int]]:
    servers = [a for a in assets if _serves(a)]
    return {
        "servers": _sizes(servers),
        "servers_on": _sizes([a for a in servers if a.power_state == "poweredOn"]),
        "rvtools": dict(rvtools.sums),
    }


def _sizes(assets: Sequence[Asset]) -> dict[str, int]:
    return {
        "vcpu": sum(a.cpu_cores or 0 for a in assets),
        "memory_mib": sum(a.memory_mib or 0 for a in assets),
        "provisioned_mib": sum(a.storage_provisioned_mib or 0 for a in assets),
        "in_use_mib": sum(a.storage_used_mib or 0 for a in assets),
        "disk_capacity_mib": sum(a.disk_capacity_mib or 0 for a in assets),
    }
