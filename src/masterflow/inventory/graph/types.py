"""The graph of dependencies as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from masterflow.inventory.types import Criticality, Dependency, DependencyKind, Environment


class NodeKind(StrEnum):
    """What a node stands for; a group is the machines of one place that belong to no application."""

    APPLICATION = "application"
    ASSET = "asset"
    GROUP = "group"


class Grouping(StrEnum):
    """What machines without an application are brought together by, when there are too many to be shown one by one."""

    NONE = ""
    DATACENTER = "datacenter"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """One node; `servers` counts the machines behind it, `cycle` is the number of the circle that it is in.

    `parent` is the application or group that was expanded into it; `expandable` says whether there is more inside.
    """

    id: UUID
    kind: NodeKind
    name: str
    servers: int
    environment: Environment | None = None
    criticality: Criticality | None = None
    cycle: int | None = None
    parent: UUID | None = None
    expandable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphEdge:
    """`source` needs `target`: dependencies between what is behind both, added up; None where none states a number.

    `confidence` is the highest, `ports` are the lowest ten. `within_cycle` is an edge that closes a circle.
    """

    source: UUID
    target: UUID
    kinds: Mapping[DependencyKind, int]
    connections: int | None = None
    bytes_total: int | None = None
    confidence: float
    ports: tuple[int, ...] = ()
    within_cycle: bool = False

    @property
    def id(self) -> str:
        """What it is named by, as long as its ends are shown."""
        return f"{self.source}.{self.target}"

    @property
    def count(self) -> int:
        """How many dependencies there are behind it."""
        return sum(self.kinds.values())


@dataclass(frozen=True, slots=True)
class Named:
    """An application by its id and name."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Cycle:
    """Applications that need each other over hard dependencies, by name; the largest circle has number 1."""

    number: int
    applications: tuple[Named, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is there and not shown: a search does not name it, or an expanded node has too many machines."""

    nodes: int = 0
    edges: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """Who needs whom, as far as it is shown; `cycles` are those of the whole estate."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    cycles: tuple[Cycle, ...] = ()
    hidden: Hidden = field(default_factory=Hidden)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One dependency behind an edge, with the names of both ends."""

    dependency: Dependency
    source_name: str
    target_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """The other end of dependencies of an application, with how many there are of each kind."""

    id: UUID
    kind: NodeKind
    name: str
    hard: int
    soft: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What an application needs, and what needs it; by name."""

    needs: tuple[Neighbour, ...]
    needed_by: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """One page of the dependencies behind an edge, in their order; `cursor` is None at the end."""

    items: tuple[Evidence, ...]
    cursor: str | None
