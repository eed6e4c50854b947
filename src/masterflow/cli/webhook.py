"""`masterflow webhook`: who is told of events over HTTP, and what became of each telling."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.webhooks import DeliveriesOut, DeliveryOut, IssuedWebhookOut, WebhookOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.moments import FORMATS, in_utc
from masterflow.cli.output import note, print_fields, print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.orchestrator.webhooks.types import Delivery, DeliveryPage, DeliveryState, IssuedWebhook, Webhook

app = typer.Typer(help="Webhooks: tell other programs of events, signed.", no_args_is_help=True)

WebhookId = Annotated[UUID, typer.Argument(metavar="WEBHOOK", help="The id that `webhook list` shows")]


@app.command("create")
def create(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to: https://…, a public host")],
    *,
    kind: Annotated[
        list[str], typer.Option("--kind", help="Only events of this kind, such as gate_approved; may be repeated")
    ] = [],  # noqa: B006 - typer's way of saying "may be repeated"
    flow_type: Annotated[
        list[str], typer.Option("--flow-type", help="Only events of flows of this type; may be repeated")
    ] = [],  # noqa: B006 - the same
    description: Annotated[str, typer.Option("--description", help="What it is for")] = "",
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Tell a URL of events from now on; the secret that signs them is printed now and never again."""

    async def work(here: Here) -> IssuedWebhook:
        return await here.parts.webhooks.create(
            here.actor, url, kinds=kind, flow_types=flow_type, description=description
        )

    _print_issued(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("list")
def list_webhooks(*, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """List the webhooks of an engagement; never their secrets."""

    async def work(here: Here) -> tuple[Webhook, ...]:
        return await here.parts.webhooks.list(here.actor)

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json({"items": [WebhookOut.of(webhook).model_dump(mode="json") for webhook in found]})
        return
    rows = [(w.id, w.url, ", ".join(w.kinds), ", ".join(w.flow_types), w.active, w.paused_because) for w in found]
    print_table(("id", "url", "kinds", "flow types", "active", "why not"), rows, empty="There is no webhook.")


@app.command("show")
def show(webhook_id: WebhookId, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Show one webhook."""

    async def work(here: Here) -> Webhook:
        return await here.parts.webhooks.get(here.actor, webhook_id)

    found = WebhookOut.of(act(work, as_=as_, engagement=engagement))
    if as_json:
        print_json(found)
    else:
        print_fields(found.model_dump())


@app.command("pause")
def pause(webhook_id: WebhookId, *, as_: As = None, engagement: In = None) -> None:
    """Send nothing until it is resumed; events of that time are not kept for it."""
    _set_active(webhook_id, active=False, as_=as_, engagement=engagement)
    say("The webhook is paused.")


@app.command("resume")
def resume(webhook_id: WebhookId, *, as_: As = None, engagement: In = None) -> None:
    """Let a paused webhook go on; what was waiting is sent."""
    _set_active(webhook_id, active=True, as_=as_, engagement=engagement)
    say("The webhook is active.")


@app.command("delete")
def delete(webhook_id: WebhookId, *, as_: As = None, engagement: In = None) -> None:
    """Remove a webhook with all its deliveries."""

    async def work(here: Here) -> Webhook:
        return await here.parts.webhooks.delete(here.actor, webhook_id)

    say(f"The webhook to {act(work, as_=as_, engagement=engagement).url} is deleted.")


@app.command("rotate")
def rotate(webhook_id: WebhookId, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Make a new secret, printed now and never again; for a day requests carry both signatures."""

    async def work(here: Here) -> IssuedWebhook:
        return await here.parts.webhooks.rotate(here.actor, webhook_id)

    _print_issued(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("test")
def send_test(webhook_id: WebhookId, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Send a test; `webhook deliveries` says what became of it."""

    async def work(here: Here) -> Delivery:
        await here.note_missing_worker()
        return await here.parts.webhooks.test(here.actor, webhook_id)

    _print_delivery(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("deliveries")
def deliveries(
    webhook_id: WebhookId,
    *,
    state: Annotated[DeliveryState | None, typer.Option("--state", help="Only those in this state")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="How many to show")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue the page before")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List what was sent or is to be, newest first."""

    async def work(here: Here) -> DeliveryPage:
        return await here.parts.webhooks.deliveries(here.actor, webhook_id, state=state, cursor=cursor, limit=limit)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(DeliveriesOut(items=[DeliveryOut.of(one) for one in page.items], cursor=page.cursor))
        return
    rows = [(d.id, d.kind, d.state, d.attempts, d.status_code, d.duration_ms, d.error) for d in page.items]
    columns = ("id", "kind", "state", "attempts", "answer", "ms", "error")
    print_table(columns, rows, empty="Nothing was to be sent.")
    if page.cursor:
        note(f"More: --cursor {page.cursor}")


@app.command("replay")
def replay(
    webhook_id: WebhookId,
    *,
    delivery: Annotated[UUID | None, typer.Option("--delivery", help="Only this delivery")] = None,
    after: Annotated[
        datetime | None,
        typer.Option("--after", formats=FORMATS, help="All made after this moment, in UTC"),
    ] = None,
    as_: As = None,
    engagement: In = None,
) -> None:
    """Send one delivery again, or all since a moment; a receiver sees the ids it knows."""
    if (delivery is None) == (after is None):
        raise typer.BadParameter("Give --delivery or --after, one of them.")
    since = in_utc(after) or datetime.now(UTC)

    async def work(here: Here) -> int:
        if delivery is not None:
            await here.parts.webhooks.replay(here.actor, webhook_id, delivery)
            return 1
        return await here.parts.webhooks.replay_after(here.actor, webhook_id, since)

    say(f"Sent again: {act(work, as_=as_, engagement=engagement)}.")


def _set_active(webhook_id: UUID, *, active: bool, as_: str | None, engagement: str | None) -> None:
    async def work(here: Here) -> Webhook:
        return await here.parts.webhooks.change(here.actor, webhook_id, active=active)

    act(work, as_=as_, engagement=engagement)


def _print_issued(issued: IssuedWebhook, *, as_json: bool) -> None:
    if as_json:
        print_json(IssuedWebhookOut.of(issued))
        return
    say(issued.secret)
    note(
        f"It signs what is sent to {issued.webhook.url} (webhook {issued.webhook.id}). Keep it: it is not shown again."
    )


def _print_delivery(delivery: Delivery, *, as_json: bool) -> None:
    shown = DeliveryOut.of(delivery)
    if as_json:
        print_json(shown)
    else:
        print_fields(shown.model_dump())
