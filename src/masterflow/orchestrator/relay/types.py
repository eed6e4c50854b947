"""What the relay passes on, and to whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayedEvent:
    """One line of some flow's history. `id` rises over all flows, `seq` counts within this one from 1."""

    id: int
    client_account_id: UUID
    engagement_id: UUID
    flow_id: UUID
    seq: int
    kind: str
    phase: str | None
    actor: str
    data: Mapping[str, Any]
    at: datetime


class Fold(Protocol):
    """Something kept up to date from the events of all flows: counters, deliveries."""

    async def fold(self, connection: asyncpg.Connection, events: Sequence[RelayedEvent]) -> None:
        """Take in `events` of many tenants, in order of id, inside the relay's transaction, as the engine's role.

        What is written through `connection` commits together with the relay's position, so each event is taken in
        exactly once. If it raises, all it wrote for these events is undone and each is offered alone; one that still
        raises is recorded in `relay_failures` and not offered again. Events of a flow come in order of `seq`; those of
        different flows may come late, after some with higher ids.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hole:
    """Ids from `low` to `high` that nobody has seen. They can still appear until every transaction older than
    `horizon` (a transaction id of 64 bits) has ended."""

    low: int
    high: int
    horizon: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far the relay has come: every event up to `last` was passed on, but those in `holes`."""

    last: int
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class Poisoned:
    """An event that a fold cannot take in, and what it said."""

    event_id: int
    fold: str
    error: str
