"""Dependencies between applications, or assets where no application is known."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import UseInventory
from masterflow.api.shown import Shown
from masterflow.inventory.graph.store import MOST_EXPANDED
from masterflow.inventory.graph.types import Evidence, NodeKind
from masterflow.inventory.types import Criticality, DependencyKind, Environment


class DependencyOut(Shown):
    """`source_id` needs `target_id`; hard dependencies move together or first."""

    source_id: UUID
    target_id: UUID
    kind: DependencyKind
    port: int | None
    protocol: str | None
    connections: int | None
    bytes_total: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    confidence: float
    evidence: list[str]


class DependenciesOut(Listed):
    """Dependencies, in the order in which they were found."""

    items: list[DependencyOut]


class KindsOut(BaseModel):
    """How many dependencies of each kind."""

    hard: int
    soft: int


class NodeOut(Shown):
    """One node; `servers` counts the machines behind it, `cycle` is the number of the circle that it is in.

    `parent` is the application or group that was expanded into it. A group is the machines of one data centre or
    environment that belong to no application.
    """

    id: UUID
    kind: NodeKind
    name: str
    servers: int
    environment: Environment | None
    criticality: Criticality | None
    cycle: int | None
    parent: UUID | None
    expandable: bool


class EdgeOut(Shown):
    """`source` needs `target`: what is between both, added up; the confidence is the highest, 0 to 1."""

    id: str
    source: UUID
    target: UUID
    kinds: KindsOut
    count: int
    connections: int | None
    bytes_total: int | None
    confidence: float
    ports: list[int]
    within_cycle: bool


class NamedOut(Shown):
    """An application by its name."""

    id: UUID
    name: str


class CycleOut(Shown):
    """Applications that need each other over hard dependencies; the largest circle has number 1."""

    number: int
    applications: list[NamedOut]
    sentence: str


class HiddenOut(Shown):
    """What is there and not shown."""

    nodes: int
    edges: int


class GraphOut(Shown):
    """Who needs whom; `cycles` are those of the whole estate, whatever is shown of it."""

    nodes: list[NodeOut]
    edges: list[EdgeOut]
    cycles: list[CycleOut]
    hidden: HiddenOut


class EvidenceOut(DependencyOut):
    """One dependency behind an edge, with the names of both ends."""

    source_name: str
    target_name: str

    @classmethod
    def with_names(cls, found: Evidence) -> Self:
        """`found` as the API shows it."""
        shown = DependencyOut.of(found.dependency).model_dump()
        return cls(**shown, source_name=found.source_name, target_name=found.target_name)


class EvidencePageOut(Listed):
    """The dependencies behind an edge, in the order in which they were found."""

    items: list[EvidenceOut]


router = APIRouter(prefix="/dependencies", tags=["estate"])


@router.get("", response_model=DependenciesOut, responses=problems())
async def list_dependencies(
    inventory: UseInventory,
    of: Annotated[
        UUID | None, Query(description="Only those of this application or asset, in either direction")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> DependenciesOut:
    """Who needs whom."""
    page = await inventory.dependency_page(of=of, cursor=cursor, limit=limit)
    return DependenciesOut(items=[DependencyOut.of(one) for one in page.dependencies], cursor=page.cursor)


@router.get("/graph", response_model=GraphOut, responses=problems())
async def get_dependency_graph(
    inventory: UseInventory,
    expand: Annotated[
        list[UUID], Query(max_length=MOST_EXPANDED, description="Applications or groups whose machines are shown")
    ] = [],  # noqa: B006 - the framework copies it
    search: Annotated[str | None, Query(max_length=200, description="Part of a name; its neighbours stay")] = None,
) -> GraphOut:
    """Who needs whom as a graph: one node for each application, and its circles."""
    return GraphOut.of(await inventory.graph(expand=expand, search=search))


@router.get("/evidence", response_model=EvidencePageOut, responses=problems())
async def list_dependency_evidence(
    inventory: UseInventory,
    source: Annotated[UUID, Query(description="The node that needs")],
    target: Annotated[UUID, Query(description="The node that is needed")],
    cursor: Cursor = None,
    limit: Limit = FULL_PAGE,
) -> EvidencePageOut:
    """The dependencies behind one edge of the graph."""
    page = await inventory.evidence(source, target, cursor=cursor, limit=limit)
    return EvidencePageOut(items=[EvidenceOut.with_names(one) for one in page.items], cursor=page.cursor)
