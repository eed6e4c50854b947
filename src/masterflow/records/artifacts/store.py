"""Where the rows of artifacts are kept; the bytes lie in the file store."""

from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from masterflow.db.session import Session
from masterflow.db.tables.artifacts import artifacts
from masterflow.errors import NotFound
from masterflow.inventory.estate_rows import plain_uuid
from masterflow.inventory.filestore import StoredFile
from masterflow.records.artifacts.types import Artifact, ArtifactId


class ArtifactStore:
    """The artifacts of one engagement in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(
        self, flow_id: UUID, stored: StoredFile, *, iteration: int, phase: str, name: str, media_type: str
    ) -> Artifact:
        """Enter a file that a phase made. The same name again, from a phase that ran twice, replaces the former."""
        values = {
            "id": uuid5(flow_id, f"{iteration}/{phase}/{name}"),
            "flow_id": flow_id,
            "iteration": iteration,
            "phase": phase,
            "name": name,
            "media_type": media_type,
            "size_bytes": stored.size_bytes,
            "sha256": stored.sha256,
        }
        insert = pg_insert(artifacts).values(**self._session.stamp(artifacts), **values)
        content = {name: insert.excluded[name] for name in ("media_type", "size_bytes", "sha256")}
        key = list(artifacts.primary_key.columns)
        written = insert.on_conflict_do_update(index_elements=key, set_=content).returning(artifacts)
        return _artifact((await self._session.execute(written)).mappings().one())

    async def list(self, flow_id: UUID) -> tuple[Artifact, ...]:
        """What a flow made, in the order in which it was made."""
        query = self._select().where(artifacts.c.flow_id == flow_id)
        query = query.order_by(artifacts.c.created_at, artifacts.c.phase, artifacts.c.name)
        return tuple(_artifact(row) for row in (await self._session.execute(query)).mappings())

    async def get(self, artifact_id: UUID) -> Artifact:
        """One artifact.

        Raises:
            NotFound: the engagement has none with this id.
        """
        row = (
            (await self._session.execute(self._select().where(artifacts.c.id == artifact_id))).mappings().one_or_none()
        )
        if row is None:
            raise NotFound(f"There is no artifact {artifact_id}.", hint="List the flow's artifacts to see their ids.")
        return _artifact(row)

    def _select(self) -> sa.Select[Any]:
        return sa.select(artifacts).where(self._session.mine(artifacts))


def _artifact(row: sa.RowMapping) -> Artifact:
    return Artifact(
        id=ArtifactId(plain_uuid(row["id"])),
        flow_id=plain_uuid(row["flow_id"]),
        iteration=row["iteration"],
        phase=row["phase"],
        name=row["name"],
        media_type=row["media_type"],
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
        created_at=row["created_at"],
    )
