"""Move groups: applications that cannot be in different waves, and why."""

from collections.abc import Iterable, Sequence
from typing import Literal

import networkx as nx
from pydantic import BaseModel, ConfigDict

from masterflow.analysis.waves.types import RESOURCES, Resource, WaveInstance

MAX_CUT_MEMBERS = 120  # a cut costs two maximum flows a member


class GroupReason(BaseModel):
    """One thing that ties applications to one wave."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["circle", "together"]
    applications: tuple[str, ...]
    sentence: str


class CutEdge(BaseModel):
    """A hard dependency that would have to bear two waves."""

    model_config = ConfigDict(frozen=True)

    source: str
    target: str
    weight: float


class MoveGroup(BaseModel):
    """Applications that move in one wave.

    `too_large_for` names what no wave can carry; then `split_by` holds, for every circle, the lightest hard edges
    whose removal breaks it. Both are empty for a group that fits somewhere.
    """

    model_config = ConfigDict(frozen=True)

    applications: tuple[str, ...]
    reasons: tuple[GroupReason, ...] = ()
    hours: float
    servers: float
    storage_gb: float
    too_large_for: tuple[Resource, ...] = ()
    split_by: tuple[CutEdge, ...] = ()

    def demand(self, resource: Resource) -> float:
        """What the whole group needs of `resource`."""
        return {"hours": self.hours, "servers": self.servers, "storage_gb": self.storage_gb}[resource]

    @property
    def sentence(self) -> str:
        """Why a group that is too large cannot move, and what would split it; empty for a group that fits."""
        if not self.too_large_for:
            return ""
        needs = ", ".join(f"{self.demand(r):,.10g} {r}" for r in self.too_large_for)
        said = f"{listed(self.applications)} need {needs} in one wave, more than any wave carries."
        if len(self.applications) == 1:
            return f"{self.applications[0]} needs {needs}, more than any wave carries."
        if self.split_by:
            edges = ", ".join(f"{e.source} → {e.target}" for e in self.split_by)
            return f"{said} Bearing {edges} across waves would split the group."
        return f"{said} Taking the `together` rules back would split the group."


def hard_circles(instance: WaveInstance) -> list[tuple[str, ...]]:
    """Applications that need each other in a circle of hard edges, each circle sorted by id."""
    graph = _hard_graph(instance)
    return sorted(tuple(sorted(c)) for c in nx.strongly_connected_components(graph) if len(c) > 1)


def move_groups(instance: WaveInstance) -> tuple[MoveGroup, ...]:
    """All applications in groups that share a wave; most groups have one member.

    Shared services such as a directory or a backup server should be set aside before (`shared_services`): circles
    through them glue an estate into one group.
    """
    reasons = _reasons(instance)
    ties: nx.Graph[str] = nx.Graph()
    ties.add_nodes_from(a.id for a in instance.applications)
    for reason in reasons:
        nx.add_path(ties, reason.applications)
    members = sorted(tuple(sorted(c)) for c in nx.connected_components(ties))
    of = {application: i for i, group in enumerate(members) for application in group}
    reasons_of: list[list[GroupReason]] = [[] for _ in members]
    for reason in reasons:
        reasons_of[of[reason.applications[0]]].append(reason)
    return tuple(_group(instance, group, why) for group, why in zip(members, reasons_of, strict=True))


def listed(names: Iterable[str], *, most: int = 6) -> str:
    """`a, b and c`; a long list ends in `and 12 more`."""
    shown = list(names)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"{len(shown) - most + 1:,} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else "nothing"


def _reasons(instance: WaveInstance) -> list[GroupReason]:
    circles = [
        GroupReason(
            kind="circle", applications=circle, sentence=f"{listed(circle)} need each other in a circle of hard edges."
        )
        for circle in hard_circles(instance)
    ]
    stated = [
        GroupReason(
            kind="together", applications=tuple(ids), sentence=f"{listed(ids)} have to move together, as stated."
        )
        for ids in instance.constraints.together
        if len(set(ids)) > 1
    ]
    return [*circles, *stated]


def _group(instance: WaveInstance, members: tuple[str, ...], reasons: Sequence[GroupReason]) -> MoveGroup:
    inside = set(members)
    applications = [a for a in instance.applications if a.id in inside]
    group = MoveGroup(
        applications=members,
        reasons=tuple(reasons),
        hours=sum(a.hours for a in applications),
        servers=sum(a.servers for a in applications),
        storage_gb=sum(a.storage_gb for a in applications),
    )
    too_large = tuple(r for r in RESOURCES if _exceeds_every_wave(instance, r, group.demand(r)))
    if not too_large:
        return group
    cuts = [edge for why in reasons if why.kind == "circle" for edge in _lightest_cut(instance, why.applications)]
    return group.model_copy(update={"too_large_for": too_large, "split_by": tuple(cuts)})


def _exceeds_every_wave(instance: WaveInstance, resource: Resource, demand: float) -> bool:
    return bool(instance.waves) and all(
        (limit := wave.capacity(resource)) is not None and demand > limit + 1e-9 for wave in instance.waves
    )


def _hard_graph(instance: WaveInstance) -> "nx.DiGraph[str]":
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(a.id for a in instance.applications)
    graph.add_edges_from((e.source, e.target, {"weight": e.weight}) for e in instance.edges if e.kind == "hard")
    return graph


def _lightest_cut(instance: WaveInstance, circle: Sequence[str]) -> list[CutEdge]:
    """The lightest hard edges without which the circle is no longer one (a global minimum cut of a directed graph)."""
    if len(circle) > MAX_CUT_MEMBERS:
        return []
    graph = _hard_graph(instance).subgraph(circle)
    root = circle[0]
    ends = [pair for other in circle[1:] for pair in ((root, other), (other, root))]
    cuts = [nx.minimum_cut(graph, source, target, capacity="weight") for source, target in ends]
    _, (here, there) = min(cuts, key=lambda cut: cut[0])
    return [
        CutEdge(source=source, target=target, weight=graph.edges[source, target]["weight"])
        for source, target in sorted(graph.edges)
        if source in here and target in there
    ]
