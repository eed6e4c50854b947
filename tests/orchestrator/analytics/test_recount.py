"""A recount finds what was counted wrong, and mends it."""

import asyncio
from datetime import timedelta

import pytest

from masterflow.db.session import Database
from masterflow.errors import Conflict
from masterflow.orchestrator.analytics import AnalyticsFold
from masterflow.orchestrator.analytics import recount as module
from masterflow.orchestrator.analytics.recount import recount
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.relay.store import relaying
from masterflow.testing import make_orchestrator
from tests.conftest import Cast
from tests.orchestrator.analytics.conftest import counted, moody, truth_of


@pytest.fixture
async def relay(database: Database, cast: Cast) -> Relay:
    """Two tenants with a flow each, all counted."""
    orchestrator = make_orchestrator(database, [moody()])
    for actor in (cast.lead, cast.outsider):
        await orchestrator.create_flow(actor, "moody", {}, start=False)
    relay = Relay(database, [AnalyticsFold()])
    await relay.run_once()
    return relay


async def test_what_is_right_differs_in_nothing(database: Database, relay: Relay) -> None:
    assert await recount(database, repair=True) == module.Recount(events=2, rows=4, differences=())


async def test_what_is_wrong_is_told_and_mended(database: Database, relay: Relay, cast: Cast) -> None:
    async with database.moving() as connection:
        await connection.execute(
            """UPDATE flow_standings SET by_type = '{"moody": {"running": 7}}' WHERE client_account_id = $1""",
            cast.tenant.client_account_id,
        )
        await connection.execute(
            "UPDATE flow_days SET day = day - 1 WHERE client_account_id = $1", cast.tenant.client_account_id
        )
    found = await recount(database, repair=False)
    assert len(found.differences) == 3
    assert "'running': 7" in found.differences[0]
    assert await recount(database, repair=True) == found
    assert (await recount(database, repair=False)).differences == ()
    assert await counted(database) == await truth_of(database)


async def test_what_the_relay_has_not_passed_on_is_not_counted(database: Database, relay: Relay, cast: Cast) -> None:
    await make_orchestrator(database, [moody()]).create_flow(cast.lead, "moody", {}, start=False)
    assert (await recount(database, repair=True)).events == 2
    await relay.run_once()
    assert (await recount(database, repair=False)).differences == ()
    assert await counted(database) == await truth_of(database)


async def test_a_hole_is_no_event_that_was_passed_on(database: Database, relay: Relay) -> None:
    async with database.moving() as connection:
        last = await connection.fetchval("SELECT position FROM relay_positions")
        await connection.execute("UPDATE relay_positions SET holes = $1", [[last, last, 2**40]])
    found = await recount(database, repair=False)
    assert (found.events, len(found.differences)) == (1, 2)


async def test_a_recount_waits_for_the_relay_and_gives_up_in_the_end(
    database: Database, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with relaying(database):
        waiting = asyncio.create_task(recount(database, repair=False))
        await asyncio.wait({waiting}, timeout=0.1)
        assert not waiting.done()
    assert (await waiting).differences == ()
    monkeypatch.setattr(module, "PATIENCE", timedelta(milliseconds=40))
    async with relaying(database):
        with pytest.raises(Conflict, match="busy without a break"):
            await recount(database, repair=False)
