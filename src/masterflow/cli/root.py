"""The commands together, and the boundary around them: errors become a sentence on standard error and exit code 1."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated

import typer

from masterflow import __version__
from masterflow.cli.output import note
from masterflow.config import LogSettings
from masterflow.db.text import WHY_UNKEPT, is_kept, printable
from masterflow.errors import InvalidInput, MasterflowError
from masterflow.logs import configure_logs, get_logger

VERSION = f"masterflow {__version__}"
HELP = """Cloud migration programmes as flows: discovery, assessment, planning.

Commands act with MASTERFLOW_TOKEN, or without one as a local operator: as the member that --as and --engagement name,
or who is remembered in DATA_DIR/cli.json. Exit codes: 0 done, 1 refused or failed with a sentence, 2 wrong usage.
"""

# Where each command lives: importing all of them takes seconds, so only the one that is asked for is imported.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "quickstart": ("quickstart", "quickstart"),
    "demo": ("demo", "demo"),
    "up": ("serving", "up"),
    "serve": ("serving", "serve"),
    "worker": ("serving", "worker"),
    "db": ("database", "app"),
    "client": ("client", "app"),
    "engagement": ("engagement", "app"),
    "user": ("user", "app"),
    "token": ("token", "app"),
    "session": ("session", "app"),
    "flow": ("flow", "app"),
    "gate": ("gate", "app"),
    "schedule": ("schedule", "app"),
    "calendar": ("calendar", "app"),
    "view": ("view", "app"),
    "webhook": ("webhook", "app"),
    "inventory": ("estate", "inventory_app"),
    "dependencies": ("dependencies", "app"),
    "assess": ("assess", "assess_app"),
    "plan": ("plan", "plan_app"),
    "audit": ("audit", "app"),
    "doctor": ("doctor", "doctor"),
}


def commands(*names: str) -> typer.Typer:
    """The command line with only these commands in it; with none named, with all."""
    app = typer.Typer(
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        callback=root,
    )
    for name in names or COMMANDS:
        module, attribute = COMMANDS[name]
        found = getattr(import_module(f"masterflow.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


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
    try:
        _configure_logs(arguments)
        _refuse_unkept_text(arguments)
        if arguments == ["--version"]:  # without the seconds that every command takes to import
            typer.echo(VERSION)
            return 0
        asked = [argument for argument in arguments[:1] if argument in COMMANDS]
        commands(*asked)(arguments, prog_name="masterflow")
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


def _configure_logs(arguments: list[str]) -> None:
    """A command speaks for itself; its log is for who asks for it. A command that stays configures its own.

    Raises:
        ConfigurationInvalid: a setting that concerns the log does not fit.
    """
    configure_logs(level="WARNING")
    if arguments[:1] == ["doctor"]:  # it tells of every setting that does not fit
        return
    settings = LogSettings.from_environment()
    configure_logs(settings.log_format, settings.log_level if "log_level" in settings.model_fields_set else "WARNING")


def _refuse_unkept_text(arguments: list[str]) -> None:
    for argument in arguments:
        if not is_kept(argument):
            raise InvalidInput(f"'{printable(argument)}' {WHY_UNKEPT}.", hint="Type it anew; names are UTF-8 text.")
