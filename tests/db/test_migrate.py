"""Migrations run once, under a lock, forwards and back."""

import psycopg
import pytest
from alembic import command
from sqlalchemy.engine import make_url

from masterflow.db import migrate as module
from masterflow.db.migrate import migrate, status
from masterflow.db.urls import DatabaseUrls, derive_urls
from masterflow.errors import ConfigurationInvalid, Unavailable


def test_a_migrated_database_has_nothing_left_to_do(urls: DatabaseUrls) -> None:
    applied, newest = status(urls)
    assert applied == newest
    assert migrate(urls) == []


def test_every_migration_can_be_taken_back_and_run_again(urls: DatabaseUrls) -> None:
    engine = module._sync_engine(urls.owner)
    with engine.connect() as connection:
        command.downgrade(module._config(connection), "base")
        connection.commit()
    engine.dispose()
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        left = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert left == [("alembic_version",)]
    assert migrate(urls)[0] == "0001"
    assert status(urls)[0] == status(urls)[1]


def test_a_postgres_that_is_away_is_said_in_a_sentence() -> None:
    with pytest.raises(Unavailable, match=r"Postgres at 127\.0\.0\.1:1 refuses role"):
        migrate(derive_urls(make_url("postgresql://x:y@127.0.0.1:1/none"), "s"))


def test_a_postgres_that_is_too_old_is_refused() -> None:
    class Old:
        class dialect:  # noqa: N801 - named as SQLAlchemy names it
            server_version_info = (14, 9)

    with pytest.raises(ConfigurationInvalid, match="Postgres 14 is too old"):
        module._refuse_old_postgres(Old())
