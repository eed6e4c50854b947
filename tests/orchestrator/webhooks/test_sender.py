"""What is due is posted once, signed; what fails is tried again for about a day, and then given up."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.sealing import Sealer
from masterflow.db.session import Database
from masterflow.orchestrator import MasterFlowOrchestrator
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.webhooks import Sender, WebhookFold, WebhookService
from masterflow.orchestrator.webhooks.sender import LAST_ATTEMPT, PAUSED_AFTER, delay_after
from masterflow.orchestrator.webhooks.types import Delivery, IssuedWebhook
from masterflow.testing import empty_flow, eventually, make_orchestrator
from tests.conftest import Cast
from tests.orchestrator.webhooks.conftest import KEY, Receiver, make_due, plant


@pytest.fixture
def orchestrator(database: Database) -> MasterFlowOrchestrator:
    return make_orchestrator(database, [empty_flow(1), empty_flow(1, name="other")])


@pytest.fixture
async def issued(webhooks: WebhookService, cast: Cast, receiver: Receiver) -> IssuedWebhook:
    return await webhooks.create(cast.lead, receiver.url)


async def deliveries(webhooks: WebhookService, cast: Cast, webhook_id: UUID) -> tuple[Delivery, ...]:
    return (await webhooks.deliveries(cast.lead, webhook_id)).items


async def test_an_event_reaches_its_receiver_once_and_signed(
    database: Database,
    orchestrator: MasterFlowOrchestrator,
    issued: IssuedWebhook,
    webhooks: WebhookService,
    sender: Sender,
    receiver: Receiver,
    cast: Cast,
) -> None:
    flow = await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    await orchestrator.create_flow(cast.outsider, "empty", {}, start=False)
    await Relay(database, [WebhookFold()]).run_once()
    assert (await sender.run_once(), await sender.run_once()) == (1, 0)
    (request,) = receiver.received
    assert request.path == "/in?a=b"
    assert request.headers["host"] == receiver.url.split("/")[2]
    assert request.headers["content-type"] == "application/json"
    assert request.is_signed_with(issued.secret)
    assert not request.is_signed_with("whsec_" + "A" * 44)
    assert (request.data["type"], request.data["data"]["flow_id"]) == ("flow_created", str(flow.flow_id))
    assert request.data["data"]["status"] == "initialized"
    assert set(request.data["data"]) == {
        *("flow_id", "flow_type", "engagement_id", "seq", "kind", "phase", "actor", "status", "at")
    }
    (delivery,) = await deliveries(webhooks, cast, issued.webhook.id)
    assert (delivery.state, delivery.attempts, delivery.status_code) == ("delivered", 1, 204)
    assert request.headers["webhook-id"] == f"msg_{delivery.id.hex}"
    assert (await webhooks.deliveries(cast.outsider, await foreign(webhooks, cast))).items == ()


async def foreign(webhooks: WebhookService, cast: Cast) -> UUID:
    return (await webhooks.create(cast.outsider, "https://hooks.example/")).webhook.id


async def test_only_what_the_filter_names_is_told(
    database: Database,
    orchestrator: MasterFlowOrchestrator,
    webhooks: WebhookService,
    sender: Sender,
    receiver: Receiver,
    cast: Cast,
) -> None:
    await webhooks.create(cast.lead, receiver.url, kinds=["flow_cancelled"], flow_types=["other"])
    paused = await webhooks.create(cast.lead, receiver.url)
    await webhooks.change(cast.lead, paused.webhook.id, active=False)
    for kind in ("empty", "other"):
        flow = await orchestrator.create_flow(cast.lead, kind, {}, start=False)
        await orchestrator.cancel(cast.lead, flow.flow_id)
    await Relay(database, [WebhookFold()]).run_once()
    assert await sender.run_once() == 1
    assert [(r.data["type"], r.data["data"]["flow_type"]) for r in receiver.received] == [("flow_cancelled", "other")]


async def test_what_happened_before_a_webhook_is_not_told(
    database: Database,
    orchestrator: MasterFlowOrchestrator,
    webhooks: WebhookService,
    sender: Sender,
    receiver: Receiver,
    cast: Cast,
) -> None:
    await orchestrator.create_flow(cast.lead, "empty", {}, start=False)
    await webhooks.create(cast.lead, receiver.url)
    await Relay(database, [WebhookFold()]).run_once()
    assert await sender.run_once() == 0


@pytest.mark.parametrize(
    ("answer", "code", "error"),
    [
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nlong", 500, "answered 500: not a success"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, "not followed"),
        (b"nonsense\r\n\r\n", None, "RemoteProtocolError"),
        (b"", None, "RemoteProtocolError"),
    ],
)
async def test_what_fails_is_tried_again_later(
    database: Database,
    issued: IssuedWebhook,
    webhooks: WebhookService,
    sender: Sender,
    receiver: Receiver,
    cast: Cast,
    answer: bytes,
    code: int | None,
    error: str,
) -> None:
    receiver.answers = [answer, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]
    await webhooks.test(cast.lead, issued.webhook.id)
    assert (await sender.run_once(), await sender.run_once()) == (1, 0)
    (waiting,) = await deliveries(webhooks, cast, issued.webhook.id)
    assert (waiting.state, waiting.attempts, waiting.status_code) == ("pending", 1, code)
    assert error in (waiting.error or "")
    assert timedelta(seconds=3) < waiting.next_at - waiting.created_at < timedelta(minutes=1)
    await make_due(database)
    assert await sender.run_once() == 1
    (done,) = await deliveries(webhooks, cast, issued.webhook.id)
    assert (done.state, done.attempts, done.error, done.response) == ("delivered", 2, None, "ok")
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1


async def test_a_receiver_that_does_not_answer_is_left(
    database: Database, issued: IssuedWebhook, webhooks: WebhookService, receiver: Receiver, cast: Cast
) -> None:
    receiver.hold = True
    await webhooks.test(cast.lead, issued.webhook.id)
    hasty = Sender(database, Sealer([KEY]), allow_private=True, time_limit=timedelta(milliseconds=200))
    assert await hasty.run_once() == 1
    (delivery,) = await deliveries(webhooks, cast, issued.webhook.id)
    assert (delivery.state, delivery.error) == ("pending", "No answer came within 0.2 s.")


async def test_only_the_beginning_of_an_answer_is_kept(
    issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, receiver: Receiver, cast: Cast
) -> None:
    receiver.answers = [b"HTTP/1.1 200 OK\r\n\r\n" + b"\x00x" * 100_000]
    await webhooks.test(cast.lead, issued.webhook.id)
    await sender.run_once()
    (delivery,) = await deliveries(webhooks, cast, issued.webhook.id)
    assert delivery.response == "\ufffdx" * 250


async def test_a_receiver_that_is_gone_gets_nothing_more(
    issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, receiver: Receiver, cast: Cast
) -> None:
    receiver.answers = [b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"]
    await webhooks.test(cast.lead, issued.webhook.id)
    await sender.run_once()
    (delivery,) = await deliveries(webhooks, cast, issued.webhook.id)
    known = await webhooks.get(cast.lead, issued.webhook.id)
    assert (delivery.state, known.active) == ("failed", False)
    assert known.paused_because == "The receiver answered 410: it wants no more."
    await webhooks.test(cast.lead, issued.webhook.id)
    assert await sender.run_once() == 0


async def test_after_the_last_attempt_it_is_given_up_and_too_many_of_those_pause(
    database: Database, issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, receiver: Receiver, cast: Cast
) -> None:
    receiver.answers = [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"]
    for _ in range(PAUSED_AFTER):
        await webhooks.test(cast.lead, issued.webhook.id)
    async with database.moving() as connection:
        await connection.execute("UPDATE webhook_deliveries SET attempts = $1", LAST_ATTEMPT - 1)
    await sender.run_once()
    known = await webhooks.get(cast.lead, issued.webhook.id)
    assert {d.state for d in await deliveries(webhooks, cast, issued.webhook.id)} == {"failed"}
    assert (known.active, known.paused_because) == (False, f"{PAUSED_AFTER} deliveries in a row were given up.")
    again = await webhooks.change(cast.lead, issued.webhook.id, active=True)
    assert (again.active, again.failures, again.paused_because) == (True, 0, None)


async def test_a_success_forgets_earlier_failures(
    database: Database, issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, cast: Cast
) -> None:
    async with database.moving() as connection:
        await connection.execute("UPDATE webhooks SET failures = 9")
    await webhooks.test(cast.lead, issued.webhook.id)
    await sender.run_once()
    assert (await webhooks.get(cast.lead, issued.webhook.id)).failures == 0


async def test_two_senders_never_make_the_same_delivery(
    database: Database, issued: IssuedWebhook, webhooks: WebhookService, receiver: Receiver, cast: Cast
) -> None:
    for _ in range(30):
        await webhooks.test(cast.lead, issued.webhook.id)
    senders = [Sender(database, Sealer([KEY]), allow_private=True) for _ in range(2)]
    made = await asyncio.gather(*(one.run_once() for one in senders))
    assert sum(made) == len({r.headers["webhook-id"] for r in receiver.received}) == len(receiver.received) == 30


async def test_a_delivery_of_a_sender_that_died_is_made_by_another(
    database: Database, issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, cast: Cast
) -> None:
    await webhooks.test(cast.lead, issued.webhook.id)
    claims = await sender._store.claim(limit=5, limit_for_one=5, busy=(), lease=timedelta(seconds=60))
    assert (len(claims), await sender.run_once()) == (1, 0)
    await make_due(database)
    assert await sender.run_once() == 1
    async with sender._store.recording() as store:
        outcome = await sender._attempt(claims[0], Sealer([KEY]))
        assert not await store.end(
            claims[0], outcome, state=(await deliveries(webhooks, cast, issued.webhook.id))[0].state
        )


async def test_a_receiver_that_hangs_has_two_requests_and_holds_no_other_back(
    database: Database, webhooks: WebhookService, sender: Sender, receiver: Receiver, cast: Cast
) -> None:
    hanging = Receiver(hold=True)
    server = await asyncio.start_server(hanging.serve, "127.0.0.1", 0)
    slow = await webhooks.create(cast.lead, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    quick = await webhooks.create(cast.outsider, receiver.url)
    for _ in range(60):
        await webhooks.test(cast.lead, slow.webhook.id)
    await webhooks.test(cast.outsider, quick.webhook.id)
    running = asyncio.create_task(sender.run_once())

    async def told(quick_ones: int) -> bool:
        return (len(receiver.received), len(hanging.received)) == (quick_ones, 2)

    await eventually(lambda: told(1))
    for _ in range(5):  # what comes while the slow ones hang is told too
        await webhooks.test(cast.outsider, quick.webhook.id)
    await eventually(lambda: told(6))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    server.close()
    await server.wait_closed()


async def test_what_waits_for_a_paused_webhook_is_not_read(
    database: Database, issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, cast: Cast
) -> None:
    await webhooks.test(cast.lead, issued.webhook.id)
    await webhooks.change(cast.lead, issued.webhook.id, active=False)
    assert await sender.run_once() == 0
    async with database.moving() as connection:
        index = await connection.fetchval(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_webhook_deliveries_due'"
        )
    assert "(webhook_id, next_at, event_id) WHERE" in index
    await webhooks.change(cast.lead, issued.webhook.id, active=True)
    assert await sender.run_once() == 1


async def test_a_replay_carries_the_id_that_the_receiver_knows(
    issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, receiver: Receiver, cast: Cast
) -> None:
    delivery = await webhooks.test(cast.lead, issued.webhook.id)
    await sender.run_once()
    again = await webhooks.replay(cast.lead, issued.webhook.id, delivery.id)
    assert (again.state, again.attempts) == ("pending", 0)
    await sender.run_once()
    assert await webhooks.replay_after(cast.lead, issued.webhook.id, delivery.created_at - timedelta(1)) == 1
    assert await webhooks.replay_after(cast.lead, issued.webhook.id, delivery.created_at - timedelta(1)) == 0
    await sender.run_once()
    assert len(receiver.received) == 3
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1


async def test_for_a_day_both_secrets_sign(
    database: Database, issued: IssuedWebhook, webhooks: WebhookService, sender: Sender, receiver: Receiver, cast: Cast
) -> None:
    fresh = await webhooks.rotate(cast.lead, issued.webhook.id)
    assert fresh.secret != issued.secret
    await webhooks.test(cast.lead, issued.webhook.id)
    await sender.run_once()
    assert all(receiver.received[0].is_signed_with(secret) for secret in (issued.secret, fresh.secret))
    async with database.moving() as connection:
        await connection.execute("UPDATE webhooks SET previous_until = clock_timestamp()")
    await webhooks.test(cast.lead, issued.webhook.id)
    await sender.run_once()
    assert receiver.received[1].is_signed_with(fresh.secret)
    assert not receiver.received[1].is_signed_with(issued.secret)


async def test_without_a_key_nothing_is_sent_and_with_another_it_is_said(
    database: Database, cast: Cast, receiver: Receiver
) -> None:
    await plant(database, cast.tenant, receiver.url)
    assert await Sender(database, None).run_once() == 0
    assert await Sender(database, Sealer([b"k" * 32]), allow_private=True).run_once() == 1
    async with database.moving() as connection:
        error = await connection.fetchval("SELECT error FROM webhook_deliveries")
    assert "sealed with a key that this process does not have" in error
    assert receiver.received == []


@given(st.integers(1, LAST_ATTEMPT), st.floats(0, 1))
def test_delays_grow_are_spread_and_add_up_to_about_a_day(attempts: int, chance: float) -> None:
    assert timedelta(seconds=4) <= delay_after(attempts, chance=chance) <= timedelta(hours=7.3)
    total = sum((delay_after(n, chance=0.5) for n in range(1, LAST_ATTEMPT)), timedelta())
    assert timedelta(hours=22) < total < timedelta(hours=26)
