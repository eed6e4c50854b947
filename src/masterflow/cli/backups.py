"""`masterflow db backup`, `restore` and `verify`: the database and its files, kept, brought back, and looked at."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import URL, make_url

from masterflow.bootstrap import database_server, embedded_server
from masterflow.cli.acting import AsJson
from masterflow.cli.output import note, print_json, print_table, say
from masterflow.config import Settings
from masterflow.db import backup as backups
from masterflow.db.checking import Looked, check_live
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import ConfigurationInvalid, Conflict

Kept = Annotated[Path, typer.Argument(metavar="FOLDER_OR_FILE", help="A backup; one file when it ends in .tar")]


def backup(target: Kept, *, as_json: AsJson = False) -> None:
    """Copy the database, uploads and artifacts while everything goes on working; a backup holds secrets, keep it so."""
    settings = Settings.from_environment()
    with database_server(settings) as urls:
        manifest = backups.take(_source(settings, urls), target, tell=note)
    if as_json:
        print_json(manifest)
        return
    say(f"{target} holds Postgres {manifest.postgres} at version {manifest.revision}: {manifest.size_bytes:,} bytes.")
    if manifest.artifacts_url:
        say(f"Uploads and artifacts stay at {manifest.artifacts_url}: back them up there.")


def restore(
    kept: Kept,
    *,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="A new data folder; else MASTERFLOW_DATA_DIR")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a backup and restore it as a data folder that holds nothing yet; live data is never overwritten."""
    target = into or Settings.from_environment().data_dir
    manifest = backups.restore(kept, target, tell=note)
    if as_json:
        print_json(manifest)
        return
    say(f"Restored what was backed up at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC into {target}.")
    if manifest.embedded:
        say(f"Start it with MASTERFLOW_DATA_DIR={target.absolute()}.")
    else:
        say(f"Start Postgres {manifest.postgres_major} on {target.absolute() / 'postgres' / 'pgdata'}.")


def verify(
    kept: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER_OR_FILE]", help="A backup; without one, the live database")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Look whether a backup is whole, or the live database sound; exit code 1 when something is wrong."""
    if kept is None:
        _verify_live(as_json=as_json)
        return
    manifest = backups.verify(kept, tell=note)
    if as_json:
        print_json(manifest)
    else:
        say(
            f"{kept} is whole: {len(manifest.files)} files, {manifest.size_bytes:,} bytes, version {manifest.revision}."
        )


def _verify_live(*, as_json: bool) -> None:
    settings = Settings.from_environment()
    files = None if settings.artifacts_url else settings.data_dir / "artifacts"
    with database_server(settings) as urls:
        looked = list(check_live(_admin(settings, urls), urls.engine, files=files, tell=note))
    if as_json:
        print_json({"items": [asdict(one) for one in looked]})
    else:
        print_table(
            ("", "what", "found", "fix"), [(_mark(one), one.name, one.says, one.fix) for one in looked], empty=""
        )
    if any(one.ok is False for one in looked):
        raise Conflict("The database is not sound.", hint="See above for each finding.")


def _mark(one: Looked) -> str:
    return {True: "ok", False: "WRONG", None: "-"}[one.ok]


def _source(settings: Settings, urls: DatabaseUrls) -> backups.Source:
    admin = _admin(settings, urls)
    if admin is None:
        raise ConfigurationInvalid(
            "This process was given no connection that may replicate.",
            hint="Set MASTERFLOW_DATABASE_BACKUP_URL to a role with LOGIN and REPLICATION.",
        )
    embedded = embedded_server(settings) if settings.database_is_embedded else None
    return backups.Source(
        url=admin,
        artifacts=None if settings.artifacts_url else settings.data_dir / "artifacts",
        artifacts_url=settings.artifacts_url,
        password=embedded.password_file if embedded else None,
    )


def _admin(settings: Settings, urls: DatabaseUrls) -> URL | None:
    if settings.database_backup_url is not None:
        return make_url(settings.database_backup_url.get_secret_value()).set(drivername="postgresql")
    return urls.admin
