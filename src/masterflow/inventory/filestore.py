"""The bytes of uploads and artifacts, kept under their SHA-256 per tenant, on a disk or in an object store.

Where a file lies follows from the tenant and its content, never from the name a person gave it.
"""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import uuid4

import fsspec

from masterflow.db.session import TenantIds
from masterflow.errors import FileRejected, InvalidInput, NotFound, Place, Unavailable

READ_BYTES = 1024 * 1024
LONGEST_NAME = 200  # bytes; file systems take 255, and temporary names grow a little
LONGEST_SUFFIX = 20
_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>:\"|?*\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is kept: what to ask for it by, and its size."""

    sha256: bytes
    size_bytes: int


class FileStore:
    """Files of all tenants under one fsspec URL; `max_bytes` bounds one file."""

    def __init__(self, url: str, *, max_bytes: int) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self.max_bytes = max_bytes

    async def keep(self, tenant: TenantIds, content: AsyncIterable[bytes] | bytes, *, name: str) -> StoredFile:
        """Keep a file; the same content again takes no space. `name` appears in a refusal only.

        Raises:
            FileRejected: the content is larger than allowed; nothing of it is kept.
            Unavailable: the disk or the object store does not take it.
        """
        with tempfile.TemporaryDirectory(prefix="masterflow-keep-") as folder:
            local = Path(folder) / "content"
            stored = await self._spool(local, _chunks(content), name)
            with _storage_errors():
                await asyncio.to_thread(self._put, local, self._path(tenant, stored.sha256), stored.size_bytes)
        return stored

    async def read(self, tenant: TenantIds, sha256: bytes) -> AsyncIterator[bytes]:
        """The content in chunks.

        Raises:
            NotFound: this tenant has no such content.
        """
        async with self.local(tenant, sha256, name="content") as path:
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, READ_BYTES):
                    yield chunk

    @asynccontextmanager
    async def local(self, tenant: TenantIds, sha256: bytes, *, name: str) -> AsyncIterator[Path]:
        """The content as a file of this machine called `name`, for as long as the block lasts; only to be read.

        Raises:
            NotFound: this tenant has no such content.
        """
        kept = self._path(tenant, sha256)
        with tempfile.TemporaryDirectory(prefix="masterflow-read-") as folder:
            path = Path(folder) / safe_name(name)
            with _storage_errors():
                await asyncio.to_thread(self._get, kept, path)
            yield path

    async def _spool(self, local: Path, chunks: AsyncIterator[bytes], name: str) -> StoredFile:
        digest, size = hashlib.sha256(), 0
        with local.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > self.max_bytes:
                    raise _too_large(name, self.max_bytes)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        return StoredFile(digest.digest(), size)

    def _put(self, local: Path, kept: str, size_bytes: int) -> None:
        if self._fs.exists(kept) and self._fs.size(kept) == size_bytes:
            return
        # A crash while copying must not leave half a file under a name that promises its hash.
        half = f"{kept}.{uuid4().hex}.part"
        self._fs.makedirs(str(PurePosixPath(kept).parent), exist_ok=True)
        self._fs.put_file(str(local), half)
        self._fs.mv(half, kept)

    def _get(self, kept: str, path: Path) -> None:
        if not self._fs.exists(kept):
            raise NotFound("There is no such file.", hint="Upload it again.")
        self._fs.get_file(kept, str(path))

    def _path(self, tenant: TenantIds, sha256: bytes) -> str:
        name = sha256.hex()
        return f"{self._root}/{tenant.client_account_id}/{tenant.engagement_id}/{name[:2]}/{name}"


def safe_name(name: str) -> str:
    """The last part of a name that a person gave, without what no file system takes; a long one keeps its suffix.

    Raises:
        InvalidInput: nothing is left of it.
    """
    last = _UNSAFE.sub("_", re.split(r"[\\/]", name)[-1]).strip()
    if last in {"", ".", ".."}:
        raise InvalidInput(f"{name!r} is not a file name.", hint="Name the file, such as 'servers.csv'.")
    suffix = PurePosixPath(last).suffix[-LONGEST_SUFFIX:]
    stem = last.removesuffix(suffix).encode()
    return stem[: LONGEST_NAME - len(suffix.encode())].decode(errors="ignore") + suffix


async def _chunks(content: AsyncIterable[bytes] | bytes) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    async for chunk in content:
        yield chunk


def _too_large(name: str, max_bytes: int) -> FileRejected:
    return FileRejected(
        Place(name),
        f"The file is larger than the limit of {max_bytes / 1_000_000:,.6g} MB.",
        hint="Split it, or leave out columns and sheets that are not needed, or raise MASTERFLOW_MAX_UPLOAD_MB.",
        code="too_large",
    )


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"The file store does not answer: {error}.",
            hint="Check MASTERFLOW_ARTIFACTS_URL and the space that is left.",
        ) from error
