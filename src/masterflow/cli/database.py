"""`masterflow db`: the database's version, its three roles and its backups."""

import sys
from typing import Annotated

import typer

from masterflow.bootstrap import database_server
from masterflow.cli import backups
from masterflow.cli.acting import AsJson, with_parts
from masterflow.cli.output import print_json, say
from masterflow.config import Settings
from masterflow.db import migrate as migrations
from masterflow.db.rls import APP_ROLE, ENGINE_ROLE, MIGRATE_ROLE
from masterflow.errors import Conflict
from masterflow.orchestrator.analytics import recount as analytics

app = typer.Typer(help="The database: its version, its roles, its backups.", no_args_is_help=True)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("verify")(backups.verify)

_ROLES = (
    (APP_ROLE, "MASTERFLOW_DATABASE_APP_URL", "requests and phase bodies; sees the tenant of its transaction"),
    (
        ENGINE_ROLE,
        "MASTERFLOW_DATABASE_ENGINE_URL",
        "moves every tenant's flows; sees the flows' tables of all tenants",
    ),
    (MIGRATE_ROLE, "MASTERFLOW_DATABASE_MIGRATE_URL", "owns the tables; migrates, makes clients and people"),
)


@app.command("migrate")
def migrate(
    *,
    post: Annotated[
        bool, typer.Option("--post", help="Also what takes away; refused while processes of another version run")
    ] = False,
) -> None:
    """Make the roles where that is allowed, and bring the database to the newest version; safe to repeat, and while
    older processes work."""
    with database_server(Settings.from_environment()) as urls:
        done = migrations.migrate(urls, post=post)
        left = migrations.waiting(urls)
    say(f"Migrated: {', '.join(done)}." if done else "The database is at the newest version.")
    if left:
        say(f"Left: {', '.join(left)}. Run `masterflow db migrate --post` when no older process runs.")


@app.command("status")
def status(*, as_json: AsJson = False) -> None:
    """Say at which version the database is; exit code 1 when it is not the newest."""
    with database_server(Settings.from_environment()) as urls:
        applied, newest = migrations.status(urls)
    if as_json:
        print_json({"applied": applied, "newest": newest, "current": migrations.is_current(applied)})
    else:
        say(f"The database is at version {applied or 'none'}; the newest is {newest}.")
    if not migrations.is_current(applied):
        raise Conflict("The database is not at the newest version.", hint="Run `masterflow db migrate`.")


@app.command("recount")
def recount(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Put the new count in the place of what was kept")] = False,
    as_json: AsJson = False,
) -> None:
    """Count what flows did anew from all history, and say where the counters differ; exit code 1 if they do.

    Events wait to be passed on meanwhile: about a minute for each million.
    """
    found = with_parts(lambda parts: analytics.recount(parts.database, repair=repair))
    if as_json:
        print_json({"events": found.events, "rows": found.rows, "differences": list(found.differences)})
    else:
        for difference in found.differences:
            say(difference)
        say(f"{found.events:,} events give {found.rows:,} rows; {len(found.differences):,} differ from what was kept.")
    if found.differences and not repair:
        raise Conflict("The counters differ from the history.", hint="Run `masterflow db recount --repair`.")


@app.command("roles")
def roles(*, as_json: AsJson = False) -> None:
    """Print the SQL that makes the three roles, for an administrator to run in the database; --json names them."""
    if as_json:
        print_json({"items": [{"role": role, "setting": setting, "may": may} for role, setting, may in _ROLES]})
    else:
        sys.stdout.write(_roles_sql())


def _roles_sql() -> str:
    lines = [f"-- {role}: {may}.\n-- Its connection is the setting {setting}." for role, setting, may in _ROLES]
    made = [f"{migrations.role_sql('CREATE', role, f'<password of {role}>')};" for role, _, _ in _ROLES]
    head = "-- Run in Masterflow's own database as a role that may create roles, with passwords of your own."
    granted = ["DO $$ BEGIN", f"  EXECUTE format('{migrations.DATABASE_GRANT}', current_database());", "END $$;"]
    return "\n".join([head, *lines, "", *made, *granted, f"{migrations.SCHEMA_GRANT};"]) + "\n"
