"""People manage the webhooks of their own engagement; secrets are seen once and kept sealed."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import ConfigurationInvalid, InvalidInput, NotAllowed, NotFound
from masterflow.orchestrator.webhooks import WebhookService
from masterflow.orchestrator.webhooks.service import MOST_WEBHOOKS
from tests.conftest import Cast
from tests.orchestrator.webhooks.conftest import REGISTRY

URL = "https://hooks.example/in"


async def test_a_webhook_is_made_changed_and_deleted(webhooks: WebhookService, cast: Cast) -> None:
    issued = await webhooks.create(
        cast.lead, URL, kinds=["flow_failed", "flow_created", "flow_failed"], description=" why "
    )
    made = issued.webhook
    assert (made.kinds, made.flow_types, made.description, made.active) == (
        *(("flow_created", "flow_failed"), (), "why", True),
    )
    assert issued.secret.startswith("whsec_")
    changed = await webhooks.change(
        cast.lead, made.id, url=URL + "/2", kinds=[], flow_types=["other"], description="", active=False
    )
    assert (changed.url, changed.kinds, changed.flow_types, changed.active) == (URL + "/2", (), ("other",), False)
    assert await webhooks.list(cast.lead) == (changed,)
    assert (await webhooks.delete(cast.lead, made.id)).id == made.id
    assert await webhooks.list(cast.lead) == ()


async def test_the_database_never_holds_a_secret_in_the_clear(
    webhooks: WebhookService, database: Database, cast: Cast
) -> None:
    issued = await webhooks.create(cast.lead, URL)
    await webhooks.rotate(cast.lead, issued.webhook.id)
    async with database.moving() as connection:
        text = await connection.fetchval("SELECT to_jsonb(w)::text FROM webhooks w")
    assert issued.secret.removeprefix("whsec_")[:20] not in text
    assert issued.secret not in repr(await webhooks.list(cast.lead))


async def test_another_tenant_sees_and_moves_nothing(webhooks: WebhookService, cast: Cast) -> None:
    made = (await webhooks.create(cast.lead, URL)).webhook
    delivery = await webhooks.test(cast.lead, made.id)
    out = cast.outsider
    assert await webhooks.list(out) == ()
    for call in (
        webhooks.get(out, made.id),
        webhooks.change(out, made.id, active=False),
        webhooks.delete(out, made.id),
        webhooks.rotate(out, made.id),
        webhooks.test(out, made.id),
        webhooks.deliveries(out, made.id),
        webhooks.replay(out, made.id, delivery.id),
        webhooks.replay_after(out, made.id, datetime(2026, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(NotFound):
            await call
    assert await webhooks.get(cast.lead, made.id) == made


async def test_who_does_not_manage_webhooks_may_not_even_read_them(webhooks: WebhookService, cast: Cast) -> None:
    some = uuid4()
    for call in (
        webhooks.list(cast.approver),
        webhooks.create(cast.approver, URL),
        webhooks.get(cast.approver, some),
        webhooks.change(cast.approver, some, active=True),
        webhooks.delete(cast.approver, some),
        webhooks.rotate(cast.approver, some),
        webhooks.test(cast.approver, some),
        webhooks.deliveries(cast.approver, some),
        webhooks.replay(cast.approver, some, some),
        webhooks.replay_after(cast.approver, some, datetime(2026, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(NotAllowed):
            await call


async def test_without_a_key_a_webhook_is_refused_with_what_to_set(database: Database, cast: Cast) -> None:
    with pytest.raises(ConfigurationInvalid, match="MASTERFLOW_ENCRYPTION_KEY is not set"):
        await WebhookService(database, None, registry=REGISTRY).create(cast.lead, URL)


async def test_what_cannot_be_used_is_refused(webhooks: WebhookService, cast: Cast) -> None:
    made = (await webhooks.create(cast.lead, URL)).webhook
    for call in (
        webhooks.create(cast.lead, "ftp://hooks.example/"),
        webhooks.create(cast.lead, URL, kinds=["flow_created"] * 51),
        webhooks.create(cast.lead, URL, flow_types=["f"] * 51),
        webhooks.create(cast.lead, URL, description="d" * 201),
        webhooks.change(cast.lead, made.id),
        webhooks.change(cast.lead, made.id, url="https://10.0.0.1:22/"),
        webhooks.replay_after(cast.lead, made.id, datetime(2026, 1, 1)),  # noqa: DTZ001  the point
    ):
        with pytest.raises(InvalidInput):
            await call
    with pytest.raises(NotFound, match="no such delivery"):
        await webhooks.replay(cast.lead, made.id, uuid4())


async def test_a_filter_that_would_match_nothing_is_refused_by_name(webhooks: WebhookService, cast: Cast) -> None:
    made = (await webhooks.create(cast.lead, URL)).webhook
    for given, said, hint in (
        (
            {"kinds": ["flow_created", "gate_aproved"]},
            "no kind of event 'gate_aproved'",
            "Did you mean 'gate_approved'?",
        ),
        ({"kinds": ["x"]}, "no kind of event 'x'", "There are flow_created, "),
        ({"flow_types": ["empty", "othr"]}, "no flow type 'othr'", "Did you mean 'other'?"),
    ):
        for call in (webhooks.create(cast.lead, URL, **given), webhooks.change(cast.lead, made.id, **given)):
            with pytest.raises(InvalidInput, match=said) as refused:
                await call
            assert hint in str(refused.value.hint)
    assert await webhooks.list(cast.lead) == (made,)


async def test_an_engagement_has_so_many_and_no_more(webhooks: WebhookService, cast: Cast) -> None:
    for _ in range(MOST_WEBHOOKS):
        await webhooks.create(cast.lead, URL)
    with pytest.raises(InvalidInput, match=f"There are {MOST_WEBHOOKS} webhooks"):
        await webhooks.create(cast.lead, URL)


async def test_deliveries_are_paged_newest_first(webhooks: WebhookService, cast: Cast) -> None:
    made = (await webhooks.create(cast.lead, URL)).webhook
    sent = [(await webhooks.test(cast.lead, made.id)).id for _ in range(3)]
    first = await webhooks.deliveries(cast.lead, made.id, limit=2)
    rest = await webhooks.deliveries(cast.lead, made.id, limit=2, cursor=first.cursor)
    assert [d.id for d in (*first.items, *rest.items)] == sent[::-1]
    assert rest.cursor is None
