"""The counters counted anew from all history, and compared with what was kept."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from masterflow.db.session import Database
from masterflow.errors import Conflict
from masterflow.orchestrator.analytics import store
from masterflow.orchestrator.analytics.fold import merged, summed
from masterflow.orchestrator.analytics.store import Days, Standings
from masterflow.orchestrator.analytics.tally import added
from masterflow.orchestrator.relay import RelayedEvent
from masterflow.orchestrator.relay.store import RelayStore, relaying
from masterflow.orchestrator.relay.types import Position

K = TypeVar("K")
V = TypeVar("V")

BATCH = 2_000  # events
PATIENCE = timedelta(seconds=30)  # for the relay to let go; it holds its lock for a batch at a time
GLANCE = timedelta(milliseconds=20)


@dataclass(frozen=True, slots=True)
class Recount:
    """How many events and rows were counted, and the rows that differed from what was kept, as sentences."""

    events: int
    rows: int
    differences: tuple[str, ...]


async def recount(database: Database, *, repair: bool) -> Recount:
    """Count every event that the relay has passed on anew, and compare; with `repair` the new count takes the place.

    The relay waits meanwhile: about a minute for each million events.

    Raises:
        Conflict: the relay did not let go for half a minute.
    """
    for _ in range(PATIENCE // GLANCE):
        async with relaying(database) as held:
            if held is not None:
                return await _recount(held, repair=repair)
        await asyncio.sleep(GLANCE.total_seconds())
    raise Conflict("The relay is busy without a break.", hint="Try again when less is going on.")


async def _recount(relay: RelayStore, *, repair: bool) -> Recount:
    position, _ = await relay.position()
    events, standings, days = await _counted(relay, position)
    kept_standings, kept_days = await store.everything(relay.connection)
    differences = _differences(kept_standings, standings) + _differences(kept_days, days)
    if repair and differences:
        await store.delete(relay.connection, list(kept_standings), list(kept_days))
        await store.write(relay.connection, standings, days)
    return Recount(events, len(standings) + len(days), differences)


async def _counted(relay: RelayStore, position: Position) -> tuple[int, Standings, Days]:
    standings: Standings = {}
    days: Days = {}
    last, count = 0, 0
    while last < position.last and (read := await relay.after(last, limit=BATCH)):
        last = read[-1].id
        passed = [event for event in read if _was_passed(event, position)]
        more = summed(passed, await store.happenings(relay.connection, passed))
        standings = merged(standings, more[0])
        days.update((key, added(days.get(key, {}), facts)) for key, facts in more[1].items())
        count += len(passed)
    return count, standings, days


def _was_passed(event: RelayedEvent, position: Position) -> bool:
    is_missing = any(hole.low <= event.id <= hole.high for hole in position.holes)
    return event.id <= position.last and not is_missing


def _differences(kept: Mapping[K, V], counted: Mapping[K, V]) -> tuple[str, ...]:
    return tuple(
        f"{key}: kept {kept.get(key)}, counted {counted.get(key)}"
        for key in dict.fromkeys([*kept, *counted])
        if kept.get(key) != counted.get(key)
    )
