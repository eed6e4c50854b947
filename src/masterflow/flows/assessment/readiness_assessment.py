"""Judge of every server whether it can move to the target, and how its operating system is supported then."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

from pydantic import BaseModel

from masterflow.analysis.complexity import load_profiles, server_complexity
from masterflow.analysis.eol.support import support_status
from masterflow.analysis.readiness import EffectOnMove, load_rules, readiness
from masterflow.analysis.servers import server_facts
from masterflow.errors import InputMissing, MissingInput
from masterflow.flows.assessment.config import move_date_of
from masterflow.inventory.portfolio import Portfolio, read_portfolio
from masterflow.inventory.types import Asset
from masterflow.records.assessments.types import ServerAssessment
from masterflow.spec import Phase, PhaseContext, Problem

COMPLEXITY_PROFILE = "neutral"


class Input(BaseModel):
    """The target and the days to judge at."""

    target: str = "public_cloud"
    assessed_on: date | None = None
    move_date: date | None = None


class Output(BaseModel):
    """How many servers are ready, and how they are supported on both days."""

    assessed_on: date
    move_date: date
    servers: int
    readiness: dict[str, int]
    support_today: dict[str, int]
    support_at_move: dict[str, int]
    remedies: dict[str, int]
    completeness: float


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Assess every published server.

    Raises:
        InputMissing: nothing is published yet, or the target is none that the rules know.
    """
    targets = load_rules().targets
    if given.target not in targets:
        raise InputMissing(
            [MissingInput("target", f"'{given.target}' is none of {', '.join(targets)}")], hint="Name one of them."
        )
    async with ctx.stores() as stores:
        portfolio = await read_portfolio(stores.session)
    assessed_on = given.assessed_on or ctx.now.date()
    move_date = move_date_of(assessed_on, given.move_date)
    assessed = await ctx.compute(assess_servers, portfolio, given.target, assessed_on, move_date)
    return Output(
        assessed_on=assessed_on,
        move_date=move_date,
        servers=len(assessed),
        readiness=dict(Counter(server.readiness.value for server in assessed)),
        support_today=dict(Counter(server.support_today.value for server in assessed)),
        support_at_move=dict(Counter(server.support_at_move.value for server in assessed)),
        remedies=dict(Counter(remedy for server in assessed for remedy in server.remedies).most_common(20)),
        completeness=round(sum(server.completeness for server in assessed) / len(assessed), 4),
    )


def assess_servers(portfolio: Portfolio, target: str, today: date, move_date: date) -> list[ServerAssessment]:
    """What the rules say of every server, by name."""
    ordered = sorted(portfolio.servers, key=lambda asset: (asset.name.casefold(), str(asset.id)))
    return [_assess(asset, target=target, today=today, move_date=move_date) for asset in ordered]


def _assess(asset: Asset, *, target: str, today: date, move_date: date) -> ServerAssessment:
    facts = server_facts(asset)
    ready = readiness(facts, target, at=move_date)
    complexity = server_complexity(facts, load_profiles()[COMPLEXITY_PROFILE])
    weighty = [c for c in ready.concerns if c.effect is not EffectOnMove.NOTE]
    return ServerAssessment(
        asset_id=UUID(str(asset.id)),
        name=asset.name,
        operating_system=facts.os_text,
        product=facts.os.product,
        cycle=facts.os.cycle,
        eol=facts.os.eol,
        extended_eol=facts.os.extended_eol,
        os_confidence=facts.os.confidence,
        support_today=support_status(facts.os, at=today).status,
        support_at_move=support_status(facts.os, at=move_date).status,
        readiness=ready.state,
        reasons=tuple(concern.sentence for concern in weighty),
        remedies=tuple(concern.remedy for concern in weighty),
        complexity=complexity.score,
        completeness=ready.data_completeness,
    )


def every_server_has_an_answer(given: Output) -> list[Problem]:
    """The counts add up to the number of servers."""
    if sum(given.readiness.values()) == given.servers == sum(given.support_today.values()):
        return []
    return [Problem("assessment.incomplete", f"Not every one of {given.servers} servers was assessed.")]


PHASE = Phase(
    name="readiness_assessment",
    title="Judge each server's support and whether it can move as it is",
    takes=Input,
    gives=Output,
    run=run,
    checks=[every_server_has_an_answer],
    time_limit=timedelta(minutes=15),
)
