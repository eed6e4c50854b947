"""What is wrong with the data of a running database is found and named."""

import hashlib
from pathlib import Path

import psycopg
import pytest

from masterflow.db.checking import Looked, check_live
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Unavailable
from masterflow.testing import empty_flow, running_orchestrator
from tests.conftest import Cast


def look(urls: DatabaseUrls, files: Path | None = None) -> dict[str, Looked]:
    return {one.name: one for one in check_live(urls.admin, urls.engine, files=files, tell=lambda _: None)}


def as_admin(urls: DatabaseUrls, statement: str) -> None:
    assert urls.admin is not None
    with psycopg.connect(urls.admin.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
async def flow(database: Database, cast: Cast) -> str:
    """A flow that ran to its end, and one that waits to be started."""
    async with running_orchestrator(database, [empty_flow(3)]) as kit:
        made = await kit.orchestrator.create_flow(cast.lead, "empty", {})
        await kit.orchestrator.create_flow(cast.outsider, "empty", {}, start=False)
        await kit.settled(cast.lead, made.flow_id)
    return str(made.flow_id)


async def test_sound_data_passes_every_check_and_no_extension_is_left(flow: str, urls: DatabaseUrls) -> None:
    found = look(urls)
    assert [one.name for one in found.values() if one.ok is not True] == []
    assert found["events have no hole"].says == "true of 2 flows"
    assert urls.admin is not None
    with psycopg.connect(urls.admin.render_as_string(hide_password=False)) as connection:
        assert connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'").fetchall() == []


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("DELETE FROM flow_events WHERE flow_id = '{flow}' AND seq = 2", "events have no hole"),
        (
            "UPDATE crewai_flow_state_extensions SET version = version + 1 WHERE flow_id = '{flow}'",
            "the row has the version of its last event",
        ),
        (
            "UPDATE crewai_flow_state_extensions SET flow_status = 'failed' WHERE flow_id = '{flow}'",
            "the row has the status that its events tell",
        ),
        (
            "DELETE FROM phase_results WHERE flow_id = '{flow}' AND phase_index = 0",
            "every finished phase has its result",
        ),
    ],
)
async def test_what_was_written_past_masterflow_is_found(flow: str, urls: DatabaseUrls, fault: str, check: str) -> None:
    as_admin(urls, fault.format(flow=flow))
    found = look(urls)
    assert (found[check].ok, flow in found[check].says) == (False, True)


async def test_a_damaged_index_is_found(flow: str, urls: DatabaseUrls) -> None:
    as_admin(
        urls,
        """
        CREATE TABLE words (word text);
        INSERT INTO words SELECT n::text FROM generate_series(1, 100) n;
        CREATE INDEX words_word ON words (word);
        UPDATE pg_index SET indisready = false, indislive = true WHERE indexrelid = 'words_word'::regclass;
        INSERT INTO words VALUES ('not in the index');
        UPDATE pg_index SET indisready = true WHERE indexrelid = 'words_word'::regclass;
        """,
    )
    found = look(urls)["pages and indexes"]
    assert (found.ok, "words_word" in found.says) == (False, True)


async def test_without_a_superuser_pages_are_said_not_to_be_looked_at(flow: str, urls: DatabaseUrls) -> None:
    for admin, says in ((None, "no administrator's connection"), (urls.owner, "masterflow_migrate is no superuser")):
        found = {one.name: one for one in check_live(admin, urls.engine, files=None, tell=lambda _: None)}
        assert (found["pages and indexes"].ok, found["pages and indexes"].says) == (None, says)


def test_a_file_that_is_not_what_its_name_says_is_named(urls: DatabaseUrls, tmp_path: Path) -> None:
    good = hashlib.sha256(b"good").hexdigest()
    (tmp_path / good).write_bytes(b"good")
    (tmp_path / "upload.part").write_bytes(b"still written")
    assert look(urls, tmp_path)["files"].says == "1 files have their checksum"
    (tmp_path / good).write_bytes(b"evil")
    assert look(urls, tmp_path)["files"].says == f"changed: {good}"


def test_a_database_that_is_away_is_said_in_a_sentence(urls: DatabaseUrls) -> None:
    with pytest.raises(Unavailable, match="cannot be verified"):
        list(check_live(None, urls.engine.set(port=1), files=None, tell=lambda _: None))
