"""Roles given and taken one by one, people disabled, service accounts and their tokens."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from masterflow.db.urls import DatabaseUrls
from masterflow.errors import Conflict, InvalidInput, MasterflowError, NotAllowed, NotAuthenticated, NotFound
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.roles import ALLOWED, SERVICE_ROLES, Operation, Role, operations_of
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.types import Principal, UserKind
from tests.conftest import Cast

# Roles


async def test_a_role_is_added_and_taken_alone(tenancy: Tenancy, cast: Cast) -> None:
    user = cast.approver.user_id
    both = await tenancy.people.add_role(cast.lead, user, "analyst")
    assert both.roles == {Role.APPROVER, Role.ANALYST}
    one = await tenancy.people.remove_role(cast.lead, user, "approver")
    assert one.roles == {Role.ANALYST}
    assert await tenancy.people.member(cast.lead, user) == one


async def test_without_the_last_role_somebody_is_no_member(tenancy: Tenancy, cast: Cast) -> None:
    issued = await tenancy.create_token(cast.approver, name="laptop")
    left = await tenancy.people.remove_role(cast.lead, cast.approver.user_id, "approver")
    assert left.roles == frozenset()
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(issued.secret)
    with pytest.raises(NotFound):
        await tenancy.people.member(cast.lead, cast.approver.user_id)


async def test_a_role_that_is_not_held_cannot_be_taken(tenancy: Tenancy, cast: Cast) -> None:
    with pytest.raises(NotFound):
        await tenancy.people.remove_role(cast.lead, cast.approver.user_id, "viewer")


async def test_another_clients_people_are_not_found(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    theirs, people = cast.outsider.user_id, tenancy.people
    for refused in (
        people.member(admin, theirs),
        people.add_role(admin, theirs, "viewer"),
        people.remove_role(admin, theirs, "lead"),
        people.disable(admin, theirs),
        people.enable(admin, theirs),
        people.create_service_token(admin, theirs, name="x"),
        tenancy.signing.make_link(admin, theirs),
    ):
        with pytest.raises(NotFound):
            await refused
    assert (await tenancy.people.member(cast.outsider, theirs)).roles == {Role.LEAD}


async def test_a_client_admin_finds_people_of_the_other_engagements_and_a_lead_does_not(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    second = await tenancy.create_engagement(admin, "second")
    await operator.add_member(second.tenant, email="there@home.example", role="lead")
    there = await operator.principal(second.tenant, "there@home.example")
    assert (await tenancy.people.member(admin, there.user_id)).roles == frozenset()
    with pytest.raises(NotFound):
        await tenancy.people.member(cast.lead, there.user_id)
    with pytest.raises(NotFound):
        await tenancy.people.add_role(cast.lead, there.user_id, "viewer")
    assert (await tenancy.people.add_role(admin, there.user_id, "viewer")).roles == {Role.VIEWER}


@pytest.mark.parametrize("role", ["client_admin", "platform_operator"])
async def test_a_lead_cannot_give_or_take_roles_of_the_whole_client(
    tenancy: Tenancy, cast: Cast, admin: Principal, role: str
) -> None:
    with pytest.raises(NotAllowed):
        await tenancy.people.add_role(cast.lead, cast.approver.user_id, role)
    with pytest.raises(NotAllowed):
        await tenancy.people.remove_role(cast.lead, admin.user_id, role)


async def test_nobody_makes_a_platform_operator_but_at_the_machine(
    tenancy: Tenancy, cast: Cast, admin: Principal
) -> None:
    with pytest.raises(NotAllowed, match="made at the machine"):
        await tenancy.people.add_role(admin, cast.approver.user_id, "platform_operator")
    made = await tenancy.people.add_role(admin, cast.approver.user_id, "client_admin")
    assert Role.CLIENT_ADMIN in made.roles


async def test_a_lead_cannot_give_what_they_may_not_do(
    tenancy: Tenancy, cast: Cast, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    beyond = ALLOWED[Operation.MANAGE_CLIENT] | {Role.AUDITOR}
    monkeypatch.setitem(ALLOWED, Operation.MANAGE_CLIENT, beyond)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match=r"cannot give 'auditor': it allows client\.manage"):
        await tenancy.people.add_role(cast.lead, cast.approver.user_id, "auditor")
    assert Role.AUDITOR in (await tenancy.people.add_role(admin, cast.approver.user_id, "auditor")).roles


async def test_a_viewer_changes_nobody(tenancy: Tenancy, cast: Cast, viewer: Principal) -> None:
    for refused in (
        tenancy.people.add_role(viewer, viewer.user_id, "lead"),
        tenancy.people.remove_role(viewer, cast.approver.user_id, "approver"),
        tenancy.people.disable(viewer, cast.approver.user_id),
        tenancy.people.create_service_account(viewer, name="robot", roles=["viewer"]),
        tenancy.signing.make_link(viewer, cast.approver.user_id),
    ):
        with pytest.raises(NotAllowed):
            await refused


# The last ones


async def test_the_last_lead_keeps_the_role_unless_a_client_admin_takes_it(
    tenancy: Tenancy, cast: Cast, admin: Principal
) -> None:
    with pytest.raises(Conflict, match="last lead of an engagement"):
        await tenancy.people.remove_role(cast.lead, cast.lead.user_id, "lead")
    assert (await tenancy.people.remove_role(admin, cast.lead.user_id, "lead")).roles == frozenset()


async def test_a_client_admin_who_is_the_last_lead_cannot_leave(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    await operator.add_member(cast.tenant, email=admin.email, role="lead")
    await operator.add_member(cast.tenant, email="second@home.example", role="client_admin")
    both = await operator.principal(cast.tenant, admin.email)
    await tenancy.people.remove_role(both, cast.lead.user_id, "lead")
    for refused in (
        tenancy.people.remove_role(both, both.user_id, "lead"),
        tenancy.people.remove(both, both.user_id),
        tenancy.people.disable(both, both.user_id),
    ):
        with pytest.raises(Conflict, match="last lead"):
            await refused
    assert (await tenancy.people.member(both, both.user_id)).user.disabled_at is None


async def test_the_last_client_admin_stays(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    for refused in (
        tenancy.people.remove_role(admin, admin.user_id, "client_admin"),
        tenancy.people.remove(admin, admin.user_id),
        tenancy.people.disable(admin, admin.user_id),
    ):
        with pytest.raises(Conflict, match="last client admin"):
            await refused
    await operator.add_member(cast.tenant, email="second@home.example", role="client_admin")
    second = await operator.principal(cast.tenant, "second@home.example")
    await tenancy.people.disable(admin, second.user_id)
    with pytest.raises(Conflict, match="last client admin"):  # the other one is disabled
        await tenancy.people.remove(admin, admin.user_id)
    await tenancy.people.enable(admin, second.user_id)
    await tenancy.people.remove(admin, admin.user_id)


async def test_of_two_leads_who_remove_each_other_one_stays(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast
) -> None:
    await operator.add_member(cast.tenant, email="second@home.example", role="lead")
    second = await operator.principal(cast.tenant, "second@home.example")
    done = await asyncio.gather(
        tenancy.people.remove(cast.lead, second.user_id),
        tenancy.people.remove(second, cast.lead.user_id),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "NoneType"]


# Disabled


async def test_somebody_disabled_is_locked_out_of_this_client_alone(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    await operator.add_member(cast.outsider.tenant, email=cast.approver.email, role="viewer")
    abroad = await operator.principal(cast.outsider.tenant, cast.approver.email)
    here = await tenancy.create_token(cast.approver, name="here")
    there = await tenancy.create_token(abroad, name="there")
    gone = await tenancy.people.disable(admin, cast.approver.user_id)
    assert (gone.user.disabled_at is not None, gone.roles) == (True, {Role.APPROVER})
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(here.secret)
    assert await tenancy.authenticate(there.secret) == abroad
    seen = {m.user.id: m.user.disabled_at for m in (await tenancy.members(cast.outsider)).items}
    assert seen[cast.approver.user_id] is None
    with pytest.raises(Conflict, match="is disabled"):
        await operator.principal(cast.tenant, cast.approver.email)
    back = await tenancy.people.enable(admin, cast.approver.user_id)
    assert back.user.disabled_at is None
    assert await tenancy.authenticate(here.secret) == cast.approver


async def test_disabling_twice_keeps_the_first_moment(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    first = await tenancy.people.disable(admin, cast.approver.user_id)
    assert await tenancy.people.disable(admin, cast.approver.user_id) == first


async def test_whom_the_operator_disabled_only_the_operator_enables(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    issued = await tenancy.create_token(cast.approver, name="laptop")
    await tenancy.people.disable(admin, cast.approver.user_id)
    await operator.disable(cast.tenant, cast.approver.email)
    with pytest.raises(Conflict, match="by the operator of this installation"):
        await tenancy.people.enable(admin, cast.approver.user_id)
    await operator.enable(cast.tenant, cast.approver.email)
    assert await tenancy.authenticate(issued.secret) == cast.approver


async def test_the_operator_disables_in_every_client(tenancy: Tenancy, operator: LocalOperator, cast: Cast) -> None:
    await operator.add_member(cast.outsider.tenant, email=cast.approver.email, role="viewer")
    abroad = await operator.principal(cast.outsider.tenant, cast.approver.email)
    there = await tenancy.create_token(abroad, name="there")
    first = await operator.disable(cast.tenant, cast.approver.email)
    assert await operator.disable(cast.tenant, cast.approver.email) == first
    with pytest.raises(NotAuthenticated):
        await tenancy.authenticate(there.secret)


# Service accounts


async def test_a_service_account_acts_in_its_own_name(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    made = await tenancy.people.create_service_account(admin, name="Nightly-Import", roles=["engineer", "viewer"])
    assert (made.user.name, made.user.kind, made.roles) == (
        "nightly-import",
        UserKind.SERVICE,
        {Role.ENGINEER, Role.VIEWER},
    )
    issued = await tenancy.people.create_service_token(admin, made.user.id, name="job", scopes=["estate.import"])
    assert (issued.token.owner, issued.token.made_by) == (made.user.email, admin.email)
    actor = await tenancy.authenticate(issued.secret)
    assert (actor.kind, actor.email) == (UserKind.SERVICE, made.user.email)
    assert actor.scopes == {Operation.IMPORT_ESTATE, Operation.READ_ESTATE}


async def test_two_clients_may_have_service_accounts_of_one_name(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    here = await tenancy.people.create_service_account(admin, name="robot", roles=["viewer"])
    there = await operator.create_service_account(cast.outsider.tenant, "robot", roles=["viewer"])
    assert here.user.id != there.user.id
    with pytest.raises(Conflict, match="'robot' already"):
        await tenancy.people.create_service_account(admin, name="robot", roles=["viewer"])
    assert [m.user.id for m in (await tenancy.people.service_accounts(admin)).items] == [here.user.id]


async def test_the_name_stays_taken_while_the_account_holds_no_role(
    tenancy: Tenancy, cast: Cast, admin: Principal
) -> None:
    made = await tenancy.people.create_service_account(admin, name="robot", roles=["viewer"])
    await tenancy.people.remove(admin, made.user.id)
    with pytest.raises(Conflict):
        await tenancy.people.create_service_account(admin, name="robot", roles=["viewer"])
    with pytest.raises(NotFound):
        await tenancy.people.create_service_token(admin, made.user.id, name="job")
    again = await tenancy.people.add_role(admin, made.user.id, "analyst")
    assert again.roles == {Role.ANALYST}


async def test_service_accounts_come_in_pages(tenancy: Tenancy, admin: Principal) -> None:
    made = [await tenancy.people.create_service_account(admin, name=f"r{n}", roles=["viewer"]) for n in range(3)]
    first = await tenancy.people.service_accounts(admin, limit=2)
    second = await tenancy.people.service_accounts(admin, limit=2, cursor=first.cursor)
    assert [*first.items, *second.items] == made
    assert second.cursor is None


def test_no_role_of_a_service_account_decides_or_manages() -> None:
    assert {"viewer", "analyst", "engineer", "planner", "finops", "auditor"} == SERVICE_ROLES
    deciding = {Operation.DECIDE_GATES, Operation.MANAGE_MEMBERS, Operation.MANAGE_CLIENT, Operation.MANAGE_PLATFORM}
    assert all(operations_of(role).isdisjoint(deciding) for role in SERVICE_ROLES)


@pytest.mark.parametrize("role", sorted(set(Role) - SERVICE_ROLES))
async def test_a_service_account_gets_no_role_that_decides_or_manages(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal, role: str
) -> None:
    with pytest.raises(InvalidInput, match="which people answer for"):
        await tenancy.people.create_service_account(admin, name="robot", roles=["viewer", role])
    made = await operator.create_service_account(cast.tenant, "robot", roles=["viewer"])
    with pytest.raises(MasterflowError):
        await tenancy.people.add_role(admin, made.user.id, role)
    with pytest.raises(InvalidInput, match="which people answer for"):
        await operator.add_role(cast.tenant, "robot", role)
    with pytest.raises(InvalidInput, match="stands for a service account"):
        await tenancy.add_member(admin, email=made.user.email, name="x", role="viewer")


async def test_a_service_account_with_a_role_it_should_not_have_still_decides_nothing(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, urls: DatabaseUrls
) -> None:
    made = await operator.create_service_account(cast.tenant, "robot", roles=["viewer"])
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE memberships SET role = 'lead' WHERE user_id = %s", (made.user.id,))
    robot = await operator.principal(cast.tenant, "robot")
    assert (robot.roles, robot.may(Operation.RUN_FLOWS), robot.may(Operation.DECIDE_GATES)) == (
        {Role.LEAD},
        True,
        False,
    )
    for operation in (Operation.DECIDE_GATES, Operation.MANAGE_MEMBERS):
        with pytest.raises(NotAllowed, match="is done by people alone"):
            robot.require(operation)


async def test_a_service_account_without_a_role_is_refused(tenancy: Tenancy, admin: Principal) -> None:
    with pytest.raises(InvalidInput, match="without a role"):
        await tenancy.people.create_service_account(admin, name="robot", roles=[])


async def test_a_service_account_makes_no_token_and_signs_in_nowhere(
    tenancy: Tenancy, operator: LocalOperator, cast: Cast, admin: Principal
) -> None:
    made = await operator.create_service_account(cast.tenant, "robot", roles=["viewer"])
    with pytest.raises(NotAllowed, match="made by a client admin"):
        await tenancy.create_token(await operator.principal(cast.tenant, "robot"), name="more")
    with pytest.raises(Conflict, match="signs in nowhere"):
        await tenancy.signing.make_link(admin, made.user.id)
    with pytest.raises(Conflict, match="signs in nowhere"):
        await operator.sign_in_link(cast.tenant, "robot")


async def test_nobody_makes_a_token_for_another_person(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    with pytest.raises(NotFound, match="no such service account"):
        await tenancy.people.create_service_token(admin, cast.approver.user_id, name="x")
    with pytest.raises(NotFound, match="no such service account"):
        await tenancy.people.create_service_token(admin, uuid4(), name="x")


# At the machine


async def test_the_operator_names_service_accounts_by_name_or_address(operator: LocalOperator, cast: Cast) -> None:
    made = await operator.create_service_account(cast.tenant, "robot", roles=["viewer"])
    assert await operator.member(cast.tenant, "robot") == made
    assert await operator.member(cast.tenant, made.user.email) == made
    with pytest.raises(InvalidInput, match="stands for a service account"):
        await operator.member(cast.outsider.tenant, made.user.email)
    with pytest.raises(NotFound):
        await operator.member(cast.outsider.tenant, "robot")
    with pytest.raises(InvalidInput, match="cannot name a service account"):
        await operator.member(cast.tenant, "no name")


async def test_the_operator_gives_and_takes_one_role(operator: LocalOperator, cast: Cast) -> None:
    both = await operator.add_role(cast.tenant, cast.approver.email, "viewer")
    assert both.roles == {Role.APPROVER, Role.VIEWER}
    one = await operator.remove_role(cast.tenant, cast.approver.email, "approver")
    assert one.roles == {Role.VIEWER}
    with pytest.raises(NotFound, match="is no approver here"):
        await operator.remove_role(cast.tenant, cast.approver.email, "approver")


# Narrowed tokens


async def test_a_narrowed_token_does_not_widen_itself(tenancy: Tenancy, cast: Cast, admin: Principal) -> None:
    issued = await tenancy.create_token(admin, name="job", scopes=["client.manage"])
    assert issued.token.scopes == (Operation.MANAGE_CLIENT, Operation.READ_MEMBERS)
    narrow = await tenancy.authenticate(issued.secret)
    made = await tenancy.people.create_service_account(narrow, name="robot", roles=["viewer"])
    for refused in (
        tenancy.create_token(narrow, name="wide"),
        tenancy.revoke_token(narrow, issued.token.id),
        tenancy.people.create_service_token(narrow, made.user.id, name="x"),
        tenancy.signing.make_link(narrow, admin.user_id),
        tenancy.signing.end(narrow, uuid4()),
    ):
        with pytest.raises(NotAllowed, match=r"narrowed to client\.manage, members\.read; it cannot"):
            await refused


async def test_a_scope_never_gives_more_than_the_roles(tenancy: Tenancy, viewer: Principal) -> None:
    issued = await tenancy.create_token(viewer, name="job", scopes=["flows.run"])
    narrow = await tenancy.authenticate(issued.secret)
    with pytest.raises(NotAllowed, match="has viewer"):
        narrow.require(Operation.RUN_FLOWS)
    with pytest.raises(NotAllowed, match=r"'estate\.read' is not among them"):
        narrow.require(Operation.READ_ESTATE)


async def test_an_operation_that_there_is_no_more_opens_nothing(
    tenancy: Tenancy, cast: Cast, urls: DatabaseUrls
) -> None:
    issued = await tenancy.create_token(cast.lead, name="job", scopes=["flows.read"])
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE api_tokens SET scopes = '{gone.away}'")
    narrow = await tenancy.authenticate(issued.secret)
    assert narrow.scopes == frozenset()
    with pytest.raises(NotAllowed, match="narrowed to nothing"):
        narrow.require(Operation.READ_FLOWS)


@pytest.mark.parametrize(("scopes", "said"), [([], "opens nothing"), (["all"], "no operation 'all'")])
async def test_scopes_that_cannot_be_are_refused(tenancy: Tenancy, cast: Cast, scopes: list[str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        await tenancy.create_token(cast.lead, name="job", scopes=scopes)


async def test_the_list_says_which_tokens_are_good_and_who_made_them(
    tenancy: Tenancy, cast: Cast, urls: DatabaseUrls
) -> None:
    for name in ("good", "old", "ended"):
        await tenancy.create_token(cast.approver, name=name)
    [_, _, last] = (await tenancy.tokens(cast.approver)).items
    await tenancy.revoke_token(cast.approver, last.id)
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("UPDATE api_tokens SET expires_at = now() WHERE name = 'old'")
    listed = (await tenancy.tokens(cast.lead)).items
    assert [(t.name, t.state) for t in listed] == [("good", "active"), ("old", "expired"), ("ended", "revoked")]
    assert {(t.owner, t.made_by) for t in listed} == {(cast.approver.email, cast.approver.email)}
    assert (await tenancy.tokens(cast.outsider)).items == ()
