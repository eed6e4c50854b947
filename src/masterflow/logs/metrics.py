"""What this process counts, for Prometheus.

Labels are bounded by the code alone: routes, methods, flow types, phases, commands, classes of outcome. No id, no
tenant, nothing a person wrote is ever a label, so the number of series does not grow with use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
NO_ROUTE = "unmatched"

_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30)
_PHASE_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_requests = Counter("masterflow_http_requests", "Requests answered", ["route", "method", "status"], registry=REGISTRY)
_request_seconds = Histogram(
    "masterflow_http_request_seconds",
    "Time from a request to the end of its answer",
    ["route", "method"],
    buckets=_REQUEST_SECONDS,
    registry=REGISTRY,
)
_commands = Counter(
    "masterflow_commands",
    "Commands on flows: done, refused with a sentence, or broken",
    ["command", "outcome"],
    registry=REGISTRY,
)
_phases = Counter(
    "masterflow_phases", "Executions of phases that ended", ["flow_type", "phase", "outcome"], registry=REGISTRY
)
_phase_seconds = Histogram(
    "masterflow_phase_seconds",
    "Time of an execution of a phase",
    ["flow_type", "phase"],
    buckets=_PHASE_SECONDS,
    registry=REGISTRY,
)
_retries = Counter(
    "masterflow_phase_retries",
    "Executions of phases that will be tried again",
    ["flow_type", "phase"],
    registry=REGISTRY,
)
SEGMENTS_RUNNING = Gauge("masterflow_segments_running", "Flows that this process moves now", registry=REGISTRY)
POOL_WAITING = Gauge("masterflow_pool_waiting", "Tasks that wait for a database connection", registry=REGISTRY)
POOL_TIMEOUTS = Counter(
    "masterflow_pool_timeouts", "Times that no database connection was free in time", registry=REGISTRY
)
POOL_CONNECTIONS = Gauge(
    "masterflow_pool_connections", "Database connections of this process", ["pool", "state"], registry=REGISTRY
)
FLOWS = Gauge("masterflow_flows", "Flows that are not deleted", ["flow_type", "status"], registry=REGISTRY)
QUEUE_SEGMENTS = Gauge(
    "masterflow_queue_segments",
    "Segments in the engine's queue: queued, delayed or running",
    ["state"],
    registry=REGISTRY,
)
QUEUE_OLDEST = Gauge(
    "masterflow_queue_oldest_seconds", "Age of the oldest segment that is queued and due", registry=REGISTRY
)
RELAY_LAG_EVENTS = Gauge("masterflow_relay_lag_events", "Events that the relay has not passed on", registry=REGISTRY)
RELAY_LAG_SECONDS = Gauge(
    "masterflow_relay_lag_seconds", "Age of the oldest event that the relay has not passed on", registry=REGISTRY
)
WORKERS = Gauge("masterflow_workers", "Workers that beat within 30 seconds", registry=REGISTRY)
HEARTBEAT_AGE = Gauge(
    "masterflow_worker_heartbeat_age_seconds", "Time since any worker beat; NaN when none is known", registry=REGISTRY
)
DATABASE_UP = Gauge("masterflow_database_up", "Whether the last look at the database was answered", registry=REGISTRY)


def count_request(*, route: str | None, method: str, status: int, seconds: float) -> None:
    """One request was answered; `route` is the template of its path, None when no route has it; `method` is one of
    `METHODS`, or `OTHER`."""
    named = route or NO_ROUTE
    _requests.labels(named, method, f"{status // 100}xx").inc()
    _request_seconds.labels(named, method).observe(seconds)


def count_command(command: str, outcome: str) -> None:
    """One command on a flow ended: `done`, `refused` or `failed`."""
    _commands.labels(command, outcome).inc()


def count_phase(*, flow_type: str, phase: str, outcome: str, took: timedelta) -> None:
    """One execution of a phase ended."""
    _phases.labels(flow_type, phase, outcome).inc()
    _phase_seconds.labels(flow_type, phase).observe(took.total_seconds())
    if outcome == "retried":
        _retries.labels(flow_type, phase).inc()


@contextmanager
def waiting_for_a_connection() -> Iterator[None]:
    """Somebody waits for a connection of a pool for as long as the block lasts."""
    with POOL_WAITING.track_inprogress():
        try:
            yield
        except TimeoutError:
            POOL_TIMEOUTS.inc()
            raise


def exposition() -> bytes:
    """Everything counted so far, in Prometheus' text form."""
    return generate_latest(REGISTRY)
