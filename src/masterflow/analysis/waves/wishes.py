"""The soft rules that a plan breaks, by name: what was wished for, who is concerned, and what it means."""

from collections.abc import Iterator, Mapping
from statistics import mean

from masterflow.analysis.waves.groups import listed
from masterflow.analysis.waves.plan import BrokenWish
from masterflow.analysis.waves.types import Wave, WaveApplication, WaveInstance

BESIDE_MEAN = 0.25  # a wave whose fill in hours is further than this from the mean of all waves is named


def broken_wishes(instance: WaveInstance, waves: Mapping[str, int]) -> tuple[BrokenWish, ...]:
    """Every wish that the plan breaks, the most important kind first."""
    labels = {a.id: a.label for a in instance.applications}
    return (
        *_targets_later(instance, waves, labels),
        *_nonprod_late(instance, waves, labels),
        *_risky_first(instance, waves),
        *_mixed_environments(instance, waves),
        *_unbalanced(instance, waves),
    )


def _targets_later(instance: WaveInstance, waves: Mapping[str, int], labels: Mapping[str, str]) -> Iterator[BrokenWish]:
    late = [e for e in instance.edges if waves[e.target] > waves[e.source]]
    for edge in sorted(late, key=lambda e: (e.kind != "hard", -e.weight, e.source, e.target)):
        source, target = waves[edge.source], waves[edge.target]
        needs = f"{labels[edge.source]} moves in wave {source} but needs {labels[edge.target]}"
        yield BrokenWish(
            wish="target_moves_later",
            applications=(edge.source, edge.target),
            wave=source,
            weight=edge.weight,
            hard=edge.kind == "hard",
            sentence=f"{needs}, which moves in wave {target}: this {edge.kind} dependency runs back to the old site in "
            "between.",
        )


def _nonprod_late(instance: WaveInstance, waves: Mapping[str, int], labels: Mapping[str, str]) -> Iterator[BrokenWish]:
    for first, then in instance.wishes.before:
        if waves[first] >= waves[then]:
            moves = f"they move in waves {waves[first]} and {waves[then]}"
            yield BrokenWish(
                wish="nonprod_before_prod",
                applications=(first, then),
                wave=waves[then],
                sentence=f"{labels[first]} should move before {labels[then]}, but {moves}.",
            )


def _risky_first(instance: WaveInstance, waves: Mapping[str, int]) -> Iterator[BrokenWish]:
    first = min(waves.values(), default=0)
    for application in instance.applications:
        if waves[application.id] == first and application.risky:
            yield BrokenWish(
                wish="first_wave_low_risk",
                applications=(application.id,),
                wave=first,
                sentence=f"{application.label} moves in the first wave ({first}) although it has {_risk(application)}.",
            )


def _risk(application: WaveApplication) -> str:
    facts = []
    if application.criticality in ("high", "critical"):
        facts.append(f"criticality {application.criticality}")
    if (application.complexity or 0) >= 4:
        facts.append(f"complexity {application.complexity}")
    return " and ".join(facts)


def _mixed_environments(instance: WaveInstance, waves: Mapping[str, int]) -> Iterator[BrokenWish]:
    for wave in sorted(set(waves.values())):
        members = [a for a in instance.applications if waves[a.id] == wave]
        prod = tuple(a.id for a in members if a.environment == "prod")
        nonprod = tuple(a.id for a in members if a.environment == "nonprod")
        if prod and nonprod:
            fewer, name = (nonprod, "other") if len(nonprod) <= len(prod) else (prod, "production")
            yield BrokenWish(
                wish="environments_apart",
                applications=fewer,
                wave=wave,
                sentence=f"Wave {wave} mixes {len(prod)} production and {len(nonprod)} other applications; the {name} "
                f"ones are {listed(fewer)}.",
            )


def _unbalanced(instance: WaveInstance, waves: Mapping[str, int]) -> Iterator[BrokenWish]:
    fills = {w.number: fill for w in instance.waves if (fill := _fill_in_hours(instance, waves, w)) is not None}
    if len(fills) < 2:
        return
    usual = mean(fills.values())
    for wave, fill in fills.items():
        if abs(fill - usual) > BESIDE_MEAN:
            yield BrokenWish(
                wish="balanced_load",
                applications=(),
                wave=wave,
                sentence=f"Wave {wave} is filled to {fill:.0%} of its hours, the waves on average to {usual:.0%}.",
            )


def _fill_in_hours(instance: WaveInstance, waves: Mapping[str, int], wave: Wave) -> float | None:
    if not wave.hours or wave.freeze == "all":
        return None
    return sum(a.hours for a in instance.applications if waves[a.id] == wave.number) / wave.hours
