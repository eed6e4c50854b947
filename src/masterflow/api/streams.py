"""What happens, as it happens: server-sent events of one flow and of the engagement.

    retry: 2000

    id: 100.95
    event: gate_approved
    data: {"flow_id": "…", "seq": 7, "kind": "gate_approved", …}

A client that was cut off comes back with the last `id` it has and misses nothing. `reset` says that what it has is too
old to go on from: read the lists anew. Without an id come `progress`, at most once a second a flow, and `bulk_job`
when a command on many flows moved on.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from masterflow.api.errors import problems
from masterflow.api.parts import Actor, Parts, UseOrchestrator
from masterflow.db.session import Database
from masterflow.errors import MasterflowError, NotAuthenticated, Unavailable
from masterflow.logs import get_logger
from masterflow.orchestrator.streams import Cursor, FlowProgress, Hub, StreamedEvent, Subscription
from masterflow.orchestrator.streams.cursor import between, midway
from masterflow.orchestrator.streams.store import events_in, events_of
from masterflow.orchestrator.streams.types import Item, JobMoved
from masterflow.orchestrator.types import Flow
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal, Tenant

RECONNECT_MS = 2_000
MOST_BEHIND = 10_000  # ids, of all engagements together; who is further behind reads the lists anew
PAGE = 500  # events read at once for who comes back
PARTING = timedelta(seconds=1)  # for the last bytes to somebody who does not read

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a stream says that it lives, and asks whether it still may."""

    beat: timedelta = timedelta(seconds=15)
    ask_again: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Watch:
    """One stream: for whom, from where, and on what."""

    actor: Principal
    last_id: str | None
    follow: bool
    hub: Hub
    database: Database
    pace: Pace
    still_allowed: Callable[[], Awaitable[None]]
    over: asyncio.Event

    @property
    def tenant(self) -> Tenant:
        """The engagement that is watched."""
        return self.actor.tenant


class EventStream(Response):
    """An answer that ends when its source does, when the client is gone, or when `over` is set, even in the middle of
    a line to somebody who does not read."""

    media_type = "text/event-stream"

    def __init__(self, source: AsyncGenerator[bytes, None], over: asyncio.Event) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._source = source
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  the protocol's shape
        """Send the stream."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.create_task(self._send(send))
        tasks = (sending, asyncio.create_task(_gone(receive)), asyncio.create_task(self._over.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(send({"type": "http.response.body", "body": b""}), PARTING.total_seconds())
        if isinstance(ended[0], Exception):
            raise ended[0]

    async def _send(self, send: Send) -> None:
        async with aclosing(self._source) as source:
            async for chunk in source:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _watch(
    request: Request,
    actor: Actor,
    services: Parts,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", description="The last id that is known")] = None,
    last_known: Annotated[
        str | None, Query(alias="last_event_id", description="The same, for who cannot send headers")
    ] = None,
    follow: Annotated[bool, Query(description="False: end when all there is was sent")] = True,
) -> Watch:
    actor.require(Operation.READ_FLOWS)

    async def still_allowed() -> None:
        await request.state.let_in_again()
        now: Principal = request.state.admission.access.principal
        now.require(Operation.READ_FLOWS)
        if now.tenant != actor.tenant:
            raise NotAuthenticated("This is another engagement's now.", hint="Connect again.")

    return Watch(
        actor=actor,
        last_id=last_event_id or last_known or None,
        follow=follow,
        hub=request.app.state.hub,
        database=services.database,
        pace=request.app.state.pace,
        still_allowed=still_allowed,
        over=asyncio.Event(),
    )


Watching = Annotated[Watch, Depends(_watch)]
STREAM = problems(404) | {
    200: {
        "description": "Server-sent events, each named by its kind; `reset` when the id is too old, `progress`, "
        "`bulk_job`",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

router = APIRouter(tags=["events"])


@router.get("/flows/{flow_id}/events", response_class=EventStream, status_code=200, responses=STREAM)
async def stream_flow_events(flow_id: UUID, watch: Watching, orchestrator: UseOrchestrator) -> Response:
    """What happens to a flow, as it happens; its history first. The id of an event is its `seq`."""
    flow = await orchestrator.get(watch.actor, flow_id)
    await watch.hub.ready()
    return EventStream(_guarded(_of_flow(watch, flow)), watch.over)


@router.get("/events", response_class=EventStream, status_code=200, responses=STREAM)
async def stream_events(watch: Watching) -> Response:
    """What happens to the flows of the engagement, as it happens: from now on, or from the last id that is known."""
    await watch.hub.ready()
    return EventStream(_guarded(_of_engagement(watch)), watch.over)


async def _guarded(source: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """`source`, until the database is away: the client comes back for the rest."""
    yield f"retry: {RECONNECT_MS}\n\n".encode()
    try:
        async with aclosing(source) as chunks:
            async for chunk in chunks:
                yield chunk
    except MasterflowError as error:
        log.info("stream_ended", cause=error.message)


async def _of_flow(watch: Watch, flow: Flow) -> AsyncGenerator[bytes, None]:
    async with watch.hub.watching(watch.tenant, flow.flow_id, over=watch.over) as watcher:
        last = _known_seq(watch.last_id, flow)
        if last is None:
            last = flow.version
            yield _reset(str(last))
        async for event in _history(watch, flow.flow_id, last):
            last = event.seq
            yield _said(event, str(last))
            if _ends(event):
                return
        async for item in _live(watch, watcher):
            if isinstance(item, bytes):
                yield item
            elif item.event.seq > last:
                last = item.event.seq
                yield _said(item.event, str(last))
                if _ends(item.event):
                    return


async def _of_engagement(watch: Watch) -> AsyncGenerator[bytes, None]:
    async with watch.hub.watching(watch.tenant, over=watch.over) as watcher:
        now = watcher.cursor
        since = _known_cursor(watch.last_id, now)
        if since is None:
            yield _reset(str(now))
        elif since == now:
            yield f"id: {now}\n\n".encode()
        else:
            async for event, cursor in _missed(watch, since, now):
                yield _said(event, str(cursor))
            yield f"id: {now}\n\n".encode()
        async for item in _live(watch, watcher):
            yield item if isinstance(item, bytes) else _said(item.event, str(item.cursor))


async def _live(watch: Watch, watcher: Subscription) -> AsyncIterator[bytes | Item]:
    """What comes, with a sign of life when nothing does; ends when the right to read does."""
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    while watch.follow and not watcher.over.is_set():
        item = await watcher.next(within=watch.pace.beat)
        if loop.time() - asked_at >= watch.pace.ask_again.total_seconds():
            await _still_allowed(watch)
            asked_at = loop.time()
        if item is None:
            yield b": beat\n" + (b"" if watcher.flow_id else f"id: {watcher.cursor}\n".encode()) + b"\n"
        else:
            yield item if isinstance(item, Item) else _note(item)


async def _still_allowed(watch: Watch) -> None:
    with suppress(Unavailable):  # then nothing can be read either; it is asked again
        await watch.still_allowed()


async def _history(watch: Watch, flow_id: UUID, last: int) -> AsyncIterator[StreamedEvent]:
    while True:
        page = await events_of(watch.database, watch.tenant, flow_id, after=last, limit=PAGE)
        for event in page:
            yield event
        if len(page) < PAGE:
            return
        last = page[-1].seq


async def _missed(watch: Watch, since: Cursor, now: Cursor) -> AsyncIterator[tuple[StreamedEvent, Cursor]]:
    while True:
        page = await events_in(watch.database, watch.tenant, between(since, now), limit=PAGE)
        for event in page:
            yield event, midway(since, now, event.id)
        if len(page) < PAGE:
            return
        since = midway(since, now, page[-1].id)


def _known_seq(last_id: str | None, flow: Flow) -> int | None:
    """The `seq` to go on from, None if no event of the flow has that id."""
    if last_id is None:
        return 0
    known = int(last_id) if last_id.isascii() and last_id.isdecimal() and len(last_id) < 10 else None
    return known if known is not None and known <= flow.version else None


def _known_cursor(last_id: str | None, now: Cursor) -> Cursor | None:
    """The cursor to go on from, None if it is none, lies ahead, or is too far behind."""
    if last_id is None:
        return now
    known = Cursor.read(last_id)
    return known if known is not None and now.last - MOST_BEHIND <= known.last <= now.last else None


def _ends(event: StreamedEvent) -> bool:
    return event.kind == "flow_deleted"


def _said(event: StreamedEvent, last_id: str) -> bytes:
    said = asdict(event)
    del said["id"]  # it counts over all clients, so it is nobody's business but the relay's
    return f"id: {last_id}\nevent: {event.kind}\ndata: ".encode() + _json(said) + b"\n\n"


def _note(note: FlowProgress | JobMoved) -> bytes:
    if isinstance(note, JobMoved):
        return b"event: bulk_job\ndata: " + _json(asdict(note)) + b"\n\n"
    said = {"flow_id": note.flow_id} | asdict(note.progress)
    return b"event: progress\ndata: " + _json(said) + b"\n\n"


def _json(said: Mapping[str, object]) -> bytes:
    return orjson.dumps(said, default=str, option=orjson.OPT_UTC_Z)  # the driver has a UUID of its own


def _reset(last_id: str) -> bytes:
    return f'id: {last_id}\nevent: reset\ndata: {{"reason": "The last id is unknown or too old."}}\n\n'.encode()
