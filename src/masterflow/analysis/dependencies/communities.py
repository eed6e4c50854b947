"""Applications proposed for machines of which nothing is stated, from whom they talk to.

Hubs are left out first, or they would join everything to everything. What remains is cut into communities (Louvain,
weighted, with a fixed seed). A machine of a community whose stated members agree on an application is proposed for it;
a community of which nothing is stated is proposed as a group of its own. What is stated is never touched.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import networkx as nx

SEED = 7
AGREE = 0.6  # share of a community's stated members that must name one application
MOST_MEMBERS = 60  # a larger community is a network, not an application
JOIN_MOST, GROUP_MOST = 0.7, 0.5  # confidence of what talk alone tells
LEAST_GROUP = 3  # two ends that talk are a connection
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
    ties: Iterable[Tie],
    stated: Mapping[str, str],
    *,
    hubs: frozenset[str] = frozenset(),
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Proposal, ...]:
    """Proposals for every end without an application that talks inside a community, the surest first.

    `stated` maps ends to the application that a source names for them, `names` to what the sentences call them.
    """
    talk = _neighbours(tie for tie in ties if tie.one not in hubs and tie.other not in hubs and tie.one != tie.other)
    found: list[Proposal] = []
    for members in _communities(talk):
        if 1 < len(members) <= MOST_MEMBERS:
            found += _proposals(members, talk, stated, names)
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
    graph.add_weighted_edges_from(
        (number[name], number[other], talk[name][other])
        for name in names
        for other in sorted(talk[name])
        if name < other
    )
    cut = nx.community.louvain_communities(graph, weight="weight", seed=SEED) if names else []
    return sorted(tuple(names[index] for index in sorted(members)) for members in cut)


def _proposals(
    members: Sequence[str], talk: _Neighbours, stated: Mapping[str, str], names: Mapping[str, str]
) -> list[Proposal]:
    open_ends = [end for end in members if end not in stated]
    named = Counter(stated[end] for end in members if end in stated)
    if not open_ends:
        return []
    if not named:
        return [_group(members, talk, names)] if len(members) >= LEAST_GROUP else []
    application, count = min(named.items(), key=lambda found: (-found[1], found[0]))
    if count < AGREE * named.total():
        return []
    community = _Community(application, tuple(members), stated, names)
    joining = (_joining(end, community, talk[end]) for end in open_ends)
    return [proposal for proposal in joining if proposal is not None]


@dataclass(frozen=True, slots=True)
class _Community:
    application: str
    members: tuple[str, ...]
    stated: Mapping[str, str]
    names: Mapping[str, str]


def _joining(end: str, community: _Community, own: Mapping[str, float]) -> Proposal | None:
    """One end for the application of its community; None when it does not talk to a stated member.

    The share of its talk that goes there counts, halved for a single partner, less and less so for more of them.
    """
    there = {other: weight for other, weight in own.items() if community.stated.get(other) == community.application}
    if not there:
        return None
    share = sum(there.values()) / sum(own.values())
    confidence = round(JOIN_MOST * share * (1 - 0.5 ** len(there)), 2)
    reasons = [f"{share:.0%} of its talk is with servers of {community.application} ({len(there)})"]
    strongest = sorted(there, key=lambda other: (-there[other], other))[:MOST_REASONS]
    reasons += [f"it talks to {community.names.get(other, other)}" for other in strongest]
    return Proposal(community.application, (end,), confidence, tuple(reasons), community.members)


def _group(members: Sequence[str], talk: _Neighbours, names: Mapping[str, str]) -> Proposal:
    """A group of which nothing is stated: the share of its talk that stays inside, less where it is a mere tree."""
    inside = set(members)
    within = {(a, b): talk[a][b] for a in members for b in talk[a] if b in inside and a < b}
    everything = sum(weight for a in members for weight in talk[a].values()) - sum(within.values())
    cohesion = sum(within.values()) / everything
    strongest = sorted(within, key=lambda pair: (-within[pair], pair))[:MOST_REASONS]
    reasons = [f"{cohesion:.0%} of the talk of these {len(members)} stays among them"]
    reasons += [f"{names.get(a, a)} and {names.get(b, b)} talk to each other" for a, b in strongest]
    meshed = min(1.0, len(within) / len(members))
    confidence = round(GROUP_MOST * cohesion * meshed, 2)
    return Proposal(None, tuple(members), confidence, tuple(reasons), tuple(members))
