"""Learned headers over HTTP: looked at by every member, forgotten by who decides gates."""

import httpx
import pytest

from masterflow.db.session import Database
from masterflow.inventory.mapping_memory.store import MemoryStore
from masterflow.inventory.mapping_memory.types import Layout, Lesson
from tests.conftest import Cast

PATH = "/api/v1/learned-headers"
LESSONS = (
    Lesson(Layout("csv", "a1"), "ram", "memory_gb", "GB"),
    Lesson(Layout("csv", "a1"), "owner", "", None, "business_owner"),
)


async def test_learned_headers_are_listed_and_forgotten(
    lead: httpx.AsyncClient, outsider: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    async with database.transaction(cast.tenant) as session:
        await MemoryStore(session).learn("tabular", LESSONS)
    shown = (await lead.get(PATH, params={"source": "tabular"})).json()["items"]
    assert [(one["header"], one["field"], one["accepted"], one["overridden"]) for one in shown] == [
        ("owner", "", 1, 0),
        ("owner", "business_owner", 0, 1),
        ("ram", "memory_gb", 1, 0),
    ]
    assert (shown[2]["layout"], shown[2]["unit"]) == ({"sheet": "csv", "code": "a1"}, "GB")
    assert (await outsider.get(PATH)).json()["items"] == []
    assert (await outsider.delete(PATH, params={"all": True})).json() == {"forgotten": 0}
    assert (await lead.delete(PATH, params={"header": "Owner"})).json() == {"forgotten": 2}
    assert (await lead.delete(PATH, params={"all": True})).json() == {"forgotten": 1}
    assert (await lead.get(PATH)).json() == {"items": [], "cursor": None}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Nothing was named that should be forgotten."),
        ({"all": "false"}, "Nothing was named that should be forgotten."),
        ({"heade": "ram"}, "there is no 'heade' to forget by"),
        ({"source": "tabular", "heade": "ram"}, "there is no 'heade' to forget by"),
        ({"source": "tabular", "all": "true"}, "All and a part of it cannot be forgotten at once."),
    ],
)
async def test_nothing_is_forgotten_that_nobody_named(
    asked: dict[str, str], said: str, lead: httpx.AsyncClient, database: Database, cast: Cast
) -> None:
    async with database.transaction(cast.tenant) as session:
        await MemoryStore(session).learn("tabular", LESSONS)
    refused = await lead.delete(PATH, params=asked)
    assert refused.status_code == 400
    assert said in refused.json()["detail"]
    assert len((await lead.get(PATH)).json()["items"]) == 3
