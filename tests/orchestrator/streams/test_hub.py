"""Streams of one process, from below the API."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from masterflow.db.session import Database
from masterflow.errors import Unavailable
from masterflow.orchestrator.bulk.types import BulkCommand, Selection
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.streams import Cursor, Hub, hub, store
from masterflow.orchestrator.streams.cursor import Range
from masterflow.orchestrator.streams.types import Item, JobMoved, StreamedEvent
from masterflow.tenancy.types import Tenant
from masterflow.testing import empty_flow, make_orchestrator
from tests.conftest import Cast


async def test_streams_go_on_after_an_error_that_nobody_foresaw(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    async def position(_: object) -> Cursor:
        looks.append("look")
        if len(looks) == 1:
            raise TypeError("a row of a newer version")
        return Cursor(0)

    monkeypatch.setattr(store, "position", position)
    hub = Hub(database)
    await hub.ready()
    await hub.close()
    assert len(looks) > 1


async def test_a_hub_ends_though_something_is_said_at_the_same_moment(database: Database) -> None:
    hub = Hub(database)
    await hub.ready()  # which is when it wakes itself for its first look
    async with asyncio.timeout(10):
        await hub.close()


async def test_who_comes_while_the_process_ends_is_refused_and_not_left_waiting(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = Hub(database)
    await closing.ready()
    position = store.position

    async def closed_meanwhile(connection: object) -> Cursor:
        found = await position(connection)
        closing._closed = True
        return found

    monkeypatch.setattr(store, "position", closed_meanwhile)
    with pytest.raises(Unavailable, match="about to end"):
        async with closing.watching(cast.tenant):
            raise AssertionError("nobody would end this stream")
    await closing.close()


async def test_after_an_outage_news_are_read_a_page_at_once_and_told_once_each(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "PAGE", 2)
    events_in, pages = store.events_in, []

    async def noted(of: Database, tenant: Tenant, ranges: Sequence[Range], *, limit: int) -> list[StreamedEvent]:
        found = await events_in(of, tenant, ranges, limit=limit)
        pages.append(len(found))
        return found

    monkeypatch.setattr(store, "events_in", noted)
    orchestrator = make_orchestrator(database, [empty_flow(1)])
    people = [cast.lead, cast.outsider, cast.lead, cast.lead, cast.lead, cast.outsider, cast.lead]
    telling = Hub(database)
    async with telling.watching(cast.tenant) as ours, telling.watching(cast.outsider.tenant) as theirs:
        made = [(who, await orchestrator.create_flow(who, "empty", {}, start=False)) for who in people]
        await Relay(database, []).run_once()
        for who, watcher in ((cast.lead, ours), (cast.outsider, theirs)):
            for flow in [flow for maker, flow in made if maker is who]:
                item = await watcher.next(within=timedelta(seconds=30))
                assert isinstance(item, Item)
                assert item.event.flow_id == flow.flow_id
            assert await watcher.next(within=timedelta(0)) is None
    await telling.close()
    assert sum(pages) == len(people)
    assert max(pages) <= 2


async def test_a_job_that_moves_on_and_ends_is_told_to_its_engagement_alone(database: Database, cast: Cast) -> None:
    orchestrator, telling = make_orchestrator(database, [empty_flow(1)]), Hub(database)
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    async with (
        telling.watching(cast.tenant) as ours,
        telling.watching(cast.tenant, flow.flow_id) as of_one_flow,
        telling.watching(cast.outsider.tenant) as theirs,
    ):
        selection = Selection(flow_ids=(flow.flow_id,))
        job = await orchestrator.bulk.order(cast.lead, BulkCommand.PAUSE, selection)  # refused: it does not run
        await orchestrator.bulk.work()
        assert (await orchestrator.bulk.job(cast.lead, job.id)).refused == 1
        assert await ours.next(within=timedelta(seconds=30)) == JobMoved(job.id)
        for nobody in (of_one_flow, theirs):
            assert await nobody.next(within=timedelta(0)) is None
    await telling.close()


async def test_a_job_that_is_stopped_is_told(database: Database, cast: Cast) -> None:
    orchestrator, telling = make_orchestrator(database, [empty_flow(1)]), Hub(database)
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    async with telling.watching(cast.tenant) as ours, telling.watching(cast.outsider.tenant) as theirs:
        selection = Selection(flow_ids=(flow.flow_id,))
        job = await orchestrator.bulk.order(cast.lead, BulkCommand.CANCEL, selection)
        await orchestrator.bulk.cancel(cast.lead, job.id)
        assert await ours.next(within=timedelta(seconds=30)) == JobMoved(job.id)
        assert await theirs.next(within=timedelta(0)) is None
    await telling.close()


async def test_after_a_lost_connection_any_job_may_have_moved_on(database: Database, cast: Cast) -> None:
    telling = Hub(database)
    async with telling.watching(cast.tenant) as ours:
        assert telling._connection is not None
        telling._connection.terminate()
        assert await ours.next(within=timedelta(seconds=30)) == JobMoved(None)
    await telling.close()


async def test_who_reads_no_notes_of_jobs_is_cut_off(database: Database, cast: Cast) -> None:
    telling = Hub(database, queue=2)
    async with telling.watching(cast.tenant) as ours:
        for _ in range(2):
            ours.hear(JobMoved(None))
        assert not ours.over.is_set()
        ours.hear(JobMoved(None))
        assert ours.over.is_set()
    await telling.close()
