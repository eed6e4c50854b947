"""What is told of segments and phases while they run: log context, counts, spans."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

import structlog
from opentelemetry.trace import SpanKind

from masterflow.logs import get_logger
from masterflow.logs.metrics import SEGMENTS_RUNNING, count_phase
from masterflow.logs.spans import failed, span
from masterflow.orchestrator.failures import Ask, Attempt, Fail, Outcome, RunAt
from masterflow.orchestrator.segments.store import Claimed

log = get_logger(__name__)


@dataclass(slots=True)
class Told:
    """How one execution of a phase ends: `stopped` from outside unless it is said otherwise."""

    outcome: str = "stopped"

    def follows(self, outcome: Outcome) -> None:
        """The body raised, and this follows from it."""
        if isinstance(outcome, Fail):
            self.outcome = "failed"
        elif isinstance(outcome, Ask):
            self.outcome = "input_missing"
        else:
            self.outcome = "waits" if isinstance(outcome, RunAt) else "retried"

    def commits(self, *, held: bool) -> None:
        """The phase came to its end; it was in vain if the row was no longer held."""
        self.outcome = "completed" if held else "fenced"


@contextmanager
def telling_segment(claimed: Claimed) -> Iterator[None]:
    """Name the flow in every line of log until the block ends, count the segment, and give it a span."""
    flow = claimed.flow
    ids = {
        "flow_id": str(flow.flow_id),
        "client_account_id": str(flow.tenant.client_account_id),
        "engagement_id": str(flow.tenant.engagement_id),
    }
    attributes: dict[str, str | int] = {"masterflow.flow_type": flow.flow_type, "masterflow.epoch": claimed.epoch}
    attributes |= {f"masterflow.{name}": value for name, value in ids.items()}
    with (
        structlog.contextvars.bound_contextvars(**ids, flow_type=flow.flow_type),
        SEGMENTS_RUNNING.track_inprogress(),
        span("segment", attributes, kind=SpanKind.CONSUMER),
    ):
        yield


@contextmanager
def telling_phase(attempt: Attempt) -> Iterator[Told]:
    """Name the phase in every line of log until the block ends; then count it, and log how it ended."""
    told, began = Told(), perf_counter()
    attributes: dict[str, str | int] = {
        "masterflow.flow_type": attempt.flow_type,
        "masterflow.phase": attempt.phase,
        "masterflow.attempt": attempt.number,
        "masterflow.flow_id": str(attempt.flow_id),
    }
    with structlog.contextvars.bound_contextvars(phase=attempt.phase), span("phase", attributes) as current:
        try:
            yield told
        finally:
            took = timedelta(seconds=perf_counter() - began)
            current.set_attribute("masterflow.outcome", told.outcome)
            if told.outcome in {"failed", "retried"}:
                failed(current, told.outcome)
            count_phase(flow_type=attempt.flow_type, phase=attempt.phase, outcome=told.outcome, took=took)
            tell = log.info if told.outcome in {"failed", "retried", "input_missing"} else log.debug
            tell("phase_ended", outcome=told.outcome, attempt=attempt.number, seconds=round(took.total_seconds(), 3))
