"""Ranking by several criteria: weighted sum, TOPSIS as its cross-check, and how much the weights decide.

Pure arithmetic on ratings between 0 and 1 in which more is better; strategies and criteria are only keys here.
TOPSIS after Hwang and Yoon (1981): vector-normalised ratings, distance to the best and the worst of each criterion.
"""

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Option = TypeVar("Option", bound=Hashable)
Aspect = TypeVar("Aspect", bound=Hashable)

WEIGHT_CHANGE = 0.2  # the weights are varied by a fifth, up and down


def weighted_sums(
    rated: Mapping[Option, Mapping[Aspect, float]], weights: Mapping[Aspect, float]
) -> dict[Option, float]:
    """Each option's ratings, summed with the weights brought to a sum of one."""
    whole = sum(weights.values())
    return {o: sum(w * row[a] for a, w in weights.items()) / whole for o, row in rated.items()}


def best(scores: Mapping[Option, float], order: Sequence[Option]) -> Option:
    """The option of the highest score; of equals the one that stands first in `order`."""
    return max((o for o in order if o in scores), key=lambda o: scores[o])


def closeness(rated: Mapping[Option, Mapping[Aspect, float]], weights: Mapping[Aspect, float]) -> dict[Option, float]:
    """TOPSIS closeness of each option, from 0 (the worst on everything) to 1; a single option has 1."""
    if len(rated) == 1:
        return dict.fromkeys(rated, 1.0)
    lengths = {a: math.sqrt(sum(row[a] ** 2 for row in rated.values())) for a in weights}
    weighed = {o: {a: w * row[a] / (lengths[a] or 1.0) for a, w in weights.items()} for o, row in rated.items()}
    top = {a: max(row[a] for row in weighed.values()) for a in weights}
    bottom = {a: min(row[a] for row in weighed.values()) for a in weights}
    return {o: _closeness(_distance(row, top), _distance(row, bottom)) for o, row in weighed.items()}


def stability(
    rated: Mapping[Option, Mapping[Aspect, float]], weights: Mapping[Aspect, float], *, order: Sequence[Option]
) -> float:
    """The share of weightings, each weight a fifth up or down in every combination, under which the best stays so."""
    winner = best(weighted_sums(rated, weights), order)
    if len(rated) == 1:
        return 1.0
    factors = itertools.product((1 - WEIGHT_CHANGE, 1 + WEIGHT_CHANGE), repeat=len(weights))
    varied = [
        dict(zip(weights, (w * f for w, f in zip(weights.values(), fs, strict=True)), strict=True)) for fs in factors
    ]
    kept = sum(best(weighted_sums(rated, v), order) == winner for v in varied)
    return kept / len(varied)


def _distance(row: Mapping[Aspect, float], ideal: Mapping[Aspect, float]) -> float:
    return math.sqrt(sum((row[a] - v) ** 2 for a, v in ideal.items()))


def _closeness(to_top: float, to_bottom: float) -> float:
    return 1.0 if to_top + to_bottom == 0 else to_bottom / (to_top + to_bottom)
