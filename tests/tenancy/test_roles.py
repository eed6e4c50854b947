"""The table of role × operation."""

import pytest

from masterflow.errors import NotAllowed
from masterflow.tenancy.roles import (
    ALLOWED,
    CLIENT_WIDE,
    NEEDED,
    OPERATIONS_SAID,
    ROLES_SAID,
    Operation,
    Role,
    roles_allowed,
)
from masterflow.tenancy.types import Principal
from tests.conftest import Cast


def test_every_operation_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Operation)


def test_every_role_and_operation_is_explained() -> None:
    assert set(ROLES_SAID) == set(Role)
    assert set(OPERATIONS_SAID) == set(Operation)


def test_what_an_operation_needs_is_open_to_whoever_may_do_it() -> None:
    assert all(ALLOWED[operation] <= ALLOWED[needed] for operation, needed in NEEDED.items())
    assert all(needed.endswith(".read") for needed in NEEDED.values())


def test_a_platform_operator_sees_no_tenant_data() -> None:
    assert {o for o in Operation if Role.PLATFORM_OPERATOR in roles_allowed(o)} == {Operation.MANAGE_PLATFORM}


def test_a_viewer_and_an_auditor_change_nothing() -> None:
    changing = {o for o in Operation if not o.endswith(".read")}
    assert all(roles_allowed(o).isdisjoint({Role.VIEWER, Role.AUDITOR}) for o in changing)


def test_roles_for_the_whole_client_are_the_two_administrators() -> None:
    assert {Role.CLIENT_ADMIN, Role.PLATFORM_OPERATOR} == CLIENT_WIDE


def test_who_may_not_is_told_which_roles_may(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refused:
        cast.approver.require(Operation.RUN_FLOWS)
    assert str(refused.value) == (
        "approver@home.example has approver; 'flows.run' needs one of: analyst, engineer, finops, lead, planner. "
        "Ask a lead of the engagement for the role."
    )


def test_without_a_role_nothing_is_allowed(cast: Cast) -> None:
    nobody = Principal(user_id=cast.lead.user_id, email="n@home.example", tenant=cast.tenant, roles=frozenset())
    with pytest.raises(NotAllowed, match="has no role"):
        nobody.require(Operation.READ_FLOWS)


def test_one_role_that_allows_it_is_enough(cast: Cast) -> None:
    cast.lead.require(Operation.DECIDE_GATES)
    cast.approver.require(Operation.DECIDE_GATES)
