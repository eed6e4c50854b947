"""Who may answer a gate, and with what."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import BaseModel, Field

from masterflow.errors import Conflict, EditRejected, InvalidInput, NotAllowed
from masterflow.orchestrator.gates import edited, require_decider, require_open, require_other_eyes
from masterflow.orchestrator.types import GateStatus, OpenQuestion, Verdict
from masterflow.spec import Problem
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal, Tenant
from masterflow.testing import toy_phase

STARTER = frozenset({"me@home.example"})


def person(*roles: Role, email: str = "me@home.example") -> Principal:
    return Principal(uuid4(), email, Tenant(uuid4(), uuid4()), frozenset(roles))


def question(**changes: object) -> OpenQuestion:
    values = {
        "id": uuid4(),
        "flow_id": uuid4(),
        "flow_type": "toy",
        "flow_name": None,
        "phase": "only",
        "iteration": 1,
        "status": GateStatus.OPEN,
        "asks": "Right?",
        "approver_role": "approver",
        "four_eyes": False,
        "content_hash": "ab",
        "output": {},
        "opened_at": datetime.now(UTC),
        "decided_at": None,
        "decided_by": None,
        "reason": None,
        "has_table": False,
    }
    return OpenQuestion(**{**values, **changes})


@pytest.mark.parametrize("role", [Role.APPROVER, Role.LEAD])
def test_the_approver_and_a_lead_decide(role: Role) -> None:
    require_decider(person(role), question())


@pytest.mark.parametrize("roles", [(Role.VIEWER,), (Role.ANALYST, Role.AUDITOR), ()])
def test_nobody_else_decides(roles: tuple[Role, ...]) -> None:
    with pytest.raises(NotAllowed, match="is decided by approver or lead"):
        require_decider(person(*roles), question())


def test_an_approver_does_not_decide_what_a_lead_must() -> None:
    with pytest.raises(NotAllowed):
        require_decider(person(Role.APPROVER), question(approver_role="lead"))


def test_another_role_may_be_named_by_the_gate() -> None:
    require_decider(person(Role.PLANNER), question(approver_role="planner"))


@pytest.mark.parametrize(
    ("self_approval", "members", "allowed"),
    [(None, 1, True), (None, 2, False), (True, 5, True), (False, 1, False)],
)
def test_approving_ones_own_work_follows_the_engagement(self_approval, members: int, allowed: bool) -> None:
    def decide() -> None:
        require_other_eyes(
            person(Role.LEAD), question(), started_by=STARTER, self_approval=self_approval, members=members
        )

    if allowed:
        decide()
    else:
        with pytest.raises(NotAllowed, match="Ask another member"):
            decide()


def test_four_eyes_are_never_one_persons_whatever_the_engagement_says() -> None:
    with pytest.raises(NotAllowed, match="needs four eyes"):
        require_other_eyes(
            person(Role.LEAD), question(four_eyes=True), started_by=STARTER, self_approval=True, members=1
        )


def test_who_did_not_start_the_flow_may_always_look_at_it_with_other_eyes() -> None:
    require_other_eyes(
        person(Role.LEAD, email="you@home.example"),
        question(four_eyes=True),
        started_by=STARTER,
        self_approval=False,
        members=9,
    )


def answer(asked: OpenQuestion, verdict: Verdict = Verdict.APPROVE, **given: object) -> None:
    require_open(asked, verdict, **{"reason": None, "edited": False, "content_hash": None, **given})


def test_a_decided_gate_stays_decided() -> None:
    with pytest.raises(Conflict, match="This gate was approved by you already"):
        answer(question(status=GateStatus.APPROVED, decided_by="you"))
    with pytest.raises(Conflict, match="This gate was withdrawn already"):
        answer(question(status=GateStatus.WITHDRAWN))


def test_a_decision_on_another_content_does_not_count() -> None:
    answer(question(), content_hash="ab")
    with pytest.raises(Conflict, match="another content"):
        answer(question(), content_hash="cd")


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_rejection_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(InvalidInput, match="needs a reason"):
        answer(question(), Verdict.REJECT, reason=reason)


def test_a_rejection_brings_no_edit() -> None:
    with pytest.raises(InvalidInput, match="no edited output"):
        answer(question(), Verdict.REJECT, reason="no", edited=True)


class Plan(BaseModel):
    waves: dict[str, int] = Field(min_length=1)


def no_wave_zero(plan: Plan) -> list[Problem]:
    return [Problem("wave", f"'{name}' is in wave 0") for name, wave in plan.waves.items() if wave == 0]


PHASE = toy_phase("plan", gives=Plan, checks=[no_wave_zero])


def test_an_edited_output_passes_the_model_and_the_checks() -> None:
    assert edited(PHASE, {"waves": {"crm": 1}}, {"waves": {"crm": 2}}) == Plan(waves={"crm": 2})


def test_an_edited_output_that_the_model_refuses_names_the_field_and_the_value() -> None:
    with pytest.raises(EditRejected, match=r"waves\.crm \('second'\): input should be a valid integer"):
        edited(PHASE, {"waves": {"crm": 1}}, {"waves": {"crm": "second"}})
    with pytest.raises(EditRejected, match="waves: field required"):
        edited(PHASE, {"waves": {"crm": 1}}, {})


def test_an_edited_output_that_a_check_refuses_says_the_checks_sentences() -> None:
    with pytest.raises(EditRejected) as refused:
        edited(PHASE, {"waves": {"crm": 1, "erp": 1}}, {"waves": {"crm": 0, "erp": 1}})
    assert refused.value.problems == ["'crm' is in wave 0"]
