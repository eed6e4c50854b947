"""Relations of a CMDB as rows of who needs whom: "Depends on::Used by" and its like.

A type names the relation from its parent, and after "::" from its child: with "Depends on::Used by" the parent needs
the child, with "Used by::Depends on" the child needs the parent. Types that place or contain ("Runs on", "Hosted on",
"Contains", "Member of") need nothing in this sense and are counted apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from masterflow.analysis.dependencies.phrases import Carries, meaning_of
from masterflow.analysis.dependencies.talk import RELATION
from masterflow.analysis.estate.flows import FlowRow
from masterflow.errors import Place
from masterflow.inventory.files.cells import text_of
from masterflow.inventory.reading import CellValue, Reject


@dataclass(frozen=True, slots=True)
class RelationRow:
    """One relation as a file states it."""

    place: Place
    parent: CellValue
    type: CellValue
    child: CellValue


@dataclass(frozen=True, slots=True)
class Relations:
    """Relations that say who needs whom, those that say something else, and those that cannot be used."""

    rows: tuple[FlowRow, ...]
    others: tuple[FlowRow, ...]
    rejects: tuple[Reject, ...]


def needs_child(relation_type: str) -> bool | None:
    """True where the parent needs the child, False where the child needs the parent, None where neither does.

    The half after "::" is asked only when the first half is not known.
    """
    carries, of_parent = meaning_of(relation_type)
    return of_parent if carries is Carries.NEEDS else None


def relations_of(rows: Iterable[RelationRow]) -> Relations:
    """Relations as rows between names, `source` needing `target`; one without an end is rejected.

    What is wrong with relations of other types is for the reader of those to say.
    """
    needs: list[FlowRow] = []
    others: list[FlowRow] = []
    rejects: list[Reject] = []
    for row in rows:
        parent, kind, child = text_of(row.parent), text_of(row.type), text_of(row.child)
        direction = needs_child(kind)
        if direction is None:
            others.append(_between(row.place, parent, child))
        elif not parent or not child:
            rejects.append(_without_end(row.place, "parent" if not parent else "child", parent or child))
        else:
            ends = (parent, child) if direction else (child, parent)
            needs.append(_between(row.place, *ends))
    return Relations(tuple(needs), tuple(others), tuple(rejects))


def columns_of(fields: Sequence[str | None]) -> tuple[int, int, int] | None:
    """Where parent, type and child stand among columns of these fields; None unless all three do."""
    wanted = ("relation_parent", "relation_type", "relation_child")
    if not all(field in fields for field in wanted):
        return None
    parent, kind, child = (fields.index(field) for field in wanted)
    return parent, kind, child


def _between(place: Place, source: str, target: str) -> FlowRow:
    return FlowRow(
        place,
        None,
        None,
        source_hostname=source or None,
        target_hostname=target or None,
        oriented=True,
        origin=RELATION,
    )


def _without_end(place: Place, end: str, value: str) -> Reject:
    message = f"The {end} of the relation is missing; the row was left out. Name it and upload the file again."
    return Reject(place, f"relation.no_{end}", message, value or None)
