"""The review queue, and decisions that hold at once and ever after."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import InvalidInput, NotFound
from masterflow.inventory.conflicts.store import ConflictStore
from masterflow.inventory.deciding import RULE, DecidedValue
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.publishing.types import Decision
from masterflow.inventory.queries import ConflictFilter, ConflictPage
from masterflow.inventory.service import InventoryService
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import RETIRED, Asset, AssetId, Conflict, Environment, Fact, Source
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast
from tests.inventory.estates import Estate, application, fact, publish, server


def torn(asset: Asset, field: str, *values: str, review: bool = False) -> tuple[Asset, Conflict]:
    facts = tuple(fact(field, value, chosen=n == 0, row=n + 2) for n, value in enumerate(values))
    kept = tuple(f for f in asset.facts if f.field != field)
    conflict = Conflict(asset.name, field, facts, values[0], "first", review, asset.id)
    return replace(asset, facts=(*kept, *facts)), conflict


def torn_estate() -> Estate:
    """A web server whose processors nobody agrees on, and a database server with two environments."""
    web, cores = torn(server("web"), "cpu_cores", "2", "4")
    db, environment = torn(server("db", environment=Environment.TEST), "environment", "test", "production", review=True)
    return Estate(servers=(web, db), conflicts=(cores, environment), flow_id=uuid4())


def decision(conflict: Conflict, value: str, *, reason: str | None = None) -> DecidedValue:
    assert conflict.asset_id is not None
    return DecidedValue(
        asset_id=conflict.asset_id,
        field=conflict.field,
        value=value,
        decided_by="ann@home.example",
        decided_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        reason=reason,
    )


async def decide(database: Database, tenant: Tenant, said: DecidedValue) -> Conflict:
    async with database.transaction(tenant) as session:
        return await ConflictStore(session).remember(said)


async def published(database: Database, tenant: Tenant, asset: Asset) -> Asset:
    async with database.transaction(tenant) as session:
        return (await InventoryStore(session).asset(asset.id)).asset


async def page(database: Database, tenant: Tenant, cursor: str | None = None, **asked: object) -> ConflictPage:
    async with database.transaction(tenant) as session:
        return await ConflictStore(session).page(ConflictFilter(**asked), cursor=cursor, limit=1)


async def test_the_queue_is_read_page_by_page_and_filtered(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    cores, environment = estate.conflicts
    first = await page(database, cast.tenant)
    second = await page(database, cast.tenant, first.cursor)
    assert (first.conflicts, second.conflicts, second.cursor) == ((cores,), (environment,), None)
    assert (await page(database, cast.tenant, needs_review=True)).conflicts == (environment,)
    assert (await page(database, cast.tenant, needs_review=False)).conflicts == (cores,)
    assert (await page(database, cast.tenant, asset=cores.asset_id)).conflicts == (cores,)
    assert (await page(database, cast.tenant, field="environment")).conflicts == (environment,)
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        await page(database, cast.tenant, "WyJ4Il0")


async def test_a_decision_reaches_the_asset_its_facts_and_the_conflict_at_once(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    cores, environment = estate.conflicts
    settled = await decide(database, cast.tenant, decision(cores, "4", reason="I counted"))
    assert (settled.preferred, settled.needs_review, settled.decided_by) == ("4", False, "ann@home.example")
    assert (await page(database, cast.tenant)).conflicts == (settled,)
    web = await published(database, cast.tenant, estate.servers[0])
    assert web.cpu_cores == 4
    (chosen,) = [f for f in web.facts if f.field == "cpu_cores" and f.chosen]
    assert (chosen.rule, chosen.value, chosen.source.file) == (RULE, "4", "decision of ann@home.example on 2026-11-23")
    assert replace(web, cpu_cores=2, facts=()) == replace(estate.servers[0], facts=())
    await decide(database, cast.tenant, decision(environment, "production"))
    assert (await published(database, cast.tenant, estate.servers[1])).environment is Environment.PRODUCTION
    async with database.transaction(cast.tenant) as session:
        summary = await InventoryStore(session).summary()
    assert (summary.conflicts, summary.conflicts_to_review) == (2, 0)
    assert summary.by_environment == {"production": 1}


async def test_deciding_again_replaces_the_earlier_word(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    for value in ("4", "2"):
        await decide(database, cast.tenant, decision(estate.conflicts[0], value))
    web = await published(database, cast.tenant, estate.servers[0])
    assert web.cpu_cores == 2
    assert [f.value for f in web.facts if f.rule == RULE] == ["2"]


async def test_addresses_and_systems_are_decided_too(database: Database, cast: Cast) -> None:
    web, addresses = torn(server("web"), "ip_addresses", "10.0.0.1, fe80::1", "10.0.0.7")
    place = Source("cmdb.csv", "csv", 9, "OS")
    systems = (
        fact("operating_system", "Red Hat Enterprise Linux 9"),
        fact("os_version", "9.4"),
        Fact("operating_system", "Windows Server 2022", place, "text", None, chosen=False),
        Fact("os_version", "21H2", place, "text", None, chosen=False),
    )
    web = replace(web, facts=(*web.facts, *systems))
    system = Conflict("web", "operating_system", (systems[0], systems[2]), systems[0].value, "first", asset_id=web.id)
    await publish(database, cast.tenant, Estate(servers=(web,), conflicts=(addresses, system)))
    await decide(database, cast.tenant, decision(addresses, "10.0.0.7"))
    await decide(database, cast.tenant, decision(system, "Windows Server 2022"))
    found = await published(database, cast.tenant, web)
    assert found.ip_addresses == ("10.0.0.7",)
    assert (found.operating_system, found.os_version) == ("Windows Server 2022", "21H2")
    chosen = {f.field: f.value for f in found.facts if f.chosen}
    assert (chosen["os_version"], chosen["operating_system"]) == ("21H2", "Windows Server 2022")


async def test_a_value_of_nobody_and_an_unknown_conflict_are_refused(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    with pytest.raises(InvalidInput, match=r"No source states .5. as cpu_cores of web\. Choose one of: 2; 4\."):
        await decide(database, cast.tenant, decision(estate.conflicts[0], "5"))
    with pytest.raises(NotFound, match="no such conflict"):
        await decide(database, cast.tenant, decision(replace(estate.conflicts[0], field="memory_mib"), "4"))


async def test_a_decision_outlives_a_proposal_that_did_not_know_it(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    await decide(database, cast.tenant, decision(estate.conflicts[0], "4"))
    before = await page(database, cast.tenant)
    await publish(database, cast.tenant, estate)
    assert (await published(database, cast.tenant, estate.servers[0])).cpu_cores == 4
    assert await page(database, cast.tenant) == before
    other = replace(estate, conflicts=(replace(estate.conflicts[0], values=estate.conflicts[0].values[:1]),))
    gone = [replace(s, facts=tuple(f for f in s.facts if f.value != "4")) for s in other.servers]
    for _ in range(2):
        await publish(database, cast.tenant, replace(other, servers=tuple(gone)))
        (back,) = (await page(database, cast.tenant)).conflicts
        assert (back.preferred, back.needs_review, back.decided_by) == ("2", True, None)
        assert back.why.endswith("first; '4', decided by ann@home.example on 2026-11-23, stands in no source any more")


async def test_what_the_gate_says_of_an_environment_settles_its_conflict(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    db = estate.servers[1]
    word = Decision(db.id, None, Environment.STAGING, keep=True)
    await publish(database, cast.tenant, replace(estate, decisions=(word,)))
    (conflict,) = (await page(database, cast.tenant, field="environment")).conflicts
    assert (conflict.preferred, conflict.needs_review) == ("staging", False)
    assert conflict.why == "decided by a person at the inventory gate"
    await decide(database, cast.tenant, decision(conflict, "production"))
    await publish(database, cast.tenant, estate)
    assert (await published(database, cast.tenant, db)).environment is Environment.PRODUCTION
    await publish(database, cast.tenant, replace(estate, decisions=(word,)))
    assert (await published(database, cast.tenant, db)).environment is Environment.STAGING
    async with database.transaction(cast.tenant) as session:
        assert await ConflictStore(session).decisions() == ()


async def test_conflicts_of_a_machine_that_was_left_out_are_not_asked(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    await decide(database, cast.tenant, decision(estate.conflicts[0], "4"))
    out = Decision(estate.servers[0].id, None, None, keep=False)
    await publish(database, cast.tenant, replace(estate, decisions=(out,)))
    assert (await page(database, cast.tenant)).conflicts == estate.conflicts[1:]


async def test_another_tenant_neither_sees_nor_decides(database: Database, cast: Cast) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    said = decision(estate.conflicts[0], "4")
    await decide(database, cast.tenant, said)
    theirs = cast.outsider.tenant
    assert (await page(database, theirs)).conflicts == ()
    with pytest.raises(NotFound):
        await decide(database, theirs, said)
    await publish(database, theirs, estate)
    assert (await published(database, theirs, estate.servers[0])).cpu_cores == 2
    async with database.transaction(theirs) as session:
        assert await ConflictStore(session).decisions() == ()
    async with database.transaction(cast.tenant) as session:
        assert await ConflictStore(session).decisions() == (said,)


async def test_the_service_notes_who_decided_and_may_keep_what_is_shown(
    database: Database, cast: Cast, tmp_path: object
) -> None:
    estate = torn_estate()
    await publish(database, cast.tenant, estate)
    service = InventoryService(database, FileStore(f"file://{tmp_path}", max_bytes=10), cast.approver)
    (conflict,) = (await service.conflict_page(ConflictFilter(needs_review=True))).conflicts
    assert conflict.id is not None
    kept = await service.decide_conflict(conflict.id, reason="as it is")
    assert (kept.preferred, kept.decided_by, kept.needs_review) == ("test", cast.approver.email, False)
    assert (await service.decide_conflict(conflict.id, "production")).preferred == "production"


async def test_a_contradiction_about_an_application_is_decided_and_outlives_a_publication(
    database: Database, cast: Cast
) -> None:
    billing = replace(application("Billing", server("web")), business_owner="ann", attributes={"rto_hours": "8"})
    values = tuple(fact("business_owner", owner, chosen=owner == "ann") for owner in ("ann", "bob"))
    hours = tuple(fact("rto_hours", said, chosen=said == "8") for said in ("8", "48"))
    about = AssetId(billing.id)
    owner = Conflict("Billing", "business_owner", values, "ann", "lists", needs_review=True, asset_id=about)
    recovery = Conflict("Billing", "rto_hours", hours, "8", "lists", needs_review=True, asset_id=about)
    estate = Estate(servers=(server("web"),), applications=(billing,), conflicts=(owner, recovery), flow_id=uuid4())
    for tenant in (cast.tenant, cast.outsider.tenant):
        await publish(database, tenant, estate)
    assert not (await decide(database, cast.tenant, decision(owner, "bob"))).needs_review
    await decide(database, cast.tenant, decision(recovery, "48"))
    for _ in range(2):
        async with database.transaction(cast.tenant) as session:
            shown = await InventoryStore(session).application(billing.id)
        assert (shown.business_owner, shown.attributes["rto_hours"]) == ("bob", "48")
        assert not (await page(database, cast.tenant, needs_review=True)).conflicts
        await publish(database, cast.tenant, estate)
    async with database.transaction(cast.outsider.tenant) as session:
        assert (await InventoryStore(session).application(billing.id)).business_owner == "ann"


async def test_that_a_machine_is_retired_is_taken_back_without_a_conflict(database: Database, cast: Cast) -> None:
    facts = (fact("lifecycle", "in_use", chosen=False), fact("lifecycle", "retired", row=3))
    old = replace(server("old"), concerns=(RETIRED,), facts=facts)
    await publish(database, cast.tenant, Estate(servers=(old, server("web")), flow_id=uuid4()))
    asked = Conflict("old", "lifecycle", facts, "retired", "proposed", asset_id=old.id)
    with pytest.raises(NotFound):
        await decide(database, cast.outsider.tenant, decision(asked, "in_use"))
    assert (await decide(database, cast.tenant, decision(asked, "in_use"))).preferred == "in_use"
    assert (await published(database, cast.tenant, old)).concerns == ()
    with pytest.raises(NotFound):
        await decide(database, cast.tenant, decision(replace(asked, asset_id=server("web").id), "in_use"))
