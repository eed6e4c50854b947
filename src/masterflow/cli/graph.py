"""`masterflow inventory graph` and `evidence`: who needs whom in the published estate."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.dependencies import EvidenceOut, EvidencePageOut, GraphOut
from masterflow.cli.acting import As, AsJson, Here, In, act, inventory_of
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.inventory.graph.types import EvidencePage, Graph
from masterflow.inventory.types import DependencyKind

NO_DEPENDENCY = "No dependency is known: import files of connections and approve their discovery."


def show_graph(
    *,
    expand: Annotated[
        list[UUID] | None,
        typer.Option("--expand", metavar="ID", help="Show the machines of this application or group; may be repeated"),
    ] = None,
    search: Annotated[str | None, typer.Option("--search", help="Part of a name; its neighbours stay")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Show who needs whom among applications, and which of them need each other in a circle."""

    async def work(here: Here) -> Graph:
        return await inventory_of(here).graph(expand=expand or (), search=search)

    graph = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(GraphOut.of(graph))
        return
    names = {node.id: node.name for node in graph.nodes}
    rows = [
        (names[e.source], names[e.target], e.kinds[DependencyKind.HARD], e.kinds[DependencyKind.SOFT], e.id)
        for e in graph.edges
    ]
    print_table(("from", "needs", "hard", "soft", "edge"), rows, empty=NO_DEPENDENCY)
    for cycle in graph.cycles:
        say(f"Circle {cycle.number}: {cycle.sentence}")
    if graph.hidden.nodes or graph.hidden.edges:
        say(f"Not shown: {graph.hidden.nodes:,} nodes and {graph.hidden.edges:,} edges.")


def list_evidence(
    source: Annotated[UUID, typer.Argument(metavar="SOURCE", help="The application, group or machine that needs")],
    target: Annotated[UUID, typer.Argument(metavar="TARGET", help="What it needs")],
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=LARGEST_PAGE, help="Rows at most")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", help="Continue the list that gave it")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List the dependencies behind one edge of the graph."""

    async def work(here: Here) -> EvidencePage:
        return await inventory_of(here).evidence(source, target, cursor=cursor, limit=limit)

    page = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(EvidencePageOut(items=[EvidenceOut.with_names(one) for one in page.items], cursor=page.cursor))
        return
    rows = [
        (one.source_name, one.target_name, d.kind, d.port, d.connections, d.confidence, "; ".join(d.evidence))
        for one in page.items
        for d in (one.dependency,)
    ]
    columns = ("from", "needs", "kind", "port", "connections", "confidence", "evidence")
    print_table(columns, rows, empty="Nothing is known between the two.")
    if page.cursor:
        say(f"More: --cursor {page.cursor}")
