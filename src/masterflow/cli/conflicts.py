"""`masterflow inventory conflicts`: where sources contradict each other, and what people decide."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.conflicts import ConflictOut, ConflictsOut
from masterflow.cli.acting import As, AsJson, Here, In, act, inventory_of
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.errors import InvalidInput
from masterflow.inventory.queries import ConflictFilter, ConflictPage
from masterflow.inventory.types import Conflict

conflicts_app = typer.Typer(help="Where sources contradict each other, and what people decide.", no_args_is_help=True)

NO_CONFLICT = "No source contradicts another."


@conflicts_app.command("list")
def list_conflicts(
    *,
    review: Annotated[bool, typer.Option("--review", help="Only those that a person has to decide")] = False,
    asset: Annotated[UUID | None, typer.Option("--asset", metavar="ASSET", help="Only those of this asset")] = None,
    field: Annotated[str | None, typer.Option("--field", help="Only those about this field")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="Rows at most")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue the list that gave it")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List the conflicts of the engagement."""

    async def work(here: Here) -> ConflictPage:
        asked = ConflictFilter(needs_review=True if review else None, asset=asset, field=field)
        return await inventory_of(here).conflict_page(asked, cursor=cursor, limit=limit)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(ConflictsOut(items=[ConflictOut.of(one) for one in page.conflicts], cursor=page.cursor))
        return
    rows = [
        (c.id, c.asset_name, c.field, c.preferred, _others(c), "yes" if c.needs_review else "", c.why)
        for c in page.conflicts
    ]
    print_table(("id", "asset", "field", "shown", "also found", "to review", "why"), rows, empty=NO_CONFLICT)
    if page.cursor:
        say(f"More: --cursor {page.cursor}")


@conflicts_app.command("decide")
def decide(
    conflict: Annotated[str, typer.Argument(metavar="CONFLICT", help="The conflict's id")],
    *,
    value: Annotated[str | None, typer.Option("--value", help="The right one of its values")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="The value that is shown is right")] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; shown with the conflict")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Say which value is right; it holds at once and for every later discovery."""
    if (value is None) != keep:
        raise InvalidInput("A decision names one value.", hint="Give either --value VALUE or --keep.")

    async def work(here: Here) -> Conflict:
        return await inventory_of(here).decide_conflict(conflict, value, reason=reason)

    decided = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(ConflictOut.of(decided))
        return
    say(f"{decided.asset_name} has {decided.field} {decided.preferred}: {decided.why}.")


def _others(conflict: Conflict) -> str:
    values = dict.fromkeys(fact.value for fact in conflict.values if fact.value != conflict.preferred)
    return "; ".join(values)
