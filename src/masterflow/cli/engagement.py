"""`masterflow engagement`: migration programmes of clients."""

from enum import StrEnum
from typing import Annotated

import typer

from masterflow.api.engagements import EngagementOut
from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import AsJson, In, engagement_meant, remember, with_parts
from masterflow.cli.output import print_json, print_table, say
from masterflow.errors import InvalidInput, NotFound
from masterflow.tenancy.types import Client, Engagement

app = typer.Typer(
    help="Engagements: migration programmes of clients. Needs the owner's connection.", no_args_is_help=True
)


class SelfApproval(StrEnum):
    """The policy of an engagement for people who approve what they started."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    WHILE_ALONE = "while-alone"


_POLICY = {SelfApproval.ALLOWED: True, SelfApproval.FORBIDDEN: False, SelfApproval.WHILE_ALONE: None}


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it")],
    *,
    client: Annotated[
        str | None, typer.Option("--client", help="Its client: name or id; needed when there are several")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Open an engagement of a client."""

    async def work(parts: Masterflow) -> Engagement:
        made = await parts.operator.create_engagement(await _client(parts, client), name)
        remember(parts.settings, engagement=made.id)
        return made

    engagement = with_parts(work)
    if as_json:
        print_json(EngagementOut.of(engagement))
    else:
        say(f"Engagement '{engagement.name}' is open: {engagement.id}")


@app.command("list")
def list_engagements(*, as_json: AsJson = False) -> None:
    """List the engagements of every client."""
    known = with_parts(lambda parts: parts.operator.engagements())
    if as_json:
        print_json({"items": [{**EngagementOut.of(e).model_dump(mode="json"), "client": c.name} for c, e in known]})
    else:
        rows = [(c.name, e.name, e.id, e.created_at) for c, e in known]
        print_table(("client", "engagement", "id", "since"), rows, empty="There is no engagement.")


@app.command("policy")
def policy(
    self_approval: Annotated[SelfApproval, typer.Argument(help="Whether people may approve what they started")],
    *,
    engagement: In = None,
) -> None:
    """Decide whether people may approve what they started; `while-alone` is the default."""

    async def work(parts: Masterflow) -> Engagement:
        meant = await engagement_meant(parts, engagement)
        return await parts.operator.set_self_approval(meant.tenant, _POLICY[self_approval])

    say(f"In '{with_parts(work).name}' self-approval is now: {self_approval.value}.")


@app.command("revoke")
def revoke(name: Annotated[str, typer.Argument(metavar="NAME", help="Name, CLIENT/NAME or id")]) -> None:
    """Take every membership and token of an engagement away. Its data stays."""

    async def work(parts: Masterflow) -> None:
        found = await parts.operator.find_engagement(name)
        await parts.operator.close_engagement(found.tenant)

    with_parts(work)
    say(f"Nobody can enter engagement '{name}' any more, but members of the whole client.")


async def _client(parts: Masterflow, wanted: str | None) -> Client:
    if wanted is not None:
        return await parts.operator.find_client(wanted)
    clients = await parts.operator.clients()
    if len(clients) == 1:
        return clients[0]
    if not clients:
        raise NotFound("There is no client yet.", hint="Make one: `masterflow client create NAME`.")
    raise InvalidInput(f"There are {len(clients)} clients.", hint="Say which with --client NAME.")
