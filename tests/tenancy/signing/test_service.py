"""Links that are good once, and sessions that end by themselves."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, NotAllowed, NotAuthenticated, NotFound
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.signing.service import Signing
from masterflow.tenancy.tokens import hash_of
from masterflow.tenancy.types import OpenedSession, Principal, Through
from tests.conftest import Cast


@pytest.fixture
def signing(tenancy: Tenancy) -> Signing:
    return tenancy.signing


def rows(urls: DatabaseUrls, query: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        return connection.execute(query, values).fetchall()


def change(urls: DatabaseUrls, statement: str, *values: object) -> None:
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(statement, values)


async def opened(signing: Signing, operator: LocalOperator, who: Principal) -> OpenedSession:
    link = await operator.sign_in_link(who.tenant, who.email)
    return await signing.sign_in(link.code, browser="Firefox")


# Links


async def test_a_link_opens_a_session_of_its_owner(signing: Signing, operator: LocalOperator, cast: Cast) -> None:
    session = await opened(signing, operator, cast.lead)
    access = await signing.enter(session.secret)
    assert (access.principal, access.through, access.id) == (cast.lead, Through.SESSION, session.id)
    assert (session.tenant, session.user_id) == (cast.tenant, cast.lead.user_id)


async def test_a_code_is_good_once_also_when_many_bring_it(
    signing: Signing, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    link = await operator.sign_in_link(cast.tenant, cast.lead.email)
    tries = await asyncio.gather(*(signing.sign_in(link.code) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, OpenedSession) for one in tries) == 1
    assert sum(isinstance(one, NotAuthenticated) for one in tries) == 7
    assert rows(urls, "SELECT count(*) FROM sessions") == [(1,)]


async def test_every_code_that_is_no_good_reads_the_same(
    signing: Signing, operator: LocalOperator, cast: Cast, admin: Principal, tenancy: Tenancy, urls: DatabaseUrls
) -> None:
    used = await operator.sign_in_link(cast.tenant, cast.lead.email)
    await signing.sign_in(used.code)
    old = await operator.sign_in_link(cast.tenant, cast.lead.email)
    change(urls, "UPDATE sign_in_links SET expires_at = now() WHERE code_hash = %s", hash_of(old.code))
    gone = await signing.make_link(admin, cast.approver.user_id)
    await tenancy.people.remove(admin, cast.approver.user_id)
    codes = [used.code, old.code, gone.code, "mfc_never", "", "x" * 10_000, "\udc80"]
    said = set()
    for code in codes:
        with pytest.raises(NotAuthenticated) as refused:
            await signing.sign_in(code)
        said.add(str(refused.value))
    assert len(said) == 1
    assert "masterflow user sign-in-link EMAIL" in said.pop()


async def test_a_link_lives_a_quarter_of_an_hour(
    signing: Signing, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    await operator.sign_in_link(cast.tenant, cast.lead.email)
    [(minutes,)] = rows(urls, "SELECT extract(epoch FROM expires_at - created_at) / 60 FROM sign_in_links")
    assert minutes == 15


@pytest.mark.parametrize("how", ["disabled here", "disabled everywhere"])
async def test_a_link_of_somebody_disabled_is_no_good(
    how: str, signing: Signing, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    link = await operator.sign_in_link(cast.tenant, cast.approver.email)
    if how == "disabled here":  # directly, for disabling takes open links away too
        change(
            urls,
            "INSERT INTO suspensions (client_account_id, user_id, made_by) VALUES (%s, %s, 'x')",
            cast.tenant.client_account_id,
            cast.approver.user_id,
        )
    else:
        change(urls, "UPDATE users SET disabled_at = now() WHERE id = %s", cast.approver.user_id)
    with pytest.raises(NotAuthenticated):
        await signing.sign_in(link.code)
    with pytest.raises(Conflict, match="is disabled"):
        await operator.sign_in_link(cast.tenant, cast.approver.email)


async def test_a_client_admin_makes_links_for_members_and_is_named_in_the_session(
    signing: Signing, cast: Cast, admin: Principal
) -> None:
    link = await signing.make_link(admin, cast.approver.user_id)
    session = await signing.sign_in(link.code, browser="x" * 500)
    access = await signing.enter(session.secret)
    [listed] = (await signing.sessions(access.principal)).items
    assert (listed.made_by, listed.state, len(listed.browser or "")) == (admin.email, "active", 200)
    with pytest.raises(NotAllowed):
        await signing.make_link(cast.lead, cast.approver.user_id)


async def test_no_client_admin_signs_in_as_a_platform_operator(
    signing: Signing, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    member = await operator.add_member(cast.tenant, email="op@home.example", role="platform_operator")
    with pytest.raises(NotAllowed, match="is a platform operator"):
        await signing.make_link(admin, member.user.id)
    assert (await operator.sign_in_link(cast.tenant, "op@home.example")).email == "op@home.example"


async def test_a_link_needs_a_role_in_the_engagement(
    tenancy: Tenancy, signing: Signing, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    second = await tenancy.create_engagement(admin, "second")
    await operator.add_member(second.tenant, email="there@home.example", role="lead")
    there = await operator.principal(second.tenant, "there@home.example")
    with pytest.raises(NotFound):
        await signing.make_link(admin, there.user_id)
    with pytest.raises(NotFound):
        await operator.sign_in_link(cast.outsider.tenant, cast.lead.email)


async def test_links_and_sessions_long_over_are_cleared_away(
    signing: Signing, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    await opened(signing, operator, cast.lead)
    await opened(signing, operator, cast.outsider)
    for table, days in (("sign_in_links", 2), ("sessions", 31)):
        change(urls, f"UPDATE {table} SET expires_at = now() - %s * interval '1 day'", days)
    await operator.sign_in_link(cast.tenant, cast.lead.email)
    assert rows(urls, "SELECT count(*) FROM sign_in_links") == [(2,)]
    assert rows(urls, "SELECT client_account_id FROM sessions") == [(cast.outsider.tenant.client_account_id,)]


# Sessions


async def test_neither_codes_nor_secrets_are_stored(
    signing: Signing, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    link = await operator.sign_in_link(cast.tenant, cast.lead.email)
    session = await signing.sign_in(link.code)
    kept = str(rows(urls, "SELECT to_jsonb(l)::text, to_jsonb(s)::text FROM sign_in_links l, sessions s"))
    assert link.code.removeprefix("mfc_") not in kept
    assert session.secret.removeprefix("mfs_") not in kept
    assert rows(urls, "SELECT secret_hash FROM sessions") == [(hash_of(session.secret),)]


@pytest.mark.parametrize(
    "over", ["expires_at = now()", "idle_until = now()", "revoked_at = now()", "secret_hash = sha256('x')"]
)
async def test_a_session_that_is_over_opens_nothing(
    over: str, signing: Signing, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    session = await opened(signing, operator, cast.lead)
    change(urls, f"UPDATE sessions SET {over}")
    with pytest.raises(NotAuthenticated):
        await signing.enter(session.secret)


async def test_a_session_and_a_token_are_refused_with_the_same_words(tenancy: Tenancy) -> None:
    said = set()
    for refused in (tenancy.signing.enter("mfs_wrong"), tenancy.enter("mf_wrong")):
        with pytest.raises(NotAuthenticated) as error:
            await refused
        said.add(str(error.value))
    assert len(said) == 1


async def test_a_session_lives_twelve_hours_and_two_without_a_call(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    session = await opened(tenancy.signing, operator, cast.lead)
    lived = "SELECT extract(epoch FROM {} - created_at) / 3600 FROM sessions"
    assert rows(urls, lived.format("expires_at")) == [(12,)]
    assert rows(urls, lived.format("idle_until")) == [(2,)]
    change(urls, "UPDATE sessions SET last_seen_at = now() - interval '61 seconds', idle_until = now() + '1 minute'")
    await Signing(tenancy.database).enter(session.secret)
    [(renewed, seen)] = rows(urls, "SELECT idle_until - last_seen_at, now() - last_seen_at < '50 s' FROM sessions")
    assert (str(renewed), seen) == ("2:00:00", True)


async def test_the_use_of_a_session_is_noted_once_a_minute(
    signing: Signing, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    session = await opened(signing, operator, cast.lead)
    await signing.enter(session.secret)
    change(urls, "UPDATE sessions SET last_seen_at = now() - interval '1 hour'")
    before = rows(urls, "SELECT last_seen_at FROM sessions")
    await signing.enter(session.secret)
    assert rows(urls, "SELECT last_seen_at FROM sessions") == before


async def test_a_session_is_good_for_every_engagement_and_remembers_the_last(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    signing = tenancy.signing
    session = await opened(signing, operator, admin)
    second = await tenancy.create_engagement(admin, "second")
    assert (await signing.enter(session.secret)).principal.tenant == cast.tenant
    assert (await signing.enter(session.secret, second.id)).principal.tenant == second.tenant
    assert (await signing.enter(session.secret)).principal.tenant == second.tenant
    for foreign in (cast.outsider.tenant.engagement_id, uuid4()):
        with pytest.raises(NotAuthenticated):
            await signing.enter(session.secret, foreign)


async def test_a_session_falls_back_to_an_engagement_that_is_left(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    second = await tenancy.create_engagement(admin, "second")
    await operator.add_member(second.tenant, email=cast.approver.email, role="viewer")
    session = await opened(tenancy.signing, operator, cast.approver)
    await tenancy.people.remove_role(cast.lead, cast.approver.user_id, "approver")
    assert (await tenancy.signing.enter(session.secret)).principal.tenant == second.tenant


async def test_a_session_opens_no_other_client_of_the_same_person(
    signing: Signing, operator: LocalOperator, cast: Cast
) -> None:
    await operator.add_member(cast.outsider.tenant, email=cast.lead.email, role="viewer")
    session = await opened(signing, operator, cast.lead)
    with pytest.raises(NotAuthenticated):
        await signing.enter(session.secret, cast.outsider.tenant.engagement_id)


async def test_sessions_do_not_come_back_with_whoever_was_disabled(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    session = await opened(tenancy.signing, operator, cast.approver)
    link = await operator.sign_in_link(cast.tenant, cast.approver.email)
    await tenancy.people.disable(admin, cast.approver.user_id)
    await tenancy.people.enable(admin, cast.approver.user_id)
    with pytest.raises(NotAuthenticated):
        await tenancy.signing.enter(session.secret)
    with pytest.raises(NotAuthenticated):
        await tenancy.signing.sign_in(link.code)


async def test_sessions_of_every_client_end_when_the_operator_disables(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast
) -> None:
    await operator.add_member(cast.outsider.tenant, email=cast.approver.email, role="viewer")
    abroad = await opened(
        tenancy.signing, operator, await operator.principal(cast.outsider.tenant, cast.approver.email)
    )
    await operator.disable(cast.tenant, cast.approver.email)
    await operator.enable(cast.tenant, cast.approver.email)
    with pytest.raises(NotAuthenticated):
        await tenancy.signing.enter(abroad.secret)


async def test_people_list_and_end_their_own_sessions_alone(
    signing: Signing, operator: LocalOperator, cast: Cast
) -> None:
    mine = [await opened(signing, operator, cast.lead) for _ in range(3)]
    theirs = await opened(signing, operator, cast.approver)
    first = await signing.sessions(cast.lead, limit=2)
    second = await signing.sessions(cast.lead, limit=2, cursor=first.cursor)
    assert [s.id for s in (*first.items, *second.items)] == [s.id for s in mine]
    assert second.cursor is None
    for foreign in (theirs.id, uuid4()):
        with pytest.raises(NotFound, match="no such session"):
            await signing.end(cast.lead, foreign)
    with pytest.raises(NotFound):
        await signing.end(cast.outsider, mine[0].id)
    await signing.end(cast.lead, mine[0].id)
    with pytest.raises(NotAuthenticated):
        await signing.enter(mine[0].secret)
    assert (await signing.enter(theirs.secret)).principal == cast.approver
    assert (await signing.sessions(cast.outsider)).items == ()
    assert [s.state for s in (await signing.sessions(cast.lead)).items] == ["revoked", "active", "active"]
