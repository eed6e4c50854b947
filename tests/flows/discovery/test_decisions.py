"""What a person decided of contradicting sources holds whenever the estate is built anew."""

from collections.abc import Callable

from masterflow.inventory.deciding import RULE
from masterflow.inventory.queries import ConflictFilter
from masterflow.inventory.types import Conflict
from tests.flows.discovery.driving import Discovery, csv_of

PLACE = {"server name": "web01", "ip address": "10.0.0.1"}
SMALL = csv_of(PLACE | {"cpu cores": 2, "memory (MB)": 4096, "environment": "Test"})
LARGE = csv_of(PLACE | {"cpu cores": 8, "memory (MB)": 4096, "environment": "Production"})


async def conflicts(discovery: Discovery, *, review: bool | None = None) -> dict[str, Conflict]:
    page = await discovery.inventory.conflict_page(ConflictFilter(needs_review=review))
    return {conflict.field: conflict for conflict in page.conflicts}


async def contradicted(start: Callable[[], Discovery]) -> Discovery:
    """A published estate of one server that two files see differently; a person believed the one not shown."""
    first = start()
    await first.upload("cmdb.csv", SMALL)
    await first.upload("inventory.csv", LARGE)
    await first.run()
    for conflict in (await conflicts(first)).values():
        other = next(fact.value for fact in conflict.values if fact.value != conflict.preferred)
        await first.inventory.decide_conflict(conflict.id or "", other)
    return first


async def test_a_decision_outlives_the_next_discovery_and_a_new_identity(start: Callable[[], Discovery]) -> None:
    before = await (await contradicted(start)).server("web01")
    second = start()
    await second.upload("serials.csv", csv_of(PLACE | {"serial number": "CZ12345678", "owned by": "Ann"}))
    output = await second.run_until("asset_inventory")
    assert [(c.field, c.preferred, c.needs_review) for c in output.conflicts] == [
        ("cpu_cores", str(before.cpu_cores), False),
        ("environment", str(before.environment), False),
    ]
    assert output.sums["servers"]["vcpu"] == before.cpu_cores
    (member,) = output.members
    assert member.environment == before.environment
    await second.publish("asset_inventory")
    after = await second.server("web01")
    assert (after.id, after.cpu_cores, after.environment) == (before.id, before.cpu_cores, before.environment)
    assert after.business_owner == "Ann"
    chosen = {fact.field: fact.rule for fact in after.facts if fact.chosen}
    assert (chosen["cpu_cores"], chosen["environment"]) == (RULE, RULE)
    assert await conflicts(second, review=True) == {}


async def test_a_decided_value_that_no_file_states_any_more_comes_back(start: Callable[[], Discovery]) -> None:
    before = await (await contradicted(start)).server("web01")
    second = start()
    for name, content in (("cmdb.csv", SMALL), ("inventory.csv", LARGE)):
        lost = content.replace(f",{before.cpu_cores},", ",16,")
        await second.upload(name, lost)
    await second.run()
    (back,) = (await conflicts(second, review=True)).values()
    assert back.field == "cpu_cores"
    assert f"'{before.cpu_cores}', decided by lead@home.example" in back.why
    assert (await second.server("web01")).cpu_cores != before.cpu_cores
