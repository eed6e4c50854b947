"""Finds the technology that a text is nearest to.

A text that is spelled as people spelled a technology before is that technology, the one they meant most often, and as
surely as they meant it rather than another. Any other is compared with all known spellings: by letters (cosine of
tf-idf weighted runs of letters), by words (the share of each side's words that the other has, rare words counting
more), and by edits. The best spellings of one technology support each other.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log, sqrt

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler
from scipy.sparse import csr_matrix

from masterflow.analysis.technologies.listed import Technology, technologies
from masterflow.analysis.technologies.spelling import grams, spellings_of_name, without_version, words_of

NEAREST = 60  # spellings that are compared in full
BY_LETTERS, BY_WORDS_OF_TEXT, BY_WORDS_OF_SPELLING, BY_EDITS = 0.4, 0.2, 0.2, 0.2
SUPPORT = 0.15  # of the next three spellings of the same technology
SUPPORTERS = 3
ALIKE = 0.82  # Jaro-Winkler of two words that may be one, misspelled
SHORTEST_MISSPELLED = 4  # letters
LEAST = 0.5  # below this score a text is more often something else
CALIBRATION = (  # score, and the share of texts with it that were recognised rightly when their spelling was held out
    *((0.50, 0.42), (0.55, 0.48), (0.60, 0.60), (0.65, 0.65), (0.70, 0.77)),
    *((0.75, 0.85), (0.80, 0.88), (0.85, 0.92), (0.90, 0.96), (1.00, 0.98)),
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A technology and how often, 0 to 1, an answer as near as this one is right."""

    technology: Technology
    confidence: float


def recognise_technology(text: str) -> Recognised | None:
    """The technology that a text names; None when it is like none of the list."""
    return _recogniser().recognise(text)


@cache
def _recogniser() -> "Recogniser":
    return Recogniser(technologies())


class Recogniser:
    """Compares texts with the spellings of some technologies."""

    def __init__(self, known: Sequence[Technology]) -> None:
        uses = Counter(
            (words, number)
            for number, technology in enumerate(known)
            for spelling in (*spellings_of_name(technology.name), *technology.spellings)
            for words in (words_of(spelling), without_version(words_of(spelling)))
            if words
        )
        self._known = known
        self._spellings = [words for words, _ in uses]
        self._numbers = [number for _, number in uses]
        self._spelled_so: dict[str, Counter[int]] = defaultdict(Counter)
        for (words, number), times in uses.items():
            self._spelled_so[words.replace(" ", "")][number] += times
        self._word_uses = Counter(word for words in self._spellings for word in set(words.split()))
        gram_uses = Counter(gram for words in self._spellings for gram in grams(words))
        self._columns = {gram: column for column, gram in enumerate(gram_uses)}
        self._gram_weights = [log(1 + len(self._spellings) / count) for count in gram_uses.values()]
        self._matrix = self._vectors(self._spellings)

    def recognise(self, text: str) -> Recognised | None:
        """The technology that a text names; None when it is like none."""
        words = words_of(text)
        if not any(letter.isalpha() for letter in words):
            return None
        bare = without_version(words)
        for spelled in (words, bare):
            exact = self._spelled_so.get(spelled.replace(" ", ""))
            if exact:
                number, times = exact.most_common(1)[0]
                return Recognised(self._known[number], round(times / exact.total(), 2))
        scores = self._scores(words, bare)
        if not scores:
            return None
        best = max(scores, key=lambda number: (_supported(scores[number]), -number))
        score = max(scores[best])
        return Recognised(self._known[best], calibrated(score)) if score >= LEAST else None

    def _scores(self, words: str, bare: str) -> dict[int, list[float]]:
        """The scores of the nearest spellings, by technology."""
        by_letters = (self._matrix @ self._vectors([words, bare]).T).toarray().max(axis=1)
        scores: dict[int, list[float]] = defaultdict(list)
        for place in np.argsort(-by_letters, kind="stable")[:NEAREST].tolist():
            if by_letters[place] > 0:
                scores[self._numbers[place]].append(self._score(bare, self._spellings[place], by_letters[place]))
        return scores

    def _score(self, words: str, spelling: str, by_letters: float) -> float:
        edits = fuzz.ratio(words.replace(" ", ""), spelling.replace(" ", "")) / 100
        of_text, of_spelling = self._share_of(words, spelling), self._share_of(spelling, words)
        by_words = BY_WORDS_OF_TEXT * of_text + BY_WORDS_OF_SPELLING * of_spelling
        return float(BY_LETTERS * by_letters + by_words + BY_EDITS * edits)

    def _share_of(self, words: str, others: str) -> float:
        """The share of words that the other side has too, rare words counting more."""
        weights = {word: log(1 + len(self._spellings) / (self._word_uses[word] + 0.5)) for word in words.split()}
        found = sum(weight * _likeness(word, others.split()) for word, weight in weights.items())
        return found / sum(weights.values()) if weights else 0.0

    def _vectors(self, texts: Sequence[str]) -> csr_matrix:
        """Texts as rows of unit length; a column for each run of letters."""
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for row, text in enumerate(texts):
            known = {self._columns[gram]: count for gram, count in grams(text).items() if gram in self._columns}
            weights = [(1 + log(count)) * self._gram_weights[column] for column, count in known.items()]
            length = sqrt(sum(weight * weight for weight in weights)) or 1.0
            rows += [row] * len(known)
            columns += known
            values += [weight / length for weight in weights]
        return csr_matrix((values, (rows, columns)), shape=(len(texts), len(self._columns)))


def _supported(scores: Sequence[float]) -> float:
    """The best score of a technology's spellings, and a little for the next ones."""
    ordered = sorted(scores, reverse=True)
    return ordered[0] + SUPPORT * sum(ordered[1 : 1 + SUPPORTERS]) / SUPPORTERS


def _likeness(word: str, others: Sequence[str]) -> float:
    """How much a word is like the one of the others that it is most like; short words are the same or not."""
    if word in others:
        return 1.0
    if len(word) < SHORTEST_MISSPELLED:
        return 0.0
    likest = max((JaroWinkler.similarity(word, other) for other in others), default=0.0)
    return likest if likest >= ALIKE else 0.0


def calibrated(score: float) -> float:
    """The share of answers with this score that were right, between the measured points of `CALIBRATION`."""
    if score >= CALIBRATION[-1][0]:
        return CALIBRATION[-1][1]
    for (low, low_share), (high, high_share) in pairwise(CALIBRATION):
        if low <= score < high:
            return round(low_share + (high_share - low_share) * (score - low) / (high - low), 2)
    return 0.0
