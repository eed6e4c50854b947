"""Applications proposed for machines of which nothing is stated, from whom they talk to.

Hubs are left out first, or they would join everything to everything. What remains is cut into communities (Louvain,
weighted, with a fixed seed). A machine of a community whose stated members agree on an application is proposed for it;
a community of which nothing is stated is proposed as a group of its own. What is stated is never touched.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

SEED = 7
AGREE = 0.6  # share of a community's stated members that must name one application
MOST_MEMBERS = 60  # a larger community is a network, not an application
JOIN_MOST, GROUP_MOST = 0.7, 0.5  # confidence of what talk alone tells
MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class Tie:
    """Two ends that talk, whoever asks, and how much as `talk.weight_of` tells."""

    one: str
    other: str
    weight: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Ends proposed for an application; `application` is None where they are a group without a name.

    `confidence` is 0 to 1, `reasons` are sentences, `community` all members that it was read from.
    """

    application: str | None
    members: tuple[str, ...]
    confidence: float
    reasons: tuple[str, ...]
    community: tuple[str, ...]


def propose_applications(
    ties: Iterable[Tie], stated: Mapping[str, str], *, hubs: frozenset[str] = frozenset()
) -> tuple[Proposal, ...]:
    """Proposals for every end without an application that talks inside a community, the surest first.

    `stated` maps ends to the application that a source names for them.
    """
    talk = _neighbours(tie for tie in ties if tie.one not in hubs and tie.other not in hubs and tie.one != tie.other)
    found: list[Proposal] = []
    for members in _communities(talk):
        if 1 < len(members) <= MOST_MEMBERS:
            found += _proposals(members, talk, stated)
    return tuple(sorted(found, key=lambda p: (-p.confidence, p.application or "", p.members)))


_Neighbours = Mapping[str, Mapping[str, float]]


def _neighbours(ties: Iterable[Tie]) -> _Neighbours:
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for tie in ties:
        found[tie.one][tie.other] += tie.weight
        found[tie.other][tie.one] += tie.weight
    return found


def _communities(talk: _Neighbours) -> list[tuple[str, ...]]:
    """Communities in a fixed order: ends are numbered by name, so that no hash decides."""
    names = sorted(talk)
    number = {name: index for index, name in enumerate(names)}
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(names)))
    for name in names:
        graph.add_weighted_edges_from(
            (number[name], number[other], talk[name][other]) for other in sorted(talk[name]) if name < other
        )
    cut = nx.community.louvain_communities(graph, weight="weight", seed=SEED) if names else []
    return sorted(tuple(names[index] for index in sorted(members)) for members in cut)


def _proposals(members: Sequence[str], talk: _Neighbours, stated: Mapping[str, str]) -> list[Proposal]:
    open_ends = [end for end in members if end not in stated]
    named = Counter(stated[end] for end in members if end in stated)
    if not open_ends:
        return []
    if not named:
        return [_group(members, talk)]
    application, count = min(named.items(), key=lambda found: (-found[1], found[0]))
    if count < AGREE * named.total():
        return []
    joining = (_joining(end, application, members, talk[end], stated) for end in open_ends)
    return [proposal for proposal in joining if proposal is not None]


def _joining(
    end: str, application: str, members: Sequence[str], own: Mapping[str, float], stated: Mapping[str, str]
) -> Proposal | None:
    """One end for the application of its community; None when it does not talk to a stated member."""
    there = {other: weight for other, weight in own.items() if stated.get(other) == application}
    if not there:
        return None
    share = sum(there.values()) / sum(own.values())
    reasons = [f"{share:.0%} of its talk is with servers of {application} ({len(there)})"]
    reasons += [f"it talks to {other}" for other in sorted(there, key=lambda o: (-there[o], o))[:MOST_REASONS]]
    return Proposal(application, (end,), round(JOIN_MOST * share, 2), tuple(reasons), tuple(members))


def _group(members: Sequence[str], talk: _Neighbours) -> Proposal:
    inside = set(members)
    within = {(a, b): talk[a][b] for a in members for b in talk[a] if b in inside and a < b}
    everything = sum(weight for a in members for weight in talk[a].values()) - sum(within.values())
    cohesion = sum(within.values()) / everything
    strongest = sorted(within, key=lambda pair: (-within[pair], pair))[:MOST_REASONS]
    reasons = [f"{cohesion:.0%} of the talk of these {len(members)} stays among them"]
    reasons += [f"{a} and {b} talk to each other" for a, b in strongest]
    return Proposal(None, tuple(members), round(GROUP_MOST * cohesion, 2), tuple(reasons), tuple(members))
