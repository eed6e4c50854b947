"""The database's version and roles, and what is installed and reachable."""

import socket
from pathlib import Path

import psycopg
import pytest

from masterflow.db.urls import DatabaseUrls
from tests.cli.conftest import Shell


def stale(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")


def test_the_version_is_told(shell: Shell, urls: DatabaseUrls) -> None:
    assert shell("db", "status", "--json").json["current"] is True
    stale(urls)
    ran = shell("db", "status")
    assert (ran.code, "version 0000" in ran.out) == (1, True)
    assert "Run `masterflow db migrate`." in ran.err


def test_migrating_a_current_database_changes_nothing(shell: Shell) -> None:
    assert shell("db", "migrate").out == "The database is at the newest version.\n"


def test_a_command_refuses_an_old_database(ana: Shell, urls: DatabaseUrls) -> None:
    stale(urls)
    ran = ana("flow", "list")
    assert (ran.code, "is at version 0000" in ran.err) == (1, True)


def test_the_roles_are_named_with_their_settings(shell: Shell) -> None:
    assert [r["role"] for r in shell("db", "roles", "--json").json["items"]] == [
        "masterflow_app",
        "masterflow_engine",
        "masterflow_migrate",
    ]
    assert "MASTERFLOW_DATABASE_ENGINE_URL" in shell("db", "roles").out


def test_the_printed_sql_makes_the_roles(shell: Shell, urls: DatabaseUrls) -> None:
    sql = shell("db", "roles").out
    assert "<password of masterflow_app>" in sql
    assert urls.admin is not None
    renamed = sql.replace("masterflow_", "trial_")
    with psycopg.connect(urls.admin.render_as_string(hide_password=False)) as connection:
        connection.execute(renamed)
        made = connection.execute(
            "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname LIKE 'trial\\_%'"
        ).fetchall()
        assert made == [(True, False, False, False)] * 3
        may = connection.execute(
            "SELECT has_database_privilege('trial_migrate', current_database(), 'CREATE'),"
            " has_schema_privilege('trial_migrate', 'public', 'CREATE')"
        ).fetchone()
        assert may == (True, True)
        connection.rollback()


def test_doctor_finds_what_is_there(ana: Shell) -> None:
    ran = ana("doctor", "--json")
    found = {f["name"]: f for f in ran.json["items"]}
    assert ran.code == 0
    assert all(found[name]["ok"] for name in ("python", "role app", "role engine", "role migrate", "migrations"))
    assert (found["worker"]["ok"], found["worker"]["needed"]) == (False, False)
    assert found["who acts"]["says"] == "ana@northwind.example"
    assert "Start `masterflow worker`" in ana("doctor").out


def test_doctor_tells_what_is_missing_with_the_fix(shell: Shell, urls: DatabaseUrls) -> None:
    stale(urls)
    ran = shell("doctor")
    assert ran.code == 1
    assert "MISSING" in ran.out
    assert "Run `masterflow db migrate`." in ran.out
    assert "nobody is remembered" in ran.out


def test_doctor_tries_a_database_that_is_away(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_DATABASE_URL", "postgresql://x:y@127.0.0.1:1/none")
    ran = shell("doctor", "--json")
    found = {f["name"]: f for f in ran.json["items"]}
    assert (ran.code, found["role app"]["ok"]) == (1, False)


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [("MASTERFLOW_DATABASE_URL", "mysql://x", "database"), ("MASTERFLOW_MAX_UPLOAD_MB", "-1", "settings")],
)
def test_doctor_names_a_setting_that_does_not_fit(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str, finding: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = shell("doctor", "--json")
    found = {f["name"]: f for f in ran.json["items"]}
    assert (ran.code, found[finding]["ok"]) == (1, False)
    assert name.removeprefix("MASTERFLOW_") in found[finding]["says"]


def test_doctor_of_a_fresh_folder_says_what_makes_the_database_and_makes_none(
    shell: Shell, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = settings / "fresh"
    monkeypatch.setenv("MASTERFLOW_DATA_DIR", str(fresh))
    monkeypatch.delenv("MASTERFLOW_DATABASE_URL")
    ran = shell("doctor", "--json")
    found = {f["name"]: f for f in ran.json["items"]}
    assert (ran.code, found["database"]["needed"]) == (0, False)
    assert found["database"]["says"] == "not set up yet in this data folder"
    assert not fresh.exists()


def test_doctor_knows_the_owner_of_a_token(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_TOKEN", "mf_x")
    found = {f["name"]: f for f in shell("doctor", "--json").json["items"]}
    assert found["who acts"]["says"] == "the owner of MASTERFLOW_TOKEN"


def test_doctor_looks_at_files_ports_keys_and_the_queue(
    ana: Shell, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTERFLOW_METRICS_PORT", "9")
    found = {f["name"]: f for f in ana("doctor", "--json").json["items"]}
    names = ("files", "model", "keys", "api port", "metrics port", "clock", "checksums", "waiting flows", "relay")
    assert [name for name in names if name not in found] == []
    assert found["files"]["says"].endswith("can be written")
    assert found["metrics port"]["says"] == "9 is free"
    assert (found["keys"]["ok"], found["keys"]["needed"]) == (False, False)
    assert [p.name for p in (settings / "data" / "artifacts").iterdir()] == []


def test_doctor_tells_files_that_cannot_be_kept(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_ARTIFACTS_URL", "nosuch://user:hidden@bucket/x")
    ran = shell("doctor", "--json")
    found = {f["name"]: f for f in ran.json["items"]}
    assert (ran.code, found["files"]["ok"]) == (1, False)
    assert "hidden" not in ran.out


def test_doctor_knows_who_listens_at_a_port(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("MASTERFLOW_METRICS_PORT", str(other.getsockname()[1]))
        found = {f["name"]: f for f in shell("doctor", "--json").json["items"]}
    assert found["metrics port"]["ok"] is False
    assert found["metrics port"]["says"].startswith("something else listens at")
