"""Saved views: one's own, those that are shared, and nobody else's."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from masterflow.db.session import Database
from masterflow.errors import Conflict, InvalidInput, NotAllowed, NotFound
from masterflow.records.views import store
from masterflow.records.views.service import SavedViews
from masterflow.tenancy.types import Tenant
from tests.conftest import Cast


async def test_own_views_and_shared_ones_are_seen(database: Database, cast: Cast) -> None:
    lead, approver, outsider = (SavedViews(database, who) for who in (cast.lead, cast.approver, cast.outsider))
    failed = await lead.save(" Failed ", page="flows", query="status=failed", shared=True)
    await lead.save("Mine", page="flows", query="created_by=me")
    await approver.save("Due", page="inbox", query="")
    assert (failed.name, failed.made_by, failed.mine) == ("Failed", "lead@home.example", True)
    assert [(v.name, v.mine) for v in await lead.list()] == [("Failed", True), ("Mine", True)]
    assert [(v.name, v.mine) for v in await approver.list()] == [("Failed", False), ("Due", True)]
    assert [v.name for v in await approver.list("inbox")] == ["Due"]
    assert await outsider.list() == ()


async def test_another_engagement_of_the_client_sees_no_shared_view(database: Database, cast: Cast) -> None:
    shared = await SavedViews(database, cast.lead).save("Failed", page="flows", query="", shared=True)
    next_door = replace(cast.approver, tenant=Tenant(cast.tenant.client_account_id, uuid4()))
    assert await SavedViews(database, next_door).list() == ()
    with pytest.raises(NotFound):
        await SavedViews(database, next_door).delete(shared.id)


async def test_only_the_owner_deletes(database: Database, cast: Cast) -> None:
    lead, approver, outsider = (SavedViews(database, who) for who in (cast.lead, cast.approver, cast.outsider))
    shared = await lead.save("Shared", page="flows", query="", shared=True)
    own = await lead.save("Own", page="flows", query="")
    with pytest.raises(NotAllowed, match=r"shared by lead@home\.example"):
        await approver.delete(shared.id)
    for who, view in ((approver, own), (outsider, shared)):
        with pytest.raises(NotFound):
            await who.delete(view.id)
    await lead.delete(shared.id)
    assert [v.name for v in await lead.list()] == ["Own"]


async def test_sharing_needs_the_right_to_run_flows(database: Database, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        await SavedViews(database, cast.approver).save("Due", page="inbox", query="", shared=True)
    assert await SavedViews(database, cast.approver).list() == ()


async def test_a_name_is_used_once_for_a_page(database: Database, cast: Cast) -> None:
    lead = SavedViews(database, cast.lead)
    for page in ("flows", "inbox"):
        await lead.save("Mine", page=page, query="")
    with pytest.raises(Conflict, match="You have a view 'Mine' of 'flows'"):
        await lead.save("Mine", page="flows", query="x")


@pytest.mark.parametrize(
    ("name", "page", "query", "said"),
    [
        ("  ", "flows", "", "The view's name is empty"),
        ("n", "Flows!", "", "'Flows!' is no page"),
        ("n", "flows", "x" * 2001, "The query has 2,001 characters"),
    ],
)
async def test_what_does_not_fit_is_said(
    database: Database, cast: Cast, name: str, page: str, query: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        await SavedViews(database, cast.lead).save(name, page=page, query=query)


async def test_a_person_has_no_more_views_than_allowed_even_at_once(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masterflow.records.views.service.MOST_VIEWS", 3)
    assert store.MOST_VIEWS == 100
    lead = SavedViews(database, cast.lead)
    saving = (lead.save(str(number), page="flows", query="") for number in range(5))
    kept = await asyncio.gather(*saving, return_exceptions=True)
    refused = [str(one) for one in kept if isinstance(one, Conflict)]
    assert len(refused) == 2
    assert "the most there may be" in refused[0]
    assert len(await lead.list()) == 3
    await SavedViews(database, cast.approver).save("theirs", page="flows", query="")
