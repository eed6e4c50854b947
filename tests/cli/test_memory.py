"""What was learned of headers, from a shell."""

import pytest

from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import engagement_meant, with_parts
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.inventory.mapping_memory.store import MemoryStore
from masterflow.inventory.mapping_memory.types import Layout, Lesson
from tests.cli.conftest import Shell, quiet

LAYOUT = Layout("csv", "a1")
LESSONS = (Lesson(LAYOUT, "ram", "memory_gb", "GB"), Lesson(LAYOUT, "owner", ""))
MANY = tuple(Lesson(Layout("vInfo", "b2"), f"column{n}", "") for n in range(LARGEST_PAGE))


def learn() -> None:
    """Approve some headers as the only engagement's people."""

    async def work(parts: Masterflow) -> None:
        tenant = (await engagement_meant(parts, None)).tenant
        async with parts.database.transaction(tenant) as session:
            await MemoryStore(session).learn("tabular", LESSONS)
            await MemoryStore(session).learn("rvtools", MANY)

    with quiet():
        with_parts(work)


def test_before_anything_was_approved_the_list_says_so(ana: Shell) -> None:
    assert "Nothing was learned yet" in ana("inventory", "memory", "list").out
    assert ana("inventory", "memory", "forget", "--all").out == "0 learned meanings forgotten.\n"


def test_learned_headers_are_listed_and_forgotten(ana: Shell) -> None:
    learn()
    shown = ana("inventory", "memory", "list", "--source", "tabular", "--json").json["items"]
    assert [(one["header"], one["field"], one["accepted"]) for one in shown] == [
        ("owner", "", 1),
        ("ram", "memory_gb", 1),
    ]
    assert len(ana("inventory", "memory", "list", "--json").json["items"]) == len(LESSONS) + len(MANY)
    assert "memory_gb" in ana("inventory", "memory", "list").out
    assert ana("inventory", "memory", "forget", "--header", "RAM").out == "1 learned meaning forgotten.\n"
    assert ana("inventory", "memory", "forget", "--source", "rvtools", "--json").json == {"forgotten": len(MANY)}
    assert len(ana("inventory", "memory", "list", "--json").json["items"]) == 1


@pytest.mark.parametrize(
    ("named", "said"), [((), "Nothing was named"), (("--all", "--header", "RAM"), "All and a part of it")]
)
def test_nothing_is_forgotten_that_nobody_named(named: tuple[str, ...], said: str, ana: Shell) -> None:
    learn()
    refused = ana("inventory", "memory", "forget", *named)
    assert refused.code == 2
    assert said in refused.err
    assert (
        ana("inventory", "memory", "forget", "--all").out == f"{len(LESSONS) + len(MANY)} learned meanings forgotten.\n"
    )
