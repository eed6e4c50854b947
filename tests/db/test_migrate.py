"""Migrations run once, under a lock, forwards and back."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import make_url

from masterflow.db import migrate as module
from masterflow.db.migrate import downgrade, migrate, status
from masterflow.db.rls import statements_for
from masterflow.db.tables import load_all
from masterflow.db.urls import DatabaseUrls, derive_urls
from masterflow.errors import ConfigurationInvalid, Unavailable
from tests.rules.source import ROOT

WAITING = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
VERSIONS = ROOT / "migrations" / "versions"


def test_a_migrated_database_has_nothing_left_to_do(urls: DatabaseUrls) -> None:
    applied, newest = status(urls)
    assert applied == newest
    assert migrate(urls) == []


def test_every_migration_can_be_taken_back_and_run_again(urls: DatabaseUrls) -> None:
    downgrade(urls)
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        left = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert left == [("alembic_version",)]
    assert migrate(urls)[0] == "0001"
    assert status(urls)[0] == status(urls)[1]


def test_roles_that_another_process_sets_at_the_same_moment_are_set_after_it(urls: DatabaseUrls) -> None:
    assert urls.admin is not None
    admin = urls.admin.render_as_string(hide_password=False)
    same = module.role_sql("ALTER", str(urls.app.username), str(urls.app.password))
    with psycopg.connect(admin) as other, psycopg.connect(admin, autocommit=True) as watcher:
        other.execute(same)
        with ThreadPoolExecutor() as pool:
            setting = pool.submit(module._make_roles, urls)
            while not watcher.execute(WAITING, (other.info.backend_pid,)).fetchone():
                assert not setting.done()
            other.commit()
            setting.result(timeout=30)


def test_a_postgres_that_is_away_is_said_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match=r"Postgres at 127\.0\.0\.1:1 refuses role"):
        migrate(derive_urls(make_url("postgresql://x:y@127.0.0.1:1/none"), "s"))


def test_a_postgres_that_is_too_old_is_refused() -> None:
    class Old:
        class dialect:  # noqa: N801 - named as SQLAlchemy names it
            server_version_info = (14, 9)

    with pytest.raises(ConfigurationInvalid, match="Postgres 14 is too old"):
        module._refuse_old_postgres(Old())


def test_the_migrated_database_is_the_one_that_the_code_declares(urls: DatabaseUrls) -> None:
    engine = module._sync_engine(urls.owner)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours})
        assert compare_metadata(context, load_all()) == []
    engine.dispose()


def test_the_frozen_sql_has_every_right_and_policy_that_the_code_declares() -> None:
    frozen = "".join(path.read_text(encoding="utf-8") for path in sorted(VERSIONS.glob("*.sql")))
    missing = [
        statement
        for table in load_all().tables.values()
        for statement in statements_for(table)
        if statement not in frozen
    ]
    assert missing == [], "write a migration"


def _ours(_: object, name: str | None, kind: str, *__: object) -> bool:
    return not (kind == "table" and name == "alembic_version")
