"""`masterflow inventory set` and `facets`: values that people set on many assets, and what there is to choose from."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.asset_values import ValueChangesOut
from masterflow.api.assets import FacetsOut
from masterflow.cli.acting import As, AsJson, Here, In, act, inventory_of
from masterflow.cli.only import HELP, only_these
from masterflow.cli.output import print_json, print_table, say
from masterflow.errors import InvalidInput
from masterflow.inventory.queries import Facets
from masterflow.inventory.setting.types import SettableField, ValueChanges, ValueOrder
from masterflow.inventory.types import Criticality, Environment

Only = Annotated[list[str] | None, typer.Option("--only", metavar="KEY=VALUE", help=HELP)]
NOTHING = "not known"


def show_facets(*, only: Only = None, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Count the assets that a filter finds, and the values that they have."""
    asked = only_these(only or [])

    async def work(here: Here) -> Facets:
        return await inventory_of(here).facets(asked)

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(FacetsOut.of(found))
        return
    say(f"{found.total:,} assets.")
    rows = [(f.title, v.label or v.value or NOTHING, v.count) for f in found.facets for v in f.values]
    print_table(("facet", "value", "assets"), rows, empty="")


def set_values(
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; shown with every value")],
    only: Only = None,
    asset: Annotated[
        list[UUID] | None, typer.Option("--asset", metavar="ID", help="This asset; may be repeated, instead of --only")
    ] = None,
    environment: Annotated[Environment | None, typer.Option("--environment", help="The environment to set")] = None,
    criticality: Annotated[Criticality | None, typer.Option("--criticality", help="The criticality to set")] = None,
    business_owner: Annotated[str | None, typer.Option("--business-owner", help="The business owner to set")] = None,
    technical_owner: Annotated[str | None, typer.Option("--technical-owner", help="The technical owner to set")] = None,
    department: Annotated[str | None, typer.Option("--department", help="The department to set")] = None,
    clear: Annotated[
        list[SettableField] | None,
        typer.Option("--clear", help="Take back what people said of this field; may be repeated"),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, only what would change is shown")] = False,
    expect: Annotated[int | None, typer.Option("--expect", min=0, help="Refuse unless it is about so many")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Set values on many assets by hand, or show what that would change; they hold for every later discovery."""
    if not only and not asset:
        raise InvalidInput("Which assets are meant is not said.", hint="Name them with --only KEY=VALUE or --asset ID.")
    given = (environment, criticality, business_owner, technical_owner, department)
    values: dict[SettableField, str | None] = dict.fromkeys(clear or ())
    values |= {field: value for field, value in zip(SettableField, given, strict=True) if value is not None}
    order = ValueOrder(
        values=values,
        reason=reason,
        asked=only_these(only) if only else None,
        ids=tuple(dict.fromkeys(asset)) if asset else None,
    )

    async def work(here: Here) -> ValueChanges:
        return await inventory_of(here).set_values(order, dry_run=not apply, expected_count=expect)

    changes = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(ValueChangesOut.of(changes))
    else:
        _print_changes(changes)


def _print_changes(found: ValueChanges) -> None:
    rows = [(one.field, one.before or NOTHING, one.after or NOTHING, one.count) for one in found.changes]
    print_table(("field", "before", "after", "assets"), rows, empty="No value becomes another.")
    if found.changes_left_out:
        say(f"… and {found.changes_left_out:,} more kinds of change.")
    told = "would be set: repeat with --apply" if found.dry_run else "are set"
    say(f"{found.count:,} assets {told}.")
