"""The states of a flow, named once: the table's CHECK is generated from this enum."""

from enum import StrEnum


class FlowStatus(StrEnum):
    """Where a flow stands; `orchestrator.states` says which moves are allowed."""

    INITIALIZED = "initialized"
    RUNNING = "running"
    WAITING_FOR_APPROVAL = "waiting_for_approval"
    WAITING_FOR_INPUT = "waiting_for_input"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset(
    {
        FlowStatus.INITIALIZED,
        FlowStatus.RUNNING,
        FlowStatus.WAITING_FOR_APPROVAL,
        FlowStatus.WAITING_FOR_INPUT,
        FlowStatus.PAUSED,
    }
)
