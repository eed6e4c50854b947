"""Flows, events, gates and results as values: what leaves the orchestrator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from masterflow.db.status import FlowStatus
from masterflow.errors import ErrorClass
from masterflow.tenancy.types import Tenant

JsonObject = Mapping[str, Any]  # the JSON edge: validated by the flow type's models before it is used


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a flow failed, waits or tries again: a stable code, a sentence, what is missing where input is awaited.

    `correlation_id` is found in the events and log lines that belong to the failure too: it is the id of the request
    that started the run, or one made for it.
    """

    code: str
    message: str
    hint: str | None = None
    phase: str | None = None
    attempt: int | None = None
    permanent: bool = True
    missing: tuple[Mapping[str, str], ...] = ()
    error_class: ErrorClass = ErrorClass.PERMANENT
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the phase that runs says it is; at most a second or two old, and gone when the phase ends."""

    phase: str
    done: int
    total: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFlow:
    """One flow as lists show it: what its row holds, without the documents kept beside the row. `phase_index` is the
    phase that runs or runs next; it equals the number of phases at the end. `version` rises by one with every event and
    is what `If-Match` compares."""

    flow_id: UUID
    flow_type: str
    flow_name: str | None
    tenant: Tenant
    user_id: str
    status: FlowStatus
    current_phase: str | None
    phase_index: int
    phase_count: int
    version: int
    definition_version: int
    iteration: int
    runs_here: bool
    pause_requested: bool
    attempts: int
    last_error: Failure | None
    parent_flow_id: UUID | None
    created_at: datetime
    updated_at: datetime
    status_changed_at: datetime
    deleted_at: datetime | None
    phase_execution_times: JsonObject  # seconds of each finished phase of a millisecond or more, by its name
    progress: Progress | None
    created_by_name: str | None = None  # the starter's e-mail or service account name, where the client knows them
    losses: int = 0  # workers that died while they ran the phase it is at
    correlation_id: str | None = None  # of the request that made it run last, if one did


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(ListedFlow):
    """One flow as its row says, with its configuration."""

    configuration: JsonObject
    memory_usage_metrics: JsonObject  # MiB: of the worker at most, and of each phase that took long or computed


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a flow's history; `seq` is contiguous from 1."""

    flow_id: UUID
    seq: int
    kind: str
    phase: str | None
    actor: str
    reason: str | None
    data: JsonObject
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseResult:
    """What one phase computed. `edited` is True where a person's edit replaced the output at the gate."""

    phase: str
    phase_index: int
    iteration: int
    attempt: int
    output: JsonObject
    edited: bool
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Redo:
    """What going back to a phase means: the phases whose results are used again, and those that run anew."""

    phase: str
    reused: tuple[str, ...]
    runs_again: tuple[str, ...]


Events = list[Event]
Results = list[PhaseResult]


class GateStatus(StrEnum):
    """Where a question to a person stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Verdict(StrEnum):
    """How a person may answer a gate."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSummary:
    """A gate without the output it asks about. `content_hash` (hex) binds a decision to the content that was shown.

    `approvals` people of `quorum` have approved that content. `overdue`: it is open and its due time is past. A gate
    past its `expires_at` is expired, by the database's clock, whether or not somebody has noticed. `phase_index` counts
    from 0, of `phase_count` phases; the titles are the names where this process does not know the flow type.
    """

    id: UUID
    flow_id: UUID
    flow_type: str
    flow_type_title: str
    flow_name: str | None
    phase: str
    phase_title: str
    phase_index: int
    phase_count: int
    iteration: int
    status: GateStatus
    asks: str
    approver_roles: tuple[str, ...]
    quorum: int
    approvals: int
    four_eyes: bool
    content_hash: str
    opened_at: datetime
    due_at: datetime | None
    expires_at: datetime | None
    overdue: bool
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    has_table: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion(GateSummary):
    """A gate with the output it asks about, as edited so far, and how it was answered."""

    output: JsonObject


Questions = list[OpenQuestion]
GateSummaries = list[GateSummary]


@dataclass(frozen=True, slots=True)
class FlowPage:
    """One page of a list, newest status change first; `cursor` continues it and is None at the end."""

    flows: tuple[ListedFlow, ...]
    cursor: str | None
