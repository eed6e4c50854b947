"""Webhooks: who is told of events over HTTP, and what became of each telling."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed, part_of
from masterflow.api.parts import Actor, UseWebhooks
from masterflow.api.shown import Shown
from masterflow.orchestrator.kinds import EVENT_KINDS
from masterflow.orchestrator.webhooks.types import DeliveryState

# A kind that does not exist is refused by the service, which names the nearest.
Kind = Annotated[str, Field(max_length=50, json_schema_extra={"enum": list(EVENT_KINDS)})]
Kinds = Annotated[list[Kind], Field(max_length=50)]
Names = Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=50)]


class NewWebhook(BaseModel):
    """Where to, and of what. Empty `kinds` or `flow_types` mean all."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"url": "https://hooks.example/masterflow", "kinds": ["gate_approved"]}},
    )

    url: str = Field(max_length=2000)
    kinds: Kinds = Field(default_factory=list)
    flow_types: Names = Field(default_factory=list)
    description: str = Field("", max_length=200)


class WebhookChange(BaseModel):
    """The fields to change; those left out stay. `active` true sends what has waited meanwhile."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"active": False}})

    url: str = Field("", max_length=2000)
    kinds: Kinds = Field(default_factory=list)
    flow_types: Names = Field(default_factory=list)
    description: str = Field("", max_length=200)
    active: bool = True


class WebhookOut(Shown):
    """A webhook without its secret. `paused_because` says why it is inactive; null: a person made it so."""

    id: UUID
    url: str
    description: str
    kinds: Kinds
    flow_types: list[str]
    active: bool
    paused_because: str | None
    failures: int
    created_by: str
    created_at: datetime


class IssuedWebhookOut(Shown):
    """A webhook with its secret, which is shown this once."""

    webhook: WebhookOut
    secret: str


class WebhooksOut(Listed):
    """Webhooks, oldest first."""

    items: list[WebhookOut]


class DeliveryOut(Shown):
    """One telling and its last attempt. `event_id` null: a test."""

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


class DeliveriesOut(Listed):
    """Deliveries, newest first."""

    items: list[DeliveryOut]


class Replayed(BaseModel):
    """How many deliveries are made again."""

    count: int


router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.get("", response_model=WebhooksOut, responses=problems())
async def list_webhooks(
    actor: Actor, webhooks: UseWebhooks, cursor: Cursor = None, limit: Limit = FULL_PAGE
) -> WebhooksOut:
    """The webhooks of the engagement."""
    page, following = part_of(await webhooks.list(actor), cursor=cursor, limit=limit)
    return WebhooksOut(items=[WebhookOut.of(webhook) for webhook in page], cursor=following)


@router.post("", status_code=201, response_model=IssuedWebhookOut, responses=problems(422))
async def create_webhook(given: NewWebhook, actor: Actor, webhooks: UseWebhooks) -> IssuedWebhookOut:
    """Tell a URL of events from now on; the secret that signs them is in this answer and nowhere else."""
    issued = await webhooks.create(
        actor, given.url, kinds=given.kinds, flow_types=given.flow_types, description=given.description
    )
    return IssuedWebhookOut.of(issued)


@router.get("/{webhook_id}", response_model=WebhookOut, responses=problems(404))
async def get_webhook(webhook_id: UUID, actor: Actor, webhooks: UseWebhooks) -> WebhookOut:
    """One webhook."""
    return WebhookOut.of(await webhooks.get(actor, webhook_id))


@router.patch("/{webhook_id}", response_model=WebhookOut, responses=problems(404, 422))
async def change_webhook(webhook_id: UUID, given: WebhookChange, actor: Actor, webhooks: UseWebhooks) -> WebhookOut:
    """Change a webhook, pause it or let it go on."""
    return WebhookOut.of(await webhooks.change(actor, webhook_id, **given.model_dump(exclude_unset=True)))


@router.delete("/{webhook_id}", response_model=WebhookOut, responses=problems(404))
async def delete_webhook(webhook_id: UUID, actor: Actor, webhooks: UseWebhooks) -> WebhookOut:
    """Remove a webhook with all its deliveries."""
    return WebhookOut.of(await webhooks.delete(actor, webhook_id))


@router.post("/{webhook_id}/rotate", response_model=IssuedWebhookOut, responses=problems(404, 422))
async def rotate_webhook_secret(webhook_id: UUID, actor: Actor, webhooks: UseWebhooks) -> IssuedWebhookOut:
    """Make a new secret; for a day requests are signed with the former one too."""
    return IssuedWebhookOut.of(await webhooks.rotate(actor, webhook_id))


@router.post("/{webhook_id}/test", status_code=202, response_model=DeliveryOut, responses=problems(404))
async def test_webhook(webhook_id: UUID, actor: Actor, webhooks: UseWebhooks) -> DeliveryOut:
    """Send a test; the list of deliveries says what became of it."""
    return DeliveryOut.of(await webhooks.test(actor, webhook_id))


@router.get("/{webhook_id}/deliveries", response_model=DeliveriesOut, responses=problems(404))
async def list_webhook_deliveries(
    webhook_id: UUID,
    actor: Actor,
    webhooks: UseWebhooks,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> DeliveriesOut:
    """What was sent or is to be."""
    page = await webhooks.deliveries(actor, webhook_id, state=state, cursor=cursor, limit=limit)
    return DeliveriesOut(items=[DeliveryOut.of(delivery) for delivery in page.items], cursor=page.cursor)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    response_model=DeliveryOut,
    responses=problems(404),
)
async def replay_webhook_delivery(
    webhook_id: UUID, delivery_id: UUID, actor: Actor, webhooks: UseWebhooks
) -> DeliveryOut:
    """Send one delivery again, under its id."""
    return DeliveryOut.of(await webhooks.replay(actor, webhook_id, delivery_id))


@router.post("/{webhook_id}/replay", status_code=202, response_model=Replayed, responses=problems(404))
async def replay_webhook_deliveries(
    webhook_id: UUID,
    actor: Actor,
    webhooks: UseWebhooks,
    after: Annotated[datetime, Query(description="Deliveries made after this moment, with its time zone")],
) -> Replayed:
    """Send everything again that was made after a moment and is not pending."""
    return Replayed(count=await webhooks.replay_after(actor, webhook_id, after))
