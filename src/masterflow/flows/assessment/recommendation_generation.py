"""Recommend one of seven strategies for each application, with reasons, and ask a person.

The rules' verdict and the person's are kept side by side: an override needs a reason and never replaces what the rules
said.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from pydantic import BaseModel

from masterflow.analysis.complexity import ApplicationComplexity
from masterflow.analysis.six_r.facts import FactValue
from masterflow.analysis.six_r.recommendation import Reason, recommend
from masterflow.analysis.six_r.recommendation import Recommendation as Verdict
from masterflow.errors import EditProblem, EditRejected
from masterflow.flows.assessment.complexity_analysis import complexities
from masterflow.flows.assessment.readiness_assessment import assess_servers
from masterflow.flows.assessment.risk_assessment import register
from masterflow.flows.assessment.subjects import strategy_facts
from masterflow.inventory.portfolio import Portfolio, Subject, read_portfolio
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import (
    Assessment,
    NotRecommended,
    Recommendation,
    RunnerUp,
    Strategy,
    Turn,
)
from masterflow.records.documents import Document
from masterflow.spec import Column, EditableTable, Gate, Phase, PhaseContext, Problem, Row, Stores

NAME = "recommendation_generation"
KIND = "assessment"
_ASSESSMENT = Document(Assessment)


class Input(BaseModel):
    """What the earlier phases settled."""

    target: str = "public_cloud"
    assessed_on: date
    move_date: date
    datacentre_exit: date | None = None


class Proposal(BaseModel):
    """The strategy for one subject as a person sees and changes it; scores are 0 to 1."""

    subject_id: UUID
    name: str
    is_application: bool
    servers: int
    strategy: Strategy
    rule_strategy: Strategy
    confidence: float
    completeness: float
    complexity: int
    reason: str
    runner_up: Strategy | None
    would_change: str
    override_reason: str | None = None


class Output(BaseModel):
    """The proposals to approve, and the portfolio they make."""

    assessment_id: UUID
    assessed_on: date
    move_date: date
    target: str
    proposals: list[Proposal]
    portfolio: dict[str, int]


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Recommend a strategy for every subject and stage the whole assessment for the approval.

    Raises:
        InputMissing: nothing is published yet.
    """
    async with ctx.stores() as stores:
        portfolio = await read_portfolio(stores.session)
    assessment = await ctx.compute(assess, portfolio, given, ctx.flow_id, ctx.iteration)
    async with ctx.stores() as stores:
        await _staging(stores).put(KIND, 0, [_ASSESSMENT.dump(assessment)])
    return _output(assessment)


def assess(portfolio: Portfolio, given: Input, flow_id: UUID, iteration: int) -> Assessment:
    """The whole assessment of a portfolio; the same input gives the same assessment, its id included."""
    scores = complexities(portfolio)
    return Assessment(
        id=uuid5(flow_id, f"assessment/{iteration}"),
        flow_id=flow_id,
        assessed_on=given.assessed_on,
        move_date=given.move_date,
        target=given.target,
        servers=tuple(assess_servers(portfolio, given.target, given.assessed_on, given.move_date)),
        recommendations=tuple(
            _recommend(portfolio, subject, given, scores[subject.id]) for subject in portfolio.subjects
        ),
        risks=tuple(register(portfolio, given.move_date)),
    )


def _recommend(
    portfolio: Portfolio, subject: Subject, given: Input, complexity: ApplicationComplexity
) -> Recommendation:
    facts = strategy_facts(
        portfolio,
        subject,
        target=given.target,
        today=given.assessed_on,
        move_date=given.move_date,
        exit_date=given.datacentre_exit,
    )
    verdict = recommend(facts, at=given.assessed_on)
    strategy = verdict.strategy
    return Recommendation(
        subject_id=subject.id,
        subject_name=subject.name,
        is_application=subject.application is not None,
        strategy=strategy,
        rule_strategy=strategy,
        score=verdict.score,
        confidence=verdict.confidence,
        completeness=verdict.data_completeness,
        complexity=complexity.score,
        server_count=len(subject.assets),
        reasons=(*_sentences(verdict.reasons), *verdict.conditions),
        runner_ups=tuple(RunnerUp(r.strategy, r.score, _sentences(r.reasons)) for r in verdict.runner_ups),
        not_recommended=_barred(verdict),
        would_change=tuple(
            Turn(
                tuple((name, _shown(value)) for name, value in change.facts.items()),
                change.verdict,
                change.sentence,
            )
            for change in verdict.what_would_change
        ),
    )


def _barred(verdict: Verdict) -> tuple[NotRecommended, ...]:
    return tuple(NotRecommended(n.strategy, " ".join(_sentences(n.why))) for n in verdict.not_recommended)


def _sentences(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    return tuple(reason.sentence for reason in reasons)


def _shown(value: FactValue) -> str:
    return "not known" if value is None else str(value)


def _output(assessment: Assessment) -> Output:
    return Output(
        assessment_id=assessment.id,
        assessed_on=assessment.assessed_on,
        move_date=assessment.move_date,
        target=assessment.target,
        proposals=[_proposal(recommendation) for recommendation in assessment.recommendations],
        portfolio=dict(Counter(r.strategy.value for r in assessment.recommendations)),
    )


def _proposal(recommendation: Recommendation) -> Proposal:
    return Proposal(
        subject_id=recommendation.subject_id,
        name=recommendation.subject_name,
        is_application=recommendation.is_application,
        servers=recommendation.server_count,
        strategy=recommendation.strategy,
        rule_strategy=recommendation.rule_strategy,
        confidence=recommendation.confidence,
        completeness=recommendation.completeness,
        complexity=recommendation.complexity,
        reason=" ".join(recommendation.reasons[:3]),
        runner_up=recommendation.runner_ups[0].strategy if recommendation.runner_ups else None,
        would_change=recommendation.would_change[0].sentence if recommendation.would_change else "",
        override_reason=recommendation.override_reason,
    )


def every_override_has_a_reason(given: Output) -> list[Problem]:
    """A strategy that differs from the rules' says why."""
    return [
        Problem(
            "assessment.override_without_reason",
            f"{p.name}, column Reason for change: say why it is {p.strategy} and not {p.rule_strategy}",
            "override_reason",
            (str(p.subject_id),),
        )
        for p in given.proposals
        if p.strategy is not p.rule_strategy and not p.override_reason
    ]


async def publish(stores: Stores, output: Output) -> None:
    """Write the staged assessment with the strategies that a person approved."""
    staging = _staging(stores)
    staged = [_ASSESSMENT.load(document) async for document in staging.rows(KIND)]
    approved = {proposal.subject_id: proposal for proposal in output.proposals}
    for assessment in staged:
        await AssessmentStore(stores.session).publish(_approved(assessment, approved))
    await staging.discard()


def _approved(assessment: Assessment, approved: dict[UUID, Proposal]) -> Assessment:
    decided = tuple(
        replace(
            recommendation,
            strategy=approved[recommendation.subject_id].strategy,
            override_reason=approved[recommendation.subject_id].override_reason,
        )
        for recommendation in assessment.recommendations
    )
    return replace(assessment, recommendations=decided)


def _staging(stores: Stores) -> StagingStore:
    return StagingStore(stores.session, StagedUnder(stores.flow_id, stores.iteration, NAME))


def _rows(output: Output) -> list[Row]:
    return [
        {
            "subject_id": str(p.subject_id),
            "name": p.name,
            "kind": "application" if p.is_application else "server",
            "servers": p.servers,
            "strategy": p.strategy.value,
            "override_reason": p.override_reason,
            "rule_strategy": p.rule_strategy.value,
            "confidence": p.confidence,
            "runner_up": p.runner_up.value if p.runner_up else None,
            "reason": p.reason,
            "would_change": p.would_change,
        }
        for p in output.proposals
    ]


def _apply(output: Output, rows: list[Row]) -> Output:
    edited = {str(row["subject_id"]): row for row in rows}
    problems: list[EditProblem] = []
    proposals = [_edit(proposal, edited[str(proposal.subject_id)], problems) for proposal in output.proposals]
    if problems:
        raise EditRejected(problems, hint="Correct the workbook and approve with it again.")
    return output.model_copy(
        update={"proposals": proposals, "portfolio": dict(Counter(p.strategy.value for p in proposals))}
    )


def _summary(output: Output) -> Row:
    changed = sum(p.strategy is not p.rule_strategy for p in output.proposals)
    return {**output.portfolio, "changed": changed}


def _edit(proposal: Proposal, row: Row, problems: list[EditProblem]) -> Proposal:
    wanted = str(row["strategy"] or "").strip().lower()
    reason = str(row["override_reason"] or "").strip() or None
    if wanted not in set(Strategy):
        said = f"{proposal.name}, column Strategy: '{wanted}' is none of {', '.join(Strategy)}"
        problems.append(EditProblem(said, "assessment.no_such_strategy", str(proposal.subject_id), "strategy"))
        return proposal
    return proposal.model_copy(update={"strategy": Strategy(wanted), "override_reason": reason})


TABLE: EditableTable[Output] = EditableTable(
    title="Strategies",
    key="subject_id",
    columns=(
        Column("name", "Application or server", width=32),
        Column("kind", "Kind", width=12),
        Column("servers", "Servers", width=9),
        Column("strategy", "Strategy", editable=True, choices=tuple(Strategy), width=14),
        Column("override_reason", "Reason for change", editable=True, width=36),
        Column("rule_strategy", "Rules say", width=14),
        Column("confidence", "Confidence (0 to 1)", width=12),
        Column("runner_up", "Runner-up", width=14),
        Column("reason", "Why", width=70),
        Column("would_change", "What would change it", width=60),
        Column("subject_id", "Id", width=38),
    ),
    rows=_rows,
    apply=_apply,
    summary=_summary,
)

PHASE = Phase(
    name=NAME,
    title="Recommend a strategy for each application, with reasons",
    takes=Input,
    gives=Output,
    run=run,
    checks=[every_override_has_a_reason],
    gate=Gate(
        asks="Are these strategies right?",
        rejects_to=NAME,
        table=TABLE,
        due_in=timedelta(days=3),
        remind_every=timedelta(days=1),
    ),
    publish=publish,
    time_limit=timedelta(minutes=20),
)
