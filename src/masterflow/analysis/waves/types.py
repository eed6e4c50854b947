"""What the wave planner is given: applications, dependencies, waves and rules, as one JSON document.

The models are the schema (version 1) of a planning file. They are strict: a text is no number and a wave is no date.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Resource = Literal["hours", "servers", "storage_gb"]
RESOURCES: tuple[Resource, ...] = ("hours", "servers", "storage_gb")

MAX_APPLICATIONS = 5_000  # beyond this an estate is planned in parts
MAX_WAVES = 120

Identifier = Annotated[str, Field(min_length=1, max_length=200)]
WaveNumber = Annotated[int, Field(ge=1, le=10_000)]
Amount = Annotated[float, Field(ge=0, le=1e9)]
Limit = Annotated[int, Field(ge=0, le=1_000_000)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class WaveApplication(_Strict):
    """One thing that moves as a whole: an application, or a server that no application is known for."""

    id: Identifier
    name: str | None = Field(default=None, max_length=300)
    hours: Amount = Field(description="work to migrate it")
    servers: Amount
    storage_gb: Amount
    environment: Literal["prod", "nonprod"]
    criticality: Literal["low", "medium", "high", "critical"] | None = None
    complexity: Annotated[int, Field(ge=1, le=5)] | None = None
    earliest_wave: WaveNumber | None = None
    latest_wave: WaveNumber | None = None
    pin: WaveNumber | None = Field(default=None, description="the wave it must be in")
    team: str | None = Field(default=None, max_length=300)

    @property
    def label(self) -> str:
        """The name with the id, or the id alone where there is no other name."""
        return self.id if self.name in (None, "", self.id) else f"{self.name} ({self.id})"

    @property
    def risky(self) -> bool:
        """High criticality or high complexity: better not in the first wave."""
        return self.criticality in ("high", "critical") or (self.complexity or 0) >= 4


class WaveEdge(_Strict):
    """`source` needs `target`; `weight` says how much it hurts when they are in different waves."""

    source: Identifier
    target: Identifier
    weight: Annotated[float, Field(gt=0, le=1e9)]
    kind: Literal["hard", "soft"]


class Wave(_Strict):
    """One wave with what it can carry; a capacity of None is not limited."""

    number: WaveNumber
    start: date | None = None
    end: date | None = None
    hours: Amount | None = None
    servers: Amount | None = None
    storage_gb: Amount | None = None
    freeze: Literal["none", "prod", "all"] = "none"

    def capacity(self, resource: Resource) -> float | None:
        """The most of `resource` that the wave carries, None without a limit."""
        limits: dict[Resource, float | None] = {
            "hours": self.hours,
            "servers": self.servers,
            "storage_gb": self.storage_gb,
        }
        return limits[resource]


class WaveConstraints(_Strict):
    """Rules between applications. An unknown rule is refused: a plan that ignores it would be wrong."""

    model_config = ConfigDict(extra="forbid")

    together: tuple[Annotated[tuple[Identifier, ...], Field(min_length=1)], ...] = ()
    apart: tuple[tuple[Identifier, Identifier], ...] = ()
    before: tuple[tuple[Identifier, Identifier], ...] = Field(
        default=(), description="the first is in a strictly earlier wave than the second"
    )
    max_parallel_prod: Limit | None = Field(default=None, description="most production applications in one wave")
    max_per_team_per_wave: dict[str, Limit] | None = None


class WaveWishes(_Strict):
    """Rules that a plan may break, but only by name."""

    model_config = ConfigDict(extra="forbid")

    before: tuple[tuple[Identifier, Identifier], ...] = Field(
        default=(),
        description="the first should be in an earlier wave than the second, as a test system before its prod",
    )


class WaveObjective(_Strict):
    """What the planner minimises; there is one choice so far."""

    minimise: Literal["crossing_weight_share"] = "crossing_weight_share"


class WaveInstance(_Strict):
    """A whole planning task, checked: every id that is named exists, and waves are numbered 1, 2, 3 … in order of time.

    Raises:
        ValueError: (pydantic's ValidationError) naming path and value of everything that is wrong.
    """

    schema_version: Literal[1] = 1
    name: str = "unnamed"
    applications: Annotated[tuple[WaveApplication, ...], Field(max_length=MAX_APPLICATIONS)]
    edges: tuple[WaveEdge, ...] = ()
    waves: Annotated[tuple[Wave, ...], Field(max_length=MAX_WAVES)]
    constraints: WaveConstraints = WaveConstraints()
    wishes: WaveWishes = WaveWishes()
    objective: WaveObjective = WaveObjective()

    @model_validator(mode="after")
    def _refer_to_what_exists(self) -> Self:
        problems = [
            *_doubled("applications", "id", [a.id for a in self.applications]),
            *_wave_problems(self.waves),
            *_pin_problems(self.applications, len(self.waves)),
            *_edge_problems(self.edges),
            *_unknown_ids(self),
            *_rule_problems(self.constraints, self.wishes),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def application(self, application_id: str) -> WaveApplication:
        """The application of that id; KeyError when there is none."""
        return next(a for a in self.applications if a.id == application_id)

    def canonical(self) -> "WaveInstance":
        """The same task in an order that does not depend on the order in the file."""
        rules = self.constraints
        return self.model_copy(
            update={
                "applications": tuple(sorted(self.applications, key=lambda a: a.id)),
                "edges": tuple(sorted(self.edges, key=lambda e: (e.source, e.target))),
                "waves": tuple(sorted(self.waves, key=lambda w: w.number)),
                "constraints": rules.model_copy(
                    update={
                        "together": tuple(sorted({tuple(sorted(set(ids))) for ids in rules.together})),
                        "apart": _sorted_pairs(tuple(sorted(pair)) for pair in rules.apart),
                        "before": _sorted_pairs(rules.before),
                        "max_per_team_per_wave": dict(sorted((rules.max_per_team_per_wave or {}).items())),
                    }
                ),
                "wishes": self.wishes.model_copy(update={"before": _sorted_pairs(self.wishes.before)}),
            }
        )


def near_miss(text: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` when one of `known` is close to `text`, else nothing."""
    close = difflib.get_close_matches(text, list(known), n=1, cutoff=0.75)
    return f" (did you mean '{close[0]}'?)" if close else ""


def _sorted_pairs(pairs: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted({tuple(pair) for pair in pairs}))


def _doubled(path: str, key: str, values: Sequence[str]) -> Iterator[str]:
    counts = Counter(values)
    for value in sorted(v for v, count in counts.items() if count > 1):
        places = [i for i, v in enumerate(values) if v == value]
        yield f"{path}: {key} '{value}' occurs {counts[value]} times, at positions {places}"


def _wave_problems(waves: Sequence[Wave]) -> Iterator[str]:
    numbers = sorted(wave.number for wave in waves)
    if numbers != list(range(1, len(waves) + 1)):
        yield f"waves: the numbers are {numbers}, they must be 1 to {len(waves)} without gap or repetition"
        return
    earlier: Wave | None = None
    for wave in sorted(waves, key=lambda w: w.number):
        if wave.start and wave.end and wave.end < wave.start:
            yield f"waves: wave {wave.number} ends on {wave.end}, before its start {wave.start}"
        if earlier and earlier.start and wave.start and wave.start < earlier.start:
            yield f"waves: wave {wave.number} starts on {wave.start}, before wave {earlier.number} ({earlier.start})"
        earlier = wave


def _pin_problems(applications: Sequence[WaveApplication], waves: int) -> Iterator[str]:
    for i, application in enumerate(applications):
        if application.pin is not None and application.pin > waves:
            yield f"applications[{i}].pin: {application.id} is pinned to wave {application.pin}, waves are 1 to {waves}"


def _edge_problems(edges: Sequence[WaveEdge]) -> Iterator[str]:
    seen: dict[tuple[str, str], int] = {}
    for i, edge in enumerate(edges):
        if edge.source == edge.target:
            yield f"edges[{i}]: '{edge.source}' needs itself"
        first = seen.setdefault((edge.source, edge.target), i)
        if first != i:
            yield f"edges[{i}]: '{edge.source}' needs '{edge.target}' is already said by edges[{first}]"


def _named_ids(instance: WaveInstance) -> Iterator[tuple[str, str]]:
    for i, edge in enumerate(instance.edges):
        yield f"edges[{i}].source", edge.source
        yield f"edges[{i}].target", edge.target
    rules = instance.constraints
    for kind, lists in (("together", rules.together), ("apart", rules.apart), ("before", rules.before)):
        for i, ids in enumerate(lists):
            for named in ids:
                yield f"constraints.{kind}[{i}]", named
    for i, pair in enumerate(instance.wishes.before):
        for named in pair:
            yield f"wishes.before[{i}]", named


def _unknown_ids(instance: WaveInstance) -> Iterator[str]:
    known = {a.id for a in instance.applications}
    for path, named in _named_ids(instance):
        if named not in known:
            yield f"{path}: there is no application '{named}'{near_miss(named, known)}"


def _rule_problems(rules: WaveConstraints, wishes: WaveWishes) -> Iterator[str]:
    pairs = (("constraints.apart", rules.apart), ("constraints.before", rules.before), ("wishes.before", wishes.before))
    for path, listed in pairs:
        for i, (one, other) in enumerate(listed):
            if one == other:
                yield f"{path}[{i}]: '{one}' is set against itself"
