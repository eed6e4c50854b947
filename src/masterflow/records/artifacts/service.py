"""Artifacts: made by phases, read by people."""

from collections.abc import AsyncIterator
from uuid import UUID

from masterflow.db.session import Database, Session
from masterflow.inventory.filestore import FileStore, safe_name
from masterflow.records.artifacts.store import ArtifactStore
from masterflow.records.artifacts.types import Artifact
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal


async def add_artifact(
    session: Session,
    files: FileStore,
    content: bytes,
    *,
    flow_id: UUID,
    iteration: int,
    phase: str,
    name: str,
    media_type: str,
) -> Artifact:
    """Keep a file that a phase made; a phase that runs again replaces what it made under the same name.

    Raises:
        InvalidInput: `name` is no file name.
        FileRejected: the content is larger than a file may be.
    """
    safe = safe_name(name)
    stored = await files.keep(session.tenant, content, name=safe)
    return await ArtifactStore(session).add(
        flow_id, stored, iteration=iteration, phase=phase, name=safe, media_type=media_type
    )


class ArtifactService:
    """The artifacts of one verified person's engagement.

    Every method raises `NotAllowed` for a person without the role.
    """

    def __init__(self, database: Database, files: FileStore, principal: Principal) -> None:
        self._database = database
        self._files = files
        self._principal = principal

    async def list(self, flow_id: UUID) -> tuple[Artifact, ...]:
        """What a flow made, in the order in which it was made; nothing for a flow of another engagement."""
        self._principal.require(Operation.READ_RESULTS)
        async with self._database.transaction(self._principal.tenant) as session:
            return await ArtifactStore(session).list(flow_id)

    async def open(self, artifact_id: UUID) -> tuple[Artifact, AsyncIterator[bytes]]:
        """One artifact and its content in chunks.

        Raises:
            NotFound: the engagement has none with this id.
        """
        self._principal.require(Operation.READ_RESULTS)
        async with self._database.transaction(self._principal.tenant) as session:
            found = await ArtifactStore(session).get(artifact_id)
        return found, self._files.read(self._principal.tenant, found.sha256)
