"""The names of those who started flows: read once, of the client that asks, and not for long."""

from datetime import timedelta
from uuid import uuid4

import pytest

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.orchestrator import starters
from masterflow.orchestrator.starters import Starters
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast


class Counting:
    """A connection that counts what is asked of it."""

    def __init__(self, connection: object) -> None:
        self._connection = connection
        self.asked = 0

    async def fetch(self, *arguments: object) -> object:
        self.asked += 1
        return await self._connection.fetch(*arguments)


async def named(database: Database, known: Starters, tenant: Tenant, *ids: object) -> tuple[dict[str, str], int]:
    async with database.reading(tenant) as connection:
        counting = Counting(connection)
        found = await known.names(counting, tenant.client_account_id, map(str, ids))
    return dict(found), counting.asked


async def test_a_name_is_read_once_and_of_the_own_client_alone(database: Database, cast: Cast) -> None:
    known, lead = Starters(), cast.lead.user_id
    assert await named(database, known, cast.tenant, lead, lead) == ({str(lead): cast.lead.email}, 1)
    assert await named(database, known, cast.tenant, lead) == ({str(lead): cast.lead.email}, 0)
    assert await named(database, known, cast.outsider.tenant, lead) == ({}, 1)


async def test_a_service_account_is_known_by_its_name(database: Database, cast: Cast, urls: DatabaseUrls) -> None:
    service = await LocalOperator(urls.owner).create_service_account(cast.tenant, "nightly", roles=["analyst"])
    found, _ = await named(database, Starters(), cast.tenant, service.user.id)
    assert found == {str(service.user.id): "nightly"}


async def test_who_is_none_of_our_people_has_no_name(database: Database, cast: Cast) -> None:
    assert await named(database, Starters(), cast.tenant, "crew-7", "") == ({}, 0)
    assert await named(database, Starters(), cast.tenant, uuid4()) == ({}, 1)


async def test_what_is_kept_ages_and_does_not_grow(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Starters()
    monkeypatch.setattr(starters, "MOST_KEPT", 1)
    for who in (cast.lead.user_id, cast.approver.user_id):
        await named(database, known, cast.tenant, who)
    assert list(known._kept) == [(cast.tenant.client_account_id, str(cast.approver.user_id))]
    monkeypatch.setattr(starters, "KEPT_FOR", timedelta(0))
    assert (await named(database, known, cast.tenant, cast.approver.user_id))[1] == 1
