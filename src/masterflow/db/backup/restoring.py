"""Restoring a backup into a folder that holds nothing yet."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from masterflow.db.backup.manifest import Manifest
from masterflow.db.backup.programs import Tell
from masterflow.db.backup.taking import PASSWORD
from masterflow.db.backup.verifying import checked, opened, unpack, unpack_database
from masterflow.db.embedded import EmbeddedPostgres
from masterflow.errors import Conflict

POSTGRES = "postgres"
FILES = "artifacts"


def restore(backup: Path, target: Path, *, tell: Tell) -> Manifest:
    """Restore a backup as the data folder `target`, which must not hold data; all is verified before it appears there.

    Raises:
        Conflict: `target` holds data, or a server runs on it.
        InvalidInput: the backup is damaged.
        Unavailable: no programs fit its Postgres.
    """
    refuse_live(target)
    with opened(backup) as folder:
        manifest = checked(folder, tell=tell)
        with _growing(target) as new:
            server = new / POSTGRES
            server.mkdir()
            unpack_database(folder, server / "pgdata", manifest, tell=tell)
            if manifest.embedded:
                (server / PASSWORD).touch(mode=0o600)
                shutil.copyfile(folder / PASSWORD, server / PASSWORD)
            if manifest.artifacts is not None:
                tell("Uploads and artifacts are unpacked.")
                unpack(folder / manifest.artifacts, new / FILES)
            refuse_live(target)
    EmbeddedPostgres(target / POSTGRES).adopt()
    return manifest


def refuse_live(target: Path) -> None:
    """Refuse a data folder that holds anything: what is there is never overwritten.

    Raises:
        Conflict: it does.
    """
    hint = "Restore into a new folder with --into, then set MASTERFLOW_DATA_DIR to it; or move the old one away first."
    server = EmbeddedPostgres(target / POSTGRES)
    if server.runs:
        raise Conflict(f"A server runs on the data in {target}.", hint=hint)
    if server.exists:
        raise Conflict(f"{target} holds a database.", hint=hint)
    if target.exists() and not target.is_dir():
        raise Conflict(f"{target} is no folder.", hint=hint)
    if target.is_dir() and any(target.iterdir()):
        raise Conflict(f"{target} is not empty.", hint=hint)


@contextmanager
def _growing(target: Path) -> Iterator[Path]:
    """A folder beside `target` that takes its place when the block ends without an error, and is gone otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.parent / f".{target.name}.{uuid4().hex[:8]}.part"
    folder.mkdir()  # with the usual rights: the server's user has to enter it
    try:
        yield folder
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
