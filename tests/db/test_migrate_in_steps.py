"""Migrations add before they take away, and never let the world queue behind them."""

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from masterflow import __version__
from masterflow.db import migrate as module
from masterflow.db.migrate import Patience, is_current, migrate, newest_revision, status, waiting
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import ConfigurationInvalid, Conflict, Unavailable
from tests.rules.source import ROOT

QUICK = Patience(tries=2, rest=timedelta(0))
OTHER = "another version"


def connect(urls: DatabaseUrls, *, name: str = "test") -> psycopg.Connection:
    return psycopg.connect(urls.owner.render_as_string(hide_password=False), autocommit=True, application_name=name)


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Two migrations more: 9001 adds a column, 9002 takes it away."""
    before = newest_revision()
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    for name, down, statement in (
        ("9001_pre_note", before, "ALTER TABLE flow_events ADD COLUMN note text"),
        ("9002_post_note", "9001", "ALTER TABLE flow_events DROP COLUMN note"),
    ):
        (folder / "versions" / f"{name}.py").write_text(
            f"from alembic import op\nrevision, down_revision = {name[:4]!r}, {down!r}\n"
            f"def upgrade():\n    op.get_bind().exec_driver_sql({statement!r})\n"
        )
    monkeypatch.setattr(module, "_scripts_folder", lambda: folder)
    newest_revision.cache_clear()
    yield ["9001", "9002"]
    newest_revision.cache_clear()


def test_what_takes_away_waits_until_it_is_asked_for(urls: DatabaseUrls, planted: list[str]) -> None:
    assert not is_current(status(urls)[0])
    assert migrate(urls) == ["9001"]
    assert (waiting(urls), status(urls), is_current("9001")) == (["9002"], ("9001", "9002"), True)
    assert migrate(urls) == []
    assert migrate(urls, post=True) == ["9002"]
    assert (waiting(urls), is_current("9002")) == ([], True)


def test_a_new_database_gets_all_of_them_at_once(urls: DatabaseUrls, planted: list[str]) -> None:
    module.downgrade(urls)
    with connect(urls) as connection:
        connection.execute("DROP TABLE alembic_version")
    assert migrate(urls)[-2:] == planted


@pytest.mark.parametrize("name", [f"masterflow-api/{OTHER}", "masterflow-up"])
def test_nothing_is_taken_away_while_a_process_of_another_version_is_connected(
    urls: DatabaseUrls, planted: list[str], name: str
) -> None:
    with (
        connect(urls, name=name),
        pytest.raises(Conflict, match=r"still run: masterflow-(api of|up of version unknown)"),
    ):
        migrate(urls, post=True)
    assert status(urls)[0] not in planted
    with connect(urls, name=f"masterflow-api/{__version__}"):
        assert migrate(urls, post=True) == planted


def test_nothing_is_taken_away_while_a_worker_of_another_version_beats(urls: DatabaseUrls, planted: list[str]) -> None:
    with connect(urls) as connection:
        connection.execute(
            "INSERT INTO workers (worker_id, lock_key, host, pid, version) VALUES (gen_random_uuid(), 1, 'h', 7, %s)",
            (OTHER,),
        )
        with pytest.raises(Conflict, match=f"worker h:7 of version {OTHER}"):
            migrate(urls, post=True)
        connection.execute("UPDATE workers SET beat_at = now() - interval '31 seconds'")
    assert migrate(urls, post=True) == planted


def test_a_database_ahead_of_the_code_is_worked_with_and_never_migrated(urls: DatabaseUrls) -> None:
    with connect(urls) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert is_current("9999")
    assert not is_current(None)
    with pytest.raises(ConfigurationInvalid, match="The database is at version 9999"):
        migrate(urls)


def test_a_busy_table_is_given_up_on_in_a_sentence_and_others_read_meanwhile(
    urls: DatabaseUrls, planted: list[str]
) -> None:
    with connect(urls) as holder, connect(urls) as reader:
        holder.execute("BEGIN")
        holder.execute("SELECT count(*) FROM flow_events")  # a long report: an ALTER has to wait for it
        failed: list[Exception] = []

        def migrating() -> None:
            try:
                migrate(urls, patience=QUICK)
            except Unavailable as error:
                failed.append(error)

        thread = threading.Thread(target=migrating)
        thread.start()
        reader.execute("SET statement_timeout = '10s'")
        while thread.is_alive():
            reader.execute("SELECT count(*) FROM flow_events").fetchall()
        thread.join()
        holder.execute("COMMIT")
    assert [str(error).partition(";")[0] for error in failed] == [
        "Migration 9001 was tried 2 times and found a table busy each time"
    ]
    assert status(urls)[0] not in planted
    assert migrate(urls) == ["9001"]


def test_a_migration_goes_through_once_the_table_is_free(
    urls: DatabaseUrls, planted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(urls) as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT count(*) FROM flow_events")
        monkeypatch.setattr(module.time, "sleep", lambda _: holder.execute("COMMIT"))
        assert migrate(urls, patience=QUICK) == ["9001"]


def test_any_other_trouble_of_a_migration_is_not_tried_again(
    urls: DatabaseUrls, planted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def broken(*_: object) -> None:
        calls.append(1)
        raise module.OperationalError("ALTER", {}, psycopg.OperationalError("disk full"))

    monkeypatch.setattr(module.command, "upgrade", broken)
    with pytest.raises(module.OperationalError, match="disk full"):
        migrate(urls, patience=QUICK)
    assert calls == [1]


def test_every_migration_says_in_its_name_whether_it_adds_or_takes_away() -> None:
    names = [path.name for path in (ROOT / "migrations" / "versions").glob("*.py")]
    assert [name for name in names if name[4:9] not in {"_pre_", "_post"}] == []
