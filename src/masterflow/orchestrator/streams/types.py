"""What a stream is made of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from masterflow.orchestrator.streams.cursor import Cursor
from masterflow.orchestrator.types import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedEvent:
    """One line of a flow's history, without what phases computed. `status` is None where it stayed as it was."""

    id: int
    flow_id: UUID
    flow_type: str
    seq: int
    kind: str
    phase: str | None
    actor: str
    status: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FlowProgress:
    """How far the phase of a running flow is; no part of its history."""

    flow_id: UUID
    progress: Progress


@dataclass(frozen=True, slots=True)
class JobMoved:
    """A command on many flows moved on, or came to its end; no part of any history. Without `job_id` any of them may
    have: notifications were lost."""

    job_id: UUID | None


@dataclass(frozen=True, slots=True)
class Item:
    """One event and the cursor behind it."""

    event: StreamedEvent
    cursor: Cursor
