"""One command on many flows from a shell; quotas of a client."""

import pytest

from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import with_parts
from tests.cli.conftest import Shell


def work(ana: Shell) -> None:
    """What a worker's duty does."""

    async def bulk(parts: Masterflow) -> None:
        await parts.orchestrator.bulk.work()

    with_parts(bulk)


@pytest.fixture
def flow_id(ana: Shell) -> str:
    flow_id: str = ana("flow", "create", "discovery", "--no-start", "--name", "Rack 1", "--json").json["flow_id"]
    return flow_id


def test_a_command_on_many_flows_is_counted_asked_for_and_done(ana: Shell, flow_id: str) -> None:
    ana("flow", "create", "discovery", "--no-start", "--name", "other")
    counted = ana("flow", "bulk", "cancel", "--name", "rack", "--dry-run", "--json").json
    assert (counted["would_move"], counted["sample"][0]["flow_id"]) == (1, flow_id)
    asked = ana("flow", "bulk", "cancel", "--status", "initialized")
    assert asked.code != 0
    assert "Would cancel: 2." in asked.err
    assert ana("flow", "jobs", "--json").json["items"] == []
    job = ana("flow", "bulk", "cancel", "--name", "rack", "--yes", "--reason", "a trial", "--json").json
    work(ana)
    assert ana("flow", "job", job["id"], "--json").json["done"] == 1
    assert "cancel" in ana("flow", "job", job["id"]).out
    assert ana("flow", "show", flow_id, "--json").json["status"] == "cancelled"
    items = ana("flow", "job", job["id"], "--items", "--json").json["items"]
    assert [(item["flow_id"], item["outcome"]) for item in items] == [(flow_id, "done")]
    assert flow_id in ana("flow", "job", job["id"], "--outcome", "done").out
    assert "There is no such flow in this job." in ana("flow", "job", job["id"], "--outcome", "failed").out
    assert job["id"] in ana("flow", "jobs").out
    assert ana("flow", "job", job["id"], "--cancel").code == 1


def test_what_no_flow_takes_is_said_and_nothing_is_ordered(ana: Shell, flow_id: str) -> None:
    said = ana("flow", "bulk", "retry", "--flow", flow_id, "--created-after", "2020-01-01", "--yes")
    assert (said.code, "Selected: 1. Would retry: 0." in said.out) == (0, True)
    assert "The flow is initialized, so it cannot retry" in said.out
    assert ana("flow", "jobs").out.strip() == "There is no job."
    assert ana("flow", "bulk", "retry").code == 1


def test_a_flow_is_paused_at_once(ana: Shell, flow_id: str) -> None:
    ana("flow", "execute", flow_id)
    assert ana("flow", "pause", flow_id, "--now", "--reason", "now", "--json").json["status"] == "paused"


def test_the_operator_says_what_a_client_may_have(ana: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_QUOTA_FLOWS", "7")
    assert ana("client", "quota", "Northwind", "--json").json == {
        "running": {"own": None, "default": 10_000},
        "created_per_hour": {"own": None, "default": 100_000},
        "flows": {"own": None, "default": 7},
    }
    assert "client" in ana("client", "quota", "Northwind", "--flows", "1", "--running", "0").out
    assert ana("flow", "create", "discovery", "--no-start").code == 0
    refused = ana("flow", "create", "discovery", "--no-start")
    assert (refused.code, "This engagement has 1 flows, and may have 1." in refused.err) == (1, True)
    back = ana("client", "quota", "Northwind", "--flows", "-1", "--json").json
    assert (back["flows"], back["running"]["own"]) == ({"own": None, "default": 7}, 0)
    assert ana("flow", "create", "discovery", "--no-start").code == 0
