"""Who may answer a gate, and with what."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from masterflow.errors import Conflict, InvalidInput, NotAllowed
from masterflow.orchestrator.gatekeeping.deciding import (
    require_decider,
    require_fitting,
    require_other_eyes,
    require_vote,
)
from masterflow.orchestrator.gatekeeping.types import Answer, Authors, Engaged, Person, person_of
from masterflow.orchestrator.gatekeeping.voting import Ballot, Vote
from masterflow.orchestrator.types import GateStatus, GateSummary, Verdict
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal, Tenant, UserKind
from masterflow.testing import toy_flow, toy_phase

ME = "me@home.example"
MINE = Authors(started=frozenset({ME}), shaped=frozenset({ME}))
KIND = toy_flow(toy_phase("first"), toy_phase("only"), toy_phase("after"))


def person(*roles: Role, email: str = ME, is_service: bool = False) -> Person:
    return Person(uuid4(), email, frozenset(map(str, roles)), is_service)


GATE = GateSummary(
    id=uuid4(),
    flow_id=uuid4(),
    flow_type="toy",
    flow_type_title="Toy",
    flow_name=None,
    phase="only",
    phase_title="Only",
    phase_index=1,
    phase_count=3,
    iteration=1,
    status=GateStatus.OPEN,
    asks="Right?",
    approver_roles=("approver",),
    quorum=1,
    approvals=0,
    four_eyes=False,
    content_hash="ab",
    opened_at=datetime.now(UTC),
    due_at=None,
    expires_at=None,
    overdue=False,
    decided_at=None,
    decided_by=None,
    reason=None,
    has_table=False,
)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.LEAD])
def test_the_approver_and_a_lead_decide(role: Role) -> None:
    require_decider(person(role), GATE)


@pytest.mark.parametrize("roles", [(Role.VIEWER,), (Role.ANALYST, Role.AUDITOR), ()])
def test_nobody_else_decides(roles: tuple[Role, ...]) -> None:
    with pytest.raises(NotAllowed, match="is decided by approver or lead"):
        require_decider(person(*roles), GATE)


def test_an_approver_does_not_decide_what_a_lead_must() -> None:
    with pytest.raises(NotAllowed):
        require_decider(person(Role.APPROVER), replace(GATE, approver_roles=("lead",)))


def test_several_roles_may_be_named_by_the_gate() -> None:
    gate = replace(GATE, approver_roles=("planner", "finops"))
    require_decider(person(Role.PLANNER), gate)
    require_decider(person(Role.FINOPS), gate)
    with pytest.raises(NotAllowed, match="finops or lead or planner"):
        require_decider(person(Role.APPROVER), gate)


def test_a_service_account_decides_nothing_whatever_it_holds() -> None:
    with pytest.raises(NotAllowed, match="gates are decided by people"):
        require_decider(person(Role.LEAD, is_service=True), GATE)


def test_an_account_of_a_program_is_told_from_a_person() -> None:
    actor = (uuid4(), ME, Tenant(uuid4(), uuid4()), frozenset({Role.LEAD}))
    assert not person_of(Principal(*actor)).is_service
    assert person_of(Principal(*actor, kind=UserKind.SERVICE)).is_service


@pytest.mark.parametrize(
    ("self_approval", "people", "allowed"),
    [(None, 1, True), (None, 2, False), (True, 5, True), (False, 1, False)],
)
def test_approving_ones_own_work_follows_the_engagement(self_approval: bool | None, people: int, allowed: bool) -> None:
    engaged = Engaged(tuple(person(Role.LEAD, email=f"{n}@home.example") for n in range(people)), self_approval)
    assert engaged.allows_own_work is allowed
    if allowed:
        require_other_eyes(person(Role.LEAD), GATE, MINE, allows_own_work=True)
    else:
        with pytest.raises(NotAllowed, match="Ask another member"):
            require_other_eyes(person(Role.LEAD), GATE, MINE, allows_own_work=False)


def test_service_accounts_do_not_make_a_team_of_one_person() -> None:
    assert Engaged((person(Role.LEAD), person(Role.LEAD, is_service=True)), None).allows_own_work


def test_an_ordinary_gate_asks_who_started_the_flow_and_not_who_else_shaped_it() -> None:
    shaped = Authors(started=frozenset(), shaped=frozenset({ME}))
    require_other_eyes(person(Role.LEAD), GATE, shaped, allows_own_work=False)


def test_four_eyes_are_never_one_persons_whatever_the_engagement_says() -> None:
    gate = replace(GATE, four_eyes=True)
    for authors in (MINE, Authors(shaped=frozenset({ME}))):
        with pytest.raises(NotAllowed, match="needs four eyes"):
            require_other_eyes(person(Role.LEAD), gate, authors, allows_own_work=True)


def test_who_had_no_part_in_it_may_look_at_it_with_other_eyes() -> None:
    other = person(Role.LEAD, email="you@home.example")
    require_other_eyes(other, replace(GATE, four_eyes=True), MINE, allows_own_work=False)
    require_other_eyes(other, GATE, MINE, allows_own_work=False)


def answer(gate: GateSummary, verdict: Verdict = Verdict.APPROVE, **given: object) -> None:
    require_fitting(gate, KIND, Answer(verdict=verdict, **given))


def test_a_decided_gate_stays_decided() -> None:
    with pytest.raises(Conflict, match="This gate was approved by you already"):
        answer(replace(GATE, status=GateStatus.APPROVED, decided_by="you"))
    with pytest.raises(Conflict, match="This gate was withdrawn already"):
        answer(replace(GATE, status=GateStatus.WITHDRAWN))
    with pytest.raises(Conflict, match="This gate was past its time already"):
        answer(replace(GATE, status=GateStatus.EXPIRED, decided_by="engine"))


def test_a_decision_on_another_content_does_not_count() -> None:
    answer(GATE, content_hash="ab")
    with pytest.raises(Conflict, match="another content"):
        answer(GATE, content_hash="cd")


@pytest.mark.parametrize("gate", [replace(GATE, quorum=2), replace(GATE, four_eyes=True)])
@pytest.mark.parametrize("verdict", Verdict)
def test_where_several_people_decide_each_says_about_what(gate: GateSummary, verdict: Verdict) -> None:
    with pytest.raises(InvalidInput, match="which content"):
        answer(gate, verdict, reason="r")
    answer(gate, verdict, reason="r", content_hash="ab")


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_rejection_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(InvalidInput, match="needs a reason"):
        answer(GATE, Verdict.REJECT, reason=reason)


def test_a_rejection_brings_no_edit() -> None:
    with pytest.raises(InvalidInput, match="no edited output"):
        answer(GATE, Verdict.REJECT, reason="no", edited_output={})


@pytest.mark.parametrize("to", ["first", "only"])
def test_a_rejection_may_name_this_phase_or_an_earlier_one(to: str) -> None:
    answer(GATE, Verdict.REJECT, reason="no", to=to)


@pytest.mark.parametrize("to", ["after", "nowhere"])
def test_a_rejection_leads_to_no_other_phase(to: str) -> None:
    with pytest.raises(InvalidInput, match=rf"'{to}' is no phase .* Name one of first, only"):
        answer(GATE, Verdict.REJECT, reason="no", to=to)


def test_an_approval_names_no_phase() -> None:
    with pytest.raises(InvalidInput, match="leads to the next phase"):
        answer(GATE, to="first")


APPROVAL = Answer(verdict=Verdict.APPROVE, content_hash="ab")


@pytest.mark.parametrize(
    ("ballot", "edited_to", "refusal"),
    [
        (Ballot(content="ab", votes=(Vote("bo", Verdict.REJECT, "ab"),)), None, "decided meanwhile"),
        (Ballot(content="cd"), None, "another content"),
        (Ballot(content="ab", quorum=2, votes=(Vote(ME, Verdict.APPROVE, "ab"),)), None, "has answered this gate"),
        (Ballot(content="ab", quorum=2, votes=(Vote(ME, Verdict.APPROVE, "cd"),)), "cd", "has answered this gate"),
    ],
)
def test_what_the_other_answers_rule_out_is_a_conflict(ballot: Ballot, edited_to: str | None, refusal: str) -> None:
    with pytest.raises(Conflict, match=refusal):
        require_vote(ballot, person(Role.LEAD), APPROVAL, edited_to=edited_to)


def test_who_shaped_what_is_asked_does_not_approve_it() -> None:
    ballot = Ballot(content="ab", four_eyes=True, shapers=frozenset({ME}))
    with pytest.raises(NotAllowed, match="shaped what this gate asks"):
        require_vote(ballot, person(Role.LEAD), APPROVAL)
    require_vote(ballot, person(Role.LEAD, email="you@home.example"), APPROVAL)
