"""One connection that listens, one read for each engagement that is watched, a bounded queue for each who watches."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import asyncpg

from masterflow.db.session import Database
from masterflow.errors import Unavailable
from masterflow.logs import get_logger
from masterflow.orchestrator.bulk.store import JOBS_CHANNEL
from masterflow.orchestrator.relay.store import CHANNEL as EVENTS_CHANNEL
from masterflow.orchestrator.segments.store import PROGRESS_CHANNEL
from masterflow.orchestrator.streams import store
from masterflow.orchestrator.streams.cursor import Cursor, between, midway
from masterflow.orchestrator.streams.types import FlowProgress, Item, JobMoved
from masterflow.tenancy.types import Tenant

QUEUE = 1_000  # events that one who watches may be behind
PAGE = 500  # events of all who watch that are read at once, after an outage or a burst
LOOK = timedelta(seconds=15)  # without a notification: whether the connection lives, and nothing was missed
PROGRESS_EVERY = timedelta(seconds=1)
ANSWER_WITHIN = timedelta(seconds=10)  # else the connection is taken for lost
RETRY_AFTER = timedelta(milliseconds=500)  # a connection that was lost

_LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable)

log = get_logger(__name__)


class Subscription:
    """One who watches an engagement, or one flow of it. `over` is set when nothing more will come: they fell too far
    behind, or the process ends."""

    def __init__(self, tenant: Tenant, flow_id: UUID | None, since: Cursor, *, size: int, over: asyncio.Event) -> None:
        self.tenant = tenant
        self.flow_id = flow_id
        self.cursor = since  # behind all that was put into the queue
        self.over = over
        self._size = size
        self._queue: asyncio.Queue[Item | FlowProgress | JobMoved] = asyncio.Queue()

    async def next(self, *, within: timedelta) -> Item | FlowProgress | JobMoved | None:
        """What comes next; None if nothing does within that time."""
        try:
            async with asyncio.timeout(within.total_seconds()):  # `wait_for` loses a cancellation that meets an event
                return await self._queue.get()
        except TimeoutError:
            return None

    def put(self, item: Item) -> None:
        """Add an event; who is too far behind is cut off and comes back with the last id they have."""
        if self.flow_id in {None, item.event.flow_id}:
            self._add(item)

    def tell(self, note: FlowProgress) -> None:
        """Add what may be left out: to who is behind it is not told."""
        if self.flow_id in {None, note.flow_id} and self._queue.empty():
            self._queue.put_nowait(note)

    def hear(self, moved: JobMoved) -> None:
        """Add that a job moved on; who watches one flow is not told."""
        if self.flow_id is None:
            self._add(moved)

    def _add(self, told: Item | JobMoved) -> None:
        if self.over.is_set():
            return
        if self._queue.qsize() >= self._size:
            log.info("stream_cut_off", behind=self._size)
            self.over.set()
            return
        self._queue.put_nowait(told)


class Hub:
    """Tells everybody in this process who watches; it begins with the first of them and ends with `close`."""

    def __init__(
        self,
        database: Database,
        *,
        queue: int = QUEUE,
        look: timedelta = LOOK,
        progress_every: timedelta = PROGRESS_EVERY,
    ) -> None:
        self._database = database
        self._queue = queue
        self._look = look
        self._progress_every = progress_every
        self._watching: set[Subscription] = set()
        self._moved: set[UUID] = set()  # flows whose progress was noted since it was last told
        self._told_at = 0.0
        self._state = Cursor(0)
        self._connection: asyncpg.Connection | None = None
        self._connected = asyncio.Event()
        self._woken = asyncio.Event()
        self._lock = asyncio.Lock()  # on the connection, and on what is told to whom
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def ready(self) -> None:
        """Wait until this process hears what happens.

        Raises:
            Unavailable: the database does not answer, or the process ends.
        """
        self._refuse_if_closed()
        if self._task is None:
            self._task = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(self._connected.wait(), ANSWER_WITHIN.total_seconds())
        except TimeoutError:
            raise Unavailable("The database does not answer.", hint="Try again shortly.") from None

    @asynccontextmanager
    async def watching(
        self, tenant: Tenant, flow_id: UUID | None = None, *, over: asyncio.Event | None = None
    ) -> AsyncIterator[Subscription]:
        """All that happens to an engagement, or to one flow, from now on: `cursor` says where that is. `over` is set
        when nothing more will come.

        Raises:
            Unavailable: the database does not answer, or the process ends.
        """
        await self.ready()
        async with self._lock:
            try:
                await self._catch_up()
            except _LOST as error:
                raise Unavailable("The database does not answer.", hint="Try again shortly.") from error
            self._refuse_if_closed()  # meanwhile: nobody would end this one any more
            watcher = Subscription(tenant, flow_id, self._state, size=self._queue, over=over or asyncio.Event())
            self._watching.add(watcher)
        try:
            yield watcher
        finally:
            self._watching.discard(watcher)

    async def close(self) -> None:
        """End every stream of this process, for good."""
        self._closed = True
        for watcher in self._watching:
            watcher.over.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise Unavailable("This process is about to end.", hint="Connect again.")

    async def _listen(self) -> None:
        while True:
            try:
                await self._connect()
                while True:
                    await self._wait()
                    async with self._lock:
                        if self._watching:
                            await self._catch_up()
                            await self._tell_progress()
                        else:
                            await self._alive()
            except Exception as error:  # boundary: the listener of this process; without it every stream is silent
                log.warning("streams_interrupted", cause=repr(error), exc_info=not isinstance(error, _LOST))
            finally:
                self._drop()
            await asyncio.sleep(RETRY_AFTER.total_seconds())

    async def _connect(self) -> None:
        url = self._database.urls.engine.render_as_string(hide_password=False)
        within = ANSWER_WITHIN.total_seconds()
        settings = {"application_name": "masterflow-streams"}
        connection = await asyncpg.connect(url, timeout=within, command_timeout=within, server_settings=settings)
        self._connection = connection
        connection.add_termination_listener(lambda _: self._woken.set())
        await connection.add_listener(EVENTS_CHANNEL, lambda *_: self._woken.set())
        await connection.add_listener(PROGRESS_CHANNEL, lambda *said: self._note(said[3]))
        await connection.add_listener(JOBS_CHANNEL, lambda *said: self._tell_job(said[3]))
        if not self._watching:  # those who watch have seen what came before the connection was lost
            self._state = await store.position(connection)
        for watcher in self._watching:  # events are read again from where they were, notes of jobs are nowhere
            watcher.hear(JobMoved(None))
        self._woken.set()
        self._connected.set()

    def _drop(self) -> None:
        self._connected.clear()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _note(self, flow_ids: object) -> None:
        self._moved |= {UUID(flow_id) for flow_id in str(flow_ids).split(",")}
        self._woken.set()

    async def _wait(self) -> None:
        """Until something was said, or for so long that it is time to look."""
        loop = asyncio.get_running_loop()
        quiet = self._look.total_seconds()
        if self._moved:
            quiet = max(0.0, min(quiet, self._told_at + self._progress_every.total_seconds() - loop.time()))
        try:
            async with asyncio.timeout(quiet):  # `wait_for` loses a cancellation that meets a notification
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    async def _alive(self) -> None:
        """Nobody watches: forget what was noted, and see that the connection lives."""
        self._moved.clear()
        self._state = await store.position(self._listening())

    async def _catch_up(self) -> None:
        """Tell everybody what the relay has passed on since the last time, by pages; the caller holds the lock."""
        until = await store.position(self._listening())
        while self._watching and (ranges := between(self._state, until)):
            touched, last = await store.first_events(self._listening(), ranges, limit=PAGE)
            await self._tell(touched, until if last is None else midway(self._state, until, last))
        for watcher in self._watching:
            watcher.cursor = until
        self._state = until

    async def _tell(self, tenants: Collection[Tenant], until: Cursor) -> None:
        """Tell everybody of these tenants' events up to `until`."""
        since = self._state
        ranges = between(since, until)
        items = {
            tenant: [
                Item(event, midway(since, until, event.id))
                for event in await store.events_in(self._database, tenant, ranges, limit=PAGE)
            ]
            for tenant in self._watched(tenants)
        }
        # Nothing below waits: who watches has either all of it or, at the old state, none.
        for watcher in self._watching:
            for item in items.get(watcher.tenant, ()):
                watcher.put(item)
            watcher.cursor = until
        self._state = until

    async def _tell_progress(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self._moved or now - self._told_at < self._progress_every.total_seconds():
            return
        moved, self._moved, self._told_at = self._moved, set(), now
        for tenant in self._watched(await store.owners(self._listening(), moved)):
            notes = await store.progress_of(self._database, tenant, moved)
            for watcher in [one for one in self._watching if one.tenant == tenant]:
                for note in notes:
                    watcher.tell(note)

    def _tell_job(self, told: object) -> None:
        client, engagement, job = map(UUID, str(told).split())
        for watcher in self._watching:
            if watcher.tenant == Tenant(client, engagement):
                watcher.hear(JobMoved(job))

    def _watched(self, tenants: Collection[Tenant]) -> set[Tenant]:
        return {watcher.tenant for watcher in self._watching} & set(tenants)

    def _listening(self) -> asyncpg.Connection:
        if self._connection is None:
            raise Unavailable("The database does not answer.", hint="Try again shortly.")
        return self._connection
