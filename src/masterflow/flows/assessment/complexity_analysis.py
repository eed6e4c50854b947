"""Score how hard each application is to plan and move, from its servers, ties and data."""

from collections import Counter
from uuid import UUID

from pydantic import BaseModel

from masterflow.analysis.complexity import (
    ApplicationComplexity,
    ApplicationTies,
    application_complexity,
    load_profiles,
    server_complexity,
)
from masterflow.flows.assessment.readiness_assessment import COMPLEXITY_PROFILE
from masterflow.flows.assessment.subjects import servers_of
from masterflow.inventory.portfolio import Portfolio, Subject, read_portfolio
from masterflow.spec import Phase, PhaseContext

MOST_LISTED = 20


class Input(BaseModel):
    """Needs nothing but the published estate."""


class Hard(BaseModel):
    """One of the hardest subjects, with the points behind its score."""

    name: str
    score: int
    because: list[str]


class Output(BaseModel):
    """How many subjects have each score (1 routine to 5 a project of its own), and the hardest."""

    by_score: dict[int, int]
    hardest: list[Hard]
    circles: list[list[str]]


async def run(ctx: PhaseContext, given: Input) -> Output:  # noqa: ARG001 - the estate is read from the stores
    """Score every subject.

    Raises:
        InputMissing: nothing is published yet.
    """
    async with ctx.stores() as stores:
        portfolio = await read_portfolio(stores.session)
    scored = await ctx.compute(complexities, portfolio)
    names = {subject.id: subject.name for subject in portfolio.subjects}
    ranked = sorted(scored.items(), key=lambda item: (-item[1].score, names[item[0]]))
    circles = {tuple(sorted(names[i] for i in c if i in names)) for c in portfolio.circles.values()}
    return Output(
        by_score=dict(sorted(Counter(c.score for c in scored.values()).items())),
        hardest=[
            Hard(name=names[i], score=c.score, because=[p.sentence for p in c.points if p.points]) for i, c in ranked
        ][:MOST_LISTED],
        circles=sorted([list(circle) for circle in circles if len(circle) > 1]),
    )


def complexities(portfolio: Portfolio) -> dict[UUID, ApplicationComplexity]:
    """The complexity of every subject by its id."""
    profile = load_profiles()[COMPLEXITY_PROFILE]
    return {
        subject.id: application_complexity(
            [(facts, server_complexity(facts, profile)) for facts in servers_of(subject)], _ties(portfolio, subject)
        )
        for subject in portfolio.subjects
    }


def _ties(portfolio: Portfolio, subject: Subject) -> ApplicationTies:
    known = bool(portfolio.dependencies)
    systems = {facts.os.product for facts in servers_of(subject) if facts.os.product}
    return ApplicationTies(
        dependency_degree=len(portfolio.neighbours(subject.id)) if known else None,
        circle_size=len(portfolio.circles.get(subject.id, (subject.id,))) if known else None,
        technologies=len(systems) or None,
    )


PHASE = Phase(
    name="complexity_analysis",
    title="Score how hard each application is to move",
    takes=Input,
    gives=Output,
    run=run,
)
