"""What the documents of a programme are made of; whoever ran the flows assembles it, nothing here is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from masterflow.inventory.reading import Reject
from masterflow.inventory.types import Application, Asset, Conflict, Dependency
from masterflow.records.assessments.types import Assessment
from masterflow.records.plans.types import Plan


@dataclass(frozen=True, slots=True)
class SheetSummary:
    """One sheet of a file that was read, and its data rows."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """One file that was read: `rejects` counts the rows, cells and sheets of it that could not be used."""

    name: str
    format: str
    sheets: tuple[SheetSummary, ...] = ()
    rejects: int = 0

    @property
    def rows(self) -> int:
        """Data rows of all sheets."""
        return sum(sheet.rows for sheet in self.sheets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of one question that a person is asked.

    `accepted_without_review` says that the proposal was taken because nobody was asked, which both documents print
    prominently. `decided_by` is None then, and while the question waits. `outcome` is a word such as "approved",
    "approved with edits" or "waiting".
    """

    question: str
    outcome: str
    decided_by: str | None = None
    decided_at: datetime | None = None
    role: str | None = None
    note: str = ""
    accepted_without_review: bool = False


@dataclass(frozen=True, slots=True)
class FieldCompleteness:
    """How many of the servers have a value in one field."""

    field: str
    label: str
    known: int
    of: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is known of the estate: `score` is 0 to 1, None when there is nothing to measure."""

    score: float | None
    fields: tuple[FieldCompleteness, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over the servers that state the value: `known` of `of` do. None when none does."""

    value: int | None
    known: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateCounts:
    """How many things of each kind there are. Of `observed` servers it is known whether they
    do anything, from their processor and their connections."""

    servers: int = 0
    virtual_machines: int = 0
    powered_off: int = 0
    hosts: int = 0
    clusters: int = 0
    datacenters: int = 0
    applications: int = 0
    applications_proposed: int = 0
    shared_services: int = 0
    dependencies: int = 0
    dependencies_hard: int = 0
    move_groups: int = 0
    idle: int = 0
    observed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateSums:
    """What the servers add up to; sizes are MiB."""

    vcpu: Total
    memory_mib: Total
    storage_provisioned_mib: Total
    storage_used_mib: Total


@dataclass(frozen=True, slots=True)
class NextFile:
    """A file that would help most, and what it unlocks."""

    text: str
    unlocks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """A figure that was not measured. `basis` names its source; None prints as unsourced."""

    name: str
    value: str
    unit: str = ""
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """Data that is not the client's but was used, such as end-of-life dates."""

    name: str
    dated: date
    licence: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """A window in which nothing may move, first and last day included."""

    name: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeReport:
    """Everything the documents say.

    `as_of` is the day that support is judged at as "today". `merged` counts the source records that turned out to be a
    machine that another record describes too. `plan_conflict` holds the sentences of the smallest set of rules that
    contradict each other, when the plan is infeasible. `product_titles` gives products their proper names; a product
    that is missing prints as it is. Empty parts are said to be unknown, never shown as zero findings.
    """

    title: str
    client: str
    engagement: str
    made_at: datetime
    as_of: date
    counts: EstateCounts
    sums: EstateSums
    completeness: Completeness
    files: tuple[FileSummary, ...] = ()
    decisions: tuple[Decision, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    rejects: tuple[Reject, ...] = ()
    merged: int = 0
    assets: tuple[Asset, ...] = ()
    applications: tuple[Application, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    assessment: Assessment | None = None
    plan: Plan | None = None
    plan_conflict: tuple[str, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    next_files: tuple[NextFile, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    limits: tuple[str, ...] = ()
    reference_data: tuple[ReferenceData, ...] = ()
    product_titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def unreviewed(self) -> tuple[Decision, ...]:
        """The proposals that were taken because nobody was asked."""
        return tuple(decision for decision in self.decisions if decision.accepted_without_review)

    @property
    def all_reviewed(self) -> bool:
        """Whether there were questions and a person answered every one."""
        return bool(self.decisions) and all(decision.decided_by for decision in self.decisions)
