"""A worker deletes the answers under idempotency keys whose day is over."""

import psycopg
import pytest

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
    duty = expiry(database)
    assert await duty.do() == 1200
    assert left(urls) == 4
    assert await duty.do() == 0


async def test_one_turn_deletes_no_more_than_it_may(
    database: Database, cast: Cast, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 1)
    put(urls, cast, 600, "-1 second")
    assert await expiry(database).do() == 1000
    assert left(urls) == 200
