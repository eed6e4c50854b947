"""Adds what the relay passes on to the counters."""

from collections.abc import Sequence

import asyncpg

from masterflow.orchestrator.analytics import store
from masterflow.orchestrator.analytics.store import Day, Days, Standing, Standings
from masterflow.orchestrator.analytics.tally import Happening, added, day, standing
from masterflow.orchestrator.relay import RelayedEvent
from masterflow.tenancy.types import Tenant


class AnalyticsFold:
    """The one writer of the counters; the relay sees to it that each event is added once."""

    async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
        """Add `events` of many tenants, inside the relay's transaction."""
        standings, days = summed(events, await store.happenings(connection, events))
        old_standings, old_days = await store.locked(connection, standings, days)
        new_days = {key: added(old_days.get(key, {}), facts) for key, facts in days.items()}
        await store.write(connection, merged(old_standings, standings), new_days)


def summed(events: Sequence[RelayedEvent], told: Sequence[Happening | None]) -> tuple[Standings, Days]:
    """What events add together, by the rows that they add it to."""
    standings: Standings = {}
    days: Days = {}
    for event, happening in zip(events, told, strict=True):
        if happening is None:
            continue
        tenant = Tenant(event.client_account_id, event.engagement_id)
        new = Standing(standing(happening), event.at)
        standings[tenant] = _joined(standings[tenant], new) if tenant in standings else new
        key = Day(tenant, happening.day, happening.flow_type)
        if facts := added(days.get(key, {}), day(happening)):
            days[key] = facts
    return standings, days


def merged(left: Standings, right: Standings) -> Standings:
    """Both, with the sums where both have a row."""
    return left | {key: _joined(left[key], one) if key in left else one for key, one in right.items()}


def _joined(left: Standing, right: Standing) -> Standing:
    return Standing(added(left.by_type, right.by_type), max(left.as_of, right.as_of))
