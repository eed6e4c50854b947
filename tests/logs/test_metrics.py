"""What is counted, and that waiting for a connection is."""

from datetime import timedelta

import pytest

from masterflow.logs import metrics
from masterflow.logs.metrics import REGISTRY, count_command, count_phase, waiting_for_a_connection


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_retried_phase_counts_as_a_phase_and_a_retry() -> None:
    labels = {"flow_type": "toy", "phase": "counted"}
    for outcome in ("retried", "completed"):
        count_phase(flow_type="toy", phase="counted", outcome=outcome, took=timedelta(seconds=2))
    assert value("masterflow_phases_total", outcome="retried", **labels) == 1
    assert value("masterflow_phase_retries_total", **labels) == 1
    assert value("masterflow_phase_seconds_sum", **labels) == 4


def test_commands_count_by_outcome() -> None:
    before = value("masterflow_commands_total", command="pause", outcome="refused")
    count_command("pause", "refused")
    assert value("masterflow_commands_total", command="pause", outcome="refused") == before + 1


def test_a_connection_that_did_not_come_in_time_is_counted() -> None:
    before = value("masterflow_pool_timeouts_total")
    with pytest.raises(TimeoutError), waiting_for_a_connection():
        assert value("masterflow_pool_waiting") >= 1
        raise TimeoutError
    assert (value("masterflow_pool_timeouts_total"), value("masterflow_pool_waiting")) == (before + 1, 0)


def test_the_process_tells_of_itself_in_the_same_registry() -> None:
    text = metrics.exposition().decode()
    assert "process_resident_memory_bytes" in text
    assert "python_info" in text
