"""Whether a backup is as it was written, without touching anything else."""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from masterflow.db.backup.manifest import Manifest, damaged
from masterflow.db.backup.programs import Tell, programs_for
from masterflow.db.backup.taking import DATABASE
from masterflow.errors import InvalidInput, Unavailable

BASE = "base.tar"
WAL = "pg_wal.tar"
BACKUP_MANIFEST = "backup_manifest"


def verify(backup: Path, *, tell: Tell) -> Manifest:
    """Compare every byte of a backup with its checksums, unpack it beside itself, and let pg_verifybackup read it.

    Raises:
        InvalidInput: it is no backup, or it is damaged; the message names the file.
        Unavailable: no programs fit its Postgres.
    """
    with opened(backup) as folder, scratch(backup.parent) as room:
        manifest = checked(folder, tell=tell)
        unpack_database(folder, room / "pgdata", manifest, tell=tell)
        return manifest


def checked(folder: Path, *, tell: Tell) -> Manifest:
    """The manifest of a backup whose files all agree with it.

    Raises:
        InvalidInput: one does not.
    """
    manifest = Manifest.read(folder)
    tell(f"{len(manifest.files)} files are compared with their checksums.")
    problems = list(manifest.problems(folder))
    if problems:
        raise InvalidInput(
            f"The backup is damaged: {'; '.join(problems)}.", hint="Use another backup; this one is no good."
        )
    return manifest


def unpack_database(folder: Path, data: Path, manifest: Manifest, *, tell: Tell) -> None:
    """Unpack the cluster to `data` and let pg_verifybackup compare each file, and follow the write-ahead log.

    Raises:
        InvalidInput: it found something.
        Unavailable: no programs fit the Postgres of this backup.
    """
    programs = programs_for(manifest.postgres_major)
    tell("The database is unpacked.")
    data.mkdir(mode=0o700)
    unpack(folder / DATABASE / BASE, data)
    unpack(folder / DATABASE / WAL, data / "pg_wal")
    shutil.copyfile(folder / DATABASE / BACKUP_MANIFEST, data / BACKUP_MANIFEST)
    tell("pg_verifybackup reads it.")
    try:
        programs.run("pg_verifybackup", ["--quiet", str(data)])
    except Unavailable as error:
        raise damaged(folder / DATABASE, f"is refused: {error.message}") from error


def unpack(archive: Path, target: Path) -> None:
    """Unpack a tar of ours; nothing in it can reach outside `target`.

    Raises:
        InvalidInput: it cannot be read.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as opened_archive:
            opened_archive.extractall(target, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise damaged(archive, f"cannot be unpacked: {error}") from error


@contextmanager
def opened(backup: Path) -> Iterator[Path]:
    """The folder of a backup; one that is a single file is unpacked beside it for as long as the block lasts.

    Raises:
        InvalidInput: there is no such thing, or it cannot be read.
    """
    if backup.is_dir():
        yield backup
        return
    if not backup.is_file():
        raise InvalidInput(f"There is no backup at {backup}.", hint="Name what `masterflow db backup` made.")
    with scratch(backup.parent) as folder:
        unpack(backup, folder)
        yield folder


@contextmanager
def scratch(beside: Path) -> Iterator[Path]:
    """A folder for as long as the block lasts, on the same disk: backups can be larger than /tmp."""
    with tempfile.TemporaryDirectory(prefix=".masterflow-", dir=beside) as name:
        yield Path(name)
