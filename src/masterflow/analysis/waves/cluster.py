"""Merge move groups that talk much to each other, so that a large estate is first planned as a small one."""

from collections.abc import Sequence
from math import inf
from statistics import median

import networkx as nx

from masterflow.analysis.waves.problem import Problem
from masterflow.analysis.waves.rules import Apart, Before
from masterflow.analysis.waves.types import RESOURCES, Resource

MANY_UNITS = 150  # up to here the whole task is no harder than the merged one
SHARE_OF_WAVE = 1 / 10  # a merged unit takes at most this part of a wave, so that waves still fill up


def merged_units(problem: Problem, seed: int) -> list[list[int]]:
    """Units to plan as one: communities of the graph of dependencies, cut where no wave could take them.

    Deterministic for a seed. A merged unit needs at most a third of a usual wave, has a wave that is open to all of
    it, and holds no two units that must be apart or in order.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(problem.groups)))
    for arc in problem.arcs:
        known = graph.get_edge_data(arc.source, arc.target, {"weight": 0})["weight"]
        graph.add_edge(arc.source, arc.target, weight=known + arc.weight)
    communities = nx.community.louvain_communities(graph, weight="weight", seed=seed)
    cutter = _Cutter(problem, graph)
    return [part for community in sorted(map(sorted, communities)) for part in cutter.parts(community)]


class _Cutter:
    """Cuts communities into parts that can be planned as one."""

    def __init__(self, problem: Problem, graph: "nx.Graph[int]") -> None:
        self._problem = problem
        self._graph = graph
        self._limits = {resource: SHARE_OF_WAVE * _usual_capacity(problem, resource) for resource in RESOURCES}
        self._apart = {
            frozenset(problem.unit_of[a] for a in r.applications) for r in problem.rules if isinstance(r, Apart)
        }
        ordered = (r for r in problem.rules if isinstance(r, Before))
        self._alone = {problem.unit_of[a] for rule in ordered for a in rule.applications}

    def parts(self, community: Sequence[int]) -> list[list[int]]:
        """Grow a part from the unit with the heaviest edges, always by the unit it is tied to most."""
        left = sorted(community, key=lambda unit: (-self._graph.degree(unit, weight="weight"), unit))
        parts: list[list[int]] = []
        while left:
            part = [left.pop(0)]
            while (best := self._best_addition(part, left)) is not None:
                left.remove(best)
                part.append(best)
            parts.append(sorted(part))
        return parts

    def _best_addition(self, part: Sequence[int], left: Sequence[int]) -> int | None:
        members, pulls = set(part), dict[int, int]()
        for unit in left:
            ties = self._graph.adj[unit].items()
            pulls[unit] = sum(tie["weight"] for other, tie in ties if other in members)
        tied = sorted((unit for unit in left if pulls[unit] > 0), key=lambda unit: (-pulls[unit], unit))
        return next((unit for unit in tied if self._fits(part, unit)), None)

    def _fits(self, part: Sequence[int], unit: int) -> bool:
        members = [*part, unit]
        if self._alone & set(members):
            return False
        windows = [set(self._problem.allowed[m]) for m in members]
        if set.intersection(*windows) != min(windows, key=len):
            return False
        groups = [self._problem.groups[m] for m in members]
        if any(sum(g.demand(resource) for g in groups) > self._limits[resource] for resource in RESOURCES):
            return False
        return not any(frozenset((unit, m)) in self._apart for m in part)


def _usual_capacity(problem: Problem, resource: Resource) -> float:
    """The median of what waves that are not frozen carry."""
    limits = [w.capacity(resource) for w in problem.instance.waves if w.freeze != "all"]
    return median([inf if limit is None else limit for limit in limits] or [inf])
