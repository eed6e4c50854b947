"""Which sheet is read how: machines and applications, relations, measurements, parts of machines."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from masterflow.analysis.estate.applications import application_key
from masterflow.analysis.estate.billed import is_bill, read_billed
from masterflow.analysis.estate.details import attach, owned, read_details, tells_details
from masterflow.analysis.estate.finder import MachineFinder
from masterflow.analysis.estate.identity import resolve
from masterflow.analysis.estate.mapped import RVTOOLS, MappedSheet
from masterflow.analysis.estate.metrics import Details, read_measurements, tells_measurements
from masterflow.analysis.estate.records import APPLICATION, Issue, Record, Severity, claim_text
from masterflow.analysis.estate.relations import RelationsRead, read_relations, relate, tells_relations, unread_types
from masterflow.analysis.estate.rvtools import RvtoolsOptions, RvtoolsRead, read_rvtools
from masterflow.analysis.estate.tabular import IDENTIFYING, ApplicationRow, TabularRead, read_tabular
from masterflow.errors import Place
from masterflow.inventory.reading import Reject


@dataclass(frozen=True, slots=True)
class SheetsRead:
    """All that some sheets say, before anybody asks which records are one machine."""

    rvtools: RvtoolsRead
    tables: tuple[TabularRead, ...]
    relations: tuple[RelationsRead, ...]
    details: tuple[Details, ...]
    of_nobody: tuple[MappedSheet, ...] = ()
    billed: tuple[Record, ...] = ()

    @property
    def records(self) -> list[Record]:
        """Every record of a machine, hypervisor hosts included; details are not among them."""
        return [*self.rvtools.vms, *self.rvtools.hosts, *(r for t in self.tables for r in t.records), *self.billed]

    @property
    def applications(self) -> list[ApplicationRow]:
        """Every row that is an application."""
        return [row for table in self.tables for row in table.applications]

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """What cannot be used, as far as a sheet alone tells; `attached` adds what fits no machine."""
        tables = (r for t in self.tables for r in t.rejects)
        relations = (r for t in self.relations for r in t.rejects)
        return (*self.rvtools.rejects, *tables, *relations, *(r for d in self.details for r in d.rejects))

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What a person should know about the sheets."""
        return (*self.rvtools.issues, *unread_types(self.relations), *_without_owner(self.of_nobody))


@dataclass(frozen=True, slots=True)
class Attached:
    """The records of each machine with its details behind them, and the rejects for details of no machine."""

    details: tuple[tuple[Record, ...], ...]
    rejects: tuple[Reject, ...]


def read_sheets(sheets: Sequence[MappedSheet], options: RvtoolsOptions) -> SheetsRead:
    """Read every sheet by what its approved columns tell."""
    of_file: dict[str, list[MappedSheet]] = defaultdict(list)
    for sheet in sheets:
        if sheet.source_kind != RVTOOLS:
            of_file[sheet.file].append(sheet)
    by_kind: dict[str, list[MappedSheet]] = defaultdict(list)
    for siblings in of_file.values():
        for sheet in siblings:
            found = owned(sheet, siblings)
            kind = "details" if found is not sheet and not is_bill(sheet) else _kind(found, alone=len(siblings) == 1)
            by_kind[kind].append(found)
    return SheetsRead(
        rvtools=read_rvtools([s for s in sheets if s.source_kind == RVTOOLS], options),
        tables=tuple(map(read_tabular, by_kind["tables"])),
        relations=tuple(map(read_relations, by_kind["relations"])),
        details=(*map(read_measurements, by_kind["measurements"]), *map(read_details, by_kind["details"])),
        of_nobody=tuple(by_kind["of nobody"]),
        billed=tuple(record for bill in by_kind["bills"] for record in read_billed(bill)),
    )


def _kind(sheet: MappedSheet, *, alone: bool) -> str:
    if is_bill(sheet):
        return "bills"
    if tells_relations(sheet):
        return "relations"
    if tells_measurements(sheet):
        return "measurements"
    if tells_details(sheet, alone=alone):
        return "details"
    return "tables" if alone or names_anything(sheet) else "of nobody"


def names_anything(sheet: MappedSheet) -> bool:
    """Whether a column of the table can name a machine or an application."""
    return bool({c.field for c in sheet.columns} & {*IDENTIFYING, "application_name"})


def _without_owner(sheets: Sequence[MappedSheet]) -> Iterable[Issue]:
    for sheet in sheets:
        count = len(sheet.sheet.rows)
        message = (
            f"{count} rows of '{sheet.sheet.name}' name no machine that another table of the file has; left alone."
        )
        yield Issue("PARTS_WITHOUT_MACHINE", Severity.INFO, message, count, Place(sheet.file, sheet.sheet.name))


def attached(read: SheetsRead, clusters: Sequence[Sequence[Record]]) -> Attached:
    """Give details and relations to the machines that they speak of, in the order of `clusters`."""
    if not read.details and not read.relations:
        return Attached(((),) * len(clusters), ())
    finder = MachineFinder(clusters)
    found, strangers = attach(read.details, finder)
    every = [relation for one in read.relations for relation in one.relations]
    related = relate(every, finder, applications=_application_keys(read))
    details = (
        tuple(sorted((*found.get(i, ()), *related.details.get(i, ())), key=_order)) for i in range(len(clusters))
    )
    return Attached(tuple(details), (*strangers, *related.rejects))


def strangers(read: SheetsRead) -> tuple[Reject, ...]:
    """The rejects for details and relations of machines that no sheet lists; nothing is joined where there are none."""
    if not read.details and not read.relations:
        return ()
    return attached(read, resolve(read.records).clusters).rejects


def _application_keys(read: SheetsRead) -> frozenset[str]:
    stated: Iterable[str] = (claim_text(c.value) for r in read.records for c in r.claims if c.field == APPLICATION)
    return frozenset(application_key(text) for text in (*stated, *(row.name for row in read.applications)))


def _order(record: Record) -> tuple[str, str, int]:
    return record.file, record.sheet or "", record.row
