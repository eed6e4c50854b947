"""What a backup says of itself, and whether its bytes still agree."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from masterflow.errors import InvalidInput

NAME = "masterflow-backup.json"
READ_BYTES = 1024 * 1024


class BackedUp(BaseModel):
    """One file of a backup, by its path inside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    size_bytes: int
    sha256: str


class Manifest(BaseModel):
    """The head of a backup. `artifacts` names their file, `artifacts_url` where they stay when they are not in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    made_at: datetime
    made_by: str
    postgres: str
    revision: str | None
    embedded: bool
    artifacts: str | None
    artifacts_url: str | None
    files: tuple[BackedUp, ...]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def postgres_major(self) -> int:
        """The major version of the server that it is a backup of."""
        return int(self.postgres.split(".")[0])

    def write(self, folder: Path) -> None:
        """Write it into `folder`, followed by its own checksum."""
        (folder / NAME).write_bytes(self.sealed())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from `folder`.

        Raises:
            InvalidInput: there is none, or a byte of it is not as it was written.
        """
        path = folder / NAME
        if not path.is_file():
            raise InvalidInput(
                f"{folder} is no backup: it has no {NAME}.", hint="Name what `masterflow db backup` made."
            )
        written = path.read_bytes()
        try:
            manifest = cls.model_validate_json(written.rsplit(b"\n", 2)[0])
        except ValidationError as error:
            raise damaged(path, "cannot be read") from error
        if manifest.sealed() != written:
            raise damaged(path, "does not have its checksum")
        return manifest

    def problems(self, folder: Path) -> Iterator[str]:
        """What of the files in `folder` is missing, or not as it was written."""
        for file in self.files:
            path = folder / file.path
            if not path.is_file():
                yield f"{file.path} is missing"
            elif path.stat().st_size != file.size_bytes:
                yield f"{file.path} has {path.stat().st_size:,} bytes, not {file.size_bytes:,}"
            elif sha256_of(path) != file.sha256:
                yield f"{file.path} does not have its checksum"

    def sealed(self) -> bytes:
        """The bytes of it as they are written: the text, and its own checksum."""
        text = self.model_dump_json(indent=2).encode()
        return text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"


def backed_up(folder: Path) -> tuple[BackedUp, ...]:
    """Every file in `folder` with its size and checksum, but for the manifest."""
    return tuple(
        BackedUp(path=str(path.relative_to(folder)), size_bytes=path.stat().st_size, sha256=sha256_of(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != NAME
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def damaged(path: Path, what: str) -> InvalidInput:
    """The refusal of a backup that is not as it was written."""
    return InvalidInput(f"The backup is damaged: {path.name} {what}.", hint="Use another backup; this one is no good.")
