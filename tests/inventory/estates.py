"""Small estates for the tests of the stores, staged as discovery stages them."""

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from masterflow.db.session import Database, Session
from masterflow.inventory.estate_rows import asset_row, conflict_rows, fact_rows, identity_rows
from masterflow.inventory.publishing.store import ASSETS, CONFLICTS, FACTS, IDENTITIES, PublishingStore
from masterflow.inventory.publishing.types import Decision, Member, Publication, Published
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from masterflow.inventory.types import (
    Application,
    ApplicationId,
    Asset,
    AssetId,
    AssetType,
    Conflict,
    Criticality,
    Environment,
    Fact,
    Identity,
    IdentityScheme,
    Membership,
    Source,
)
from masterflow.tenancy.types import Tenant

SPACE = UUID("3f5c7c0e-4a52-4d3f-9e7c-0d6f6f0d9b11")


def fact(field: str, value: str, *, chosen: bool = True, row: int = 2) -> Fact:
    return Fact(field, value, Source("estate.xlsx", "vInfo", row, field), "as found", None, chosen)


def server(name: str, *, memory_mib: int | None = 4096, environment: Environment | None = None) -> Asset:
    """A virtual machine with everything filled that a row can hold."""
    return Asset(
        id=AssetId(uuid5(SPACE, name)),
        name=name,
        asset_type=AssetType.VIRTUAL_MACHINE,
        vm_name=name,
        hostname=name,
        fqdn=f"{name}.example",
        ip_addresses=("10.0.0.1", "fe80::1"),
        mac_addresses=("00:50:56:00:00:01",),
        operating_system="Red Hat Enterprise Linux 9",
        cpu_cores=2,
        memory_mib=memory_mib,
        storage_provisioned_mib=100_000,
        storage_used_mib=50_000,
        power_state="poweredOn",
        environment=environment,
        criticality=Criticality.HIGH,
        virtual=True,
        cpu_p95_pct=Decimal("12.50"),
        annual_cost=Decimal("1234.56"),
        annual_cost_currency="EUR",
        identities=(Identity(IdentityScheme.VM_UUID, f"uuid-{name}"), Identity(IdentityScheme.FQDN, f"{name}.example")),
        facts=(fact("memory_mib", str(memory_mib)), fact("environment", "test"), fact("cpu_cores", "4", chosen=False)),
        attributes={"Owner ": "somebody"},
        concerns=("snapshot",),
    )


def application(name: str, *members: Asset, membership: Membership = Membership.STATED) -> Application:
    return Application(
        id=ApplicationId(uuid5(SPACE, f"application {name}")),
        name=name,
        variants=(name, name.upper()),
        membership=membership,
        asset_ids=tuple(sorted(member.id for member in members)),
        proposed_asset_ids=tuple(sorted(m.id for m in members)) if membership is Membership.PROPOSED else (),
        criticality=Criticality.LOW,
        evidence=("column Application",),
    )


@dataclass(frozen=True, slots=True)
class Estate:
    """What a discovery would stage and have approved."""

    servers: tuple[Asset, ...] = ()
    applications: tuple[Application, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    decisions: tuple[Decision, ...] = ()
    built_from: tuple[UUID, ...] = ()
    replaced: tuple[UUID, ...] = ()
    flow_id: UUID = SPACE

    def publication(self) -> Publication:
        members = [Member(a.id, m, a.membership) for a in self.applications for m in a.asset_ids]
        return Publication(
            flow_id=self.flow_id,
            applications=self.applications,
            members=tuple(members),
            decisions=self.decisions,
            built_from=self.built_from,
            replaced=self.replaced,
        )


def staging(session: Session, flow_id: UUID) -> StagingStore:
    return StagingStore(session, StagedUnder(flow_id, 1, "asset_inventory"))


async def stage(session: Session, estate: Estate, *, size: int = 2) -> StagingStore:
    """Two machines a chunk, so that every test passes the seam between chunks."""
    store = staging(session, estate.flow_id)
    for number, start in enumerate(range(0, len(estate.servers), size)):
        chunk = estate.servers[start : start + size]
        await store.put(ASSETS, number, [asset_row(a, completeness=0.5) for a in chunk])
        await store.put(IDENTITIES, number, [row for a in chunk for row in identity_rows(a)])
        await store.put(FACTS, number, [row for a in chunk for row in fact_rows(a, {})])
    await store.put(CONFLICTS, 0, conflict_rows(estate.conflicts))
    return store


async def publish(database: Database, tenant: Tenant, estate: Estate, *, size: int = 2) -> Published:
    async with database.publishing(tenant) as session:
        store = await stage(session, estate, size=size)
        return await PublishingStore(session).publish_estate(store, estate.publication())


def three_servers() -> Estate:
    web, db, spare = server("web"), server("db", environment=Environment.PRODUCTION), server("spare", memory_mib=None)
    return Estate(
        servers=(web, db, spare),
        applications=(application("Billing", web, db), application("Alpha")),
        conflicts=(Conflict("web", "cpu_cores", (fact("cpu_cores", "2"), fact("cpu_cores", "4")), "2", "vInfo first"),),
        flow_id=uuid4(),
    )


def with_memory(estate: Estate, name: str, memory_mib: int) -> Estate:
    servers = tuple(replace(s, memory_mib=memory_mib) if s.name == name else s for s in estate.servers)
    return replace(estate, servers=servers)
