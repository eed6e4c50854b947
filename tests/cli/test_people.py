"""Clients, engagements, people and tokens from a shell, and as whom commands act."""

from pathlib import Path

import pytest

from masterflow.cli.acting import with_parts
from tests.cli.conftest import Shell, quiet


def test_a_client_is_made_listed_and_closed(shell: Shell) -> None:
    made = shell("client", "create", "Northwind", "--json").json
    assert shell("client", "list", "--json").json["items"] == [made]
    assert "Northwind" in shell("client", "list").out
    assert shell("client", "revoke", "Northwind").out.startswith("Nobody can enter client 'Northwind'")
    again = shell("client", "create", "Northwind")
    assert (again.code, again.err.splitlines()[0]) == (
        1,
        "masterflow: There is a client called 'Northwind' already.",
    )


def test_before_the_first_client_the_lists_say_so(shell: Shell) -> None:
    assert shell("client", "list").out == "There is no client.\n"
    assert shell("engagement", "list").out == "There is no engagement.\n"
    assert "There is no client yet" in shell("engagement", "create", "Exit").err


def test_an_engagement_needs_its_client_when_there_are_several(shell: Shell) -> None:
    shell("client", "create", "One")
    shell("client", "create", "Two")
    assert "There are 2 clients" in shell("engagement", "create", "Exit").err
    assert shell("engagement", "create", "Exit", "--client", "Two", "--json").json["name"] == "Exit"
    assert [(e["client"], e["name"]) for e in shell("engagement", "list", "--json").json["items"]] == [("Two", "Exit")]
    assert "Exit" in shell("engagement", "list").out


def test_an_engagement_has_a_policy_and_can_be_closed(ana: Shell) -> None:
    assert "forbidden" in ana("engagement", "policy", "forbidden").out
    assert ana("engagement", "list", "--json").json["items"][0]["self_approval"] is False
    assert "while-alone" in ana("engagement", "policy", "while-alone").out
    assert ana("engagement", "revoke", "Exit").code == 0
    assert "is no member" in ana("flow", "list").err


def test_the_first_person_is_remembered(ana: Shell, settings: Path) -> None:
    assert (settings / "data" / "cli.json").exists()
    assert ana("flow", "list").out == "There is no flow.\n"


def test_people_are_listed_and_removed(ana: Shell) -> None:
    made = ana(
        "user", "create", "ben@x.example", "--role", "viewer", "--role", "approver", "--name", "Ben", "--json"
    ).json
    assert (made["name"], made["roles"]) == ("Ben", ["approver", "viewer"])
    assert {u["email"] for u in ana("user", "list", "--json").json["items"]} == {
        "ana@northwind.example",
        "ben@x.example",
    }
    assert "ben@x.example" in ana("user", "list").out
    assert ana("user", "revoke", "ben@x.example").code == 0
    assert "ben@x.example" not in ana("user", "list").out


def test_somebody_else_is_named_with_as(ana: Shell) -> None:
    ana("user", "create", "eve@x.example", "--role", "viewer")
    refused = ana("flow", "create", "discovery", "--as", "eve@x.example")
    assert (refused.code, "eve@x.example has viewer" in refused.err) == (1, True)
    assert "nobody@x.example is no member" in ana("flow", "list", "--as", "nobody@x.example").err


def test_who_acts_must_be_clear(ana: Shell, settings: Path) -> None:
    ana("user", "create", "eve@x.example", "--role", "viewer")
    ana("client", "create", "Other")
    ana("engagement", "create", "Next", "--client", "Other")
    (settings / "data" / "cli.json").unlink()
    assert "There are 2 engagements" in ana("flow", "list").err
    assert "has several members" in ana("flow", "list", "--engagement", "Exit").err
    assert "Nobody is a member of 'Next'" in ana("flow", "list", "--engagement", "Other/Next").err
    assert ana("flow", "list", "--engagement", "Exit", "--as", "eve@x.example").code == 0


def test_the_only_member_of_the_only_engagement_needs_no_name(ana: Shell, settings: Path) -> None:
    (settings / "data" / "cli.json").unlink()
    assert ana("flow", "list").code == 0


def test_a_memory_that_cannot_be_read_is_said(ana: Shell, settings: Path) -> None:
    (settings / "data" / "cli.json").write_text("{", encoding="utf-8")
    assert "cli.json cannot be read" in ana("flow", "list").err


def test_a_token_is_shown_once_listed_and_ended(ana: Shell) -> None:
    made = ana("token", "create", "--name", "job", "--days", "3")
    assert made.out.startswith("mf_")
    assert "not shown again" in made.err
    [listed] = ana("token", "list", "--json").json["items"]
    assert listed["name"] == "job"
    assert made.out.strip() not in ana("token", "list").out
    assert ana("token", "revoke", listed["id"]).out == "Token 'job' is ended.\n"
    whole = ana("token", "create", "--every-engagement", "--json").json
    assert whole["token"]["engagement_id"] is None


def test_a_token_needs_an_owner(shell: Shell) -> None:
    assert "Nobody is named" in shell("token", "create").err


def test_a_command_acts_as_the_owner_of_the_token(ana: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    ana("user", "create", "eve@x.example", "--role", "viewer")
    secret = ana("token", "create", "--as", "eve@x.example").out.strip()
    monkeypatch.setenv("MASTERFLOW_TOKEN", secret)
    assert ana("flow", "list").code == 0
    assert "eve@x.example has viewer" in ana("flow", "create", "discovery").err
    assert "named by its id" in ana("flow", "list", "--engagement", "Exit").err
    monkeypatch.setenv("MASTERFLOW_TOKEN", "mf_wrong")
    assert "unknown, expired or revoked" in ana("flow", "list").err


def test_one_role_is_given_and_taken(ana: Shell) -> None:
    ana("user", "create", "ben@x.example", "--role", "viewer")
    assert ana("user", "grant", "ben@x.example", "--role", "approver").out == "ben@x.example is approver, viewer.\n"
    assert ana("user", "grant", "ben@x.example", "--role", "analyst", "--json").json["roles"][0] == "analyst"
    assert ana("user", "revoke", "ben@x.example", "--role", "viewer").out == "ben@x.example is analyst, approver.\n"
    assert "is no viewer here" in ana("user", "revoke", "ben@x.example", "--role", "viewer").err
    shown = ana("user", "show", "ben@x.example", "--json").json
    assert (shown["roles"], shown["kind"], shown["disabled_at"]) == (["analyst", "approver"], "person", None)
    assert "ben@x.example" in ana("user", "show", "ben@x.example").out
    assert "There is no such member" in ana("user", "show", "nobody@x.example").err


def test_somebody_is_disabled_and_enabled(ana: Shell) -> None:
    ana("user", "create", "ben@x.example", "--role", "viewer")
    assert ana("user", "disable", "ben@x.example").out == "ben@x.example is disabled.\n"
    refused = ana("flow", "list", "--as", "ben@x.example")
    assert (refused.code, "is disabled" in refused.err) == (1, True)
    assert ana("user", "show", "ben@x.example", "--json").json["disabled_at"] is not None
    assert ana("user", "enable", "ben@x.example").out == "ben@x.example may act again.\n"
    assert ana("flow", "list", "--as", "ben@x.example").code == 0


def test_a_service_account_is_made_and_gets_a_narrowed_token(ana: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ana("user", "create", "robot", "--service", "--role", "engineer", "--json").json
    assert (made["name"], made["kind"]) == ("robot", "service")
    assert "service" in ana("user", "list").out
    assert "which people answer for" in ana("user", "create", "other", "--service", "--role", "lead").err
    secret = ana("token", "create", "--as", "robot", "--scope", "flows.read").out.strip()
    [listed] = ana("token", "list", "--json").json["items"]
    assert (listed["owner"], listed["scopes"], listed["state"]) == (made["email"], ["flows.read"], "active")
    assert "flows.read" in ana("token", "list").out
    monkeypatch.setenv("MASTERFLOW_TOKEN", secret)
    assert ana("flow", "list").code == 0
    assert "narrowed to flows.read" in ana("flow", "create", "discovery").err


def test_a_sign_in_link_is_made_by_the_operator_or_a_client_admin(ana: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ana("user", "sign-in-link", "ana@northwind.example", "--url", "https://mf.example/")
    assert made.out.startswith("https://mf.example/sign-in#code=mfc_")
    assert "signs ana@northwind.example in once" in made.err
    assert ana("user", "sign-in-link", "ana@northwind.example", "--json").json["path"].startswith("/sign-in#code=mfc_")
    ana("user", "create", "eve@x.example", "--role", "client_admin")
    for who, code in (("ana@northwind.example", 1), ("eve@x.example", 0)):
        monkeypatch.setenv("MASTERFLOW_TOKEN", ana("token", "create", "--as", who).out.strip())
        assert ana("user", "sign-in-link", "ana@northwind.example").code == code
        assert "nobody@x.example is no member" in ana("user", "sign-in-link", "nobody@x.example").err
        monkeypatch.delenv("MASTERFLOW_TOKEN")


def test_sessions_are_listed_and_ended(ana: Shell) -> None:
    assert ana("session", "list").out == "There is no session.\n"
    code = ana("user", "sign-in-link", "ana@northwind.example", "--json").json["path"].partition("code=")[2]
    with quiet():
        with_parts(lambda parts: parts.tenancy.signing.sign_in(code, browser="Firefox"))
    [listed] = ana("session", "list", "--json").json["items"]
    assert (listed["browser"], listed["state"]) == ("Firefox", "active")
    assert "Firefox" in ana("session", "list").out
    assert ana("session", "end", listed["id"]).out == "The session is ended.\n"
    assert ana("session", "list", "--json").json["items"][0]["state"] == "revoked"


def test_the_table_of_roles_is_shown(shell: Shell) -> None:
    assert "gates.decide" in shell("user", "roles").out
    table = shell("user", "roles", "--json").json
    assert {one["role"] for one in table["roles"]} >= {"lead", "client_admin"}
