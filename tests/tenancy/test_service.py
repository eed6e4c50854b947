"""What members do: sign in by token, and change their own client as far as their roles go."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, InvalidInput, NotAllowed, NotAuthenticated, NotFound
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.roles import Role
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.store import TenancyStore
from masterflow.tenancy.tokens import hash_of
from masterflow.tenancy.types import Principal, Tenant
from tests.conftest import Cast


def rows(urls: DatabaseUrls, query: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        return connection.execute(query, values).fetchall()


def change(urls: DatabaseUrls, statement: str, *values: object) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(statement, values)


# Signing in


async def test_a_token_speaks_for_the_one_who_made_it(tenancy: Tenancy, cast: Cast) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    assert await tenancy.authenticate(issued.secret) == cast.lead
    assert await tenancy.authenticate(issued.secret, cast.tenant.engagement_id) == cast.lead


async def test_the_secret_is_not_stored(tenancy: Tenancy, cast: Cast, urls: DatabaseUrls) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    [(kept,)] = rows(urls, "SELECT to_jsonb(t)::text FROM api_tokens t")
    assert issued.secret.removeprefix("mf_") not in str(kept)
    assert rows(urls, "SELECT token_hash FROM api_tokens") == [(hash_of(issued.secret),)]


async def test_a_token_lives_ninety_days_unless_told(tenancy: Tenancy, cast: Cast) -> None:
    long = (await tenancy.create_token(cast.lead, name="laptop")).token
    short = (await tenancy.create_token(cast.lead, name="job", days=1)).token
    assert ((long.expires_at - long.created_at).days, (short.expires_at - short.created_at).days) == (90, 1)


@pytest.mark.parametrize("secret", [None, "", "mf_unknown", "x" * 10_000, "\udc80"])
async def test_without_a_known_token_nobody_is_let_in(tenancy: Tenancy, secret: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(secret)


async def test_an_expired_token_is_good_for_nothing(tenancy: Tenancy, cast: Cast, urls: DatabaseUrls) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    change(urls, "UPDATE api_tokens SET expires_at = now() - interval '1 second'")
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(issued.secret)


async def test_a_revoked_token_is_good_for_nothing_at_once(tenancy: Tenancy, cast: Cast) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    await tenancy.authenticate(issued.secret)
    await tenancy.revoke_token(cast.lead, issued.token.id)
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(issued.secret)


async def test_a_foreign_engagement_reads_like_an_unknown_one(tenancy: Tenancy, cast: Cast) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    said = []
    for engagement in (cast.outsider.tenant.engagement_id, uuid4()):
        with pytest.raises(NotAuthenticated) as refused:
            await tenancy.authenticate(issued.secret, engagement)
        said.append(str(refused.value))
    assert said[0] == said[1]


async def test_a_token_of_an_engagement_does_not_open_another_of_the_same_person(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    second = await tenancy.create_engagement(admin, "second")
    bound = await tenancy.create_token(admin, name="bound")
    free = await operator.create_token(cast.tenant, admin.email, name="free", every_engagement=True)
    assert (await tenancy.authenticate(free.secret, second.id)).tenant == second.tenant
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(bound.secret, second.id)
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(free.secret)


async def test_a_member_who_is_removed_is_locked_out_at_once(tenancy: Tenancy, cast: Cast) -> None:
    issued = await tenancy.create_token(cast.approver, name="laptop")
    await tenancy.remove_member(cast.lead, cast.approver.user_id)
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(issued.secret)


async def test_the_use_of_a_token_is_noted_once_a_minute(tenancy: Tenancy, cast: Cast, urls: DatabaseUrls) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    await tenancy.authenticate(issued.secret)
    [(first,)] = rows(urls, "SELECT last_used_at FROM api_tokens")
    await tenancy.authenticate(issued.secret)
    await Tenancy(tenancy.database).authenticate(issued.secret)  # another process
    assert rows(urls, "SELECT last_used_at FROM api_tokens") == [(first,)]
    change(urls, "UPDATE api_tokens SET last_used_at = now() - interval '61 seconds'")
    await Tenancy(tenancy.database).authenticate(issued.secret)
    [(later,)] = rows(urls, "SELECT last_used_at FROM api_tokens")
    assert first is not None
    assert later > first


async def test_a_process_forgets_the_tokens_it_noted_a_minute_ago(
    tenancy: Tenancy, cast: Cast, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("masterflow.tenancy.recency.time.monotonic", lambda: clock[0])
    issued = await tenancy.create_token(cast.lead, name="laptop")
    await tenancy.authenticate(issued.secret)
    change(urls, "UPDATE api_tokens SET last_used_at = NULL")
    clock[0] += 59
    await tenancy.authenticate(issued.secret)
    assert rows(urls, "SELECT last_used_at FROM api_tokens") == [(None,)]
    clock[0] += 1
    await tenancy.authenticate(issued.secret)
    assert rows(urls, "SELECT last_used_at FROM api_tokens") != [(None,)]


async def test_many_calls_with_one_token_at_once_are_all_let_in(tenancy: Tenancy, cast: Cast) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    found = await asyncio.gather(*(tenancy.authenticate(issued.secret) for _ in range(20)))
    assert set(found) == {cast.lead}


# Clients and engagements


async def test_a_member_sees_the_own_client(tenancy: Tenancy, cast: Cast) -> None:
    assert (await tenancy.client(cast.lead)).name == "home"
    assert (await tenancy.client(cast.outsider)).name == "away"


async def test_a_session_knows_its_own_engagement_only(database: Database, cast: Cast) -> None:
    async with database.transaction(cast.tenant) as session:
        own = await TenancyStore(session).engagement()
    assert own is not None
    assert own.tenant == cast.tenant
    foreign = Tenant(cast.tenant.client_account_id, cast.outsider.tenant.engagement_id)
    async with database.transaction(foreign) as session:
        assert await TenancyStore(session).engagement() is None


async def test_a_client_that_is_gone_is_not_found(tenancy: Tenancy, cast: Cast, database: Database) -> None:
    ghost = Principal(
        user_id=uuid4(),
        email="g@x",
        roles=frozenset(),
        tenant=type(cast.tenant)(client_account_id=uuid4(), engagement_id=uuid4()),
    )
    with pytest.raises(NotFound, match="no such client"):
        await tenancy.client(ghost)


async def test_a_client_admin_opens_an_engagement_and_is_in_it(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    second = await tenancy.create_engagement(admin, "second")
    assert [e.id for e in (await tenancy.engagements(admin)).items] == [cast.tenant.engagement_id, second.id]


async def test_a_lead_does_not_see_the_engagements_of_others(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    await tenancy.create_engagement(admin, "second")
    assert [e.name for e in (await tenancy.engagements(cast.lead)).items] == ["programme"]


async def test_an_engagement_cannot_be_opened_twice(tenancy: Tenancy, admin: Principal) -> None:
    with pytest.raises(Conflict, match="'programme' already"):
        await tenancy.create_engagement(admin, " programme ")


async def test_only_a_client_admin_opens_engagements(tenancy: Tenancy, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        await tenancy.create_engagement(cast.lead, "second")


@pytest.mark.parametrize("allowed", [True, False, None])
async def test_the_policy_of_self_approval_is_a_client_admins(
    tenancy: Tenancy, cast: Cast, admin: Principal, allowed: bool | None
) -> None:
    changed = await tenancy.set_self_approval(admin, cast.tenant.engagement_id, allowed)
    assert changed.self_approval is allowed
    with pytest.raises(NotAllowed):
        await tenancy.set_self_approval(cast.lead, cast.tenant.engagement_id, True)


async def test_the_policy_of_another_engagement_is_not_found(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    with pytest.raises(NotFound):
        await tenancy.set_self_approval(admin, cast.outsider.tenant.engagement_id, True)


async def test_engagements_come_in_pages(tenancy: Tenancy, admin: Principal) -> None:
    for number in range(4):
        await tenancy.create_engagement(admin, f"e{number}")
    names, cursor = [], None
    while True:
        page = await tenancy.engagements(admin, cursor=cursor, limit=2)
        names += [e.name for e in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert names == ["programme", "e0", "e1", "e2", "e3"]


@pytest.mark.parametrize("cursor", ["x", "", "AAAA", "MjAyNi0wMS0wMXwxMjM", "é"])
async def test_a_cursor_nobody_gave_is_refused(tenancy: Tenancy, admin: Principal, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="Start again without a cursor"):
        await tenancy.engagements(admin, cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 201])
async def test_a_page_is_bounded(tenancy: Tenancy, admin: Principal, limit: int) -> None:
    with pytest.raises(InvalidInput, match="Ask for 1 to 200"):
        await tenancy.engagements(admin, limit=limit)


# People


async def test_a_lead_adds_a_person_who_did_not_exist(tenancy: Tenancy, cast: Cast) -> None:
    member = await tenancy.add_member(cast.lead, email="New@Home.example", name="New", role="analyst")
    assert (member.user.email, member.user.name, member.roles) == ("new@home.example", "New", {Role.ANALYST})


async def test_a_person_of_two_clients_keeps_the_name(tenancy: Tenancy, cast: Cast) -> None:
    there = await tenancy.add_member(cast.outsider, email="both@x.example", name="Both", role="lead")
    here = await tenancy.add_member(cast.lead, email="both@x.example", name="Other", role="viewer")
    assert here.user == there.user
    assert (here.roles, there.roles) == ({Role.VIEWER}, {Role.LEAD})


async def test_a_role_given_twice_is_held_once(tenancy: Tenancy, cast: Cast, urls: DatabaseUrls) -> None:
    for _ in range(2):
        member = await tenancy.add_member(cast.lead, email="new@home.example", name="New", role="analyst")
    assert len(rows(urls, "SELECT 1 FROM memberships WHERE user_id = %s", member.user.id)) == 1


async def test_only_a_client_admin_makes_client_admins(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    with pytest.raises(NotAllowed, match=r"client\.manage"):
        await tenancy.add_member(cast.lead, email=cast.lead.email, name="Me", role="client_admin")
    made = await tenancy.add_member(admin, email=cast.lead.email, name="Lead", role="client_admin")
    assert made.roles == {Role.LEAD, Role.CLIENT_ADMIN}


async def test_no_member_makes_platform_operators(tenancy: Tenancy, admin: Principal) -> None:
    with pytest.raises(NotAllowed, match="made at the machine"):
        await tenancy.add_member(admin, email=admin.email, name="Me", role="platform_operator")


async def test_who_manages_no_members_adds_and_removes_nobody(tenancy: Tenancy, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        await tenancy.add_member(cast.approver, email="x@home.example", name="X", role="viewer")
    with pytest.raises(NotAllowed):
        await tenancy.remove_member(cast.approver, cast.lead.user_id)


async def test_members_are_those_of_the_engagement(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    second = await tenancy.create_engagement(admin, "second")
    there = Principal(user_id=admin.user_id, email=admin.email, tenant=second.tenant, roles=admin.roles)
    await tenancy.add_member(there, email="only@second.example", name="Only", role="lead")
    assert {m.user.email for m in (await tenancy.members(there)).items} == {"admin@home.example", "only@second.example"}
    assert {m.user.email for m in (await tenancy.members(cast.lead)).items} == {
        "lead@home.example",
        "approver@home.example",
        "admin@home.example",
    }


async def test_members_come_in_pages(tenancy: Tenancy, cast: Cast) -> None:
    first = await tenancy.members(cast.lead, limit=1)
    second = await tenancy.members(cast.lead, limit=1, cursor=first.cursor)
    assert [*first.items, *second.items] == list((await tenancy.members(cast.lead)).items)
    assert second.cursor is None


async def test_the_last_lead_does_not_leave(tenancy: Tenancy, operator: LocalOperator, cast: Cast) -> None:
    with pytest.raises(Conflict, match="last lead of an engagement"):
        await tenancy.remove_member(cast.lead, cast.lead.user_id)
    await operator.add_member(cast.tenant, email="second@home.example", role="lead")
    await tenancy.remove_member(cast.lead, cast.lead.user_id)


async def test_a_lead_cannot_remove_a_client_admin_but_another_admin_can(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    with pytest.raises(NotFound, match="no such member"):
        await tenancy.remove_member(cast.lead, admin.user_id)
    await operator.add_member(cast.tenant, email="second@home.example", role="client_admin")
    other = await operator.principal(cast.tenant, "second@home.example")
    await tenancy.remove_member(other, admin.user_id)
    assert admin.email not in {m.user.email for m in (await tenancy.members(cast.lead)).items}


async def test_people_of_another_client_are_not_found(tenancy: Tenancy, cast: Cast) -> None:
    with pytest.raises(NotFound):
        await tenancy.remove_member(cast.lead, cast.outsider.user_id)
    assert (await tenancy.members(cast.outsider)).items[0].user.id == cast.outsider.user_id


# Tokens


async def test_a_member_sees_own_tokens_and_a_lead_everybodys(tenancy: Tenancy, cast: Cast, viewer: Principal) -> None:
    mine = (await tenancy.create_token(viewer, name="mine")).token
    other = (await tenancy.create_token(cast.lead, name="other")).token
    assert [t.id for t in (await tenancy.tokens(viewer)).items] == [mine.id]
    assert [t.id for t in (await tenancy.tokens(cast.lead)).items] == [mine.id, other.id]
    assert (await tenancy.tokens(cast.outsider)).items == ()


async def test_a_member_ends_own_tokens_and_a_lead_everybodys(tenancy: Tenancy, cast: Cast, viewer: Principal) -> None:
    mine = (await tenancy.create_token(viewer, name="mine")).token
    theirs = (await tenancy.create_token(cast.lead, name="theirs")).token
    for token, actor in ((theirs, viewer), (mine, cast.outsider), (theirs, cast.outsider)):
        with pytest.raises(NotFound, match="no such token"):
            await tenancy.revoke_token(actor, token.id)
    ended = await tenancy.revoke_token(cast.lead, mine.id)
    assert ended.revoked_at is not None
    assert await tenancy.revoke_token(viewer, mine.id) == ended


async def test_a_token_needs_a_name_and_a_lifetime(tenancy: Tenancy, cast: Cast) -> None:
    with pytest.raises(InvalidInput, match="The token's name is empty"):
        await tenancy.create_token(cast.lead, name=" ")
    with pytest.raises(InvalidInput, match="cannot live 0 days"):
        await tenancy.create_token(cast.lead, name="x", days=0)
