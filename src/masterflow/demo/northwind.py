"""The estate of a fictional company that is bundled with Masterflow, and the right answers for it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel

from masterflow.records.assessments.types import SupportStatus
from masterflow.records.reports.breakdowns import support_counts
from masterflow.records.reports.types import ProgrammeReport

COMPANY = "Northwind Freight (demo)"
OWNER = "owner@northwind.demo.example"
APPROVER = "approver@northwind.demo.example"
INSIDE_RVTOOLS = "v"  # what is said of a value's place begins with its sheet, and every RVTools sheet begins so


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
    hosts: int
    clusters: int
    datacenters: int


class _Sums(BaseModel):
    vcpu: int
    memory_mib: int
    provisioned_mib: int
    in_use_mib: int


class _AllSums(BaseModel):
    vms_in_scope: _Sums


class _Conflict(BaseModel):
    values: dict[str, str | int | float]


class _Support(BaseModel):
    status: SupportStatus
    source: str | None


class _Server(BaseModel):
    kind: str
    eol: _Support

    @property
    def support(self) -> SupportStatus:
        """What this one file can tell: other files name the release of some servers."""
        return self.eol.status if (self.eol.source or "").startswith(INSIDE_RVTOOLS) else SupportStatus.UNKNOWN


class _Truth(BaseModel):
    counts: _Counts
    sums: _AllSums
    servers: list[_Server]
    conflicts: list[_Conflict]


def estate_file() -> Path:
    """The RVTools export of the estate."""
    return Path(str(files(__package__).joinpath("estate", "rvtools_estate.xlsx")))


def compare(report: ProgrammeReport) -> tuple[Compared, ...]:
    """The figures that this one file can give, beside the right answers."""
    path = files(__package__).joinpath("estate", "truth.json")
    return tuple(_compared(report, _Truth.model_validate(json.loads(path.read_bytes()))))


def _compared(report: ProgrammeReport, truth: _Truth) -> Iterator[Compared]:
    counts, sums, right = report.counts, report.sums, truth.sums.vms_in_scope
    yield Compared("virtual machines", truth.counts.vms, counts.virtual_machines)
    yield Compared("powered off", truth.counts.vms_powered_off, counts.powered_off)
    yield Compared("hosts", truth.counts.hosts, counts.hosts)
    yield Compared("clusters", truth.counts.clusters, counts.clusters)
    yield Compared("datacentres", truth.counts.datacenters, counts.datacenters)
    yield Compared("vCPU", right.vcpu, sums.vcpu.value)
    yield Compared("memory, MiB", right.memory_mib, sums.memory_mib.value)
    yield Compared("storage provisioned, MiB", right.provisioned_mib, sums.storage_provisioned_mib.value)
    yield Compared("storage in use, MiB", right.in_use_mib, sums.storage_used_mib.value)
    inside = [c for c in truth.conflicts if all(name.startswith(INSIDE_RVTOOLS) for name in c.values)]
    yield Compared("conflicts between sheets", len(inside), len(report.conflicts))
    if report.assessment is None:
        return
    support = support_counts(report.assessment.servers, at_move=False)
    expected = Counter(server.support for server in truth.servers if server.kind == "vm")
    for status in SupportStatus:
        yield Compared(f"support today: {status.replace('_', ' ')}", expected[status], support.get(status))
