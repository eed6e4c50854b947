"""The audit is written with what it tells of, once a call, and never changed."""

import asyncpg
import psycopg
import pytest
import sqlalchemy as sa

from masterflow.db.calls import calling, outside_calls
from masterflow.db.session import Database
from masterflow.db.tables.tenancy import engagements
from masterflow.db.urls import DatabaseUrls
from masterflow.tenancy.operator import LocalOperator
from tests.conftest import Cast
from tests.db.test_calls import a_call


def lines(urls: DatabaseUrls) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        return connection.execute("SELECT action, outcome, client_account_id, engagement_id FROM audit_log").fetchall()


async def write(database: Database, cast: Cast, name: str) -> None:
    async with database.transaction(cast.tenant) as session:
        await session.execute(sa.insert(engagements), [{**session.stamp(engagements), "name": name}])


async def test_the_first_transaction_that_writes_records_the_call(
    database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    with calling(a_call()):
        async with database.transaction(cast.tenant) as session:
            await session.execute(sa.select(engagements))
        async with database.commanding(cast.tenant) as connection:
            await connection.fetch("SELECT 1")
        assert lines(urls) == []
        async with database.commanding(cast.tenant) as connection:
            await connection.execute(
                "INSERT INTO engagements (client_account_id, name) VALUES ($1, 'hot')", cast.tenant.client_account_id
            )
        await write(database, cast, "second")
    ids = (cast.tenant.client_account_id, cast.tenant.engagement_id)
    assert lines(urls) == [("pause_flow", "done", *ids)]


async def test_a_transaction_that_fails_takes_its_line_with_it_and_the_next_one_writes_it(
    database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    with calling(a_call()):
        with pytest.raises(RuntimeError):
            async with database.transaction(cast.tenant) as session:
                await session.execute(sa.insert(engagements), [{**session.stamp(engagements), "name": "lost"}])
                raise RuntimeError
        assert lines(urls) == []
        await write(database, cast, "kept")
    assert len(lines(urls)) == 1


async def test_what_belongs_to_no_call_leaves_no_line(database: Database, cast: Cast, urls: DatabaseUrls) -> None:
    await write(database, cast, "before")
    with calling(a_call()), outside_calls():
        await write(database, cast, "set off")
    assert lines(urls) == []


async def test_what_an_operator_does_is_recorded(cast: Cast, urls: DatabaseUrls) -> None:
    operator = LocalOperator(urls.owner)
    with calling(a_call("client create")):
        client = await operator.create_client("new")
    with calling(a_call("user create")):
        await operator.add_member(cast.tenant, email="b@home.example", role="viewer")
        await operator.members(cast.tenant)
    with calling(a_call("user list")):
        await operator.members(cast.tenant)
    assert lines(urls) == [
        ("client create", "done", client.id, None),
        ("user create", "done", cast.tenant.client_account_id, cast.tenant.engagement_id),
    ]


async def test_a_message_that_no_text_can_hold_is_recorded_all_the_same(
    database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    with calling(a_call()) as ongoing:
        await database.note_refusal(cast.tenant, ongoing, code="c" * 100, message="\x00\ud800" + "x" * 2000)
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        row = connection.execute("SELECT code, message FROM audit_log").fetchone()
    assert row is not None
    assert (row[0], row[1][:13], len(row[1])) == ("c" * 80, "\\u0000\\ud800x", 1000)


async def test_a_line_is_invisible_to_another_client_and_cannot_be_planted_there(
    database: Database, cast: Cast
) -> None:
    with calling(a_call()) as ongoing:
        await database.note_refusal(cast.tenant, ongoing, code="conflict", message="no")
    async with database.reading(cast.outsider.tenant) as connection:
        assert await connection.fetchval("SELECT count(*) FROM audit_log") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.commanding(cast.outsider.tenant) as connection:
            await connection.execute(
                """INSERT INTO audit_log (client_account_id, actor, through, action, request_id, outcome, detail)
                   VALUES ($1, 'a', 'cli', 'a', 'r', 'done', '{}'::text::jsonb)""",
                cast.tenant.client_account_id,
            )


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET actor = 'somebody else'", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
async def test_nobody_changes_the_audit_not_even_the_owner(
    database: Database, cast: Cast, urls: DatabaseUrls, statement: str
) -> None:
    with calling(a_call()):
        await write(database, cast, "second")
    for url in (urls.app, urls.engine, urls.owner):
        with (
            psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT set_config('app.client', %s, true)", (str(cast.tenant.client_account_id),))
            connection.execute(statement)
    assert len(lines(urls)) == 1
