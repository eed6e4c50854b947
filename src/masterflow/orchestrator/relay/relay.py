"""The relay: what it does once, and how often."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import orjson

from masterflow.db.session import Database
from masterflow.errors import Unavailable
from masterflow.logs import get_logger
from masterflow.orchestrator.relay.holes import gaps, still_open, without
from masterflow.orchestrator.relay.store import RelayStore, failures, is_behind, relaying
from masterflow.orchestrator.relay.types import Fold, Hole, Poisoned, Position, RelayedEvent

BATCH = 500  # events of one transaction
BUSY = timedelta(milliseconds=50)  # between two looks while events come
IDLE = timedelta(milliseconds=250)  # between two looks when none has come for a while
INTERRUPTED = timedelta(seconds=1)  # before the next look, after one that failed
LONGEST_ERROR = 2_000  # characters of a fold's error that are kept

# Not the event's fault.
_PASSING = (
    Unavailable,
    ConnectionError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
)

log = get_logger(__name__)


class Relay:
    """Passes on what it has not, through `folds`; every process may run one, only one works at a time."""

    def __init__(
        self, database: Database, folds: Sequence[Fold] = (), *, busy: timedelta = BUSY, idle: timedelta = IDLE
    ) -> None:
        self._database = database
        self._folds = tuple(folds)
        self._busy = busy
        self._idle = idle

    async def run_once(self, *, limit: int = BATCH) -> int:
        """Pass on at most `limit` events; answers how many. 0 too while another process does it.

        Raises:
            Unavailable: the database does not answer; nothing was passed on.
        """
        if not await is_behind(self._database):
            return 0
        async with relaying(self._database) as store:
            return await self._relay(store, limit) if store else 0

    async def run(self) -> None:
        """Pass events on as they come, until it is cancelled; it outlives a database that is away. A duty of a worker,
        or a task of any process."""
        pause = self._busy
        while True:
            try:
                passed = await self.run_once()
            except Exception as error:  # boundary: the relay of this process
                log.warning("relay_interrupted", cause=repr(error), exc_info=not isinstance(error, Unavailable))
                passed, pause = 0, INTERRUPTED
            else:
                pause = self._busy if passed else min(self._idle, pause * 1.25)
            if passed < BATCH:
                await asyncio.sleep(pause.total_seconds())

    async def failures(self) -> int:
        """How many times a fold could not take an event in, since the beginning; `relay_failures` says which."""
        return await failures(self._database)

    async def _relay(self, store: RelayStore, limit: int) -> int:
        position, oldest_running = await store.position()
        late = await store.appeared(position.holes, limit=limit) if position.holes else []
        fresh = await store.after(position.last, limit=limit - len(late)) if len(late) < limit else []
        holes = without(position.holes, {event.id for event in late})
        if len(late) < limit:  # else some may have appeared that were not read
            holes = still_open(holes, oldest_running=oldest_running)
        holes += await self._noticed(store, position.last, fresh)
        events = [*late, *fresh]
        if not events and holes == position.holes:
            return 0
        for fold in self._folds:
            await self._fold(store, fold, events)
        await store.save(Position(fresh[-1].id if fresh else position.last, holes))
        if events:
            await store.notify(_payload(late, fresh))
        return len(events)

    async def _noticed(self, store: RelayStore, last: int, fresh: Sequence[RelayedEvent]) -> tuple[Hole, ...]:
        """The holes in what was just read.

        Whoever took a missing id had written its flow's row before, so has a transaction id; ours is taken after that
        and is higher. `pg_snapshot_xmax` would not do: it counts from the newest transaction that has ended.
        """
        ranges = gaps(last, [event.id for event in fresh])
        if not ranges:
            return ()
        horizon = await store.horizon()
        return tuple(Hole(low, high, horizon) for low, high in ranges)

    async def _fold(self, store: RelayStore, fold: Fold, events: Sequence[RelayedEvent]) -> None:
        """Let one fold take in a batch; if it cannot, event by event, and record those that it cannot take in alone."""
        if not events or await _taken(store, fold, events) is None:
            return
        poisoned = []
        for event in events:
            error = await _taken(store, fold, [event])
            if error is not None:
                poisoned.append(Poisoned(event.id, _name(fold), _said(error)))
        await store.record(poisoned)


async def _taken(store: RelayStore, fold: Fold, events: Sequence[RelayedEvent]) -> Exception | None:
    """None once `fold` has taken `events` in; else what it raised, and nothing of it is written."""
    try:
        async with store.connection.transaction():
            await fold.fold(store.connection, events)
    except Exception as error:  # boundary: a fold; what it cannot take in is recorded, and stops no other
        if _passes(error):
            raise
        log.exception("events_not_folded", fold=_name(fold), first=events[0].id, events=len(events))
        return error
    return None


def _passes(error: Exception) -> bool:
    """Whether the next attempt may end differently. A value that the driver cannot send is an error of the driver's
    too, and stays one."""
    return isinstance(error, _PASSING) and not isinstance(error, ValueError)


def _name(fold: Fold) -> str:
    return type(fold).__qualname__


def _said(error: Exception) -> str:
    """An error as a text that a row can hold."""
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:LONGEST_ERROR]


def _payload(late: Sequence[RelayedEvent], fresh: Sequence[RelayedEvent]) -> str:
    """What the notification says, far below the 8,000 bytes that one may have."""
    ids = [event.id for event in (*late, *fresh)]
    return orjson.dumps({"low": min(ids), "high": max(ids), "filled": len(late)}).decode()
