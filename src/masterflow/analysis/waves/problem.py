"""A planning task prepared for the solver: move groups as units, the waves open to each, edges between units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from masterflow.analysis.waves.groups import MoveGroup, move_groups
from masterflow.analysis.waves.placement import Placement, scale_of
from masterflow.analysis.waves.rules import Rule, SameWave, Window, hard_rules
from masterflow.analysis.waves.types import WaveInstance


@dataclass(frozen=True, slots=True)
class Arc:
    """All edges from applications of one unit to those of another, with their weight in whole numbers."""

    source: int
    target: int
    weight: int
    hard: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What the search works on. `allowed` are the waves open to each unit; `rules` are those left to the model."""

    instance: WaveInstance
    groups: tuple[MoveGroup, ...]
    allowed: tuple[tuple[int, ...], ...]
    unit_of: Mapping[str, int]
    rules: tuple[Rule, ...]
    arcs: tuple[Arc, ...]
    total_weight: int

    @property
    def waves(self) -> tuple[int, ...]:
        """The numbers of all waves in order."""
        return tuple(wave.number for wave in self.instance.waves)

    @property
    def open_waves(self) -> tuple[int, ...]:
        """The waves that some unit may be in."""
        return tuple(sorted({wave for waves in self.allowed for wave in waves}))

    def placement(self, allowed: Sequence[Sequence[int]] | None = None) -> Placement:
        """A model bound by every hard rule; `allowed` narrows the waves of units, to hold most of a plan fixed."""
        placement = Placement([g.applications for g in self.groups], allowed or self.allowed, waves=self.waves)
        for rule in self.rules:
            rule.bind(placement)
        return placement

    def by_application(self, waves: Sequence[int]) -> dict[str, int]:
        """The wave of every application, from the wave of every unit."""
        plan = {a: wave for g, wave in zip(self.groups, waves, strict=True) for a in g.applications}
        return dict(sorted(plan.items()))

    def merged(self, parts: Sequence[Sequence[int]]) -> "Problem":
        """The same task in which all units of a part are one unit."""
        part_of = {unit: i for i, part in enumerate(parts) for unit in part}
        return replace(
            self,
            groups=tuple(_union([self.groups[unit] for unit in part]) for part in parts),
            allowed=tuple(
                tuple(sorted(set.intersection(*(set(self.allowed[unit]) for unit in part)))) for part in parts
            ),
            unit_of={application: part_of[unit] for application, unit in self.unit_of.items()},
            arcs=_summed((part_of[arc.source], part_of[arc.target], arc.hard, arc.weight) for arc in self.arcs),
        )


def compile_problem(instance: WaveInstance) -> Problem:
    """Prepare a task in canonical order."""
    groups = move_groups(instance)
    rules = hard_rules(instance)
    windows = [rule for rule in rules if isinstance(rule, Window)]
    unit_of = {a: i for i, group in enumerate(groups) for a in group.applications}
    scale = scale_of(edge.weight for edge in instance.edges)
    return Problem(
        instance=instance,
        groups=groups,
        allowed=_allowed(instance, groups, windows, unit_of),
        unit_of=unit_of,
        rules=tuple(rule for rule in rules if not isinstance(rule, Window | SameWave)),
        arcs=_arcs(instance, unit_of, scale),
        total_weight=sum(round(edge.weight * scale) for edge in instance.edges),
    )


def _allowed(
    instance: WaveInstance, groups: Sequence[MoveGroup], windows: Sequence[Window], unit_of: dict[str, int]
) -> tuple[tuple[int, ...], ...]:
    open_waves = [{wave.number for wave in instance.waves} for _ in groups]
    for rule in windows:
        for application in rule.applications:
            open_waves[unit_of[application]] &= rule.open_waves
    return tuple(tuple(sorted(waves)) for waves in open_waves)


def _arcs(instance: WaveInstance, unit_of: Mapping[str, int], scale: int) -> tuple[Arc, ...]:
    return _summed(
        (unit_of[edge.source], unit_of[edge.target], edge.kind == "hard", round(edge.weight * scale))
        for edge in instance.edges
    )


def _summed(edges: Iterable[tuple[int, int, bool, int]]) -> tuple[Arc, ...]:
    weights: dict[tuple[int, int, bool], int] = {}
    for source, target, hard, weight in edges:
        if source != target:
            weights[source, target, hard] = weights.get((source, target, hard), 0) + weight
    return tuple(Arc(source, target, weight, hard) for (source, target, hard), weight in sorted(weights.items()))


def _union(groups: Sequence[MoveGroup]) -> MoveGroup:
    return MoveGroup(
        applications=tuple(sorted(a for group in groups for a in group.applications)),
        hours=sum(group.hours for group in groups),
        servers=sum(group.servers for group in groups),
        storage_gb=sum(group.storage_gb for group in groups),
    )
