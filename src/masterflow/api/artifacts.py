"""Artifacts: files that phases made."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, field_validator
from starlette.responses import Response, StreamingResponse

from masterflow.api.errors import problems
from masterflow.api.parts import UseArtifacts
from masterflow.api.shown import Shown


class ArtifactOut(Shown):
    """A file that a phase made."""

    id: UUID
    flow_id: UUID
    iteration: int
    phase: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    created_at: datetime

    @field_validator("sha256", mode="before")
    @classmethod
    def _hex(cls, digest: bytes) -> str:
        return digest.hex()


class ArtifactsOut(BaseModel):
    """What a flow made, in the order in which it was made."""

    items: list[ArtifactOut]


router = APIRouter(prefix="/artifacts", tags=["artifacts"])


@router.get("", response_model=ArtifactsOut, responses=problems())
async def list_artifacts(
    artifacts: UseArtifacts, flow_id: Annotated[UUID, Query(description="The flow that made them")]
) -> ArtifactsOut:
    """The files that a flow made; none for a flow of another engagement."""
    return ArtifactsOut(items=[ArtifactOut.of(artifact) for artifact in await artifacts.list(flow_id)])


@router.get(
    "/{artifact_id}",
    response_class=Response,
    responses=problems(404) | {200: {"description": "The file", "content": {"application/octet-stream": {}}}},
)
async def download_artifact(artifact_id: UUID, artifacts: UseArtifacts) -> Response:
    """One file; always as a download, whatever it holds."""
    artifact, content = await artifacts.open(artifact_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(artifact.name)}",
        "Content-Length": str(artifact.size_bytes),
        "ETag": f'"{artifact.sha256.hex()}"',
    }
    return StreamingResponse(content, media_type=artifact.media_type, headers=headers)
