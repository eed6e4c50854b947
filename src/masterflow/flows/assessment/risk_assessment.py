"""Keep the risk register: what may go wrong with which server or application, and what to do about it."""

from collections import Counter
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from masterflow.analysis.risks import ApplicationFacts, application_risks, gravest_first, server_risks
from masterflow.analysis.risks import Risk as FoundRisk
from masterflow.flows.assessment.subjects import servers_of
from masterflow.inventory.portfolio import Portfolio, Subject, read_portfolio
from masterflow.inventory.types import Membership
from masterflow.records.assessments.types import Risk
from masterflow.spec import Phase, PhaseContext

MOST_LISTED = 50


class Input(BaseModel):
    """The day of the move."""

    move_date: date


class Entry(BaseModel):
    """One entry of the register."""

    code: str
    subject: str
    score: int
    sentence: str
    mitigation: str


class Output(BaseModel):
    """How many entries of each code there are, and the gravest."""

    total: int
    by_code: dict[str, int]
    gravest: list[Entry]


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Find the risks of every server and application on the day of the move.

    Raises:
        InputMissing: nothing is published yet.
    """
    async with ctx.stores() as stores:
        portfolio = await read_portfolio(stores.session)
    found = await ctx.compute(register, portfolio, given.move_date)
    return Output(
        total=len(found),
        by_code=dict(sorted(Counter(risk.code for risk in found).items())),
        gravest=[
            Entry(
                code=risk.code,
                subject=risk.subject,
                score=risk.likelihood * risk.impact,
                sentence=risk.sentence,
                mitigation=risk.mitigation,
            )
            for risk in found[:MOST_LISTED]
        ],
    )


def register(portfolio: Portfolio, move_date: date) -> list[Risk]:
    """The whole register, gravest first."""
    names = {subject.id: subject.name for subject in portfolio.subjects}
    found: list[FoundRisk] = []
    for subject in portfolio.subjects:
        found += [risk for facts in servers_of(subject) for risk in server_risks(facts, at=move_date)]
        found += application_risks(_facts(portfolio, subject, names))
    return [_kept(risk) for risk in gravest_first(found)]


def _facts(portfolio: Portfolio, subject: Subject, names: dict[UUID, str]) -> ApplicationFacts:
    application = subject.application
    known = bool(portfolio.dependencies)
    circle = portfolio.circles.get(subject.id, ())
    return ApplicationFacts(
        name=subject.name,
        criticality=subject.criticality,
        owner=subject.owner,
        servers=len(subject.assets),
        circle=tuple(names[i] for i in circle if i != subject.id and i in names),
        dependents=len({d.source_id for d in portfolio.inbound(subject.id)}) if known else None,
        observed=known or None,
        shared_service=bool(application and application.shared_service),
        membership_proposed=bool(application and application.membership is Membership.PROPOSED),
    )


def _kept(risk: FoundRisk) -> Risk:
    return Risk(
        code=risk.code,
        subject=risk.subject,
        likelihood=risk.likelihood,
        impact=risk.impact,
        sentence=risk.sentence,
        mitigation=risk.mitigation,
        trigger=risk.trigger,
    )


PHASE = Phase(
    name="risk_assessment",
    title="Find what may go wrong, with mitigation and trigger",
    takes=Input,
    gives=Output,
    run=run,
)
