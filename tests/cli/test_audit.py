"""The command line leaves the same trace as the HTTP API, and shows it."""

from uuid import uuid4

import pytest

from tests.cli.conftest import Shell


def test_commands_and_refusals_are_listed_with_their_words(ana: Shell) -> None:
    flow = ana("flow", "create", "discovery", "--no-start", "--json").json["flow_id"]
    assert ana("flow", "pause", flow).code == 1
    assert ana("flow", "show", uuid4()).code == 1
    assert ana("flow", "pause", uuid4()).code == 1
    entries = ana("audit", "list", "--json").json["items"]
    told = [(entry["actor"], entry["through"], entry["action"], entry["outcome"], entry["code"]) for entry in entries]
    email = "ana@northwind.example"
    assert told == [
        (email, "cli", "flow pause", "refused", "not_found"),
        (email, "cli", "flow pause", "refused", "conflict"),
        (email, "cli", "flow create", "done", None),
        ("operator", "cli", "user create", "done", None),
    ]
    assert entries[1]["flow_id"] == entries[2]["flow_id"] == flow
    shown = ana("audit", "list", "--outcome", "refused", "--limit", "1")
    assert "flow pause" in shown.out
    assert "More: --cursor " in shown.out
    cursor = shown.out.rpartition("--cursor ")[2].strip()
    assert "flow pause" in ana("audit", "list", "--outcome", "refused", "--cursor", cursor).out
    assert ana("audit", "list", "--to", "2020-01-01", "--flow", flow).out == "Nothing was commanded yet.\n"


def test_who_may_not_read_it_is_told_and_recorded(ana: Shell) -> None:
    assert ana("user", "create", "eve@northwind.example", "--role", "viewer").code == 0
    refused = ana("audit", "list", "--as", "eve@northwind.example")
    assert (refused.code, "'audit.read' needs one of" in refused.err) == (1, True)
    [entry] = ana("audit", "list", "--actor", "eve@northwind.example", "--json").json["items"]
    assert (entry["action"], entry["code"]) == ("audit list", "not_allowed")


def test_with_a_token_the_token_is_named(ana: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = ana("token", "create", "--name", "ci", "--json").json
    monkeypatch.setenv("MASTERFLOW_TOKEN", issued["secret"])
    flow = ana("flow", "create", "discovery", "--no-start", "--json").json["flow_id"]
    [entry] = ana("audit", "list", "--flow", flow, "--json").json["items"]
    assert entry["through"] == f"token:{issued['token']['id']}"
