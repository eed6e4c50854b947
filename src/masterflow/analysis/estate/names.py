"""What server names give away: which part of them is the application's code.

Many estates build names from parts ("nf-bil-web-p01"). The part that stands for the application is found by looking at
servers whose application is known: it is the place whose values almost always go with one application. The codes learnt
there then speak for servers of which nothing is known.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from masterflow.analysis.estate.values import words

PURITY = 0.85  # share of known servers whose code goes with its usual application, for a place to be believed
SUPPORT = 4  # known servers that share their code with another, at least
MAJORITY = 0.6  # share of a code's known servers that must agree on the application
ROLES = words(
    "web www app apps appl srv svc api db sql ora pg mysql mongo mq etl bat batch job fs file nas dc ad dns ntp dhcp "
    "bkp backup mon log wsus sccm scan jmp jump bastion smtp mail proxy lb fw vpn ldap cache redis es kafka k8s node "
    "master worker gw rds ctx vdi print ftp sftp phy cld"
)


@dataclass(frozen=True, slots=True)
class Code:
    """A code and the application it stands for; `agreeing` of `known` servers with the code confirm it."""

    text: str
    application: str
    agreeing: int
    known: int


@dataclass(frozen=True, slots=True)
class Convention:
    """The place of the code in names and what the codes stand for."""

    place: str
    codes: Mapping[str, Code]

    def code_of(self, name: str) -> str | None:
        """The code in a name, known or not."""
        return parts(name).get(self.place)


def tokens(name: str) -> list[str]:
    """The parts of a host name before its domain, in lower case."""
    return [t for t in re.split(r"[-_ ]+", name.casefold().split(".")[0]) if t]


def parts(name: str) -> dict[str, str]:
    """The parts of a name by place; a name in one piece is cut after its letters and into slices of three."""
    found = tokens(name)
    if len(found) > 1:
        return {f"part {i + 1}": t for i, t in enumerate(found) if not t.isdigit()}
    whole = found[0] if found else ""
    stem = re.sub(r"\d+$", "", whole)
    cut = {"stem": stem} if len(stem) > 2 else {}
    if len(whole) >= 8:
        cut |= {f"letters {i + 1} to {i + 3}": whole[i : i + 3] for i in range(6) if whole[i : i + 3].isalpha()}
    return cut


def learn_convention(known: Iterable[tuple[str, str]]) -> Convention | None:
    """Find the code's place from (name, application) pairs; None where no place is consistent enough."""
    by_place: dict[str, dict[str, Counter[str]]] = {}
    for name, application in sorted(known):
        for place, token in parts(name).items():
            by_place.setdefault(place, {}).setdefault(token, Counter())[application] += 1
    best: tuple[float, str] | None = None
    for place, table in sorted(by_place.items()):
        score = _score(table)
        if score is not None and (best is None or score > best[0]):
            best = (score, place)
    if best is None:
        return None
    return Convention(best[1], {t: c for t, counts in by_place[best[1]].items() if (c := _code(t, counts))})


def with_listed_codes(
    convention: Convention | None, listed: Mapping[str, str], names: Iterable[str]
) -> Convention | None:
    """The convention with codes that a list gives to applications; a list alone shows the place where they stand.

    A code learnt from several servers that agree is kept; `listed` maps codes to applications, both in lower case.
    """
    if not listed:
        return convention
    place = convention.place if convention is not None else _usual_place(listed, names)
    if place is None:
        return convention
    learnt = convention.codes if convention is not None else {}
    added = {c: Code(c, a, 1, 1) for c, a in listed.items() if c not in learnt or learnt[c].agreeing < 2}
    return Convention(place, {**learnt, **added})


def _usual_place(listed: Mapping[str, str], names: Iterable[str]) -> str | None:
    places = Counter(place for name in names for place, token in parts(name).items() if token in listed)
    usual = places.most_common(1)
    return usual[0][0] if usual and usual[0][1] >= SUPPORT else None


def _score(table: Mapping[str, Counter[str]]) -> float | None:
    shared = [counts for counts in table.values() if counts.total() > 1]
    total = sum(counts.total() for counts in shared)
    pure = sum(max(counts.values()) for counts in shared)
    if len(table) < 2 or total < SUPPORT or pure < PURITY * total:
        return None
    return pure * pure / total


def _code(token: str, counts: Counter[str]) -> Code | None:
    ranked = counts.most_common(2)
    application, agreeing = ranked[0]
    tie = len(ranked) > 1 and ranked[1][1] == agreeing
    if tie or agreeing < MAJORITY * counts.total():
        return None
    return Code(token, application, agreeing, counts.total())


def role_of(name: str) -> str | None:
    """The part of a name that tells what the server does ("web", "db", "dc"), or None."""
    for token in tokens(name)[1:] or tokens(name):
        bare = token.rstrip("0123456789")
        if bare in ROLES:
            return bare
    return None


def group_by_code(names: Sequence[str]) -> dict[str, list[int]]:
    """Servers grouped by the part right before their role, for estates that state no application anywhere.

    Only groups of two or more servers, and only when the estate has several codes: one code everywhere is the owner's
    initials and says nothing.
    """
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        found = tokens(name)
        for place in range(1, len(found)):
            code = found[place - 1]
            if found[place].rstrip("0123456789") in ROLES and code not in ROLES and not code.isdigit():
                groups.setdefault(code, []).append(index)
                break
    return {code: members for code, members in groups.items() if len(members) > 1} if len(groups) > 1 else {}
