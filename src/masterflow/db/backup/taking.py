"""Taking a backup of a database that goes on working."""

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL

from masterflow import __version__
from masterflow.db.backup.manifest import Manifest, backed_up
from masterflow.db.backup.programs import Programs, Tell, as_text, programs_for
from masterflow.errors import Conflict, InvalidInput, Unavailable

ARTIFACTS = "artifacts.tar"
DATABASE = "database"
PASSWORD = "password"  # noqa: S105  a file's name
FILE_SUFFIX = ".tar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is backed up. `url` is of a role that may replicate; `artifacts` is a folder of this machine, or None when
    they stay at `artifacts_url`; `password` is the embedded server's file, None for a server of your own."""

    url: URL
    artifacts: Path | None
    artifacts_url: str | None = None
    password: Path | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """What a running server says of itself."""

    version: str
    major: int
    revision: str | None


def take(source: Source, target: Path, *, tell: Tell) -> Manifest:
    """Write a backup to `target`, a new folder, or one file when it ends in `.tar`; it appears only when it is whole.

    The database is copied first and the artifacts after it: whatever a row names is then there.

    Raises:
        Conflict: `target` exists.
        InvalidInput: the server keeps data outside its own folder.
        Unavailable: the server does not answer, its role may not replicate, or no programs fit its version.
    """
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise Conflict(f"{target} exists.", hint="Name a new folder or file; a backup overwrites nothing.")
    server = ask_server(source.url)
    programs = programs_for(server.major)
    with _growing(target) as folder:
        _copy_database(programs, source.url, folder / DATABASE, tell)
        if source.artifacts is not None:
            tell("Uploads and artifacts are copied.")
            _pack(source.artifacts, folder / ARTIFACTS)
        if source.password is not None:
            _copy_secret(source.password, folder / PASSWORD)
        tell("Checksums are computed.")
        manifest = Manifest(
            made_at=datetime.now(UTC),
            made_by=__version__,
            postgres=server.version,
            revision=server.revision,
            embedded=source.password is not None,
            artifacts=ARTIFACTS if source.artifacts is not None else None,
            artifacts_url=source.artifacts_url if source.artifacts is None else None,
            files=backed_up(folder),
        )
        manifest.write(folder)
    return manifest


def ask_server(url: URL) -> Server:
    """What the server is, after a look at whether all its data lies in one folder.

    Raises:
        InvalidInput: it has tablespaces of its own.
        Unavailable: it does not answer.
    """
    try:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
            version = connection.info.server_version
            spaces = connection.execute("SELECT spcname FROM pg_tablespace WHERE spcname !~ '^pg_'").fetchall()
            known = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
            revision = (
                connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
                if known and known[0]
                else None
            )
    except psycopg.Error as error:
        raise Unavailable(
            f"Postgres at {url.host}:{url.port} does not answer as {url.username}: {error}.",
            hint="Set MASTERFLOW_DATABASE_BACKUP_URL to a role with LOGIN and REPLICATION.",
        ) from error
    if spaces:
        raise InvalidInput(
            f"The server keeps data in tablespaces outside its folder: {', '.join(name for (name,) in spaces)}.",
            hint="Back it up with pg_basebackup and its --tablespace-mapping by hand.",
        )
    return Server(f"{version // 10_000}.{version % 10_000}", version // 10_000, revision[0] if revision else None)


def _copy_database(programs: Programs, url: URL, folder: Path, tell: Tell) -> None:
    programs.run(
        "pg_basebackup",
        [
            *("--dbname", as_text(url), "--pgdata", str(folder), "--format", "tar", "--wal-method", "stream"),
            *("--checkpoint", "fast", "--manifest-checksums", "SHA256", "--label", "masterflow"),
            *("--progress", "--no-password"),
        ],
        url=url,
        tell=tell,
    )


def _pack(folder: Path, target: Path) -> None:
    with tarfile.open(target, "w") as archive:
        if folder.is_dir():
            archive.add(folder, arcname=".", filter=_whole)


def _whole(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Everything but files that are still being written."""
    return None if entry.name.endswith(".part") else entry


def _copy_secret(path: Path, target: Path) -> None:
    target.touch(mode=0o600)
    shutil.copyfile(path, target)


@contextmanager
def _growing(target: Path) -> Iterator[Path]:
    """A folder beside `target` that takes its place when the block ends without an error, and is gone otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.parent / f".{target.name}.{uuid4().hex[:8]}.part"
    folder.mkdir(mode=0o700)
    packed = folder.with_suffix(".packed")
    try:
        yield folder
        if target.suffix == FILE_SUFFIX:
            packed.touch(mode=0o600)
            _pack(folder, packed)
            packed.rename(target)
        else:
            folder.rename(target)
    finally:
        packed.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
