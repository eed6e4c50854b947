"""Postgres' own programs for backups: which ones fit a server, and how they are run."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

from masterflow.db.embedded import environment, programs
from masterflow.errors import Unavailable

Tell = Callable[[str], None]
"""Told how far something is, in words."""

LAST_LINES = 5  # of what a program said before it failed


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one major version of Postgres."""

    folder: Path

    def run(self, name: str, arguments: Sequence[str], *, url: URL | None = None, tell: Tell | None = None) -> str:
        """Run one to its end and answer what it printed; what it says meanwhile goes to `tell`.

        The password of `url` reaches it through its environment, never through its arguments.

        Raises:
            Unavailable: it failed; the message carries its last words.
        """
        password = str(url.password) if url is not None and url.password else None
        with subprocess.Popen(
            [str(self.folder / name), *arguments],
            env=environment(password),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None  # noqa: S101  asked for above
            said = []
            for line in _lines(process.stdout):
                said.append(line)
                if tell is not None:
                    tell(line)
        if process.returncode != 0:
            raise Unavailable(f"{name} failed: {' | '.join(said[-LAST_LINES:]) or 'it said nothing'}.")
        return "\n".join(said)


def programs_for(major: int) -> Programs:
    """The programs that fit a server of this major version: the wheel's, Debian's, or those on PATH.

    Raises:
        Unavailable: none of them is of that version; another version's may not be able to read what it wrote.
    """
    seen = []
    for folder in _folders(major):
        found = _major_of(folder)
        if found == major:
            return Programs(folder)
        if found is not None:
            seen.append(f"{found} in {folder}")
    raise Unavailable(
        f"The server is Postgres {major}, and its programs pg_basebackup and pg_verifybackup are not here"
        f" (found: {', '.join(seen) or 'none'}).",
        hint=f"Install the client and server programs of Postgres {major} and put them on PATH.",
    )


def as_text(url: URL) -> str:
    """`url` as Postgres' programs take it, without its password."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _folders(major: int) -> Iterator[Path]:
    with suppress(Unavailable):
        yield programs() / "bin"
    yield Path(f"/usr/lib/postgresql/{major}/bin")
    on_path = shutil.which("pg_basebackup")
    if on_path:
        yield Path(on_path).parent


def _major_of(folder: Path) -> int | None:
    if not (folder / "pg_basebackup").exists():
        return None
    said = subprocess.run([str(folder / "pg_basebackup"), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\b(\d+)(?:\.\d+)?", said.stdout)
    return int(found[1]) if found else None


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines as they come; progress is written over itself with carriage returns."""
    line = b""
    while byte := stream.read(1):
        if byte in b"\r\n":
            if line.strip():
                yield line.decode(errors="replace").strip()
            line = b""
        else:
            line += byte
    if line.strip():
        yield line.decode(errors="replace").strip()
