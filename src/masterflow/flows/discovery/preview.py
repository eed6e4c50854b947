"""What some files would change of the published estate, without importing them.

The phases of discovery run as they are, their proposals accepted, in one transaction that is undone and on copies of
the files that are deleted: nothing stays, neither uploads nor mappings nor an estate.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID, uuid4

from pydantic import JsonValue

from masterflow.db.session import Database, Session
from masterflow.flows.discovery import asset_inventory, data_import, field_mapping
from masterflow.flows.discovery.changes import Changes
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.service import IMPORT, READ
from masterflow.spec import Stores
from masterflow.tenancy.types import Principal, Tenant

P = ParamSpec("P")
T = TypeVar("T")
READ_BYTES = 1_048_576


@dataclass(slots=True)
class _Rehearsal:
    """What `spec.PhaseContext` asks for, in one transaction and one process."""

    session: Session
    files: FileStore
    tenant: Tenant
    phase: str = ""
    flow_id: UUID = field(default_factory=uuid4)
    flow_type: str = "discovery"
    iteration: int = 1
    attempt: int = 1
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Stores]:
        yield Stores(self.session, self.flow_id, self.iteration)

    async def compute(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(function, *args, **kwargs)

    async def checkpoint(self) -> None:
        """Nobody can stop it between two items but by ending the command."""

    async def item(self, key: str, call: Callable[[str], Awaitable[JsonValue]]) -> JsonValue:
        """Nothing runs again, so nothing is recorded."""
        return await call(key)

    async def progress(self, done: int, total: int, what: str) -> None:
        """Nobody watches."""


async def previewed_changes(database: Database, person: Principal, files: Sequence[Path], *, max_bytes: int) -> Changes:
    """What a discovery of these files would change of the estate, its proposals accepted. Nothing is written.

    Raises:
        NotAllowed: the person may not import files.
        FileRejected: a file is larger than `max_bytes`.
        InputMissing: none of the files can be read.
    """
    person.require(READ)
    person.require(IMPORT)
    with tempfile.TemporaryDirectory(prefix="masterflow-preview-") as folder:
        copies = FileStore(Path(folder).as_uri(), max_bytes=max_bytes)
        async with database.rehearsing(person.tenant) as session:
            rehearsal = _Rehearsal(session, copies, person.tenant)
            imports = [await _entered(rehearsal, file, person.email) for file in files]
            return await _discovered(rehearsal, imports)


async def _entered(rehearsal: _Rehearsal, file: Path, email: str) -> UUID:
    stored = await rehearsal.files.keep(rehearsal.tenant, _content_of(file), name=file.name)
    return (await ImportStore(rehearsal.session).add(file.name, stored, uploaded_by=email)).id


async def _discovered(rehearsal: _Rehearsal, imports: list[UUID]) -> Changes:
    read = await data_import.run(rehearsal, data_import.Input(imports=imports))
    mapped = await field_mapping.run(rehearsal, field_mapping.Input(imports=[file.import_id for file in read.files]))
    async with rehearsal.stores() as stores:
        # learning locks the client's memory of headers until the estate is built and the transaction undone
        await field_mapping.publish(stores, mapped.model_copy(update={"learns": False}))
    return await asset_inventory.changes_by(rehearsal, asset_inventory.Input(files=mapped.files))


async def _content_of(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while chunk := await asyncio.to_thread(opened.read, READ_BYTES):
            yield chunk
