"""The names that fields go by, ready to be compared with headers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log

from masterflow.analysis.mapping.concepts import WEAK
from masterflow.analysis.mapping.names import header_name
from masterflow.inventory.fields import FIELDS, Field, squashed

WEAK_WEIGHT = 0.2
HINT = 0.85  # of the score of a known name


@dataclass(frozen=True, slots=True)
class Phrase:
    """The words of one name of a field."""

    meant: Field
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Squashed header text to the fields it may mean and how far that is sure; and the names as sets of words.

    A word that few names have weighs more than one that many have.
    """

    known: Mapping[str, tuple[tuple[Field, float], ...]]
    phrases: tuple[Phrase, ...]
    by_token: Mapping[str, tuple[int, ...]]
    weights: Mapping[str, float]

    def sharing(self, tokens: Iterable[str]) -> list[Phrase]:
        """The names that have one of these words, in the order of the fields."""
        places = {place for token in tokens for place in self.by_token.get(token, ())}
        return [self.phrases[place] for place in sorted(places)]

    def overlap(self, left: Iterable[str], right: Iterable[str]) -> float:
        """The weight of common words as a share of all words of both (weighted Jaccard)."""
        left, right = frozenset(left), frozenset(right)
        unknown = 1 + log(len(self.phrases))
        common = sum(self.weights.get(token, unknown) for token in left & right)
        return common / sum(self.weights.get(token, unknown) for token in left | right)


def vocabulary_of(fields: Sequence[Field]) -> Vocabulary:
    """What some fields go by."""
    known: dict[str, list[tuple[Field, float]]] = defaultdict(list)
    for meant in fields:
        for alias in meant.aliases:
            known[squashed(alias)].append((meant, 1.0))
        for hint in meant.hints:
            known[squashed(hint)].append((meant, HINT))
    named = ((meant, header_name(alias).tokens) for meant in fields for alias in meant.aliases)
    phrases = tuple(Phrase(meant, tokens) for meant, tokens in named if tokens)
    uses: dict[str, list[int]] = defaultdict(list)
    for place, phrase in enumerate(phrases):
        for token in phrase.tokens:
            uses[token].append(place)
    return Vocabulary(
        known={spelling: tuple(meanings) for spelling, meanings in known.items()},
        phrases=phrases,
        by_token={token: tuple(places) for token, places in uses.items()},
        weights={
            token: (1 + log(len(phrases) / len(places))) * (WEAK_WEIGHT if token in WEAK else 1)
            for token, places in uses.items()
        },
    )


@cache
def general() -> Vocabulary:
    """What the inventory fields go by."""
    return vocabulary_of(FIELDS)
