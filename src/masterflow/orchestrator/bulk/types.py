"""Commands on many flows as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from masterflow.db.status import FlowStatus
from masterflow.tenancy.types import Tenant


class BulkCommand(StrEnum):
    """What can be done to many flows at once. Approvals are not: each gate is somebody's own decision."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    DELETE = "delete"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which flows of the engagement: all that fulfil everything that is given."""

    flow_ids: tuple[UUID, ...] | None = None
    flow_type: str | None = None
    status: FlowStatus | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    name_contains: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A flow that a selection meets, as it was then."""

    flow_id: UUID
    flow_name: str | None
    flow_type: str
    status: FlowStatus
    version: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """How many flows would refuse a command, and why."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a command would do: to how many of the flows that are selected, and why not to the others."""

    command: BulkCommand
    selected: int
    would_move: int
    refusals: tuple[Refusal, ...]
    sample: tuple[Chosen, ...]


class JobStatus(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class ItemOutcome(StrEnum):
    """What became of one flow of a job."""

    DONE = "done"
    REFUSED = "refused"  # by its state or by the rights of who ordered it
    FAILED = "failed"  # for another reason
    CANCELLED = "cancelled"  # the job was, before it came to this flow


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJob:
    """A command on many flows that workers carry out; `left` flows have not had their turn."""

    id: UUID
    tenant: Tenant
    command: BulkCommand
    selection: Mapping[str, Any]
    reason: str | None
    ordered_by: UUID
    ordered_by_email: str
    status: JobStatus
    items: int
    done: int
    refused: int
    failed: int
    cancelled: int
    created_at: datetime
    finished_at: datetime | None

    @property
    def left(self) -> int:
        """Flows that have not had their turn."""
        return self.items - self.done - self.refused - self.failed - self.cancelled


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One flow of a job; `outcome` is None before its turn, `detail` a sentence where it was not done."""

    position: int
    flow_id: UUID
    version: int
    outcome: ItemOutcome | None
    detail: str | None
    at: datetime | None


BulkJobs = list[BulkJob]
BulkItems = list[BulkItem]
