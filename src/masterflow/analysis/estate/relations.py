"""Relations of a configuration database: which application runs on which machine, which machine stands on which host.

A relation type has two phrases, the parent's and the child's ("Runs on::Runs"); the first tells who carries whom. Some
exports write the ends the other way round, so the ends themselves have the last word: an application never carries a
machine, and a hypervisor is never carried by its guest. Relations make no machines. Which application needs which other
is for the reader of dependencies; such rows are left alone here.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from masterflow.analysis.dependencies.phrases import Carries, meaning_of
from masterflow.analysis.estate.applications import application_key
from masterflow.analysis.estate.finder import Machine, MachineFinder, Missed
from masterflow.analysis.estate.mapped import MappedSheet
from masterflow.analysis.estate.records import APPLICATION, Claim, Issue, Record, Severity
from masterflow.analysis.estate.values import known_text, visible_text
from masterflow.errors import Place
from masterflow.inventory.reading import RawRow, Reject
from masterflow.inventory.types import AssetType, Source

RELATION_FIELDS = ("relation_parent", "relation_type", "relation_child")
OF_RELATION = "relation_"  # begins the rule of every fact that a relation gives
BESIDE_THE_REST = 9  # rank: what a source says of a machine in its own row comes first


@dataclass(frozen=True, slots=True)
class Relation:
    """One row: `carried` stands on `carrier`; the sources are the cells that name them."""

    carries: Carries
    carried: str
    carrier: str
    source_kind: str
    carried_at: Source
    carrier_at: Source


@dataclass(slots=True)
class RelationsRead:
    """The relations of one table, its rejects, and the types that nothing is known of with their number of rows."""

    relations: list[Relation] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Related:
    """What relations add to machines, by their place in the list of clusters, and the rows that fit nowhere."""

    details: dict[int, list[Record]] = field(default_factory=lambda: defaultdict(list))
    rejects: list[Reject] = field(default_factory=list)


def tells_relations(mapped: MappedSheet) -> bool:
    """Whether the approved columns name the two ends of relations."""
    fields = {c.field for c in mapped.columns}
    return {"relation_parent", "relation_child"} <= fields


def read_relations(mapped: MappedSheet) -> RelationsRead:
    """The relations of a table that carry something; a row without one of its ends is rejected."""
    read = RelationsRead()
    columns = {c.field: c for c in mapped.columns if c.field in RELATION_FIELDS}
    for row in mapped.sheet.rows:
        texts = {name: _cell(row, column.index) for name, column in columns.items()}
        place = Place(mapped.file, mapped.sheet.name, row.number)
        missing = next((f for f in ("relation_parent", "relation_child") if texts.get(f) is None), None)
        if missing is not None:
            message = f"The relation names no {columns[missing].header}; fill both ends."
            read.rejects.append(Reject(place, "row.no_relation_end", message))
            continue
        carries, parent_is_carried = meaning_of(visible_text(texts.get("relation_type")))
        if carries is Carries.OTHER:
            read.unread[texts.get("relation_type") or "(none)"] += 1
        if carries in (Carries.OTHER, Carries.NEEDS):
            continue
        ends = [
            (texts[f] or "", Source(mapped.file, mapped.sheet.name, row.number, columns[f].header))
            for f in ("relation_parent", "relation_child")
        ]
        (carried, carried_at), (carrier, carrier_at) = ends if parent_is_carried else reversed(ends)
        read.relations.append(Relation(carries, carried, carrier, mapped.source_kind, carried_at, carrier_at))
    return read


def _cell(row: RawRow, index: int) -> str | None:
    return known_text(row.cells[index]) if index < len(row.cells) else None


def unread_types(reads: Iterable[RelationsRead]) -> tuple[Issue, ...]:
    """One notice for each type of relation that was left alone because nothing is known of it."""
    unread = sum((read.unread for read in reads), Counter[str]())
    return tuple(
        Issue("RELATION_TYPE_UNKNOWN", Severity.INFO, f"{count} relations of type '{text}' were left alone.", count)
        for text, count in sorted(unread.items())
    )


def relate(relations: Sequence[Relation], finder: MachineFinder, *, applications: Collection[str]) -> Related:
    """Find both ends of every relation. `applications` are the keys of those that another table names.

    An application that only relations name is one all the same; a machine that no inventory lists is not.
    """
    related = Related()
    for relation in relations:
        ends = _Ends(relation, finder, applications)
        found = ends.membership() or ends.standing()
        if isinstance(found, tuple):
            related.details[found[0]].append(found[1])
        else:
            related.rejects.append(ends.reject())
    return related


@dataclass(slots=True)
class _Ends:
    """Both ends of one relation against what is known."""

    relation: Relation
    finder: MachineFinder
    applications: Collection[str]

    def _machine(self, text: str) -> Machine | Missed:
        found = self.finder.find(text)
        return self.finder.by_id(self.relation.source_kind, text) if found is Missed.UNKNOWN else found

    def _is_application(self, text: str) -> bool:
        return application_key(text) in self.applications

    def membership(self) -> tuple[int, Record] | None:
        """An application on a machine, whichever end it stands at."""
        one = self.relation
        carried, carrier = self._machine(one.carried), self._machine(one.carrier)
        if isinstance(carrier, Machine) and self._names_application(one.carried, carried):
            return carrier.index, _detail(one, APPLICATION, one.carried, one.carried_at)
        if isinstance(carried, Machine) and self._is_application(one.carrier):
            return carried.index, _detail(one, APPLICATION, one.carrier, one.carrier_at)
        return None

    def _names_application(self, text: str, found: Machine | Missed) -> bool:
        if self.relation.carries is Carries.HOSTED_ON and isinstance(found, Machine):
            return False
        return self._is_application(text) or (self.relation.carries is Carries.RUNS_ON and found is Missed.UNKNOWN)

    def standing(self) -> tuple[int, Record] | None:
        """A machine on its host; what is known to be a hypervisor carries, whatever the row says."""
        one = self.relation
        carried, carrier = self._machine(one.carried), self._machine(one.carrier)
        if not isinstance(carried, Machine) or not isinstance(carrier, Machine) or carried.index == carrier.index:
            return None
        if carried.is_host and not carrier.is_host:
            return carrier.index, _detail(one, "host", carried.name, one.carried_at)
        return carried.index, _detail(one, "host", carrier.name, one.carrier_at)

    def reject(self) -> Reject:
        """Which end fits nothing; the carrier first, as what runs on it may well be an application."""
        one = self.relation
        for text, at in ((one.carrier, one.carrier_at), (one.carried, one.carried_at)):
            missed = self._machine(text)
            place = Place(at.file, at.sheet, at.row)
            if missed is Missed.AMBIGUOUS:
                message = f"{at.column} '{text}' is the name of several machines; write the full name."
                return Reject(place, "row.ambiguous_end", message, text)
            if missed is Missed.UNKNOWN:
                message = f"{at.column} '{text}' is in no inventory; add the machine or delete the relation."
                return Reject(place, "row.unknown_end", message, text)
        message = (
            f"'{one.carried}' and '{one.carrier}' are one machine, which cannot stand on itself; delete the relation."
        )
        return Reject(Place(at.file, at.sheet, at.row), "row.relation_to_itself", message, one.carried)


def _detail(relation: Relation, target: str, value: str, source: Source) -> Record:
    return Record(
        file=source.file,
        sheet=source.sheet,
        row=source.row or 0,
        source_kind=relation.source_kind,
        asset_type=AssetType.OTHER,
        claims=(Claim(target, value, source, f"{OF_RELATION}{relation.carries}", BESIDE_THE_REST),),
        detail=True,
    )
