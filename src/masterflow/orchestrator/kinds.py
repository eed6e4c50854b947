"""What history calls what happens to a flow."""

from typing import Final

EVENT_KINDS: Final = (
    "flow_created",
    "flow_registered",
    "flow_started",
    "phase_completed",
    "phase_skipped",
    "phase_retried",
    "phase_waits",
    "input_asked",
    "input_supplied",
    "gate_voted",
    "gate_edited",
    "gate_reminded",
    "gate_approved",
    "gate_rejected",
    "gate_expired",
    "pause_requested",
    "flow_paused",
    "flow_resumed",
    "flow_retried",
    "flow_rolled_back",
    "flow_released",
    "flow_rescued",
    "flow_upgraded",
    "flow_completed",
    "flow_failed",
    "flow_cancelled",
    "flow_deleted",
    "flow_restored",
)
