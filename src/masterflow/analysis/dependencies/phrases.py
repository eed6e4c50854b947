"""What the types of relations say: the one table of phrases for those who place machines and those who ask for needs.

A type has two phrases, the parent's and the child's ("Runs on::Runs", "Depends on::Used by"); the first that is known
tells what the relation says and which end is which.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

SEPARATOR = re.compile(r"\s*(?:::|\||/|<->)\s*")


class Carries(StrEnum):
    """What a relation says: an application on a machine, a machine on a host, a need, or nothing known here."""

    RUNS_ON = "runs_on"
    HOSTED_ON = "hosted_on"
    NEEDS = "needs"
    OTHER = "other"


def _both(carries: Carries, forth: list[str], back: list[str]) -> dict[str, tuple[Carries, bool]]:
    return {**dict.fromkeys(forth, (carries, True)), **dict.fromkeys(back, (carries, False))}


# phrase: what it says, and whether who it is said of is the one that is carried, or that needs
PHRASES: Mapping[str, tuple[Carries, bool]] = {
    **_both(
        Carries.RUNS_ON,
        ["runs on", "running on", "installed on", "deployed on", "deployed to", "läuft auf", "installiert auf",
         "s exécute sur", "installé sur", "se ejecuta en", "instalado en"],
        ["runs", "has installed", "has deployed"],
    ),
    **_both(
        Carries.HOSTED_ON,
        ["hosted on", "hosted by", "virtualized by", "virtualised by", "virtual machine of", "resides on", "guest of",
         "contained by", "contained in", "located on", "gehostet auf", "hébergé sur", "alojado en"],
        ["hosts", "virtualizes", "virtualises", "host of", "contains", "has guest"],
    ),
    **_both(
        Carries.NEEDS,
        ["depends on", "dependent on", "depends upon", "uses", "consumes", "requires", "needs", "relies on", "calls",
         "connects to", "connected to", "queries", "subscribes to", "sends data to", "sends to", "writes to",
         "reads from", "provided by", "served by", "supported by", "impacted by", "authenticates with", "talks to",
         "communicates with", "exchanges data with", "interfaces with", "hängt ab von", "nutzt", "dépend de",
         "utilise", "depende de", "usa"],
        ["used by", "consumed by", "required by", "needed by", "called by", "connected by", "queried by",
         "subscribed by", "receives data from", "receives from", "written by", "read by", "provides", "serves",
         "supports", "impacts", "depended on by", "has dependent", "wird genutzt von", "genutzt von", "utilisé par",
         "usado por"],
    ),
}  # fmt: skip


def meaning_of(relation_type: str) -> tuple[Carries, bool]:
    """What a type says, and whether the parent is the end that is carried or that needs; else the child is.

    The second phrase is asked only when the first is not known; a type that nobody else writes says nothing.
    """
    for phrase, of_parent in zip(SEPARATOR.split(relation_type.strip()), (True, False), strict=False):
        known = PHRASES.get(re.sub(r"^(?:is|are) ", "", re.sub(r"[\W_]+", " ", phrase.casefold()).strip()))
        if known is not None:
            return known[0], known[1] is of_parent
    return Carries.OTHER, True
