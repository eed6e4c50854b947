"""Values that people set on many assets: shown at once, kept through every discovery, and taken back."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import Conflict, InvalidInput, NotFound
from masterflow.inventory.conflicts.store import ConflictStore
from masterflow.inventory.deciding import RULE
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.publishing.types import Decision
from masterflow.inventory.queries import AssetField, AssetFilter, ConflictFilter
from masterflow.inventory.service import InventoryService
from masterflow.inventory.setting import store as module
from masterflow.inventory.setting.types import AssetChange, FieldChange, SettableField, ValueOrder
from masterflow.inventory.types import Asset, Criticality, Environment
from masterflow.tenancy.types import Principal
from tests.conftest import Cast
from tests.inventory.conflicts.test_store import torn
from tests.inventory.estates import Estate, fact, publish, server

ENVIRONMENT, OWNER, DEPARTMENT = SettableField.ENVIRONMENT, SettableField.BUSINESS_OWNER, SettableField.DEPARTMENT
CRITICALITY = SettableField.CRITICALITY
Serve = Callable[[Principal], InventoryService]


@pytest.fixture
def serve(database: Database, tmp_path: object) -> Serve:
    return lambda caller: InventoryService(database, FileStore(f"file://{tmp_path}", max_bytes=10), caller)


def stated(name: str, environment: Environment | None, owner: str | None) -> Asset:
    """A server with an environment and an owner as two files state them, the first one shown."""
    facts = []
    if environment is not None:
        facts += [fact("environment", environment), fact("environment", "staging", chosen=False, row=3)]
    if owner is not None:
        facts += [fact("business_owner", owner), fact("business_owner", "nobody", chosen=False, row=3)]
    return replace(server(name, environment=environment), business_owner=owner, facts=tuple(facts))


WEB, DB, SPARE = stated("web", Environment.TEST, "ann"), stated("db", Environment.TEST, "bob"), stated("x", None, None)
ESTATE = Estate(servers=(WEB, DB, SPARE), flow_id=uuid4())
EVERYTHING = AssetFilter()


def order(
    values: dict[SettableField, str | None], asked: AssetFilter = EVERYTHING, reason: str = "asked"
) -> ValueOrder:
    return ValueOrder(values=values, reason=reason, asked=asked)


async def words(service: InventoryService, asset: Asset, field: SettableField) -> list[tuple[str, bool, str]]:
    """Value, whether it is shown, and source of every fact about a field, in their order."""
    found = (await service.asset(asset.id)).asset
    return [(f.value, f.chosen, f.source.file.split(" on ")[0]) for f in found.facts if f.field == field]


async def test_a_dry_run_counts_what_would_change_and_changes_nothing(
    database: Database, cast: Cast, serve: Serve
) -> None:
    await publish(database, cast.tenant, ESTATE)
    service = serve(cast.lead)
    before = [await service.asset(one.id) for one in ESTATE.servers]
    found = await service.set_values(order({ENVIRONMENT: "production", OWNER: "ann"}))
    assert (found.dry_run, found.count, found.changes_left_out) == (True, 3, 0)
    assert found.changes == (
        FieldChange(ENVIRONMENT, "test", "production", 2),
        FieldChange(ENVIRONMENT, None, "production", 1),
        FieldChange(OWNER, "bob", "ann", 1),
        FieldChange(OWNER, None, "ann", 1),
    )
    assert found.sample[:2] == (
        AssetChange(DB.id, "db", ENVIRONMENT, "test", "production"),
        AssetChange(DB.id, "db", OWNER, "bob", "ann"),
    )
    assert [await service.asset(one.id) for one in ESTATE.servers] == before


async def test_many_kinds_of_change_are_counted_and_the_first_are_listed(
    database: Database, cast: Cast, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(database, cast.tenant, ESTATE)
    monkeypatch.setattr(module, "MOST_CHANGES", 1)
    monkeypatch.setattr(module, "MOST_SAMPLED", 2)
    found = await serve(cast.lead).set_values(order({OWNER: "eve"}))
    assert ([one.before for one in found.changes], found.changes_left_out, len(found.sample)) == (["ann"], 2, 2)


async def test_a_value_that_was_set_is_shown_with_who_set_it_and_why(
    database: Database, cast: Cast, serve: Serve
) -> None:
    await publish(database, cast.tenant, ESTATE)
    service = serve(cast.lead)
    asked = AssetFilter(search="web")
    done = await service.set_values(
        order({ENVIRONMENT: "production", CRITICALITY: "critical", DEPARTMENT: "Sales"}, asked, "Ann says so"),
        dry_run=False,
        expected_count=1,
    )
    assert (done.dry_run, done.count, len(done.changes)) == (False, 1, 3)
    web = (await service.asset(WEB.id)).asset
    shown = (web.environment, web.criticality, web.department, web.business_owner)
    assert shown == (Environment.PRODUCTION, Criticality.CRITICAL, "Sales", "ann")
    [own] = [f for f in web.facts if f.field == ENVIRONMENT and f.chosen]
    assert (own.rule, own.value) == (RULE, "production")
    assert own.source.file.startswith("set by lead@home.example on 2")
    assert own.source.file.endswith(": Ann says so")
    assert await words(service, WEB, ENVIRONMENT) == [
        ("production", True, "set by lead@home.example"),
        ("test", False, "estate.xlsx"),
        ("staging", False, "estate.xlsx"),
    ]
    assert (await service.asset(DB.id)).asset.environment is Environment.TEST
    again = await service.set_values(order({DEPARTMENT: "Law"}, asked), dry_run=False)
    assert again.changes == (FieldChange(DEPARTMENT, "Sales", "Law", 1),)
    assert await words(service, WEB, DEPARTMENT) == [("Law", True, "set by lead@home.example")]


async def test_what_was_set_outlives_a_discovery_that_does_not_know_it_and_goes_before_other_files(
    database: Database, cast: Cast, serve: Serve
) -> None:
    await publish(database, cast.tenant, ESTATE)
    service = serve(cast.lead)
    await service.set_values(order({ENVIRONMENT: "production", OWNER: "eve"}), dry_run=False)
    known = [(await service.asset(one.id)).asset for one in ESTATE.servers]
    moved = stated("web", Environment.DEVELOPMENT, "dan")
    await publish(database, cast.tenant, replace(ESTATE, servers=(moved, SPARE)))
    assert (await service.asset(WEB.id)).asset.environment is Environment.PRODUCTION
    assert await words(service, WEB, OWNER) == [
        ("eve", True, "set by lead@home.example"),
        ("dan", False, "estate.xlsx"),
        ("nobody", False, "estate.xlsx"),
    ]
    await publish(database, cast.tenant, ESTATE)  # the database server is back
    assert [(await service.asset(one.id)).asset for one in ESTATE.servers] == known


async def test_a_value_that_is_taken_back_leaves_what_the_sources_say_now(
    database: Database, cast: Cast, serve: Serve
) -> None:
    await publish(database, cast.tenant, ESTATE)
    service = serve(cast.lead)
    before = [(await service.asset(one.id)).asset for one in ESTATE.servers]
    await service.set_values(order({ENVIRONMENT: "production", OWNER: "eve", DEPARTMENT: "Law"}), dry_run=False)
    back = order({ENVIRONMENT: None, OWNER: None, DEPARTMENT: None, CRITICALITY: None})
    looked = await service.set_values(back)
    assert FieldChange(ENVIRONMENT, "production", "test", 2) in looked.changes
    assert FieldChange(DEPARTMENT, "Law", None, 3) in looked.changes
    assert {one.field for one in looked.changes} == {ENVIRONMENT, OWNER, DEPARTMENT}
    await service.set_values(back, dry_run=False)
    assert [(await service.asset(one.id)).asset for one in ESTATE.servers] == before
    await publish(database, cast.tenant, ESTATE)
    assert [(await service.asset(one.id)).asset for one in ESTATE.servers] == before
    async with database.transaction(cast.tenant) as session:
        assert await ConflictStore(session).decisions() == ()


async def test_the_newest_word_holds_whichever_way_it_was_said(database: Database, cast: Cast, serve: Serve) -> None:
    db, environment = torn(server("db", environment=Environment.TEST), "environment", "test", "production", review=True)
    estate = Estate(servers=(db,), conflicts=(environment,), flow_id=uuid4())
    gate = replace(estate, decisions=(Decision(db.id, None, Environment.DEVELOPMENT, keep=True),))
    await publish(database, cast.tenant, gate)
    service = serve(cast.lead)

    async def shown() -> Environment | None:
        return (await service.asset(db.id)).asset.environment

    async def conflict() -> tuple[str, bool, str | None, str]:
        [one] = (await service.conflict_page(ConflictFilter())).conflicts
        return one.preferred, one.needs_review, one.decided_by, one.why

    assert await shown() is Environment.DEVELOPMENT
    await service.set_values(order({ENVIRONMENT: "staging"}, reason="I know"), dry_run=False)
    for _ in range(2):
        assert await shown() is Environment.STAGING
        preferred, needs_review, by, why = await conflict()
        assert (preferred, needs_review, by) == ("staging", False, "lead@home.example")
        assert (why.startswith("set by lead@home.example on "), why.endswith(": I know")) == (True, True)
        await publish(database, cast.tenant, estate)
    await service.decide_conflict(str(environment.id), "production", reason="no")
    await publish(database, cast.tenant, estate)
    assert await shown() is Environment.PRODUCTION
    await service.set_values(order({ENVIRONMENT: "staging"}), dry_run=False)
    await publish(database, cast.tenant, gate)
    assert await shown() is Environment.DEVELOPMENT
    await service.set_values(order({ENVIRONMENT: "staging"}), dry_run=False)
    await service.set_values(order({ENVIRONMENT: None}, reason="mistaken"), dry_run=False)
    assert await shown() is Environment.TEST
    assert await conflict() == ("test", True, None, "what a person said was taken back: mistaken")
    await publish(database, cast.tenant, estate)
    assert await shown() is Environment.TEST


async def test_an_order_by_ids_or_with_another_count_is_refused_whole(
    database: Database, cast: Cast, serve: Serve
) -> None:
    await publish(database, cast.tenant, ESTATE)
    service = serve(cast.lead)
    lost = uuid4()
    for ids, told in (((WEB.id, lost), rf"There is no asset {lost}\."), ((uuid4(), uuid4()), "nor 1 others")):
        with pytest.raises(NotFound, match=told):
            await service.set_values(ValueOrder(values={OWNER: "eve"}, reason="r", ids=ids), dry_run=False)
    for dry_run in (True, False):
        with pytest.raises(Conflict, match="about 3 assets now, not 2"):
            await service.set_values(order({OWNER: "eve"}), dry_run=dry_run, expected_count=2)
    assert (await service.asset(WEB.id)).asset.business_owner == "ann"
    some = ValueOrder(values={OWNER: "eve"}, reason="r", ids=(WEB.id, SPARE.id))
    assert (await service.set_values(some, dry_run=False, expected_count=2)).count == 2
    found = await service.assets(AssetFilter(unknown=(AssetField.BUSINESS_OWNER,)))
    assert found.assets == ()
    assert (await service.asset(DB.id)).asset.business_owner == "bob"


async def test_another_tenant_is_neither_counted_nor_changed(database: Database, cast: Cast, serve: Serve) -> None:
    for tenant in (cast.tenant, cast.outsider.tenant):
        await publish(database, tenant, ESTATE)
    theirs = serve(cast.outsider)
    before = [(await theirs.asset(one.id)).asset for one in ESTATE.servers]
    await serve(cast.lead).set_values(order({OWNER: "eve", ENVIRONMENT: None}), dry_run=False)
    await publish(database, cast.outsider.tenant, ESTATE)
    assert [(await theirs.asset(one.id)).asset for one in ESTATE.servers] == before
    async with database.transaction(cast.outsider.tenant) as session:
        assert await ConflictStore(session).decisions() == ()
    only = replace(ESTATE, servers=(SPARE,))
    await publish(database, cast.outsider.tenant, only)
    assert (await theirs.set_values(order({OWNER: "eve"}))).count == 1
    with pytest.raises(NotFound):
        await theirs.set_values(ValueOrder(values={OWNER: "eve"}, reason="r", ids=(WEB.id,)))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"ids": (uuid4(),), "asked": EVERYTHING}, "either a filter or ids"),
        ({"asked": None}, "either a filter or ids"),
        ({"asked": None, "ids": ()}, "0 ids cannot be taken"),
        ({"asked": None, "ids": (uuid4(),) * 1001}, "1001 ids cannot be taken"),
        ({"values": {}}, "Nothing is to be set"),
        ({"reason": "  "}, "Say why"),
        ({"reason": "r" * 501}, "Say why"),
        ({"values": {ENVIRONMENT: "prod"}}, "environment cannot be 'prod'. Choose one of: production, "),
        ({"values": {CRITICALITY: ""}}, "Choose one of: low, "),
        ({"values": {OWNER: " "}}, "business_owner cannot be ' '"),
        ({"values": {OWNER: "o" * 201}}, "1 to 200 characters"),
    ],
)
def test_an_order_that_says_nothing_clear_is_refused(given: dict[str, object], told: str) -> None:
    whole = {"values": {OWNER: "eve"}, "reason": "r", "asked": EVERYTHING}
    with pytest.raises(InvalidInput) as refused:
        ValueOrder(**(whole | given))
    assert told in str(refused.value)
