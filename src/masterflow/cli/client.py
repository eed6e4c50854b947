"""`masterflow client`: client accounts, made by the operator of this installation."""

from typing import Annotated

import typer

from masterflow.api.clients import ClientOut, ClientsOut
from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import AsJson, with_parts
from masterflow.cli.output import print_json, print_table, say

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


@app.command("revoke")
def revoke(name: Name) -> None:
    """Take every membership and token of a client away. Its data stays."""

    async def work(parts: Masterflow) -> None:
        await parts.operator.close_client(await parts.operator.find_client(name))

    with_parts(work)
    say(f"Nobody can enter client '{name}' any more.")
