"""`masterflow client`: client accounts, made by the operator of this installation."""

from typing import Annotated

import typer

from masterflow.api.clients import ClientOut, ClientsOut
from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import AsJson, with_parts
from masterflow.cli.output import print_json, print_table, say
from masterflow.orchestrator.quotas.service import QUOTA_NAMES, change_quotas
from masterflow.orchestrator.quotas.types import ClientQuotas, Quotas

app = typer.Typer(help="Client accounts. Needs the owner's connection.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its id")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it")], *, as_json: AsJson = False
) -> None:
    """Make a client."""
    client = with_parts(lambda parts: parts.operator.create_client(name))
    if as_json:
        print_json(ClientOut.of(client))
    else:
        say(f"Client '{client.name}' is made: {client.id}")


@app.command("list")
def list_clients(*, as_json: AsJson = False) -> None:
    """List the clients."""
    clients = with_parts(lambda parts: parts.operator.clients())
    if as_json:
        print_json(ClientsOut(items=[ClientOut.of(client) for client in clients]))
    else:
        print_table(
            ("name", "id", "since"), [(c.name, c.id, c.created_at) for c in clients], empty="There is no client."
        )


@app.command("quota")
def quota(
    name: Name,
    *,
    running: Annotated[
        int | None, typer.Option("--running", min=-1, help="Flows at once; 0: no limit, -1: default")
    ] = None,
    per_hour: Annotated[
        int | None,
        typer.Option("--created-per-hour", min=-1, help="Flows created in an hour; 0: no limit, -1: default"),
    ] = None,
    flows: Annotated[int | None, typer.Option("--flows", min=-1, help="Flows in all; 0: no limit, -1: default")] = None,
    as_json: AsJson = False,
) -> None:
    """Show or set what each engagement of a client may have; what is not said stays."""

    async def work(parts: Masterflow) -> tuple[ClientQuotas, Quotas]:
        client = await parts.operator.find_client(name)
        quotas = await change_quotas(
            parts.urls.owner, client.id, running=running, created_per_hour=per_hour, flows=flows
        )
        return quotas, parts.quotas

    own, defaults = with_parts(work)
    rows = [(field, getattr(own, field), getattr(defaults, field)) for field in QUOTA_NAMES]
    if as_json:
        print_json({field: {"own": mine, "default": default} for field, mine, default in rows})
        return
    print_table(
        ("what", "in force", "from"),
        [
            (field, default if mine is None else mine, "default" if mine is None else "client")
            for field, mine, default in rows
        ],
        empty="",
    )


@app.command("revoke")
def revoke(name: Name) -> None:
    """Take every membership and token of a client away. Its data stays."""

    async def work(parts: Masterflow) -> None:
        await parts.operator.close_client(await parts.operator.find_client(name))

    with_parts(work)
    say(f"Nobody can enter client '{name}' any more.")
