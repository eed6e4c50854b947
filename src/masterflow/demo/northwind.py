"""The estate of a fictional company that is bundled with Masterflow, and the right answers for it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

from masterflow.inventory.portfolio import circles_of
from masterflow.inventory.types import IDLE, Application, Asset, AssetType, Conflict, counts_as_server
from masterflow.records.assessments.types import SupportStatus
from masterflow.records.reports.breakdowns import support_counts
from masterflow.records.reports.types import ProgrammeReport

COMPANY = "Northwind Freight (demo)"
OWNER = "owner@northwind.demo.example"
APPROVER = "approver@northwind.demo.example"
FILES = (
    "rvtools_estate.xlsx",
    "servicenow_cmdb_ci_server.csv",
    "servicenow_cmdb_ci_appl.csv",
    "servicenow_cmdb_rel_ci.csv",
    "aws_ads_import.csv",
    "azure_migrate_import.csv",
    "business_context.csv",
    "utilisation.csv",
    "netflow_summary.csv",
    "vpc_flow_sample.log",
)

Row = tuple[str, str, int]  # a file, its sheet where it has several, and the row that describes a machine
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of the report beside the right answer."""

    figure: str
    right: int
    found: int | None

    @property
    def agrees(self) -> bool:
        """Whether the report is right."""
        return self.right == self.found


class _Counts(BaseModel):
    vms: int
    vms_powered_off: int
    physical_servers: int
    hosts: int
    clusters: int
    datacenters: int
    distinct_servers_live: int
    applications: int


class _Sums(BaseModel):
    vcpu: int
    memory_mib: int
    provisioned_mib: int
    in_use_mib: int


class _AllSums(BaseModel):
    vms_in_scope: _Sums


class _Record(BaseModel):
    file: str
    sheet: str | None
    row: int


class _Support(BaseModel):
    status: SupportStatus


class _Server(BaseModel):
    id: str
    name: str
    kind: str
    application: str | None
    eol: _Support
    records: list[_Record]


class _Application(BaseModel):
    id: str
    name: str
    aliases: list[str]


class _Edge(BaseModel):
    source: str
    target: str
    kind: str


class _Dependencies(BaseModel):
    edges: list[_Edge]
    cycles_hard: list[list[str]]


class _IdleServer(BaseModel):
    server: str


class _Idle(BaseModel):
    servers: list[_IdleServer]


class _Conflict(BaseModel):
    asset: str
    review: bool = False


class _RejectedRow(BaseModel):
    file: str
    row: int


class _Truth(BaseModel):
    counts: _Counts
    sums: _AllSums
    servers: list[_Server]
    applications: list[_Application]
    dependencies: _Dependencies
    rejected_rows: list[_RejectedRow]
    conflicts: list[_Conflict]
    idle: _Idle


def estate_files() -> tuple[Path, ...]:
    """The exports of the estate, the inventory of the virtualization platform first."""
    folder = files(__package__).joinpath("estate")
    return tuple(Path(str(folder.joinpath(name))) for name in FILES)


def compare(report: ProgrammeReport) -> tuple[Compared, ...]:
    """The figures of a report on the whole estate beside the right answers."""
    text = files(__package__).joinpath("estate", "truth.json").read_bytes()
    comparison = _Comparison(report, _Truth.model_validate(json.loads(text)))
    parts = (comparison.machines, comparison.applications, comparison.traffic, comparison.conflicts)
    return tuple(one for part in (*parts, comparison.rejects, comparison.support) for one in part())


@dataclass
class _Comparison:
    """A report, the truth, and what is looked up in both."""

    report: ProgrammeReport
    truth: _Truth

    def machines(self) -> Iterator[Compared]:
        """Machines, their sizes, and which rows describe the same one."""
        counts, right, vms = self.truth.counts, self.truth.sums.vms_in_scope, self._vms
        yield Compared("servers on premises", counts.distinct_servers_live, len(self._servers))
        yield Compared("virtual machines", counts.vms, len(vms))
        yield Compared("physical servers", counts.physical_servers, len(self._servers) - len(vms))
        yield Compared("powered off", counts.vms_powered_off, self.report.counts.powered_off)
        yield Compared("hosts", counts.hosts, self.report.counts.hosts)
        yield Compared("clusters", counts.clusters, self.report.counts.clusters)
        yield Compared("datacentres", counts.datacenters, self.report.counts.datacenters)
        yield Compared("vCPU of virtual machines", right.vcpu, sum(one.cpu_cores or 0 for one in vms))
        yield Compared("memory, MiB", right.memory_mib, sum(one.memory_mib or 0 for one in vms))
        provisioned = sum(one.storage_provisioned_mib or 0 for one in vms)
        yield Compared("storage provisioned, MiB", right.provisioned_mib, provisioned)
        yield Compared("storage in use, MiB", right.in_use_mib, sum(one.storage_used_mib or 0 for one in vms))
        same, found = _pairs(self._right_rows.values()), _pairs(self._found_rows.values())
        yield Compared("pairs of rows that are one machine", len(same), len(same & found))
        yield Compared("pairs of rows merged wrongly", 0, len(found - same))

    def applications(self) -> Iterator[Compared]:
        """Applications, whose machines are whose, and who needs whom."""
        yield Compared("applications", self.truth.counts.applications, len(self._application_ids))
        right = {one.id: one.application for one in self.truth.servers if one.application and one.kind != "cloud"}
        found = self._found_memberships
        agreeing = sum(found.get(server) == application for server, application in right.items())
        yield Compared("servers in their application", len(right), agreeing)
        yield Compared("servers in a wrong application", 0, sum(found.get(s, a) != a for s, a in right.items()))
        edges = {(one.source, one.target): one.kind for one in self.truth.dependencies.edges}
        shown = self._found_edges
        yield Compared("dependencies", len(edges), len(edges.keys() & shown.keys()))
        yield Compared("dependencies that are none", 0, len(shown.keys() - edges.keys()))
        yield Compared(
            "hard or soft as it is", len(edges), sum(shown.get(pair) == kind for pair, kind in edges.items())
        )

    def traffic(self) -> Iterator[Compared]:
        """What moves together, and what does nothing."""
        right = {frozenset(one) for one in self.truth.dependencies.cycles_hard}
        ids = self._application_ids
        found = {frozenset(ids.get(end, str(end)) for end in one) for one in circles_of(self.report.dependencies)}
        yield Compared("circles that move together", len(right), len(right & found))
        idle = {one.server for one in self.truth.idle.servers}
        marked = {self._server_of.get(one.id, one.name) for one in self.report.assets if IDLE in one.concerns}
        yield Compared("idle servers", len(idle), len(idle & marked))
        yield Compared("servers that only look idle", 0, len(marked - idle))

    def conflicts(self) -> Iterator[Compared]:
        """Contradictions between sources and sheets."""
        applications = {_folded(one.name): one.id for one in self.truth.applications}
        right = Counter((one.asset, one.review) for one in self.truth.conflicts)
        found = Counter((self._subject(one, applications), one.needs_review) for one in self.report.conflicts)
        yield Compared("conflicts", right.total(), (right & found).total())
        yield Compared("conflicts that are none", 0, (found - right).total())

    def rejects(self) -> Iterator[Compared]:
        """Rows that cannot be used."""
        right = {(one.file, one.row) for one in self.truth.rejected_rows}
        found = {(one.place.file, one.place.row or 0) for one in self.report.rejects if one.place.column is None}
        whole = {(one.place.file, one.place.row or 0) for one in self.report.rejects}
        yield Compared("damaged rows left out", len(right), len(right & whole))
        yield Compared("good rows left out", 0, len(found - right))

    def support(self) -> Iterator[Compared]:
        """How long the operating systems are supported."""
        if self.report.assessment is None:
            return
        found = support_counts(self.report.assessment.servers, at_move=False)
        right = Counter(one.eol.status for one in self.truth.servers if one.kind != "cloud")
        for status in SupportStatus:
            yield Compared(f"support today: {status.replace('_', ' ')}", right[status], found.get(status))

    def _subject(self, conflict: Conflict, applications: Mapping[str, str]) -> str:
        """The truth's server or application that sources contradict each other about."""
        server = self._server_of.get(conflict.asset_id) if conflict.asset_id else None
        return server or applications.get(_folded(conflict.asset_name), conflict.asset_name)

    @cached_property
    def _servers(self) -> list[Asset]:
        return [one for one in self.report.assets if counts_as_server(one)]

    @cached_property
    def _vms(self) -> list[Asset]:
        return [one for one in self._servers if one.asset_type is AssetType.VIRTUAL_MACHINE]

    @cached_property
    def _right_rows(self) -> Mapping[str, frozenset[Row]]:
        return {one.id: frozenset(_row(r.file, r.sheet, r.row) for r in one.records) for one in self.truth.servers}

    @cached_property
    def _found_rows(self) -> Mapping[UUID, frozenset[Row]]:
        """The rows that the report's machines were made of, as far as the truth speaks of them."""
        known = frozenset().union(*self._right_rows.values())
        return {
            one.id: frozenset(_row(f.source.file, f.source.sheet, f.source.row or 0) for f in one.facts) & known
            for one in self.report.assets
        }

    @cached_property
    def _server_of(self) -> Mapping[UUID, str]:
        """The truth's server that most rows of a machine belong to."""
        owner = {row: server for server, rows in self._right_rows.items() for row in rows}
        counted = {asset: Counter(owner[row] for row in rows) for asset, rows in self._found_rows.items()}
        return {asset: count.most_common(1)[0][0] for asset, count in counted.items() if count}

    @cached_property
    def _application_ids(self) -> Mapping[UUID, str]:
        """The report's applications by the truth's, known by name or alias."""
        known = {_folded(name): one.id for one in self.truth.applications for name in (one.name, *one.aliases)}
        found = {one.id: _named(one, known) for one in self.report.applications}
        return {application: name for application, name in found.items() if name is not None}

    @cached_property
    def _found_memberships(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for application in self.report.applications:
            for asset in application.asset_ids:
                if asset in self._server_of and application.id in self._application_ids:
                    found[self._server_of[asset]] = self._application_ids[application.id]
        return found

    @cached_property
    def _found_edges(self) -> Mapping[Pair, str]:
        """The report's dependencies between applications of the truth; one with another end is of no pair."""
        ids = self._application_ids
        edges: dict[Pair, str] = {}
        for one in self.report.dependencies:
            if one.source_id in ids and one.target_id in ids:
                edges[ids[one.source_id], ids[one.target_id]] = one.kind
        return edges


def _row(file: str, sheet: str | None, row: int) -> Row:
    return file, (sheet or "") if file.endswith(".xlsx") else "", row


def _named(application: Application, known: Mapping[str, str]) -> str | None:
    names = (known.get(_folded(name)) for name in (application.name, *application.variants))
    return next((name for name in names if name is not None), None)


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _pairs(groups: Iterable[frozenset[Row]]) -> set[tuple[Row, Row]]:
    """Every two rows that are said to describe one machine."""
    found: set[tuple[Row, Row]] = set()
    for rows in groups:
        found.update(combinations(sorted(rows), 2))
    return found
