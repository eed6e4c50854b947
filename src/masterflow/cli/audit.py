"""`masterflow audit`: who commanded what, and what was refused."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.audit import AuditEntryOut, AuditOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.moments import FORMATS, in_utc
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.tenancy.audit.service import Audit
from masterflow.tenancy.audit.types import AuditEntry, AuditFilter, Outcome
from masterflow.tenancy.types import Page

app = typer.Typer(help="The audit: who commanded what, and what was refused.", no_args_is_help=True)


@app.command("list")
def list_audit(
    *,
    by: Annotated[str | None, typer.Option("--actor", metavar="EMAIL", help="Only calls of this person")] = None,
    action: Annotated[
        str | None, typer.Option("--action", help="Only this route or command, such as 'gate approve'")
    ] = None,
    outcome: Annotated[
        Outcome | None, typer.Option("--outcome", help="Only what was done, or what was refused")
    ] = None,
    flow_id: Annotated[UUID | None, typer.Option("--flow", metavar="FLOW", help="Only calls about this flow")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=FORMATS, help="Not before this moment (UTC)")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="Before this moment (UTC)")] = None,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue after the page that gave this")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="How many lines")] = 50,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List what was commanded and refused, newest first; for auditors, leads and client admins."""
    asked = AuditFilter(
        actor=by, action=action, outcome=outcome, flow_id=flow_id, since=in_utc(since), until=in_utc(until)
    )

    async def work(here: Here) -> Page[AuditEntry]:
        return await Audit(here.parts.database, here.actor).entries(asked, cursor=cursor, limit=limit)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(AuditOut(items=[AuditEntryOut.of(entry) for entry in page.items], cursor=page.cursor))
        return
    rows = [(e.at, e.actor, e.through, e.action, e.outcome, e.flow_id, e.message) for e in page.items]
    titles = ("at (UTC)", "who", "through", "what", "outcome", "flow", "why refused")
    print_table(titles, rows, empty="Nothing was commanded yet.")
    if page.cursor:
        say(f"More: --cursor {page.cursor}")
