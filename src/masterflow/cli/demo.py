"""`masterflow demo`: the same as `quickstart` on the bundled estate, as two people, with the right answers beside."""

from pathlib import Path
from typing import Annotated

import typer

from masterflow.bootstrap import Masterflow
from masterflow.cli.output import note, print_table, say
from masterflow.cli.quickstart import finish, in_a_story
from masterflow.cli.telling import Lines
from masterflow.demo.cast import fresh_engagement
from masterflow.demo.northwind import APPROVER, COMPANY, OWNER, compare, estate_files
from masterflow.demo.story import Answer, Ending, Plot, Story
from masterflow.orchestrator.types import OpenQuestion, Verdict
from masterflow.records.reports.types import ProgrammeReport
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.types import Principal


class Approving(Lines):
    """The demo's approver: says yes to every gate, as a second person and by name."""

    async def answers(self, question: OpenQuestion, workbook: bytes | None) -> Answer:  # noqa: ARG002 - a demo looks not
        """Approve."""
        self.says(f"{question.asks} Approved by {APPROVER}.")
        return Answer(Verdict.APPROVE, reason="Approved in the demo, by a script.")


def demo(
    *,
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder for the documents")] = Path("out/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON with stable keys")] = False,
) -> None:
    """Run the bundled estate of a fictional company through every flow type, as an owner and an approver."""
    note(f"The estate of {COMPANY}, bundled with Masterflow: {', '.join(file.name for file in estate_files())}.")
    plot = Plot(title="Migration programme: first plan", files=estate_files())

    async def work(parts: Masterflow) -> Ending:
        owner, approver = await _cast(parts.operator)
        return await Story(parts, owner, approver, Approving()).tell(plot)

    ending = in_a_story(work)
    finish(ending, out, as_json=as_json)
    if ending.report is not None and not as_json:
        _print_comparison(ending.report)


async def _cast(operator: LocalOperator) -> tuple[Principal, Principal]:
    """The demo's owner and its approver, in an engagement of this run's own."""
    engagement = await fresh_engagement(operator, client=COMPANY, purpose="Demo")
    await operator.add_member(engagement.tenant, email=OWNER, name="Demo owner", role="lead")
    await operator.add_member(engagement.tenant, email=APPROVER, name="Demo approver", role="approver")
    return await operator.principal(engagement.tenant, OWNER), await operator.principal(engagement.tenant, APPROVER)


def _print_comparison(report: ProgrammeReport) -> None:
    compared = compare(report)
    say("")
    say(f"{sum(c.agrees for c in compared)} of {len(compared)} figures agree with the estate's right answers.")
    rows = [(c.figure, c.right, c.found) for c in compared if not c.agrees]
    if rows:
        print_table(("figure", "right", "found"), rows, empty="")
