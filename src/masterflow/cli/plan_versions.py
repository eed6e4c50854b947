"""`masterflow plan list` and `compare`: the versions of the engagement's plan."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.plans import PlanComparisonOut, PlanEntry, PlansOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.output import print_fields, print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.records.plans.comparison import WaveSide
from masterflow.records.plans.types import PlanPage
from masterflow.records.results import PlanComparison, ResultService


def list_plans(
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="Rows at most")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue the list that gave it")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List the versions of the engagement's plan, newest first."""

    async def work(here: Here) -> PlanPage:
        return await _results(here).plans(cursor=cursor, limit=limit)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(PlansOut(items=[PlanEntry.of(head) for head in page.plans], cursor=page.cursor))
        return
    rows = [(p.version, p.id, p.status, p.waves, p.items, _share(p.objective), p.created_at) for p in page.plans]
    columns = ("version", "id", "status", "waves", "items", "crossing", "made (UTC)")
    print_table(columns, rows, empty="No plan is published.")
    if page.cursor:
        say(f"More: --cursor {page.cursor}")


def compare(
    a: Annotated[UUID, typer.Argument(metavar="PLAN", help="The version to compare from, by id")],
    b: Annotated[UUID, typer.Argument(metavar="OTHER", help="The version to compare with, by id")],
    *,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Show what differs from one version of the plan to another."""

    async def work(here: Here) -> PlanComparison:
        return await _results(here).compare_plans(a, b)

    found = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(PlanComparisonOut.of(found))
        return
    _print(found)


def _print(found: PlanComparison) -> None:
    differs = found.difference
    print_fields(
        {
            "versions": f"{found.a.version} to {found.b.version}",
            "crossing weight": f"{_share(differs.objective.a)} to {_share(differs.objective.b)}",
            "wishes": f"{len(differs.broken_wishes.fixed)} fixed, {len(differs.broken_wishes.new)} newly broken",
        }
    )
    moves = [
        *((m.subject_name, m.from_wave, m.to_wave) for m in differs.moved),
        *((i.subject_name, i.wave, None) for i in differs.only_in_a),
        *((i.subject_name, None, i.wave) for i in differs.only_in_b),
    ]
    print_table(("application or server", "wave before", "wave after"), moves, empty="Nothing moves elsewhere.")
    waves = [(w.number, *_side(w.a), *_side(w.b)) for w in differs.waves if w.a != w.b]
    columns = ("wave", "from", "to", "hours", "from after", "to after", "hours after")
    print_table(columns, waves, empty="Every wave is as it was.")


def _side(side: WaveSide | None) -> tuple[object, object, object]:
    return (None, None, None) if side is None else (side.start, side.end, side.hours)


def _share(objective: float | None) -> str | None:
    return None if objective is None else f"{objective:.1%}"


def _results(here: Here) -> ResultService:
    return ResultService(here.parts.database, here.actor)
