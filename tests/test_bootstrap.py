"""Where the parts meet: which database, whether it may be migrated, and what is joined."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from masterflow.bootstrap import database_server, masterflow
from masterflow.config import Settings
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import ConfigurationInvalid, Unavailable
from tests.conftest import ROLE_SECRET


@pytest.fixture
def settings(urls: DatabaseUrls, tmp_path: Path) -> Settings:
    assert urls.admin is not None
    return Settings(
        database_url=SecretStr(urls.admin.render_as_string(hide_password=False)),
        database_role_secret=SecretStr(ROLE_SECRET),
        data_dir=tmp_path,
    )


@pytest.fixture
def empty_database(settings: Settings, urls: DatabaseUrls) -> Iterator[Settings]:
    """The same on a database in which nothing is."""
    assert urls.admin is not None
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(urls.admin.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        empty = urls.admin.set(database=name).render_as_string(hide_password=False)
        yield settings.model_copy(update={"database_url": SecretStr(empty)})
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def change(urls: DatabaseUrls, statement: str) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(statement)


async def test_the_parts_are_joined_over_the_database_that_is_named(settings: Settings) -> None:
    async with masterflow(settings) as parts:
        assert [t.name for t in parts.registry.all()][:3] == ["discovery", "assessment", "planning"]
        assert await parts.operator.clients() == []
        assert parts.application().title == "Masterflow"


async def test_a_worker_moves_flows_while_its_block_lasts(settings: Settings, urls: DatabaseUrls) -> None:
    async with masterflow(settings) as parts, parts.working() as worker:
        async with parts.database.moving() as connection:
            rows = await connection.fetch("SELECT worker_id FROM workers")
        assert [row["worker_id"] for row in rows] == [worker.worker_id]
        assert "GateWatch.look" in {duty.do.__qualname__ for duty in worker._duties}


async def test_a_database_of_another_version_is_refused(settings: Settings, urls: DatabaseUrls) -> None:
    change(urls, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(ConfigurationInvalid, match=r"at version 0000.*Run `masterflow db migrate`"):
        async with masterflow(settings):
            pass


async def test_an_empty_database_is_migrated_only_where_that_is_allowed(
    settings: Settings, empty_database: Settings
) -> None:
    with pytest.raises(Unavailable, match="If it is new, run `masterflow db migrate`"):
        async with masterflow(empty_database):
            pass
    async with masterflow(empty_database, may_migrate=True) as parts:
        _, made = await parts.operator.local_owner()
        assert made


async def test_without_an_owners_connection_there_is_no_local_operator(settings: Settings, urls: DatabaseUrls) -> None:
    apart = Settings(
        database_app_url=SecretStr(urls.app.render_as_string(hide_password=False)),
        database_engine_url=SecretStr(urls.engine.render_as_string(hide_password=False)),
        data_dir=settings.data_dir,
    )
    async with masterflow(apart) as parts:
        with pytest.raises(ConfigurationInvalid, match="MASTERFLOW_DATABASE_MIGRATE_URL is not set"):
            _ = parts.operator


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that the user a server drops to may enter."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o011)
    return tmp_path


async def test_without_a_named_database_one_is_started_and_migrated(open_folder: Path) -> None:
    settings = Settings(data_dir=open_folder / "data", database_url=None)
    async with masterflow(settings) as parts:
        _, made = await parts.operator.local_owner()
        assert made
        with database_server(settings) as joined:  # a second process finds the same server
            assert joined.app == parts.urls.app
    async with masterflow(settings) as parts:
        _, made = await parts.operator.local_owner()
        assert not made
