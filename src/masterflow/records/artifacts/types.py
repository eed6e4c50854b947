"""Artifacts as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

ArtifactId = NewType("ArtifactId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that a phase made."""

    id: ArtifactId
    flow_id: UUID
    iteration: int
    phase: str
    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    created_at: datetime
