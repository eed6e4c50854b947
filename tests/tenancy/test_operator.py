"""What a local operator does at the machine."""

from uuid import uuid4

import pytest

from masterflow.errors import Conflict, InvalidInput, NotAuthenticated, NotFound
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.roles import Role
from masterflow.tenancy.service import Tenancy
from tests.conftest import Cast


async def test_a_client_its_engagement_and_its_first_lead_are_made(operator: LocalOperator, tenancy: Tenancy) -> None:
    client = await operator.create_client("Northwind")
    engagement = await operator.create_engagement(client, "Exit")
    member = await operator.add_member(engagement.tenant, email="Lead@Northwind.example", role="lead")
    issued = await operator.create_token(engagement.tenant, "lead@northwind.example", name="first")
    actor = await tenancy.authenticate(issued.secret)
    assert (actor.tenant, actor.roles, actor.user_id) == (engagement.tenant, {Role.LEAD}, member.user.id)
    assert member.user.name == "lead"
    assert [c.name for c in await operator.clients()] == ["Northwind"]
    assert await operator.engagements() == [(client, engagement)]


async def test_a_clients_name_is_taken_once(operator: LocalOperator, cast: Cast) -> None:
    with pytest.raises(Conflict, match="'home' already"):
        await operator.create_client("home")


async def test_a_client_is_found_by_name_or_id(operator: LocalOperator, cast: Cast) -> None:
    home = await operator.find_client("home")
    assert await operator.find_client(str(home.id)) == home
    with pytest.raises(NotFound, match=r"no client 'nobody'\. There are: away, home\."):
        await operator.find_client("nobody")


async def test_an_engagement_is_found_by_name_id_or_both_names(operator: LocalOperator, cast: Cast) -> None:
    by_id = await operator.find_engagement(str(cast.tenant.engagement_id))
    assert by_id.tenant == cast.tenant
    assert await operator.find_engagement("home/programme") == by_id
    with pytest.raises(InvalidInput, match="2 clients have an engagement called 'programme'"):
        await operator.find_engagement("programme")
    with pytest.raises(NotFound, match="There are: away/programme, home/programme"):
        await operator.find_engagement("nothing")


async def test_before_the_first_client_the_refusal_says_none_yet(operator: LocalOperator) -> None:
    with pytest.raises(NotFound, match="none yet"):
        await operator.find_client("home")
    with pytest.raises(NotFound, match="none yet"):
        await operator.find_engagement("home")


async def test_the_policy_of_self_approval_is_set(operator: LocalOperator, cast: Cast) -> None:
    assert (await operator.set_self_approval(cast.tenant, False)).self_approval is False
    with pytest.raises(NotFound):
        await operator.set_self_approval(type(cast.tenant)(cast.tenant.client_account_id, uuid4()), True)


async def test_whoever_is_no_member_cannot_act(operator: LocalOperator, cast: Cast) -> None:
    with pytest.raises(NotFound, match=r"lead@away\.example is no member"):
        await operator.principal(cast.tenant, "lead@away.example")
    with pytest.raises(NotFound, match="no such member"):
        await operator.remove_member(cast.tenant, "lead@away.example")


async def test_a_removed_person_is_no_member_any_more(operator: LocalOperator, cast: Cast) -> None:
    await operator.remove_member(cast.tenant, "approver@home.example")
    assert [m.user.email for m in (await operator.members(cast.tenant)).items] == ["lead@home.example"]


async def test_a_token_is_listed_and_revoked(operator: LocalOperator, tenancy: Tenancy, cast: Cast) -> None:
    issued = await operator.create_token(cast.tenant, cast.lead.email, name="job", days=3)
    assert (await operator.tokens(cast.tenant)).items == (issued.token,)
    await operator.revoke_token(cast.tenant, issued.token.id)
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(issued.secret)
    with pytest.raises(NotFound):
        await operator.revoke_token(cast.outsider.tenant, issued.token.id)


async def test_a_closed_engagement_lets_nobody_in(operator: LocalOperator, tenancy: Tenancy, cast: Cast) -> None:
    issued = await tenancy.create_token(cast.lead, name="laptop")
    outside = await tenancy.create_token(cast.outsider, name="laptop")
    await operator.close_engagement(cast.tenant)
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(issued.secret)
    assert (await operator.tokens(cast.tenant)).items[0].revoked_at is not None
    assert await tenancy.authenticate(outside.secret) == cast.outsider


async def test_a_closed_client_lets_nobody_in(operator: LocalOperator, tenancy: Tenancy, cast: Cast) -> None:
    issued = await operator.create_token(cast.tenant, cast.lead.email, name="all", every_engagement=True)
    outside = await tenancy.create_token(cast.outsider, name="laptop")
    await operator.close_client(await operator.find_client("home"))
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(issued.secret, cast.tenant.engagement_id)
    assert (await operator.members(cast.tenant)).items == ()
    assert await tenancy.authenticate(outside.secret) == cast.outsider


async def test_the_local_owner_is_made_once(operator: LocalOperator) -> None:
    owner, made = await operator.local_owner()
    assert (made, owner.email, owner.roles) == (True, "owner@localhost", {Role.LEAD, Role.CLIENT_ADMIN})
    assert await operator.local_owner() == (owner, False)


async def test_the_local_owner_is_made_beside_other_clients(operator: LocalOperator, cast: Cast) -> None:
    owner, made = await operator.local_owner()
    assert made
    assert owner.tenant.client_account_id not in {
        cast.tenant.client_account_id,
        cast.outsider.tenant.client_account_id,
    }
