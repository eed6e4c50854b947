"""Say which products have to be replaced when: operating systems by release, with their servers and dates."""

from collections import defaultdict
from datetime import date

from pydantic import BaseModel

from masterflow.analysis.eol.snapshot import snapshot
from masterflow.flows.assessment.readiness_assessment import assess_servers
from masterflow.inventory.portfolio import read_portfolio
from masterflow.records.assessments.types import WORST_FIRST, ServerAssessment, SupportStatus
from masterflow.spec import Phase, PhaseContext


class Input(BaseModel):
    """The target and the two days that the readiness phase settled."""

    target: str = "public_cloud"
    assessed_on: date
    move_date: date


class Release(BaseModel):
    """One release of an operating system and the servers that run it; None where the texts do not say."""

    product: str | None
    cycle: str | None
    servers: int
    eol: date | None
    extended_eol: date | None
    support_today: SupportStatus
    support_at_move: SupportStatus


class Output(BaseModel):
    """Releases in use, worst first; `data_as_of` is the day of the support dates' snapshot."""

    releases: list[Release]
    to_replace_by_move: int
    data_as_of: date


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Group the servers by release.

    Raises:
        InputMissing: nothing is published yet.
    """
    async with ctx.stores() as stores:
        portfolio = await read_portfolio(stores.session)
    servers = await ctx.compute(assess_servers, portfolio, given.target, given.assessed_on, given.move_date)
    groups: dict[tuple[str | None, str | None], list[ServerAssessment]] = defaultdict(list)
    for server in servers:
        groups[server.product, server.cycle].append(server)
    releases = [_release(members) for members in groups.values()]
    releases.sort(key=lambda r: (WORST_FIRST.index(r.support_at_move), -r.servers, r.product or "", r.cycle or ""))
    bad = {SupportStatus.ENDED, SupportStatus.EXTENDED_ONLY}
    return Output(
        releases=releases,
        to_replace_by_move=sum(r.servers for r in releases if r.support_at_move in bad),
        data_as_of=snapshot().as_of,
    )


def _release(members: list[ServerAssessment]) -> Release:
    first = members[0]
    return Release(
        product=first.product,
        cycle=first.cycle,
        servers=len(members),
        eol=first.eol,
        extended_eol=first.extended_eol,
        support_today=first.support_today,
        support_at_move=first.support_at_move,
    )


PHASE = Phase(
    name="tech_debt_assessment",
    title="List the releases whose support ends, with their servers and dates",
    takes=Input,
    gives=Output,
    run=run,
)
