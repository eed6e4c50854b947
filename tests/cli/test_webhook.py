"""Webhooks from a shell."""

import base64
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

URL = "https://hooks.example/in"


@pytest.fixture
def keyed(ana: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("MASTERFLOW_ENCRYPTION_KEY", base64.b64encode(bytes(32)).decode())
    return ana


def test_a_webhook_is_made_and_its_secret_shown_once(keyed: Shell) -> None:
    made = keyed("webhook", "create", URL, "--kind", "gate_approved", "--flow-type", "discovery", "--json").json
    assert made["secret"].startswith("whsec_")
    webhook = made["webhook"]["id"]
    assert keyed("webhook", "show", webhook, "--json").json == made["webhook"]
    assert keyed("webhook", "list", "--json").json == {"items": [made["webhook"]]}
    for command in (("list",), ("show", webhook)):
        ran = keyed("webhook", *command)
        assert (URL in ran.out, "whsec_" in ran.out) == (True, False)
    rotated = keyed("webhook", "rotate", webhook)
    assert rotated.out.startswith("whsec_")
    assert rotated.out.strip() != made["secret"]
    assert "not shown again" in rotated.err
    assert keyed("webhook", "delete", webhook).out == f"The webhook to {URL} is deleted.\n"
    assert keyed("webhook", "list").out == "There is no webhook.\n"


def test_a_webhook_is_paused_tested_and_replayed(keyed: Shell) -> None:
    webhook = keyed("webhook", "create", URL, "--json").json["webhook"]["id"]
    assert keyed("webhook", "pause", webhook).out == "The webhook is paused.\n"
    assert keyed("webhook", "show", webhook, "--json").json["active"] is False
    assert keyed("webhook", "resume", webhook).out == "The webhook is active.\n"
    assert keyed("webhook", "deliveries", webhook).out == "Nothing was to be sent.\n"
    first = keyed("webhook", "test", webhook, "--json")
    assert first.json["state"] == "pending"
    assert "No worker is running" in first.err
    assert "webhook.test" in keyed("webhook", "test", webhook).out
    page = keyed("webhook", "deliveries", webhook, "--limit", "1")
    assert "More: --cursor " in page.err
    assert len(keyed("webhook", "deliveries", webhook, "--state", "pending", "--json").json["items"]) == 2
    assert keyed("webhook", "replay", webhook, "--delivery", first.json["id"]).out == "Sent again: 1.\n"
    assert keyed("webhook", "replay", webhook, "--after", "2026-01-01").out == "Sent again: 0.\n"
    assert keyed("webhook", "replay", webhook).code == 2


def test_without_a_key_it_says_what_to_set(ana: Shell) -> None:
    refused = ana("webhook", "create", URL)
    assert (refused.code, "MASTERFLOW_ENCRYPTION_KEY is not set" in refused.err) == (1, True)
    assert "openssl rand -base64 32" in refused.err


def test_a_flow_is_followed_to_its_end(ana: Shell, settings: Path) -> None:
    flow = ana("flow", "create", "discovery", "--no-start", "--json").json["flow_id"]
    ana("flow", "cancel", flow, "--reason", "enough")
    lines = ana("flow", "events", flow, "--follow").out.splitlines()
    assert [line.split("  ")[2] for line in lines] == ["flow_created", "flow_cancelled"]
    assert lines[1].endswith("ana@northwind.example  enough")
    told = [
        json.loads(line) for line in ana("flow", "events", flow, "--follow", "--json", "--after", "1").out.splitlines()
    ]
    assert [(event["seq"], event["kind"]) for event in told] == [(2, "flow_cancelled")]
