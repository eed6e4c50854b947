"""Deliveries for events, made together with the relay's position."""

from collections.abc import Sequence

import asyncpg

from masterflow.orchestrator.relay import RelayedEvent
from masterflow.orchestrator.webhooks.store import make_deliveries


class WebhookFold:
    """Makes a delivery for every active webhook of its engagement that an event matches."""

    async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
        """Make the deliveries of `events`; one that is there already stays as it is."""
        await make_deliveries(connection, [event.id for event in events])
