"""The commands together, and the boundary around them: errors become a sentence on standard error and exit code 1."""

import sys
from typing import Annotated

import typer

from masterflow import __version__
from masterflow.cli import client, database, doctor, engagement, estate, flow, gate, serving, token, user
from masterflow.cli.assess import assess_app
from masterflow.cli.demo import demo
from masterflow.cli.inventory import inventory_app
from masterflow.cli.output import note
from masterflow.cli.plan import plan_app
from masterflow.cli.quickstart import quickstart
from masterflow.errors import MasterflowError
from masterflow.logs import configure_logs, get_logger

HELP = """Cloud migration programmes as flows: discovery, assessment, planning.

Commands act with MASTERFLOW_TOKEN, or without one as a local operator: as the member that --as and --engagement name,
or who is remembered in DATA_DIR/cli.json. Exit codes: 0 done, 1 refused or failed with a sentence, 2 wrong usage.
"""

app = typer.Typer(
    help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
)
app.command("quickstart")(quickstart)
app.command("demo")(demo)
app.command("up")(serving.up)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.add_typer(database.app, name="db")
app.add_typer(client.app, name="client")
app.add_typer(engagement.app, name="engagement")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(flow.app, name="flow")
app.add_typer(gate.app, name="gate")
inventory_app.command("import")(estate.import_files)
inventory_app.command("list")(estate.list_assets)
app.add_typer(inventory_app, name="inventory")
app.add_typer(assess_app, name="assess")
app.add_typer(plan_app, name="plan")
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"masterflow {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end")
    ] = False,
) -> None:
    """Hold the options that belong to no command."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command and answer its exit code."""
    configure_logs(level="WARNING")
    try:
        app(arguments, prog_name="masterflow")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except MasterflowError as error:
        note(f"masterflow: {error.message}")
        if error.hint:
            note(error.hint)
    except Exception as error:  # boundary: one command  # noqa: BLE001
        get_logger(__name__).debug("command broke", exc_info=True)
        note(f"masterflow: something broke that should not have: {type(error).__name__}: {error}")
        note("Set MASTERFLOW_LOG_LEVEL=DEBUG to see where.")
    return 1
