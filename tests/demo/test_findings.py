"""What the report says beside the stores: decisions, merged records, assumptions, freezes, a contradiction."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from masterflow.db.status import FlowStatus
from masterflow.demo.findings import UNREVIEWED, told_by
from masterflow.orchestrator.types import Failure, Flow, GateStatus, OpenQuestion, PhaseResult
from masterflow.records.reports.types import Freeze
from tests.cli.test_telling import FLOW
from tests.conftest import Cast

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers what it was given, in the place of an orchestrator."""

    found: tuple[PhaseResult, ...] = ()
    asked: tuple[OpenQuestion, ...] = ()

    async def results(self, _: object, __: UUID) -> list[PhaseResult]:
        return list(self.found)

    async def gates(self, *_: object, **__: object) -> list[OpenQuestion]:
        return list(self.asked)


def result(phase: str, output: dict[str, Any], *, edited: bool = False) -> PhaseResult:
    return PhaseResult(
        phase=phase,
        phase_index=0,
        iteration=1,
        attempt=1,
        output=output,
        edited=edited,
        started_at=NOW,
        finished_at=NOW,
    )


def question(flow: Flow, phase: str, status: GateStatus, reason: str | None = None) -> OpenQuestion:
    return OpenQuestion(
        id=uuid4(),
        flow_id=flow.flow_id,
        flow_type=flow.flow_type,
        flow_type_title=flow.flow_type,
        flow_name=None,
        phase=phase,
        phase_title=phase,
        phase_index=0,
        phase_count=1,
        iteration=1,
        status=status,
        asks=f"Is {phase} right?",
        approver_roles=("approver",),
        quorum=1,
        approvals=0,
        due_at=None,
        expires_at=None,
        overdue=False,
        four_eyes=False,
        content_hash="",
        output={},
        opened_at=NOW,
        decided_at=NOW,
        decided_by="ana@x.example",
        reason=reason,
        has_table=True,
    )


async def test_decisions_are_told_in_their_order_with_who_took_them(cast: Cast) -> None:
    asked = (
        question(FLOW, "c", GateStatus.OPEN),
        question(FLOW, "b", GateStatus.APPROVED, UNREVIEWED),
        question(FLOW, "a", GateStatus.APPROVED, "fine"),
    )
    told = await told_by(Answers((result("a", {}, edited=True),), asked), cast.lead, [FLOW], title="T")
    assert [(d.question, d.outcome, d.decided_by, d.accepted_without_review, d.note) for d in told.decisions] == [
        ("Is a right?", "approved with edits", "ana@x.example", False, "fine"),
        ("Is b right?", "approved", None, True, ""),
        ("Is c right?", "waiting", "ana@x.example", False, ""),
    ]


async def test_merged_records_come_from_the_inventory(cast: Cast) -> None:
    told = await told_by(Answers((result("asset_inventory", {"merged": 7}),)), cast.lead, [FLOW], title="T")
    assert told.merged == 7


async def test_an_assumed_date_of_the_move_is_said_and_a_given_one_is_not(cast: Cast) -> None:
    assessment = replace(FLOW, flow_type="assessment", configuration={"move_date": None})
    told = await told_by(Answers(), cast.lead, [assessment], title="T")
    assert [a.name for a in told.assumptions] == ["Date of the move"]
    given = replace(assessment, configuration={"move_date": "2027-06-30"})
    assert (await told_by(Answers(), cast.lead, [given], title="T")).assumptions == ()


async def test_planning_tells_its_freezes_assumptions_and_contradiction(cast: Cast) -> None:
    freezes = [
        {"start": "2026-12-15", "end": "2027-01-05", "scope": "all"},
        {"start": "2027-03-28", "end": "2027-04-02", "scope": "prod"},
    ]
    missing = ({"field": "pins", "reason": "Billing is pinned to wave 1"},)
    planning = replace(
        FLOW,
        flow_type="planning",
        status=FlowStatus.WAITING_FOR_INPUT,
        configuration={"freezes": freezes},
        last_error=Failure(code="x", message="m", missing=missing),
    )
    found = (result("wave_planning", {"assumptions": ["waves take 4 weeks"]}),)
    told = await told_by(Answers(found), cast.lead, [planning], title="T")
    assert told.plan_conflict == ("Billing is pinned to wave 1",)
    assert told.limits == ("Assumed for the plan: waves take 4 weeks.",)
    assert told.freezes == (
        Freeze("nothing moves", date(2026, 12, 15), date(2027, 1, 5)),
        Freeze("no production moves", date(2027, 3, 28), date(2027, 4, 2)),
    )


async def test_the_end_of_life_data_is_named_with_its_date_and_licence(cast: Cast) -> None:
    told = await told_by(Answers(), cast.lead, [], title="T")
    [data] = told.reference_data
    assert (data.licence, data.dated.year >= 2026) == ("MIT", True)
    assert told.product_titles["rhel"] == "Red Hat Enterprise Linux"
