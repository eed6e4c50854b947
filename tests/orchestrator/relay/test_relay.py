"""Every event is passed on exactly once, however late it commits and whatever breaks meanwhile."""

import asyncio
import random
import re
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import orjson
import pytest

from masterflow.db.session import Database
from masterflow.errors import Unavailable
from masterflow.orchestrator.relay import Relay, RelayedEvent
from masterflow.orchestrator.relay.store import CHANNEL, relaying
from masterflow.testing import eventually
from tests.conftest import Cast
from tests.orchestrator.relay.conftest import Counting, History, ids_counted
from tests.rules.source import SRC

pytestmark = pytest.mark.usefixtures("counted")


async def position(database: Database) -> tuple[int, list[list[int]]]:
    async with database.moving() as connection:
        row = await connection.fetchrow("SELECT position, holes FROM relay_positions")
        return row["position"], [hole[:2] for hole in row["holes"]]


async def test_events_of_all_tenants_are_folded_in_order(database: Database, history: History, cast: Cast) -> None:
    mine, theirs = await history.event(), await history.event(cast.outsider.tenant)
    fold = Counting()
    assert await Relay(database, [fold]).run_once() == 2
    assert fold.batches == [[mine, theirs]]
    assert await Relay(database, [fold]).run_once() == 0


async def test_a_fold_is_told_what_the_history_says(database: Database, history: History, cast: Cast) -> None:
    told: list[RelayedEvent] = []

    class Telling:
        async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
            told.extend(events)

    number = await history.event(kind="flow_paused")
    await Relay(database, [Telling()]).run_once()
    (event,) = told
    assert (event.id, event.seq, event.kind, event.actor) == (number, 1, "flow_paused", "somebody")
    assert (event.client_account_id, event.engagement_id) == (cast.tenant.client_account_id, cast.tenant.engagement_id)
    assert event.data == {"status": "running"}


async def test_an_event_that_commits_late_is_passed_on_once(database: Database, history: History) -> None:
    relay, late = Relay(database, [fold := Counting()]), await history.writer()
    low = await late.event(history.tenant)
    high = await history.event()
    assert await relay.run_once() == 1
    assert await position(database) == (high, [[low, low]])
    assert await relay.run_once() == 0
    await late.commit()
    assert await relay.run_once() == 1
    assert fold.batches == [[high], [low]]
    assert await position(database) == (high, [])


async def test_a_hole_stays_open_while_its_writer_runs_and_ends_with_it(database: Database, history: History) -> None:
    relay, lost = Relay(database), await history.writer()
    low = await lost.event(history.tenant)
    high = await history.event()
    await relay.run_once()
    newer = await history.writer()  # began after the hole was noticed, so it cannot fill it
    await newer.event(history.tenant)
    assert await relay.run_once() == 0
    assert await position(database) == (high, [[low, low]])
    await lost.undo()

    async def closed() -> bool:  # not before every transaction of the server that began earlier has ended
        assert await relay.run_once() == 0
        return await position(database) == (high, [])

    await eventually(closed)
    await newer.undo()


async def test_a_writer_newer_than_every_ended_transaction_keeps_its_hole_open(
    database: Database, history: History
) -> None:
    """The newest transaction id is the late one's, so that a snapshot's upper bound lies below it."""
    early = await history.writer()
    late = await history.writer()
    low = await late.event(history.tenant)
    high = await early.event(history.tenant)
    await early.commit()
    relay = Relay(database, [fold := Counting()])
    for _ in range(3):
        await relay.run_once()
    await late.commit()
    await relay.run_once()
    assert fold.batches == [[high], [low]]


async def test_part_of_a_hole_appears_and_the_rest_is_given_up(database: Database, history: History) -> None:
    writers = [await history.writer() for _ in range(3)]
    ids = [await writer.event(history.tenant) for writer in writers]
    high = await history.event()
    relay = Relay(database, [fold := Counting()])
    await relay.run_once()
    await writers[1].commit()
    await relay.run_once()
    assert await position(database) == (high, [[ids[0], ids[0]], [ids[2], ids[2]]])
    await writers[0].undo()
    await writers[2].undo()
    await relay.run_once()
    assert await position(database) == (high, [])
    assert fold.batches == [[high], [ids[1]]]


async def test_holes_are_not_given_up_while_more_have_appeared_than_one_batch_takes(
    database: Database, history: History
) -> None:
    writer = await history.writer()
    for _ in range(5):
        await writer.event(history.tenant)
    high = await history.event()
    relay = Relay(database, [Counting()])
    await relay.run_once()
    await writer.commit()
    passed = [await relay.run_once(limit=2) for _ in range(3)]
    assert passed == [2, 2, 1]
    assert await ids_counted(database) == list(range(high - 5, high + 1))


@pytest.mark.parametrize("seed", range(5))
async def test_writers_that_end_in_any_order_lose_and_repeat_nothing(
    database: Database, history: History, seed: int
) -> None:
    choose = random.Random(seed)
    relay, open_writers, committed = Relay(database, [Counting()]), [], []
    for _ in range(60):
        action = choose.choice(["write", "write", "commit", "undo", "relay"])
        if action == "write":
            writer = choose.choice(open_writers)[0] if len(open_writers) > 5 else await history.writer()
            number = await writer.event(history.tenant)
            known = [ids for one, ids in open_writers if one is writer]
            known[0].append(number) if known else open_writers.append((writer, [number]))
        elif action == "relay":
            await relay.run_once(limit=choose.choice([1, 3, 500]))
        elif open_writers:
            writer, ids = open_writers.pop(choose.randrange(len(open_writers)))
            await (writer.commit() if action == "commit" else writer.undo())
            committed += ids if action == "commit" else []
    for writer, ids in open_writers:
        await writer.commit()
        committed += ids
    while await relay.run_once(limit=3):
        pass
    assert await ids_counted(database) == sorted(committed)
    assert (await position(database))[1] == []


async def test_what_broke_before_the_commit_is_not_counted_twice(database: Database, history: History) -> None:
    number = await history.event()

    class Breaking(Counting):
        async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
            await super().fold(connection, events)
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises((Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await Relay(database, [Breaking()]).run_once()
    assert await ids_counted(database) == []
    assert await Relay(database, [Counting()]).run_once() == 1
    assert await ids_counted(database) == [number]


async def test_a_poisoned_event_is_recorded_and_stops_nobody(database: Database, history: History) -> None:
    good, bad, better = await history.event(), await history.event(kind="poison"), await history.event()
    choosy, other = Counting(refuses="poison"), Counting()
    relay = Relay(database, [choosy, other])
    assert await relay.run_once() == 3
    assert choosy.batches == [[good, bad, better], [good], [bad], [better]]
    assert other.batches == [[good, bad, better]]
    assert await ids_counted(database) == [good, good, bad, better, better]
    assert await relay.failures() == 1
    async with database.moving() as connection:
        row = await connection.fetchrow("SELECT event_id, fold, error FROM relay_failures")
    assert tuple(row) == (bad, "Counting", "ValueError: no poison here")
    assert await relay.run_once() == 0


async def test_what_may_pass_is_tried_again_and_not_recorded(database: Database, history: History) -> None:
    await history.event()

    class Unlucky:
        async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
            raise asyncpg.DeadlockDetectedError("deadlock detected")

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await Relay(database, [Unlucky()]).run_once()
    relay = Relay(database, [Counting()])
    assert (await relay.failures(), await relay.run_once()) == (0, 1)


async def test_a_value_that_the_driver_cannot_send_is_the_events_fault(database: Database, history: History) -> None:
    await history.event()

    class Wrong:
        async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
            await connection.execute("INSERT INTO counted (event_id) VALUES ($1)", "a word")

    relay = Relay(database, [Wrong()])
    assert (await relay.run_once(), await relay.failures()) == (1, 1)


async def test_a_running_relay_passes_on_what_comes(database: Database, history: History) -> None:
    relay = Relay(database, [Counting()], busy=timedelta(milliseconds=5), idle=timedelta(milliseconds=10))
    running = asyncio.create_task(relay.run())
    expected = []
    for _ in range(3):
        expected.append(await history.event())
        await eventually(lambda: _are_counted(database, expected))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _are_counted(database: Database, ids: list[int]) -> bool:
    return await ids_counted(database) == ids


async def test_one_process_relays_at_a_time(database: Database, history: History) -> None:
    await history.event()
    async with relaying(database) as store:
        assert store is not None
        assert await Relay(database).run_once() == 0
    assert await Relay(database).run_once() == 1


async def test_one_notification_a_batch_names_its_ids(database: Database, history: History) -> None:
    heard: list[str] = []
    listener = await asyncpg.connect(history.url)
    await listener.add_listener(CHANNEL, lambda *said: heard.append(said[3]))
    low, high = await history.event(), await history.event()
    await Relay(database).run_once()
    await listener.execute("SELECT 1")
    await listener.close()
    assert [orjson.loads(said) for said in heard] == [{"low": low, "high": high, "filled": 0}]


async def test_an_idle_relay_writes_nothing(database: Database, history: History) -> None:
    await history.event()
    relay = Relay(database)
    await relay.run_once()
    async with database.moving() as connection:
        before = await connection.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        await relay.run_once()
        assert await connection.fetchval("SELECT pg_snapshot_xmax(pg_current_snapshot())::text") == before


def test_every_writer_of_events_has_moved_its_flow_before_it_takes_an_id() -> None:
    inserts = [
        text.partition("INSERT INTO flow_events")[2]
        for path in (SRC / "orchestrator").rglob("*.py")
        for text in path.read_text(encoding="utf-8").split("\n\n")
        if "INSERT INTO flow_events" in text
    ]
    assert inserts
    assert [text for text in inserts if not re.search(r"\n\s*FROM (moved|made|head)\n", text)] == []
