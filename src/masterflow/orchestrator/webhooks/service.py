"""What people do with webhooks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa

from masterflow.db.keyset import DEFAULT_PAGE, clean_limit
from masterflow.db.sealing import HOW, Place, Sealer
from masterflow.db.session import Database
from masterflow.errors import ConfigurationInvalid, InvalidInput
from masterflow.orchestrator.kinds import EVENT_KINDS
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.webhooks.addresses import target_of
from masterflow.orchestrator.webhooks.signing import new_secret, spelled
from masterflow.orchestrator.webhooks.store import WebhookStore
from masterflow.orchestrator.webhooks.types import Delivery, DeliveryPage, DeliveryState, IssuedWebhook, Webhook
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal

MOST_WEBHOOKS = 50  # of one engagement
MOST_NAMES = 50  # kinds or flow types of one filter
LONGEST_DESCRIPTION = 200
OLD_SECRET_GOOD_FOR = timedelta(days=1)  # beside the new one, while receivers are changed
TEST = "webhook.test"


class Unchanged:
    """Stands for a field that a change leaves as it is."""


UNCHANGED: Final = Unchanged()


class WebhookService:
    """The webhooks of the caller's engagement. Every method raises `NotAllowed` for who does not manage them, and
    `NotFound` for an id that the engagement does not have.

    `sealer` None: no webhook can be made until a key is set. `registry`: the flow types there are. `allow_private`:
    they may point into internal networks.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer | None,
        *,
        registry: FlowTypeRegistry,
        allow_private: bool = False,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._registry = registry
        self._allow_private = allow_private

    async def create(
        self,
        actor: Principal,
        url: str,
        *,
        kinds: Sequence[str] = (),
        flow_types: Sequence[str] = (),
        description: str = "",
    ) -> IssuedWebhook:
        """Tell `url` of every event of these kinds and flow types (none named: all) from now on; the secret is shown
        now and never again.

        Raises:
            InvalidInput: the URL or a filter cannot be used, or there are as many webhooks as there may be.
            ConfigurationInvalid: there is no key to seal the secret with.
        """
        actor.require(Operation.MANAGE_WEBHOOKS)
        webhook_id, secret = uuid4(), new_secret()
        values = {
            "id": webhook_id,
            "url": self._url(url),
            "kinds": _kinds(kinds),
            "flow_types": self._flow_types(flow_types),
            "description": _description(description),
            "created_by": actor.email,
            "secret": self._sealed(secret, actor, "secret", webhook_id),
        }
        async with self._database.transaction(actor.tenant) as session:
            store = WebhookStore(session)
            if len(await store.list()) >= MOST_WEBHOOKS:
                raise InvalidInput(f"There are {MOST_WEBHOOKS} webhooks, and no more may be.", hint="Delete one first.")
            return IssuedWebhook(await store.insert(values), spelled(secret))

    async def list(self, actor: Principal) -> tuple[Webhook, ...]:
        """All webhooks, oldest first; never their secrets."""
        actor.require(Operation.MANAGE_WEBHOOKS)
        async with self._database.transaction(actor.tenant) as session:
            return await WebhookStore(session).list()

    async def get(self, actor: Principal, webhook_id: UUID) -> Webhook:
        """One webhook."""
        actor.require(Operation.MANAGE_WEBHOOKS)
        async with self._database.transaction(actor.tenant) as session:
            return await WebhookStore(session).get(webhook_id)

    async def change(
        self,
        actor: Principal,
        webhook_id: UUID,
        *,
        url: str | Unchanged = UNCHANGED,
        kinds: Sequence[str] | Unchanged = UNCHANGED,
        flow_types: Sequence[str] | Unchanged = UNCHANGED,
        description: str | Unchanged = UNCHANGED,
        active: bool | Unchanged = UNCHANGED,
    ) -> Webhook:
        """A webhook with other values. One that is made active again sends what has waited meanwhile.

        Raises:
            InvalidInput: a value cannot be used, or none is given.
        """
        actor.require(Operation.MANAGE_WEBHOOKS)
        values: dict[str, object] = {}
        if not isinstance(url, Unchanged):
            values["url"] = self._url(url)
        if not isinstance(kinds, Unchanged):
            values["kinds"] = _kinds(kinds)
        if not isinstance(flow_types, Unchanged):
            values["flow_types"] = self._flow_types(flow_types)
        if not isinstance(description, Unchanged):
            values["description"] = _description(description)
        if not isinstance(active, Unchanged):
            values |= {"active": active, "paused_because": None, "failures": 0}
        if not values:
            raise InvalidInput("Nothing is to be changed.", hint="Name at least one field.")
        async with self._database.transaction(actor.tenant) as session:
            return await WebhookStore(session).update(webhook_id, values)

    async def delete(self, actor: Principal, webhook_id: UUID) -> Webhook:
        """Remove a webhook with all its deliveries."""
        actor.require(Operation.MANAGE_WEBHOOKS)
        async with self._database.transaction(actor.tenant) as session:
            return await WebhookStore(session).delete(webhook_id)

    async def rotate(self, actor: Principal, webhook_id: UUID) -> IssuedWebhook:
        """A new secret, shown now and never again. For a day requests are signed with the former one too."""
        actor.require(Operation.MANAGE_WEBHOOKS)
        secret = new_secret()
        async with self._database.transaction(actor.tenant) as session:
            store = WebhookStore(session)
            former = self._opened(await store.sealed(webhook_id), actor, webhook_id)
            values: dict[str, Any] = {
                "secret": self._sealed(secret, actor, "secret", webhook_id),
                "previous_secret": self._sealed(former, actor, "previous_secret", webhook_id),
                "previous_until": sa.func.clock_timestamp() + OLD_SECRET_GOOD_FOR,
            }
            return IssuedWebhook(await store.update(webhook_id, values), spelled(secret))

    async def test(self, actor: Principal, webhook_id: UUID) -> Delivery:
        """Send something that no event asked for; the delivery says what became of it."""
        actor.require(Operation.MANAGE_WEBHOOKS)
        body = {"type": TEST, "data": {"webhook_id": str(webhook_id), "asked_by": actor.email}}
        async with self._database.transaction(actor.tenant) as session:
            store = WebhookStore(session)
            await store.get(webhook_id)
            return await store.add_delivery(webhook_id, kind=TEST, body=orjson.dumps(body).decode())

    async def deliveries(
        self,
        actor: Principal,
        webhook_id: UUID,
        *,
        state: DeliveryState | None = None,
        cursor: str | None = None,
        limit: int = DEFAULT_PAGE,
    ) -> DeliveryPage:
        """What was sent or is to be, newest first."""
        actor.require(Operation.MANAGE_WEBHOOKS)
        async with self._database.transaction(actor.tenant) as session:
            store = WebhookStore(session)
            await store.get(webhook_id)
            return await store.deliveries(webhook_id, state=state, cursor=cursor, limit=clean_limit(limit))

    async def replay(self, actor: Principal, webhook_id: UUID, delivery_id: UUID) -> Delivery:
        """Send one delivery again, under its id: a receiver can tell that it knows it."""
        actor.require(Operation.MANAGE_WEBHOOKS)
        async with self._database.transaction(actor.tenant) as session:
            return await WebhookStore(session).replay(webhook_id, delivery_id)

    async def replay_after(self, actor: Principal, webhook_id: UUID, after: datetime) -> int:
        """Send everything again that was made after a moment (aware); answers how many.

        Raises:
            InvalidInput: the moment has no time zone.
        """
        actor.require(Operation.MANAGE_WEBHOOKS)
        if after.tzinfo is None:
            raise InvalidInput(f"{after.isoformat()} has no time zone.", hint="Write it as 2027-01-31T09:00:00Z.")
        async with self._database.transaction(actor.tenant) as session:
            store = WebhookStore(session)
            await store.get(webhook_id)
            return await store.replay_after(webhook_id, after)

    def _url(self, url: str) -> str:
        target_of(url, allow_private=self._allow_private)
        return url

    def _flow_types(self, names: Sequence[str]) -> Sequence[str]:
        return sorted({self._registry.get(name).name for name in _few(names)})

    def _sealed(self, secret: bytes, actor: Principal, column: str, webhook_id: UUID) -> bytes:
        return self._required().seal(secret, secret_place(actor.tenant.client_account_id, column, webhook_id))

    def _opened(self, sealed: bytes, actor: Principal, webhook_id: UUID) -> bytes:
        return self._required().open(sealed, secret_place(actor.tenant.client_account_id, "secret", webhook_id))

    def _required(self) -> Sealer:
        if self._sealer is None:
            raise ConfigurationInvalid(
                "MASTERFLOW_ENCRYPTION_KEY is not set, so no secret can be kept.", hint=f"Set it. {HOW}"
            )
        return self._sealer


def secret_place(client_account_id: UUID, column: str, webhook_id: UUID) -> Place:
    """Where a webhook's secret is kept."""
    return Place(client_account_id, "webhooks", column, webhook_id)


def _kinds(names: Sequence[str]) -> list[str]:
    for name in _few(names):
        if name not in EVENT_KINDS:
            near = get_close_matches(name, EVENT_KINDS, n=1, cutoff=0.5)
            raise InvalidInput(
                f"There is no kind of event '{name[:80]}'.",
                hint=f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(EVENT_KINDS)}.",
            )
    return sorted(set(names))


def _few(names: Sequence[str]) -> Sequence[str]:
    if len(names) > MOST_NAMES:
        raise InvalidInput(f"A filter names at most {MOST_NAMES}, not {len(names)}.", hint="Leave it empty for all.")
    return names


def _description(text: str) -> str:
    if len(text) > LONGEST_DESCRIPTION:
        raise InvalidInput(f"A description has at most {LONGEST_DESCRIPTION} characters.", hint="Shorten it.")
    return text.strip()
