"""Flows from a shell, without a worker: commands are accepted and say that nobody will do the work."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from masterflow.cli.flow_forms import _memory
from tests.cli.conftest import Shell


@pytest.fixture
def flow_id(ana: Shell) -> str:
    flow_id: str = ana("flow", "create", "discovery", "--no-start", "--name", "first", "--json").json["flow_id"]
    return flow_id


def test_flow_types_are_listed_with_their_phases(ana: Shell) -> None:
    known = {t["name"]: t for t in ana("flow", "types", "--json").json["items"]}
    assert {"discovery", "assessment"} <= set(known)
    assert known["discovery"]["phases"][0]["name"] == "data_import"
    assert "Are these column matches right?" in ana("flow", "types").out


def test_a_flow_is_shown_with_stable_keys(ana: Shell, flow_id: str) -> None:
    shown = ana("flow", "show", flow_id, "--json").json
    assert (shown["status"], shown["flow_name"], shown["phase_count"]) == ("initialized", "first", 6)
    assert f"id           {flow_id}" in ana("flow", "show", flow_id).out


def test_an_ordered_flow_says_when_no_worker_runs(ana: Shell, flow_id: str) -> None:
    ran = ana("flow", "execute", flow_id)
    assert (ran.code, "status       running" in ran.out) == (0, True)
    assert ran.err.startswith("No worker is running: start `masterflow worker`")
    assert "No worker is running" in ana("flow", "create", "discovery").err


def test_flows_are_listed_by_status_and_in_pages(ana: Shell, flow_id: str) -> None:
    ana("flow", "create", "discovery", "--no-start")
    assert len(ana("flow", "list", "--json").json["items"]) == 2
    assert ana("flow", "list", "--status", "failed", "--json").json["items"] == []
    page = ana("flow", "list", "--limit", "1")
    assert "More: --cursor " in page.out
    cursor = page.out.split("--cursor ")[1].strip()
    assert len(ana("flow", "list", "--limit", "1", "--cursor", cursor, "--json").json["items"]) == 1
    assert ana("flow", "list", "--cursor", "nonsense").code == 1


def test_the_configuration_comes_from_a_file_and_from_pairs(ana: Shell, settings: Path) -> None:
    file = settings / "config.json"
    file.write_text(json.dumps({"target": "red_hat"}), encoding="utf-8")
    made = ana(
        *("flow", "create", "assessment", "--no-start", "--config-file", file, "--config", "move_date=2027-06-30"),
        "--json",
    ).json
    assert (made["config"]["target"], made["config"]["move_date"]) == ("red_hat", "2027-06-30")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--config", "target"), "'target' is not KEY=VALUE."),
        (("--config", "colour=red"), "colour"),
        (("--config", "move_date=soon"), "move_date"),
    ],
)
def test_a_configuration_that_does_not_fit_is_said(ana: Shell, arguments: tuple[str, ...], sentence: str) -> None:
    ran = ana("flow", "create", "assessment", "--no-start", *arguments)
    assert ran.code == 1
    assert sentence in ran.err


@pytest.mark.parametrize(("content", "sentence"), [("{", "is not JSON"), ("[]", "holds no object")])
def test_a_configuration_file_that_is_no_object_is_said(
    ana: Shell, settings: Path, content: str, sentence: str
) -> None:
    file = settings / "config.json"
    file.write_text(content, encoding="utf-8")
    assert sentence in ana("flow", "create", "assessment", "--no-start", "--config-file", file).err


def test_a_near_miss_of_a_flow_type_is_suggested(ana: Shell) -> None:
    assert "Did you mean 'discovery'?" in ana("flow", "create", "discovry").err


def test_commands_are_refused_in_a_state_that_does_not_allow_them(ana: Shell, flow_id: str) -> None:
    for command in ("pause", "resume", "retry", "delete"):
        ran = ana("flow", command, flow_id)
        assert (ran.code, ran.out) == (1, ""), command
    assert ana("flow", "input", flow_id, "imports=[]").code == 1


def test_a_command_for_an_older_version_is_refused(ana: Shell, flow_id: str) -> None:
    assert "has version" in ana("flow", "execute", flow_id, "--expect-version", "99").err


def test_a_flow_is_cancelled_deleted_and_its_history_told(ana: Shell, flow_id: str) -> None:
    assert "cancelled" in ana("flow", "cancel", flow_id, "--reason", "a trial").out
    assert ana("flow", "delete", flow_id).code == 0
    assert ana("flow", "list").out == "There is no flow.\n"
    assert len(ana("flow", "list", "--deleted", "--json").json["items"]) == 1
    kept = ana("flow", "create", "discovery", "--no-start", "--json").json["flow_id"]
    ana("flow", "cancel", kept, "--reason", "a trial")
    told = ana("flow", "events", kept, "--json").json["items"]
    assert [(e["actor"], e["reason"]) for e in told] == [
        ("ana@northwind.example", None),
        ("ana@northwind.example", "a trial"),
    ]
    assert "a trial" in ana("flow", "events", kept).out
    assert ana("flow", "events", kept, "--after", "1", "--json").json["items"] == told[1:]


def test_going_back_is_shown_first_and_refused_where_it_makes_no_sense(ana: Shell, flow_id: str) -> None:
    for command in (["rollback", flow_id, "data_import"], ["retry", flow_id, "--from", "data_import"]):
        shown = ana("flow", *command, "--dry-run")
        assert (shown.code != 0, "so it cannot" in shown.err, shown.out) == (True, True, "")
    assert "A rollback needs a reason" in ana("flow", "rollback", flow_id, "data_import").err
    assert "cannot be rolled back" in ana("flow", "rollback", flow_id, "data_import", "--reason", "wrong").err
    assert "cannot retry" in ana("flow", "retry", flow_id, "--set", "imports=[]").err
    assert "cannot skip its phase" in ana("flow", "skip", flow_id, "--reason", "wrong").err


def test_a_deleted_flow_is_restored(ana: Shell, flow_id: str) -> None:
    assert "There is nothing to restore" in ana("flow", "restore", flow_id).err
    ana("flow", "cancel", flow_id)
    ana("flow", "delete", flow_id)
    assert "cancelled" in ana("flow", "restore", flow_id, "--reason", "still needed").out
    assert len(ana("flow", "list", "--json").json["items"]) == 1


def test_an_unknown_flow_is_not_found(ana: Shell) -> None:
    ran = ana("flow", "show", uuid4())
    assert (ran.code, ran.err.splitlines()[0]) == (1, "masterflow: There is no such flow.")


def test_the_memory_of_phases_is_told_by_its_peak() -> None:
    measured = {"worker_peak_rss_mib": 1234, "plan": {"before_mib": 10, "after_mib": 20, "compute_peak_mib": 90}}
    assert _memory(measured) == "plan 90, worker at most 1,234"
    assert _memory({}) is None
