"""Which application answers on an address that no inventory knows.

A list of applications often names some whose machines are in no file: they run in a cloud, or with a provider. Where
other applications state that they need such an application, and all of them talk to the same unknown address, the
address is the application's. One stated need proves nothing, since an application talks to many strangers; two that
agree, and none that speak for another application as much, do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

LEAST_AGREEING = 2  # stated needs that the talk of an address must bear out
FIRST, EACH_MORE, MOST = 0.6, 0.1, 0.8  # confidence of two needs that agree, of each further one, and at most

Need = tuple[UUID, UUID]  # the first application states that it needs the second


@dataclass(frozen=True, slots=True)
class Contact:
    """A known application talked to an unknown address; `asks` is False where the address asked the application."""

    application: UUID
    address: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """The application that an address was given to. `confidence` is 0 to 1, `borne_out` the needs that speak for it."""

    application: UUID
    confidence: float
    borne_out: tuple[Need, ...]


def place_addresses(
    needs: Iterable[Need], contacts: Iterable[Contact], known: AbstractSet[UUID]
) -> Mapping[str, Placed]:
    """Give unknown addresses to applications without machines; `known` are the applications that have some.

    The order of needs and contacts does not matter. An address that speaks as much for another application stays open.
    """
    wanted = _by_known_end(needs, known)
    borne_out: dict[str, dict[UUID, set[Need]]] = defaultdict(lambda: defaultdict(set))
    for contact in contacts:
        for homeless, need in wanted.get((contact.application, contact.asks), ()):
            borne_out[contact.address][homeless].add(need)
    best = {address: _best(candidates) for address, candidates in borne_out.items()}
    return {address: placed for address, placed in sorted(best.items()) if placed is not None}


def _by_known_end(
    needs: Iterable[Need], known: AbstractSet[UUID]
) -> Mapping[tuple[UUID, bool], Sequence[tuple[UUID, Need]]]:
    """The application without machines of each need, by the end that has some and whether that end asks."""
    found: dict[tuple[UUID, bool], list[tuple[UUID, Need]]] = defaultdict(list)
    for need in set(needs):
        source, target = need
        if source in known and target not in known:
            found[source, True].append((target, need))
        elif target in known and source not in known:
            found[target, False].append((source, need))
    return found


def _best(borne_out: Mapping[UUID, AbstractSet[Need]]) -> Placed | None:
    """The application that most needs speak for, when they are enough and no other has as many."""
    ranked = sorted(borne_out.items(), key=lambda entry: -len(entry[1]))
    if not ranked or len(ranked[0][1]) < LEAST_AGREEING:
        return None
    if len(ranked) > 1 and len(ranked[1][1]) == len(ranked[0][1]):
        return None
    application, needs = ranked[0]
    confidence = min(FIRST + EACH_MORE * (len(needs) - LEAST_AGREEING), MOST)
    return Placed(application, round(confidence, 2), tuple(sorted(needs)))
