"""What a report says that no store holds: it is read from the results and the gates of the flows that ran."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from masterflow.analysis.eol.snapshot import product, snapshot
from masterflow.db.status import FlowStatus
from masterflow.flows.assessment.config import MONTHS_TO_MOVE
from masterflow.flows.planning.config import Config as PlanningConfig
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.orchestrator.types import Flow, GateStatus, OpenQuestion
from masterflow.records.reports.service import Told
from masterflow.records.reports.types import Assumption, Decision, Freeze, ReferenceData
from masterflow.tenancy.types import Principal

UNREVIEWED = "Accepted without review."
EOL_LICENCE = "MIT"  # the text is shipped beside the data

Results = Mapping[tuple[str, str], Mapping[str, Any]]  # output by flow type and phase


async def told_by(
    orchestrator: MasterFlowOrchestrator, reader: Principal, flows: Sequence[Flow], *, title: str
) -> Told:
    """What these flows computed and what people decided in them."""
    results: dict[tuple[str, str], Mapping[str, Any]] = {}
    edited: set[tuple[str, str]] = set()
    questions: list[OpenQuestion] = []
    for flow in flows:
        for result in await orchestrator.results(reader, flow.flow_id):
            results[flow.flow_type, result.phase] = result.output
            if result.edited:
                edited.add((flow.flow_type, result.phase))
        questions += reversed(await orchestrator.gates(reader, status=None, flow_id=flow.flow_id))
    now = datetime.now(UTC)
    return Told(
        title=title,
        made_at=now,
        as_of=now.date(),
        decisions=tuple(_decision(q, edited=(q.flow_type, q.phase) in edited) for q in questions),
        merged=int(results.get(("discovery", "asset_inventory"), {}).get("merged", 0)),
        plan_conflict=tuple(_plan_conflict(flows)),
        freezes=tuple(_freezes(flows)),
        assumptions=tuple(_assumptions(flows)),
        limits=tuple(_assumed(results)),
        reference_data=(_end_of_life_data(),),
        product_titles=_product_titles(),
    )


def _decision(question: OpenQuestion, *, edited: bool) -> Decision:
    reviewed = question.reason != UNREVIEWED
    outcome = {
        GateStatus.OPEN: "waiting",
        GateStatus.APPROVED: "approved with edits" if edited else "approved",
        GateStatus.REJECTED: "rejected",
        GateStatus.WITHDRAWN: "withdrawn",
        GateStatus.EXPIRED: "expired",
    }[question.status]
    return Decision(
        question=question.asks,
        outcome=outcome,
        decided_by=question.decided_by if reviewed else None,
        decided_at=question.decided_at,
        role=" or ".join(question.approver_roles),
        note=question.reason or "" if reviewed else "",
        accepted_without_review=not reviewed,
    )


def _assumptions(flows: Sequence[Flow]) -> Iterator[Assumption]:
    for flow in flows:
        if flow.flow_type == "assessment" and flow.configuration.get("move_date") is None:
            yield Assumption(
                name="Date of the move",
                value=str(MONTHS_TO_MOVE),
                unit="months after the assessment",
                basis="no date was given; --move-date sets it",
            )


def _assumed(results: Results) -> Iterator[str]:
    """What planning assumed, in its own words."""
    for phase in ("wave_planning", "resource_planning"):
        for sentence in results.get(("planning", phase), {}).get("assumptions", []):
            yield f"Assumed for the plan: {sentence}."


def _plan_conflict(flows: Sequence[Flow]) -> Iterator[str]:
    """The rules that contradict each other, when planning asks for one of them to be given up."""
    for flow in flows:
        if flow.flow_type == "planning" and flow.status is FlowStatus.WAITING_FOR_INPUT and flow.last_error:
            yield from (entry["reason"] for entry in flow.last_error.missing)


def _freezes(flows: Sequence[Flow]) -> Iterator[Freeze]:
    for flow in flows:
        if flow.flow_type == "planning":
            for freeze in PlanningConfig.model_validate(flow.configuration).freezes:
                name = "nothing moves" if freeze.scope == "all" else "no production moves"
                yield Freeze(name=name, start=freeze.start, end=freeze.end)


def _end_of_life_data() -> ReferenceData:
    known = snapshot()
    return ReferenceData(name=f"End-of-life dates by {known.source}", dated=known.as_of, licence=EOL_LICENCE)


@cache
def _product_titles() -> Mapping[str, str]:
    return {product_id: product(product_id).title for product_id in snapshot().product_ids}
