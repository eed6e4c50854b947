"""What was approved is counted, un-learned, looked at and forgotten, by its own client alone."""

import asyncio
from dataclasses import replace

import pytest

from masterflow.db.session import Database
from masterflow.errors import InvalidInput, NotAllowed
from masterflow.inventory.mapping_memory.service import MappingMemory
from masterflow.inventory.mapping_memory.store import LONGEST, MemoryStore, clear
from masterflow.inventory.mapping_memory.types import Layout, LearnedHeader, Lesson
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast

HOSTS = Layout("csv", "hosts")
APPS = Layout("csv", "apps")


async def learn(database: Database, tenant: Tenant, *lessons: Lesson, source: str = "tabular") -> None:
    async with database.transaction(tenant) as session:
        await MemoryStore(session).learn(source, lessons)


async def learned(database: Database, tenant: Tenant) -> dict[tuple[str, str], LearnedHeader]:
    async with database.transaction(tenant) as session:
        page = await MemoryStore(session).page(limit=1000)
    return {(one.header, one.field): one for one in page.items}


def counts(one: LearnedHeader) -> tuple[int, int]:
    return one.accepted, one.overridden


async def test_approvals_are_counted_and_the_latest_unit_is_kept(database: Database, cast: Cast) -> None:
    for unit in ("GB", "MB"):
        await learn(database, cast.tenant, Lesson(HOSTS, "ram", "memory_mb", unit))
    one = (await learned(database, cast.tenant))["ram", "memory_mb"]
    assert (counts(one), one.unit, one.source_kind, one.layout) == ((2, 0), "MB", "tabular", HOSTS)
    assert one.confidence == 11 / 12


async def test_an_overridden_meaning_starts_from_nothing(database: Database, cast: Cast) -> None:
    for _ in range(3):
        await learn(database, cast.tenant, Lesson(HOSTS, "owner", "business_owner"))
    await learn(database, cast.tenant, Lesson(HOSTS, "owner", "technical_owner", None, "business_owner"))
    found = await learned(database, cast.tenant)
    assert counts(found["owner", "business_owner"]) == (0, 1)
    assert counts(found["owner", "technical_owner"]) == (1, 0)


async def test_a_meaning_that_was_not_even_proposed_is_unlearned_too(database: Database, cast: Cast) -> None:
    await learn(database, cast.tenant, Lesson(HOSTS, "owner", "business_owner"), Lesson(HOSTS, "ip", "ip_address"))
    await learn(database, cast.tenant, Lesson(HOSTS, "owner", ""))
    found = await learned(database, cast.tenant)
    assert counts(found["owner", "business_owner"]) == (0, 1)
    assert counts(found["owner", ""]) == (1, 0)
    assert counts(found["ip", "ip_address"]) == (1, 0)


async def test_other_layouts_and_kinds_of_file_keep_their_meaning(database: Database, cast: Cast) -> None:
    await learn(database, cast.tenant, Lesson(HOSTS, "name", "hostname"))
    await learn(database, cast.tenant, Lesson(HOSTS, "name", "vm_name"), source="rvtools")
    await learn(database, cast.tenant, Lesson(APPS, "name", "application_name"))
    assert [counts(one) for one in (await learned(database, cast.tenant)).values()] == [(1, 0)] * 3


async def test_a_header_is_known_from_any_kind_and_its_own_kind_as_a_whole(database: Database, cast: Cast) -> None:
    await learn(database, cast.tenant, Lesson(HOSTS, "name", "hostname"), Lesson(HOSTS, "ip", "ip_address"))
    await learn(database, cast.tenant, Lesson(HOSTS, "name", "vm_name"), Lesson(HOSTS, "os", "os_name"), source="other")
    async with database.transaction(cast.tenant) as session:
        found = await MemoryStore(session).known("tabular", {"name"})
    assert {(one.source_kind, one.header) for one in found} == {
        ("tabular", "name"),
        ("tabular", "ip"),
        ("other", "name"),
    }


def test_a_header_that_means_two_things_in_one_sheet_teaches_nothing() -> None:
    twice = [Lesson(HOSTS, "ip", "ip_address"), Lesson(HOSTS, "ip", "")]
    same = [Lesson(HOSTS, "nic", "network"), Lesson(HOSTS, "nic", "network")]
    assert clear([*twice, *same, Lesson(APPS, "ip", "")]) == [Lesson(APPS, "ip", ""), same[0]]


def test_headers_that_are_no_names_teach_nothing() -> None:
    long = "x" * (LONGEST + 1)
    assert clear([Lesson(HOSTS, "", "hostname"), Lesson(HOSTS, long, ""), Lesson(Layout(long, "a"), "ip", "")]) == []


async def test_two_approvals_at_once_are_both_counted(database: Database, cast: Cast) -> None:
    lessons = [Lesson(HOSTS, f"column{n}", "rack", None, "room") for n in range(40)]
    turned = [Lesson(HOSTS, one.header, "room", None, "rack") for one in reversed(lessons)]
    await asyncio.gather(*(learn(database, cast.tenant, *taught) for taught in (lessons, turned) * 3))
    found = (await learned(database, cast.tenant)).values()
    assert {one.accepted + one.overridden >= 3 for one in found} == {True}
    assert len(found) == 2 * len(lessons)


async def test_nothing_to_learn_writes_nothing(database: Database, cast: Cast) -> None:
    await learn(database, cast.tenant)
    assert await learned(database, cast.tenant) == {}


async def test_it_is_listed_page_by_page_and_forgotten_in_parts(database: Database, cast: Cast) -> None:
    memory = MappingMemory(database, cast.lead)
    await learn(database, cast.tenant, *(Lesson(HOSTS, header, "hostname") for header in ("a", "b", "c", "ipaddress")))
    await learn(database, cast.tenant, Lesson(HOSTS, "a", "vm_name"), source="rvtools")
    first = await memory.learned(limit=3)
    second = await memory.learned(limit=3, cursor=first.cursor)
    assert [(one.source_kind, one.header) for one in (*first.items, *second.items)] == [
        ("rvtools", "a"),
        ("tabular", "a"),
        ("tabular", "b"),
        ("tabular", "c"),
        ("tabular", "ipaddress"),
    ]
    assert second.cursor is None
    assert [one.header for one in (await memory.learned(source="rvtools")).items] == ["a"]
    assert await memory.forget(header="IP Address") == 1
    assert await memory.forget(source="tabular", header="a") == 1
    assert await memory.forget(source="tabular") == 2
    assert await memory.forget(everything=True) == 1
    with pytest.raises(InvalidInput, match="no cursor of this list"):
        await memory.learned(cursor="x")


async def test_every_member_may_look_and_who_decides_gates_may_forget(database: Database, cast: Cast) -> None:
    viewer = MappingMemory(database, replace(cast.lead, roles=frozenset({Role.VIEWER})))
    assert (await viewer.learned()).items == ()
    with pytest.raises(NotAllowed):
        await viewer.forget()


async def test_another_client_learns_and_forgets_nothing_of_it(database: Database, cast: Cast) -> None:
    await learn(database, cast.tenant, Lesson(HOSTS, "name", "hostname"))
    outsider = MappingMemory(database, cast.outsider)
    assert (await outsider.learned()).items == ()
    assert await outsider.forget(everything=True) == 0
    await learn(database, cast.outsider.tenant, Lesson(HOSTS, "name", "vm_name"))
    assert counts((await learned(database, cast.tenant))["name", "hostname"]) == (1, 0)
    async with database.transaction(cast.outsider.tenant) as session:
        found = await MemoryStore(session).known("tabular", {"name"})
    assert [one.field for one in found] == ["vm_name"]
