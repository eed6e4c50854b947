"""Proposes an environment for machines that nobody stated one for, from where they stand and what they are called.

A signal is a word that names an environment ("N-PROD-01", "VLAN41-test") or, where an estate follows the convention,
the letter before a name's number ("-p01", "-t01"). One signal is a weak proposal; signals of several kinds that agree
are a good one, good enough to question what a person once typed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from masterflow.analysis.estate.values import ENVIRONMENT_WORDS
from masterflow.inventory.types import Environment, Source

WEAK = 0.5  # confidence of a single signal
GOOD = 0.8  # confidence of two kinds of signal that agree
NAME_TAIL = re.compile(r"(?:^|[-_.])(?P<letter>[a-z])(?P<number>\d{1,3})$")
LETTERS: Mapping[str, Environment] = {
    "p": Environment.PRODUCTION,
    "t": Environment.TEST,
    "q": Environment.TEST,
    "d": Environment.DEVELOPMENT,
    "s": Environment.STAGING,
    "u": Environment.STAGING,
}
CONVENTION_SHARE = 0.6  # of all names that must end so before the letter is believed
CONVENTION_NAMES = 5
NOT_PRODUCTION = re.compile(r"\bnon[-_ ]?prod\w*", re.IGNORECASE)
CLEAR_WORDS = {
    w: e for w, e in ENVIRONMENT_WORDS.items() if len(w) > 2 and w not in {"int", "acc", "sit", "lab", "live"}
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A machine's name and the texts about its place, each with its source: "cluster", "networks", "folder" …"""

    name: str
    name_source: Source
    places: Mapping[str, tuple[str, Source]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed environment with its confidence (0 to 1), the reasons and the source of the first of them."""

    environment: Environment
    confidence: float
    reasons: tuple[str, ...]
    source: Source


def propose_environments(machines: Sequence[Placed]) -> list[Proposal | None]:
    """A proposal per machine, or None where nothing or as much speaks for one environment as for another."""
    letters = follows_letter_convention(m.name for m in machines)
    return [_propose(m, letters=letters) for m in machines]


def follows_letter_convention(names: Iterable[str]) -> bool:
    """Whether most names end in an environment's letter and a number, and not all in the same letter."""
    tails = [NAME_TAIL.search(name.casefold().split(".")[0]) for name in names]
    letters = Counter(t["letter"] for t in tails if t and t["letter"] in LETTERS)
    total = sum(letters.values())
    return total >= CONVENTION_NAMES and total >= CONVENTION_SHARE * len(tails) and len(letters) > 1


def _propose(machine: Placed, *, letters: bool) -> Proposal | None:
    signals: list[tuple[Environment, str, Source]] = []
    for kind, (text, source) in machine.places.items():
        found = word_in(text)
        if found is not None:
            signals.append((found, f"{kind} '{text}'", source))
    found = word_in(machine.name)
    tail = NAME_TAIL.search(machine.name.casefold().split(".")[0])
    if found is None and letters and tail:
        found = LETTERS.get(tail["letter"])
    if found is not None:
        signals.append((found, f"name '{machine.name}'", machine.name_source))
    return _settle(signals)


def _settle(signals: Sequence[tuple[Environment, str, Source]]) -> Proposal | None:
    votes = Counter(environment for environment, _, _ in signals).most_common(2)
    if not votes or (len(votes) > 1 and votes[0][1] == votes[1][1]):
        return None
    chosen = votes[0][0]
    agreeing = [(reason, source) for environment, reason, source in signals if environment == chosen]
    sure = len(agreeing) > 1 and len(votes) == 1
    return Proposal(chosen, GOOD if sure else WEAK, tuple(r for r, _ in agreeing), agreeing[0][1])


def word_in(text: str) -> Environment | None:
    """The one environment that the words of a text name; "NonProd" names none."""
    tokens = re.findall(r"[a-z]+", NOT_PRODUCTION.sub(" ", text).casefold())
    found = {CLEAR_WORDS[t] for t in tokens if t in CLEAR_WORDS}
    return found.pop() if len(found) == 1 else None
