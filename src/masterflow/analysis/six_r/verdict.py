"""From facts to the strategy that comes first: gates, ratings, weighted sum. The whole decision, without its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from masterflow.analysis.six_r.criteria import DEFAULT_WEIGHTS, Criterion, Effect, Ratings, effects, ratings
from masterflow.analysis.six_r.facts import Facts
from masterflow.analysis.six_r.gates import Obstacle, obstacles
from masterflow.analysis.six_r.ranking import best, weighted_sums
from masterflow.analysis.six_r.situation import Situation, situation
from masterflow.analysis.six_r.strategies import Strategy

TIE_ORDER = tuple(Strategy)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was excluded and why, how the rest was rated, and which strategy comes first."""

    strategy: Strategy
    situation: Situation
    obstacles: tuple[Obstacle, ...]
    effects: tuple[Effect, ...]
    eligible: Ratings
    scores: Mapping[Strategy, float]

    def ranked(self) -> list[Strategy]:
        """The eligible strategies, best first."""
        return sorted(self.scores, key=lambda s: (-self.scores[s], TIE_ORDER.index(s)))


def decide(facts: Facts, *, at: date, weights: Mapping[Criterion, float] = DEFAULT_WEIGHTS) -> Verdict:
    """The verdict on the day `at`. To retain is always eligible, so there always is one."""
    now = situation(facts, at=at)
    in_the_way = obstacles(now)
    excluded = frozenset[Strategy]().union(*(o.excludes for o in in_the_way))
    held = effects(now)
    eligible = {s: row for s, row in ratings(held).items() if s not in excluded}
    scores = weighted_sums(eligible, weights)
    return Verdict(
        strategy=best(scores, TIE_ORDER),
        situation=now,
        obstacles=tuple(in_the_way),
        effects=tuple(held),
        eligible=eligible,
        scores=scores,
    )
