"""Webhooks and deliveries as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from masterflow.tenancy.types import Tenant


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Who is told of which events. Empty `kinds` or `flow_types` mean all. `failures` counts the deliveries that were
    given up since the last success; `paused_because` says why it is inactive, None if a person made it so."""

    id: UUID
    url: str
    description: str
    kinds: tuple[str, ...]
    flow_types: tuple[str, ...]
    active: bool
    paused_because: str | None
    failures: int
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedWebhook:
    """A webhook at the only moment at which its secret can be read."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One telling. `event_id` is None for a test; `next_at` counts while it is pending; `duration_ms` is that of the
    last attempt; `response` the first 500 characters of its answer."""

    id: UUID
    webhook_id: UUID
    event_id: int | None
    kind: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    status_code: int | None
    error: str | None
    response: str | None
    duration_ms: int | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One page of deliveries, newest first; `cursor` continues it and is None at the end."""

    items: tuple[Delivery, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery that one sender is about to make: its number of attempts fences off who claimed it before."""

    delivery_id: UUID
    webhook_id: UUID
    tenant: Tenant
    url: str
    body: str
    attempts: int
    secret: bytes
    previous_secret: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt came to. `status_code` None: no answer came; `error` None: it was taken; `forbidden`: nothing
    was sent, since the webhook may not point there."""

    status_code: int | None
    error: str | None
    response: str | None
    duration_ms: int
    forbidden: bool = False
