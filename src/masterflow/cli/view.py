"""`masterflow view`: saved views of the web pages."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.views import ViewOut, ViewsOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.output import print_json, print_table, say
from masterflow.records.views.service import SavedViews
from masterflow.records.views.types import View, Views

app = typer.Typer(help="Saved views: how a page is looked at, kept for oneself or shared.", no_args_is_help=True)

Page = Annotated[str, typer.Option("--page", help="The page it is of, such as flows")]


@app.command("list")
def list_views(
    *,
    page: Annotated[str | None, typer.Option("--page", help="Only views of this page")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List my saved views, and those that are shared in the engagement."""

    async def work(here: Here) -> Views:
        return await _views_of(here).list(page)

    views = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(ViewsOut(items=[ViewOut.of(view) for view in views]))
        return
    rows = [(v.id, v.page, v.name, v.query, v.shared, v.made_by) for v in views]
    print_table(("id", "page", "name", "query", "shared", "made by"), rows, empty="No view is saved.")


@app.command("save")
def save(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="The query text of the page's address: status=failed")],
    *,
    page: Page = "flows",
    shared: Annotated[bool, typer.Option("--shared", help="Everybody in the engagement sees it")] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Keep a view of a page."""

    async def work(here: Here) -> View:
        return await _views_of(here).save(name, page=page, query=query, shared=shared)

    view = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(ViewOut.of(view))
        return
    say(f"Saved as {view.id}.")


@app.command("delete")
def delete(
    view_id: Annotated[UUID, typer.Argument(metavar="VIEW", help="The view's id")],
    *,
    as_: As = None,
    engagement: In = None,
) -> None:
    """Forget one of my saved views."""

    async def work(here: Here) -> None:
        await _views_of(here).delete(view_id)

    act(work, as_=as_, engagement=engagement)
    say("Deleted.")


def _views_of(here: Here) -> SavedViews:
    return SavedViews(here.parts.database, here.actor)
