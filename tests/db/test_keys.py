"""One transaction under one key: taken by one call at a time, kept for a day."""

import hashlib
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from masterflow.db import keys
from masterflow.db.calls import IdempotencyKey
from masterflow.db.keys import Answer, KeyPlace, delete_expired
from masterflow.db.session import Database
from masterflow.db.tables.tenancy import engagements
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import KeyInUse, KeyMisused
from tests.conftest import Cast
from tests.db.test_session import names

ANSWER = Answer(201, {"etag": '"1"'}, b"{}")


@pytest.fixture
def place(cast: Cast) -> KeyPlace:
    key = IdempotencyKey(text="one", digest=hashlib.sha256(b"asked").digest())
    return KeyPlace(cast.tenant.client_account_id, cast.tenant.engagement_id, cast.lead.user_id, key)


async def add(database: Database, cast: Cast, name: str) -> None:
    async with database.transaction(cast.tenant) as session:
        await session.execute(sa.insert(engagements), [{**session.stamp(engagements), "name": name}])


async def test_all_parts_are_kept_together_with_the_answer(database: Database, cast: Cast, place: KeyPlace) -> None:
    told: list[str] = []
    async with database.together(cast.tenant, place) as together:
        await add(database, cast, "a")
        async with database.commanding(cast.tenant) as connection:
            await connection.execute(
                "INSERT INTO engagements (client_account_id, name) VALUES ($1, 'b')", cast.tenant.client_account_id
            )
        async with database.reading(cast.tenant) as connection:
            assert await connection.fetchval("SELECT count(*) FROM engagements") == 3
        database.after_commit(lambda: told.append("committed"))
        assert told == []
        await together.conclude(ANSWER)
        assert told == ["committed"]
    assert sorted(await names(database, cast.tenant)) == ["a", "b", "programme"]
    assert await database.answered(place) == ANSWER


async def test_what_is_not_concluded_is_undone(database: Database, cast: Cast, place: KeyPlace) -> None:
    told: list[str] = []
    async with database.together(cast.tenant, place):
        await add(database, cast, "a")
        database.after_commit(lambda: told.append("committed"))
    assert await names(database, cast.tenant) == ["programme"]
    assert await database.answered(place) is None
    assert told == []


async def test_outside_of_it_what_follows_a_commit_follows_at_once(database: Database) -> None:
    told: list[str] = []
    database.after_commit(lambda: told.append("now"))
    assert told == ["now"]


async def test_a_part_that_fails_is_undone_alone(database: Database, cast: Cast, place: KeyPlace) -> None:
    async with database.together(cast.tenant, place) as together:
        await add(database, cast, "a")
        with pytest.raises(sa.exc.IntegrityError):
            await add(database, cast, "a")
        await add(database, cast, "b")
        await together.conclude(ANSWER)
    assert sorted(await names(database, cast.tenant)) == ["a", "b", "programme"]


async def test_a_part_of_another_client_is_refused(database: Database, cast: Cast, place: KeyPlace) -> None:
    async with database.together(cast.tenant, place):
        with pytest.raises(ValueError, match="one client"):
            await names(database, cast.outsider.tenant)


async def test_a_snapshot_stays_a_transaction_of_its_own(database: Database, cast: Cast, place: KeyPlace) -> None:
    async with database.together(cast.tenant, place):
        await add(database, cast, "a")
        async with database.snapshot(cast.tenant) as session:
            assert list((await session.execute(sa.select(engagements.c.name))).scalars()) == ["programme"]


async def test_a_key_is_held_by_one_call_at_a_time(database: Database, cast: Cast, place: KeyPlace) -> None:
    async with database.together(cast.tenant, place) as together:
        await add(database, cast, "a")
        async with database.asking() as other:
            with pytest.raises(KeyInUse):
                await place.claim(other)
        await together.conclude(ANSWER)
    async with database.reading(cast.tenant) as other:
        with pytest.raises(KeyInUse, match="answered just now"):
            await place.claim(other)


async def test_a_key_of_another_request_is_misused(database: Database, cast: Cast, place: KeyPlace) -> None:
    async with database.together(cast.tenant, place) as together:
        await together.conclude(ANSWER)
    with pytest.raises(KeyMisused):
        await database.answered(replace(place, key=IdempotencyKey(text="one", digest=bytes(32))))


async def test_another_client_person_or_text_is_another_key(database: Database, cast: Cast, place: KeyPlace) -> None:
    async with database.together(cast.tenant, place) as together:
        await together.conclude(ANSWER)
    outside = cast.outsider.tenant
    for other in (
        replace(place, client_account_id=outside.client_account_id, engagement_id=outside.engagement_id),
        replace(place, engagement_id=uuid4()),
        replace(place, user_id=cast.approver.user_id),
        replace(place, key=IdempotencyKey(text="two", digest=place.key.digest)),
    ):
        assert await database.answered(other) is None
    async with database.reading(outside) as connection:
        assert await connection.fetchval("SELECT count(*) FROM idempotency_keys") == 0


async def test_a_key_whose_day_is_over_is_free_again_and_deleted_some_at_a_time(
    database: Database, cast: Cast, place: KeyPlace, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def age() -> None:
        with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
            connection.execute("UPDATE idempotency_keys SET expires_at = now() - interval '1 second'")

    for text in ("one", "two", "three"):
        held = replace(place, key=IdempotencyKey(text=text, digest=place.key.digest))
        async with database.together(cast.tenant, held) as together:
            await together.conclude(ANSWER)
    age()
    other = Answer(204, {}, b"")
    async with database.together(cast.tenant, place) as together:
        await together.conclude(other)
    assert await database.answered(place) == other
    monkeypatch.setattr(keys, "DELETED_AT_ONCE", 1)
    async with database.moving() as connection:
        assert [await delete_expired(connection) for _ in range(3)] == [1, 1, 0]
    assert await database.answered(place) == other
