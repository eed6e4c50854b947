"""Find which application needs which, and which servers do nothing, from all that tells who talks to whom.

Without such a table there is nothing to find, and the result says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import orjson
from pydantic import BaseModel

from masterflow.analysis.dependencies.communities import Proposal
from masterflow.analysis.estate.build import Estate
from masterflow.analysis.estate.dependencies import Dependencies, resolve_dependencies
from masterflow.analysis.estate.idle import IDLE_P95_PCT, Activity, Idleness, idle_servers
from masterflow.analysis.waves.groups import listed
from masterflow.db.bulk import JsonRow
from masterflow.flows.discovery.flow_rows import read_flow_rows
from masterflow.flows.discovery.relation_rows import read_relations
from masterflow.flows.discovery.shown import MOST_SHOWN, Frozen
from masterflow.flows.discovery.sources import Source, sources_of
from masterflow.inventory.estate_rows import dependency_rows
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.publishing.store import DEPENDENCIES, IDLE_SERVERS, IN_USE_SERVERS, PublishingStore
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import Application, Asset, AssetId, AssetType, Dependency, DependencyKind
from masterflow.spec import Phase, PhaseContext, Stores

NAME = "dependency_analysis"
ROWS_A_CHUNK = 5000
NOTHING_TO_READ = (
    "No file of this engagement tells who talks to whom, so no dependency is known. Bring a flow or dependency export "
    "with source, destination and port, and start another discovery with it."
)


class Input(BaseModel):
    pass


class ShownDependency(Frozen):
    """One dependency by the names of its ends: `source` needs `target`."""

    source: str
    target: str
    kind: str
    port: int | None
    connections: int | None
    confidence: float
    evidence: tuple[str, ...]


class ShownSetAside(Frozen):
    """Rows that give no dependency, and why."""

    reason: str
    message: str
    rows: int
    connections: int


class ShownHub(Frozen):
    """A machine that serves, or watches, a good part of the estate."""

    asset_id: UUID
    name: str
    ports: tuple[int, ...]
    peers: int


class ShownMoveGroup(Frozen):
    """Applications, or servers without one, in a circle of hard dependencies: they move together."""

    members: tuple[str, ...]
    sentence: str


class ShownProposal(Frozen):
    """Servers without an application, and the one that their talk proposes; None for a group without a name.

    Nothing is changed by it: the inventory gate of the next discovery takes it when a person enters it there.
    """

    servers: tuple[str, ...]
    application: str | None
    confidence: float
    reasons: tuple[str, ...]


class ShownPlacement(Frozen):
    """An address that no inventory knows, the application it is taken for, and why."""

    address: str
    application: str
    reason: str


class ShownActivity(Frozen):
    """A server that does nothing, or only looks so, with the reason; percents are of its processor."""

    asset_id: UUID
    name: str
    idle: bool
    reason: str
    cpu_p95_pct: float | None
    cpu_max_pct: float | None
    callers: int | None


class Output(BaseModel):
    """What was found, set aside and not known. Of each list the first are shown; all dependencies are published.

    `stale` are stated relations that the traffic of both ends does not show; they are not published. `move_groups` are
    circles of hard dependencies. `low_use` are servers that are idle, those that only look so after them; of
    `not_observed` servers nobody can say. `note` says what to bring where there was nothing to read.
    """

    tables: tuple[str, ...]
    rows: int
    rows_rejected: int
    dependency_count: int
    hard: int
    soft: int
    dependencies: tuple[ShownDependency, ...]
    set_aside: tuple[ShownSetAside, ...]
    unresolved_count: int
    unresolved: tuple[str, ...]
    hubs: tuple[ShownHub, ...]
    stale: tuple[ShownDependency, ...] = ()
    move_groups: tuple[ShownMoveGroup, ...] = ()
    proposals: tuple[ShownProposal, ...] = ()
    placed: tuple[ShownPlacement, ...] = ()
    idle_count: int = 0
    not_observed: int = 0
    low_use: tuple[ShownActivity, ...] = ()
    note: str | None = None


async def run(ctx: PhaseContext, given: Input) -> Output:  # noqa: ARG001 - it reads what was published
    """Match the rows of every dependency table to the estate, and stage what they amount to."""
    async with ctx.stores() as stores:
        imports = await ImportStore(stores.session).published()
        sources = await sources_of(stores.session, imports, only_dependencies=True)
        inventory = InventoryStore(stores.session)
        machines, applications = await inventory.machines_as_json(), await inventory.every_application()
    found = await ctx.compute(find, sources, machines, applications)
    for kind, texts in ((DEPENDENCIES, found.texts), (IDLE_SERVERS, found.idle), (IN_USE_SERVERS, found.in_use)):
        for number, text in enumerate(texts):
            async with ctx.stores() as stores:
                await _staging(stores).put(kind, number, text)
        async with ctx.stores() as stores:
            await _staging(stores).trim(kind, len(texts))
    return found.output


class Found(Frozen):
    """The result of the phase; dependencies and judged servers as texts that are ready to be staged."""

    output: Output
    texts: tuple[str, ...]
    idle: tuple[str, ...]
    in_use: tuple[str, ...]


def find(sources: Sequence[Source], machines: str, applications: Sequence[Application]) -> Found:
    """Read the tables and resolve their rows; `machines` is what `InventoryStore.machines_as_json` answers."""
    read = read_flow_rows([source for source in sources if source.tells_dependencies])
    relations = read_relations([source for source in sources if not source.tells_dependencies])
    rows = (*read.rows, *relations.rows)
    estate = _estate(machines, applications)
    resolved = resolve_dependencies(rows, estate)
    staged = dependency_rows(resolved.dependencies)
    texts = [staged[start : start + ROWS_A_CHUNK] for start in range(0, len(staged), ROWS_A_CHUNK)]
    names: dict[UUID, str] = {asset.id: asset.name for asset in (*estate.assets, *estate.hosts)}
    names |= {one.id: one.name for one in applications}
    activities = idle_servers(estate.assets, rows, resolved)
    output = _output(resolved, names)
    return Found(
        output=output.model_copy(
            update={
                "tables": tuple(source.label for source in sources),
                "rows": sum(row.observations for row in rows),
                "rows_rejected": len(read.rejects) + len(relations.rejects),
                "idle_count": sum(one.activity is Activity.IDLE for one in activities),
                "not_observed": sum(one.activity is Activity.UNKNOWN for one in activities),
                "low_use": _low_use(activities),
                "note": None if sources else NOTHING_TO_READ,
            }
        ),
        texts=tuple(orjson.dumps(text).decode() for text in texts),
        idle=_staged_ids(one for one in activities if one.idle),
        in_use=_staged_ids(one for one in activities if one.idle is False),
    )


def _staged_ids(judged: Iterable[Idleness]) -> tuple[str, ...]:
    rows: list[JsonRow] = [{"asset_id": str(one.asset_id)} for one in judged]
    return tuple(
        orjson.dumps(rows[start : start + ROWS_A_CHUNK]).decode() for start in range(0, len(rows), ROWS_A_CHUNK)
    )


def _low_use(activities: Sequence[Idleness]) -> tuple[ShownActivity, ...]:
    """Servers whose processor hardly works, the idle ones first."""
    low = [one for one in activities if one.idle is not None and (one.cpu_p95_pct or IDLE_P95_PCT) < IDLE_P95_PCT]
    return tuple(
        ShownActivity(
            asset_id=one.asset_id,
            name=one.name,
            idle=bool(one.idle),
            reason=one.reason,
            cpu_p95_pct=None if one.cpu_p95_pct is None else float(one.cpu_p95_pct),
            cpu_max_pct=None if one.cpu_max_pct is None else float(one.cpu_max_pct),
            callers=one.callers,
        )
        for one in sorted(low, key=lambda one: not one.idle)[:MOST_SHOWN]
    )


def _estate(machines: str, applications: Sequence[Application]) -> Estate:
    """The published estate, as far as the resolving of ends needs it."""
    assets = [_machine(*values) for values in orjson.loads(machines)]
    hosts = tuple(asset for asset in assets if asset.asset_type is AssetType.HYPERVISOR_HOST)
    return Estate(
        assets=tuple(asset for asset in assets if asset.asset_type is not AssetType.HYPERVISOR_HOST),
        hosts=hosts,
        applications=tuple(applications),
        conflicts=(),
        excluded=(),
        rejects=(),
        issues=(),
        counts={},
        sums={},
        merged=0,
        completeness={},
        next_file_hints=(),
    )


def _machine(
    asset_id: str,
    name: str,
    asset_type: str,
    vm_name: str | None,
    hostname: str | None,
    fqdn: str | None,
    addresses: list[str],
    concerns: list[str],
    power_state: str | None,
    cpu_p95_pct: float | None,
    cpu_max_pct: float | None,
) -> Asset:
    return Asset(
        id=AssetId(UUID(asset_id)),
        name=name,
        asset_type=AssetType(asset_type),
        vm_name=vm_name,
        hostname=hostname,
        fqdn=fqdn,
        ip_addresses=tuple(addresses),
        concerns=tuple(concerns),
        power_state=power_state,
        cpu_p95_pct=None if cpu_p95_pct is None else Decimal(str(cpu_p95_pct)),
        cpu_max_pct=None if cpu_max_pct is None else Decimal(str(cpu_max_pct)),
    )


def _output(resolved: Dependencies, names: dict[UUID, str]) -> Output:
    hard = sum(one.kind is DependencyKind.HARD for one in resolved.dependencies)
    return Output(
        tables=(),
        rows=0,
        rows_rejected=0,
        dependency_count=len(resolved.dependencies),
        hard=hard,
        soft=len(resolved.dependencies) - hard,
        dependencies=tuple(_shown(one, names) for one in resolved.dependencies[:MOST_SHOWN]),
        set_aside=tuple(
            ShownSetAside(reason=one.reason, message=one.message, rows=one.rows, connections=one.connections)
            for one in resolved.set_aside
        ),
        unresolved_count=len(resolved.unresolved),
        unresolved=resolved.unresolved[:MOST_SHOWN],
        hubs=tuple(
            ShownHub(asset_id=hub.asset_id, name=hub.name, ports=hub.ports, peers=hub.peers)
            for hub in resolved.hubs[:MOST_SHOWN]
        ),
        stale=tuple(_shown(one, names) for one in resolved.stale[:MOST_SHOWN]),
        move_groups=tuple(_move_group([names[end] for end in circle]) for circle in resolved.circles[:MOST_SHOWN]),
        proposals=tuple(_proposal(one, names) for one in resolved.proposals[:MOST_SHOWN]),
        placed=tuple(
            ShownPlacement(address=one.address, application=names[one.application_id], reason=one.reason)
            for one in resolved.placed[:MOST_SHOWN]
        ),
    )


def _shown(one: Dependency, names: Mapping[UUID, str]) -> ShownDependency:
    return ShownDependency(
        source=names[one.source_id],
        target=names[one.target_id],
        kind=one.kind,
        port=one.port,
        connections=one.connections,
        confidence=one.confidence,
        evidence=one.evidence,
    )


def _move_group(members: Sequence[str]) -> ShownMoveGroup:
    ordered = tuple(sorted(members))
    sentence = f"{listed(ordered)} need each other in a circle of hard dependencies: they move together."
    return ShownMoveGroup(members=ordered, sentence=sentence)


def _proposal(one: Proposal, names: Mapping[UUID, str]) -> ShownProposal:
    return ShownProposal(
        servers=tuple(names[UUID(member)] for member in one.members),
        application=one.application,
        confidence=one.confidence,
        reasons=one.reasons,
    )


async def publish(stores: Stores, output: Output) -> None:  # noqa: ARG001 - what is published lies staged
    """Put the dependencies in place of the earlier ones, and mark the servers that do nothing."""
    await PublishingStore(stores.session).publish_dependencies(_staging(stores), flow_id=stores.flow_id)


def _staging(stores: Stores) -> StagingStore:
    return StagingStore(stores.session, StagedUnder(stores.flow_id, stores.iteration, NAME))


PHASE = Phase(
    name=NAME,
    title="Find dependencies",
    takes=Input,
    gives=Output,
    run=run,
    publish=publish,
    optional=True,
    time_limit=timedelta(minutes=60),
)
