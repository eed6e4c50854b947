"""A worker deletes what is over: answers under idempotency keys, and all that is kept for a while."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from masterflow.db.retention import RETENTION, Retention
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.worker import expiry as module
from masterflow.worker.expiry import expiry
from tests.conftest import Cast


def put(urls: DatabaseUrls, cast: Cast, count: int, age: str) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        for tenant in (cast.tenant, cast.outsider.tenant):
            connection.execute(
                "INSERT INTO idempotency_keys (client_account_id, engagement_id, key_hash, digest, status, headers,"
                " body, expires_at) SELECT %s, %s, sha256((%s || %s || n)::bytea), '', 200, '{}', '', now() + %s"
                " FROM generate_series(1, %s) n",
                (tenant.client_account_id, tenant.engagement_id, str(tenant.client_account_id), age, age, count),
            )


def left(urls: DatabaseUrls) -> int:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        row = connection.execute("SELECT count(*) FROM idempotency_keys").fetchone()
        assert row is not None
        return int(row[0])


async def test_expired_keys_of_every_client_are_deleted_and_no_other(
    database: Database, cast: Cast, urls: DatabaseUrls
) -> None:
    put(urls, cast, 600, "-1 second")
    put(urls, cast, 2, "1 hour")
    duty = expiry(database, period=timedelta(minutes=5))
    assert await duty.do() == 1200
    assert left(urls) == 4
    assert await duty.do() == 0


async def test_one_turn_deletes_no_more_than_it_may(
    database: Database, cast: Cast, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 1)
    put(urls, cast, 600, "-1 second")
    assert await expiry(database, period=timedelta(minutes=5)).do() == 1000
    assert left(urls) == 200


INTO = "INSERT INTO {table} (client_account_id, engagement_id, "
ROWS = {
    "webhook_deliveries": "webhook_id, kind, body, state, ended_at) VALUES ($c, $e, $h, '', '', $s, $t)",
    "schedule_runs": "schedule_id, due_at, outcome, at) VALUES ($c, $e, gen_random_uuid(), now(), 'passed', $t)",
    "bulk_jobs": "command, selection, ordered_by, ordered_by_email, items, finished_at)"
    " VALUES ($c, $e, 'pause', '{}', $u, '', 1, $t)",
    "sign_in_links": "user_id, code_hash, expires_at) VALUES ($c, $e, $u, sha256(gen_random_uuid()::text::bytea), $t)",
    "sessions": "user_id, secret_hash, idle_until, expires_at)"
    " VALUES ($c, $e, $u, sha256(gen_random_uuid()::text::bytea), now(), $t)",
}


def keep(connection: psycopg.Connection, cast: Cast, kept: Retention, age: timedelta | None) -> None:
    """A row of every tenant that has been over for so long; None: it is not over."""
    if kept.table == "relay_failures":
        connection.execute(
            "INSERT INTO relay_failures SELECT coalesce(max(event_id), 0) + 1, '', '', now() - %s FROM relay_failures",
            (age,),
        )
        return
    for person in (cast.lead, cast.outsider):
        tenant = person.tenant
        given: dict[str, object] = {"c": tenant.client_account_id, "e": tenant.engagement_id, "u": person.user_id}
        if kept.table == "webhook_deliveries":
            given |= {"h": webhook(connection, *list(given.values())[:2]), "s": "delivered" if age else "pending"}
        given["t"] = None
        if age is not None:
            row = connection.execute("SELECT now() - %s", (age,)).fetchone()
            given["t"] = row and row[0]
        sql = INTO.format(table=kept.table) + ROWS[kept.table]
        for name in given:
            sql = sql.replace(f"${name}", f"%({name})s")
        connection.execute(sql, given)


def webhook(connection: psycopg.Connection, client: object, engagement: object) -> UUID:
    row = connection.execute(
        "INSERT INTO webhooks (client_account_id, engagement_id, url, description, kinds, flow_types, secret,"
        " created_by) VALUES (%s, %s, '', '', '{}', '{}', '', '') RETURNING id",
        (client, engagement),
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


@pytest.mark.parametrize("kept", RETENTION, ids=lambda kept: kept.table)
async def test_of_every_client_what_is_over_goes_and_no_other(
    database: Database, cast: Cast, urls: DatabaseUrls, kept: Retention
) -> None:
    may_wait = kept.table in {"webhook_deliveries", "bulk_jobs"}
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        before = connection.execute(f"SELECT count(*) FROM {kept.table}").fetchone()
        for age in (kept.kept_for + timedelta(hours=1), kept.kept_for - timedelta(hours=1), *[None] * may_wait):
            keep(connection, cast, kept, age)
        if kept.belonging:
            connection.execute(
                "INSERT INTO bulk_job_items (client_account_id, engagement_id, job_id, position, flow_id, version)"
                " SELECT client_account_id, engagement_id, id, 1, id, 1 FROM bulk_jobs"
            )
    clients = 1 if kept.table == "relay_failures" else 2
    assert await expiry(database, period=timedelta(minutes=5)).do() == clients
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        after = connection.execute(f"SELECT count(*) FROM {kept.table}").fetchone()
        items = connection.execute("SELECT count(*) FROM bulk_job_items").fetchone()
    assert before is not None
    assert after == (before[0] + clients * (1 + may_wait),)
    assert items == (4 if kept.belonging else 0,)


async def test_what_is_kept_for_a_while_is_found_by_an_index(database: Database) -> None:
    async with database.moving() as connection:
        indexes = await connection.fetch("SELECT tablename, indexdef FROM pg_indexes")
    for kept in RETENTION:
        assert [row for row in indexes if row["tablename"] == kept.table and f"btree ({kept.over})" in row["indexdef"]]


async def test_only_the_engine_deletes_runs_of_schedules(urls: DatabaseUrls) -> None:
    with (
        psycopg.connect(urls.app.render_as_string(hide_password=False)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM schedule_runs")
