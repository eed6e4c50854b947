"""What is remembered of a sheet's headers: the meaning that people approved for the same header before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from masterflow.inventory.fields import BY_NAME, squashed
from masterflow.inventory.mapping_memory.types import Layout, LearnedHeader

OTHER_LAYOUT = 0.95  # of the confidence, where the header stood in a sheet with other columns
OTHER_KIND = 0.85  # in another kind of file
ALIKE = 0.5  # of all headers of two sheets, the share that both have, from which on they are one layout
CODE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Recollection:
    """A remembered meaning; `field` "" is an attribute. `times` it was approved.

    `exact`: the same header in the same layout of the same kind of file; it outranks every known name. Otherwise it is
    one meaning among others.
    """

    field: str
    unit: str | None
    confidence: float
    exact: bool
    times: int


def recall(
    source_kind: str, sheet: str, headers: Sequence[str], learned: Sequence[LearnedHeader]
) -> dict[str, Recollection]:
    """Squashed header to what is remembered of it: in this layout before others, in this kind of file before others."""
    layout = layout_of(source_kind, sheet, headers, learned)
    found: dict[str, Recollection] = {}
    for header, meanings in by_header(learned, {squashed(header) for header in headers}).items():
        own = [one for one in meanings if one.source_kind == source_kind]
        here = [one for one in own if one.layout == layout]
        if here:
            found[header] = recollection(best(here), weight=1.0)
            continue
        for elsewhere, weight in ((own, OTHER_LAYOUT), (meanings, OTHER_KIND)):
            fields = [one for one in elsewhere if one.field]
            if fields:
                found[header] = recollection(best(fields), weight=weight)
                break
    return found


def layout_of(source_kind: str, sheet: str, headers: Sequence[str], learned: Sequence[LearnedHeader]) -> Layout:
    """The remembered layout that a sheet has, whatever the order of its columns; a new one when none is alike."""
    mine = {squashed(header) for header in headers}
    known: dict[Layout, set[str]] = defaultdict(set)
    for one in learned:
        if one.source_kind == source_kind:
            known[one.layout].add(one.header)
    shared = {layout: len(mine & theirs) / len(mine | theirs) for layout, theirs in known.items()}
    likest = max(sorted(shared), key=lambda layout: (shared[layout], layout.sheet == sheet), default=None)
    if likest is not None and shared[likest] >= ALIKE:
        return likest
    return Layout(sheet, sha256("\n".join(sorted(mine)).encode()).hexdigest()[:CODE_LENGTH])


def by_header(learned: Sequence[LearnedHeader], wanted: set[str]) -> Mapping[str, list[LearnedHeader]]:
    """The meanings of each header that stand: approved since they were last overridden, of fields that exist."""
    found: dict[str, list[LearnedHeader]] = defaultdict(list)
    for one in learned:
        if one.header in wanted and one.accepted and (not one.field or one.field in BY_NAME):
            found[one.header].append(one)
    return found


def best(meanings: Sequence[LearnedHeader]) -> LearnedHeader:
    """The surest meaning, of equal ones the latest."""
    return max(meanings, key=lambda one: (one.confidence, one.last_used, one.field))


def recollection(one: LearnedHeader, *, weight: float) -> Recollection:
    """A learned header as it counts here."""
    return Recollection(one.field, one.unit, one.confidence * weight, weight == 1.0, one.accepted)
