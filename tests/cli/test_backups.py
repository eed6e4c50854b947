"""Backups from the command line."""

from pathlib import Path

import psycopg
import pytest

from masterflow.db.urls import DatabaseUrls
from tests.cli.conftest import Shell


def test_a_backup_is_made_verified_and_restored(ana: Shell, settings: Path) -> None:
    made = ana("db", "backup", settings / "kept")
    assert (made.code, f"{settings / 'kept'} holds Postgres 18" in made.out) == (0, True)
    assert "pg_verifybackup" not in made.err
    whole = ana("db", "verify", settings / "kept")
    assert (whole.code, "is whole" in whole.out) == (0, True)
    restored = ana("db", "restore", settings / "kept", "--into", settings / "new")
    assert (restored.code, "Start Postgres 18 on" in restored.out) == (0, True)
    again = ana("db", "restore", settings / "kept", "--into", settings / "new")
    assert (again.code, "holds a database" in again.err) == (1, True)


def test_every_form_speaks_json(ana: Shell, settings: Path) -> None:
    made = ana("db", "backup", settings / "kept.tar", "--json").json
    assert ana("db", "verify", settings / "kept.tar", "--json").json == made
    assert ana("db", "restore", settings / "kept.tar", "--into", settings / "new", "--json").json == made
    looked = {one["name"]: one["ok"] for one in ana("db", "verify", "--json").json["items"]}
    assert set(looked.values()) == {True}


def test_an_unsound_database_is_told_with_exit_code_1(ana: Shell, urls: DatabaseUrls) -> None:
    assert ana("db", "verify").code == 0
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "INSERT INTO flow_events (client_account_id, engagement_id, flow_id, seq, kind, actor)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 7, 'planted', 'test')"
        )
    ran = ana("db", "verify")
    assert (ran.code, "WRONG" in ran.out, "not sound" in ran.err) == (1, True, True)


def test_without_a_role_that_replicates_nothing_is_backed_up(
    ana: Shell, settings: Path, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MASTERFLOW_DATABASE_URL")
    for role, url in (("APP", urls.app), ("ENGINE", urls.engine)):
        monkeypatch.setenv(f"MASTERFLOW_DATABASE_{role}_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("MASTERFLOW_ARTIFACTS_URL", "memory://files")
    ran = ana("db", "backup", settings / "kept")
    assert (ran.code, "MASTERFLOW_DATABASE_BACKUP_URL" in ran.err) == (1, True)
    assert urls.admin is not None
    monkeypatch.setenv("MASTERFLOW_DATABASE_BACKUP_URL", urls.admin.render_as_string(hide_password=False))
    ran = ana("db", "backup", settings / "kept")
    assert (ran.code, "stay at memory://files" in ran.out) == (0, True)
