"""Streams over a real socket: what happens arrives once, for those who may see it, and nobody is held for ever."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from masterflow.api.streams import Pace
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.streams import Hub
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.types import Principal
from masterflow.testing import Kit, eventually
from tests.conftest import Cast
from tests.orchestrator.relay.conftest import History

SHORT = timedelta(milliseconds=50)


@dataclass(frozen=True)
class Line:
    """One block of a stream."""

    id: str | None
    event: str | None
    data: dict | None
    comment: str | None = None


class Stream:
    """The blocks of one open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def block(self) -> Line | None:
        """The next block; None at the end."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                data = json.loads(fields["data"]) if "data" in fields else None
                return Line(fields.get("id"), fields.get("event"), data, fields.get(""))
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        return None

    async def event(self) -> Line:
        """The next block that is an event."""
        async with asyncio.timeout(30):
            while True:
                block = await self.block()
                assert block is not None, "the stream ended"
                if block.event is not None:
                    return block

    async def events(self, count: int) -> list[Line]:
        return [await self.event() for _ in range(count)]

    async def rest(self) -> list[Line]:
        """Everything until the stream ends."""
        async with asyncio.timeout(30):
            found = []
            while block := await self.block():
                found.append(block)
            return found


class Served:
    """The application on a socket, and streams of it."""

    def __init__(self, url: str, tenancy: Tenancy) -> None:
        self.url = url
        self.tenancy = tenancy

    @asynccontextmanager
    async def stream(
        self, actor: Principal | None, path: str, *, last: str | None = None, secret: str | None = None, **query: str
    ) -> AsyncIterator[Stream]:
        if actor is not None:
            secret = (await self.tenancy.create_token(actor, name="stream")).secret
        headers = {"Authorization": f"Bearer {secret}"} | ({"Last-Event-ID": last} if last is not None else {})
        async with (
            httpx.AsyncClient(base_url=self.url, timeout=30) as client,
            client.stream("GET", f"/api/v1{path}", headers=headers, params=query) as response,
        ):
            assert response.status_code == 200, await response.aread()
            assert response.headers["content-type"].startswith("text/event-stream")
            stream = Stream(response)
            first = await stream.block()
            assert first is not None
            yield stream


@pytest.fixture
async def served(app: FastAPI, tenancy: Tenancy, database: Database) -> AsyncIterator[Served]:
    """A server, and a relay beside it."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    relay = Relay(database, busy=timedelta(milliseconds=5), idle=timedelta(milliseconds=10))
    relaying = asyncio.create_task(relay.run())
    yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", tenancy)
    await app.state.hub.close()
    server.should_exit = True
    await serving
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    listener.close()


@pytest.fixture
async def history(urls: DatabaseUrls, cast: Cast) -> AsyncIterator[History]:
    history = History(urls.engine.render_as_string(hide_password=False), cast.tenant)
    yield history
    for connection in history.writers:
        connection.terminate()


async def waiting_flow(kit: Kit, actor: Principal) -> str:
    flow = await kit.orchestrator.create_flow(actor, "toy", {})
    await kit.settled(actor, flow.flow_id)
    return str(flow.flow_id)


async def test_a_flow_is_told_from_its_first_event_to_its_deletion(served: Served, kit: Kit, cast: Cast) -> None:
    flow = await kit.orchestrator.create_flow(cast.lead, "toy", {})
    await kit.settled(cast.lead, flow.flow_id)
    async with served.stream(cast.lead, f"/flows/{flow.flow_id}/events") as stream:
        told = await stream.events(2)
        await kit.orchestrator.cancel(cast.lead, flow.flow_id)
        await kit.orchestrator.delete(cast.lead, flow.flow_id)
        told += [line for line in await stream.rest() if line.event]
    assert [(line.id, line.event) for line in told] == [
        ("1", "flow_created"),
        ("2", "phase_completed"),
        ("3", "flow_cancelled"),
        ("4", "flow_deleted"),
    ]
    assert told[1].data is not None
    assert told[1].data.pop("at")
    assert told[1].data == {
        "flow_id": str(flow.flow_id),
        "flow_type": "toy",
        "seq": 2,
        "kind": "phase_completed",
        "phase": "add",
        "actor": "engine",
        "status": "waiting_for_approval",
    }


async def test_a_flow_goes_on_behind_the_last_seq(served: Served, kit: Kit, cast: Cast) -> None:
    flow = await waiting_flow(kit, cast.lead)
    for last in ({"last": "1"}, {"last_event_id": "1"}):
        async with served.stream(cast.lead, f"/flows/{flow}/events", **last) as stream:
            assert (await stream.event()).id == "2"
    for unknown in ("99", "x", "100.90", "-1"):
        async with served.stream(cast.lead, f"/flows/{flow}/events", last=unknown) as stream:
            reset = await stream.event()
            assert (reset.event, reset.id) == ("reset", "2"), unknown


async def test_a_stream_that_does_not_follow_ends(served: Served, kit: Kit, cast: Cast) -> None:
    flow = await waiting_flow(kit, cast.lead)
    async with served.stream(cast.lead, f"/flows/{flow}/events", follow="false") as stream:
        assert [line.id for line in await stream.rest()] == ["1", "2"]
    async with served.stream(cast.lead, "/events", follow="false") as stream:
        assert len(await stream.rest()) == 1


async def test_an_engagement_hears_of_its_own_flows_alone(served: Served, kit: Kit, cast: Cast) -> None:
    async with served.stream(cast.lead, "/events") as mine, served.stream(cast.outsider, "/events") as theirs:
        await mine.block()
        await theirs.block()
        flow = await waiting_flow(kit, cast.lead)
        foreign = await waiting_flow(kit, cast.outsider)
        heard = [await mine.events(2), await theirs.events(2)]
    assert {line.data["flow_id"] for line in heard[0] if line.data} == {flow}
    assert {line.data["flow_id"] for line in heard[1] if line.data} == {foreign}


async def test_another_tenants_flow_has_no_stream(served: Served, kit: Kit, cast: Cast) -> None:
    flow = await waiting_flow(kit, cast.lead)
    secret = (await served.tenancy.create_token(cast.outsider, name="t")).secret
    async with httpx.AsyncClient(base_url=served.url, headers={"Authorization": f"Bearer {secret}"}) as client:
        theirs = await client.get(f"/api/v1/flows/{flow}/events")
        never = await client.get(f"/api/v1/flows/{uuid4()}/events")
    assert (theirs.status_code, theirs.content) == (404, never.content)


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(served: Served, kit: Kit, cast: Cast) -> None:
    flows = [await waiting_flow(kit, cast.lead) for _ in range(2)]
    async with served.stream(cast.lead, "/events", last="0") as stream:
        first = await stream.events(3)
    await waiting_flow(kit, cast.outsider)
    async with served.stream(cast.lead, "/events", last=first[-1].id) as stream:
        second = await stream.events(1)
        flows.append(await waiting_flow(kit, cast.lead))
        second += await stream.events(2)
    told = [(line.data["flow_id"], line.data["seq"]) for line in first + second if line.data]
    assert sorted(told) == sorted((flow, seq) for flow in flows for seq in (1, 2))


async def test_an_event_that_commits_late_reaches_who_watches_and_who_comes_back(
    served: Served, kit: Kit, cast: Cast, history: History
) -> None:
    flow = await waiting_flow(kit, cast.lead)
    later = await history.writer()
    async with served.stream(cast.lead, "/events") as stream:
        await stream.block()
        low = await later.event(cast.tenant, UUID(flow), seq=90, kind="late")
        await kit.orchestrator.cancel(cast.lead, UUID(flow))
        before = await stream.event()
        assert (before.event, before.id) == ("flow_cancelled", f"{low + 1}.{low}")
        await later.commit()
        late = await stream.event()
        assert (late.event, late.id) == ("late", str(low + 1))
    async with served.stream(cast.lead, "/events", last=before.id) as stream:
        again = await stream.event()
        assert (again.event, again.id) == ("late", str(low + 1))
        assert (await stream.block()).event is None  # type: ignore[union-attr]


async def test_what_is_too_old_or_unknown_is_reset(served: Served, cast: Cast, database: Database) -> None:
    async with database.moving() as connection:
        await connection.execute("UPDATE relay_positions SET position = 20000")
    for last, event in (("9999", "reset"), ("10000", None), ("20001", "reset"), ("5.9", "reset"), ("mine", "reset")):
        async with served.stream(cast.lead, "/events", last=last) as stream:
            block = await stream.block()
            assert block is not None
            assert (block.event, block.id) == (event, "20000"), last


async def test_a_quiet_stream_says_that_it_lives(app: FastAPI, served: Served, kit: Kit, cast: Cast) -> None:
    app.state.pace = Pace(beat=SHORT)
    flow = await waiting_flow(kit, cast.lead)
    async with served.stream(cast.lead, "/events") as stream:
        blocks = [await stream.block() for _ in range(3)]
        assert [block.comment for block in blocks if block] == [None, "beat", "beat"]
        assert all(block.id for block in blocks if block)
    async with served.stream(cast.lead, f"/flows/{flow}/events", last="2") as stream:
        assert await stream.block() == Line(None, None, None, "beat")


async def test_a_stream_ends_with_the_right_to_read(app: FastAPI, served: Served, tenancy: Tenancy, cast: Cast) -> None:
    app.state.pace = Pace(beat=SHORT, ask_again=SHORT)
    token = await tenancy.create_token(cast.lead, name="short")
    async with served.stream(None, "/events", secret=token.secret) as stream:
        await stream.block()
        await stream.block()
        await tenancy.revoke_token(cast.lead, token.token.id)
        await stream.rest()


async def test_a_stream_ends_when_the_membership_does(
    app: FastAPI, served: Served, tenancy: Tenancy, cast: Cast
) -> None:
    app.state.pace = Pace(beat=SHORT, ask_again=SHORT)
    async with served.stream(cast.approver, "/events") as stream:
        await stream.block()
        await tenancy.remove_member(cast.lead, cast.approver.user_id)
        await stream.rest()


async def test_streams_end_when_the_process_does(app: FastAPI, served: Served, cast: Cast) -> None:
    async with served.stream(cast.lead, "/events") as stream:
        await stream.block()
        await app.state.hub.close()
        await stream.rest()
    async with httpx.AsyncClient(base_url=served.url) as client:
        secret = (await served.tenancy.create_token(cast.lead, name="t")).secret
        answer = await client.get("/api/v1/events", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 503


async def test_a_slow_reader_is_cut_off_and_goes_on_by_its_id(
    app: FastAPI, served: Served, database: Database, kit: Kit, cast: Cast, history: History
) -> None:
    app.state.hub = Hub(database, queue=3)
    flow = UUID(await waiting_flow(kit, cast.lead))
    async with served.stream(cast.lead, "/events", last="0") as stream:
        heard = await stream.events(2)
        writer = await history.writer()
        for seq in range(10, 20):
            await writer.event(cast.tenant, flow, seq=seq)
        await writer.commit()
        heard += [line for line in await stream.rest() if line.event]
    async with served.stream(cast.lead, "/events", last=heard[-1].id) as stream:
        heard += await stream.events(12 - len(heard))
    assert [line.data["seq"] for line in heard if line.data] == [1, 2, *range(10, 20)]
    await app.state.hub.close()


async def test_a_lost_connection_to_the_database_loses_no_event(
    served: Served, database: Database, kit: Kit, cast: Cast
) -> None:
    async with served.stream(cast.lead, "/events") as stream:
        await stream.block()
        async with database.moving() as connection:
            ended = await connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'masterflow-streams'"
            )
        assert len(ended) == 1
        await waiting_flow(kit, cast.lead)
        told = [line.event for line in await stream.events(3)]
        assert told == ["bulk_job", "flow_created", "phase_completed"]  # notes of jobs may have been lost


async def test_a_job_that_moved_on_is_told_to_its_engagement_and_has_no_id(
    served: Served, database: Database, kit: Kit, cast: Cast
) -> None:
    job_id = str(uuid4())
    async with served.stream(cast.lead, "/events") as ours, served.stream(cast.outsider, "/events") as theirs:
        await ours.block()
        await theirs.block()
        async with database.moving() as connection:
            told = f"{cast.tenant.client_account_id} {cast.tenant.engagement_id} {job_id}"
            await connection.execute("SELECT pg_notify('masterflow_jobs', $1)", told)
        assert await ours.event() == Line(None, "bulk_job", {"job_id": job_id})
        await waiting_flow(kit, cast.outsider)
        assert (await theirs.event()).event == "flow_created"


async def test_progress_is_told_at_most_once_a_second_and_has_no_id(
    served: Served, database: Database, kit: Kit, cast: Cast
) -> None:
    flow = await kit.orchestrator.register_flow(
        cast.lead, flow_id=uuid4(), flow_type="toy", configuration={"left": 1, "right": 2}
    )
    note = '{"progress": {"phase": "add", "done": 3, "total": 9, "what": "rows"}}'
    async with (
        served.stream(cast.lead, f"/flows/{flow.flow_id}/events", last="1") as one,
        served.stream(cast.lead, "/events") as all_,
        served.stream(cast.outsider, "/events") as theirs,
    ):
        await all_.block()
        await theirs.block()
        async with database.moving() as connection:
            await connection.execute(
                "UPDATE crewai_flow_state_extensions SET flow_persistence_data = $2::text::jsonb WHERE flow_id = $1",
                flow.flow_id,
                note,
            )
            for _ in range(5):
                await connection.execute("SELECT pg_notify('masterflow_progress', $1)", str(flow.flow_id))
        said = {"flow_id": str(flow.flow_id), "phase": "add", "done": 3, "total": 9, "what": "rows"}
        assert await one.event() == Line(None, "progress", said)
        assert await all_.event() == Line(None, "progress", said)
        await waiting_flow(kit, cast.outsider)
        assert (await theirs.event()).event == "flow_created"


async def test_an_idle_stream_holds_no_connection_of_the_pools(
    app: FastAPI, served: Served, database: Database, cast: Cast
) -> None:
    async with served.stream(cast.lead, "/events") as first, served.stream(cast.outsider, "/events") as second:
        await first.block()
        await second.block()

        async def all_idle() -> bool:
            pools = database._hot.values()
            return all(pool.get_size() == pool.get_idle_size() for pool in pools)

        assert await eventually(all_idle)
