"""How long does a large estate take from its files to published servers and dependencies?

usage: python benchmarks/import_scale.py [--servers 20000] [--edges 200000] [--processes 2] [--limit 60]

An RVTools workbook and a CMDB table of the same servers and a table of flows are uploaded and imported by the discovery
flow on an embedded Postgres; both gates are approved at once. Exit code 1 when it took longer than the limit, or when
servers or dependencies are missing.
"""

import argparse
import asyncio
import csv
import random
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from uuid import UUID, uuid4

import asyncpg
import psycopg
from openpyxl import Workbook
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import URL

from masterflow.db.embedded import EmbeddedPostgres
from masterflow.db.migrate import migrate
from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.db.urls import derive_urls
from masterflow.flows.discovery.flow import FLOW
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.types import Verdict
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal, Tenant
from masterflow.testing import Kit, running_orchestrator

LOOK_SECONDS = 0.1
PORTS = (443, 8080, 1433, 1521, 5432, 5672, 9092)
SYSTEMS = ("Red Hat Enterprise Linux 8 (64-bit)", "Microsoft Windows Server 2019 (64-bit)", "Ubuntu Linux (64-bit)")
FLOWS_HEADER = ("source ip", "destination ip", "destination port", "protocol", "connections", "bytes")
CMDB_HEADER = (
    "Name", "Class", "Serial number", "IP Address", "Fully qualified domain name", "Operating System", "CPU count",
    "RAM (MB)", "Used for", "Location", "Owned by", "Business criticality", "Install Status", "Last Discovered",
)  # fmt: skip
INFO_HEADER = (
    "VM", "Powerstate", "Template", "SRM Placeholder", "DNS Name", "CPUs", "Memory", "NICs", "Disks",
    "Primary IP Address", "Network #1", "Provisioned MiB", "In Use MiB", "Annotation", "Datacenter", "Cluster", "Host",
    "OS according to the configuration file", "OS according to the VMware Tools", "VM ID", "VM UUID", "SMBIOS UUID",
)  # fmt: skip
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """One made-up server."""

    number: int

    @property
    def name(self) -> str:
        return f"app{self.number // 25:04}-{('web', 'app', 'db')[self.number % 3]}{self.number:05}"

    @property
    def address(self) -> str:
        return f"10.{self.number >> 14 & 255}.{self.number >> 6 & 255}.{(self.number & 63) + 10}"

    @property
    def uuid(self) -> UUID:
        return UUID(int=(self.number + 1) << 64 | 0x4000_8000_0000_0000_0000)

    def info(self) -> tuple[object, ...]:
        """The row of vInfo."""
        n, system = self.number, SYSTEMS[self.number % 3]
        return (
            self.name, "poweredOn", False, False, f"{self.name}.corp.example", 2 + n % 14, 4096 + n % 8 * 2048, 1,
            1, self.address, f"vlan{n % 200}", 81920, 40960 + n % 9999, "", f"DC{n % 2}", f"CL{n % 20}",
            f"esx{n % 400:03}", system, system, f"vm-{n}", str(UUID(int=n + 1)), str(self.uuid),
        )  # fmt: skip

    def ci(self) -> tuple[object, ...]:
        """The row of the CMDB."""
        n = self.number
        return (
            self.name, "cmdb_ci_server", f"SN{n:08}", self.address, f"{self.name}.corp.example", SYSTEMS[n % 3],
            2 + n % 14, 4096 + n % 8 * 2048, ("Production", "Test")[n % 2], f"Site {n % 5}",
            f"team{n % 90}@corp.example", f"{n % 4 + 1}", "Installed", "2026-11-01 10:00:00",
        )  # fmt: skip


@dataclass
class Clock:
    """Seconds by the name of what was done."""

    seconds: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=perf_counter)

    def done(self, what: str) -> None:
        """All since the last call was this."""
        now = perf_counter()
        self.seconds[what] = self.seconds.get(what, 0.0) + now - self.last
        self.last = now


def main() -> int:
    """Print the table; 1 when it took too long or something is missing."""
    given = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # so that the server's own user can enter
        files = write_files(folder, given.servers, given.edges)
        postgres = EmbeddedPostgres(folder / "postgres")
        try:
            return asyncio.run(imported(postgres.start(), folder, files, given))
        finally:
            postgres.stop()


async def imported(admin: URL, folder: Path, files: Sequence[Path], given: argparse.Namespace) -> int:
    """Upload and import the files, and print what it took."""
    database, lead, approver = await make_tenant(admin)
    store = FileStore((folder / "files").as_uri(), max_bytes=200_000_000)
    inventory = InventoryService(database, store, lead)
    async with running_orchestrator(database, [FLOW], files=store, processes=given.processes) as kit:
        commits, clock = await commits_of(admin), Clock()
        imports = [str(await inventory.upload(path.name, path.read_bytes())) for path in files]
        clock.done("upload")
        flow = await kit.orchestrator.create_flow(lead, "discovery", {"imports": imports})
        failure = await driven(kit, lead, approver, flow.flow_id, clock)
        commits = await commits_of(admin) - commits
    summary = await inventory.summary()
    found = {"servers": summary.servers, "dependencies": summary.dependencies}
    await database.close()
    return tell(clock, found, given, commits=commits, failure=failure)


async def driven(kit: Kit, lead: Principal, approver: Principal, flow_id: UUID, clock: Clock) -> str | None:
    """Approve every gate until the flow has ended; what went wrong, or None."""
    phase: str | None = None
    while True:
        flow = await kit.orchestrator.get(lead, flow_id)
        if phase is not None and flow.current_phase != phase:
            clock.done(phase)
        phase = flow.current_phase or phase
        if flow.status is FlowStatus.WAITING_FOR_APPROVAL:
            for gate in await kit.orchestrator.gates(approver, flow_id=flow_id):
                await kit.orchestrator.decide(approver, gate.id, Verdict.APPROVE)
        elif flow.status is not FlowStatus.RUNNING:
            clock.done(phase or "flow")
            return None if flow.status is FlowStatus.COMPLETED else f"{flow.status}: {flow.last_error}"
        await asyncio.sleep(LOOK_SECONDS)


def tell(clock: Clock, found: dict[str, int], given: argparse.Namespace, *, commits: int, failure: str | None) -> int:
    """Print seconds and rows by phase, and whether it was fast enough and complete."""
    total, rows = sum(clock.seconds.values()), 2 * given.servers + given.edges
    table = Table("phase", "seconds", "rows/s")
    for name, seconds in clock.seconds.items():
        table.add_row(name, f"{seconds:.1f}", f"{rows / seconds:,.0f}" if seconds else "")
    table.add_row(f"all (at most {given.limit:g})", f"{total:.1f}", f"{rows / total:,.0f}")
    own, processes = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    console = Console()
    console.print(table)
    console.print(f"{commits:,} commits; peak memory {own:,.0f} MiB, of the largest other process {processes:,.0f} MiB")
    console.print(", ".join(f"{count:,} {name}" for name, count in found.items()))
    if failure:
        console.print(f"The flow did not complete: {failure}")
    complete = found["servers"] >= given.servers and found["dependencies"] > 0
    return 0 if complete and not failure and total <= given.limit else 1


def write_files(folder: Path, servers: int, edges: int) -> tuple[Path, Path, Path]:
    """The three exports of one estate."""
    estate = [Server(number) for number in range(servers)]
    workbook, cmdb, flows = folder / "rvtools.xlsx", folder / "cmdb_ci_server.csv", folder / "flows.csv"
    write_workbook(workbook, estate)
    write_csv(cmdb, CMDB_HEADER, (server.ci() for server in estate))
    write_csv(flows, FLOWS_HEADER, flow_rows(estate, edges))
    return workbook, cmdb, flows


def write_workbook(path: Path, estate: Sequence[Server]) -> None:
    """RVTools' views of the machines, their disks and their network cards."""
    book = Workbook(write_only=True)
    info, disk, network = (book.create_sheet(name) for name in ("vInfo", "vDisk", "vNetwork"))
    info.append(INFO_HEADER)
    disk.append(("VM", "Disk", "Capacity MiB", "Thin", "Controller", "VM ID", "VM UUID"))
    network.append(("VM", "NIC label", "Mac Address", "IPv4 Address", "Connected", "VM ID", "VM UUID"))
    for server in estate:
        ids = f"vm-{server.number}", str(UUID(int=server.number + 1))
        mac = ":".join(f"{byte:02x}" for byte in b"\x00\x50" + server.number.to_bytes(4, "big"))
        info.append(server.info())
        disk.append((server.name, "Hard disk 1", 81920, True, "SCSI controller 0", *ids))
        network.append((server.name, "Network adapter 1", mac, server.address, True, *ids))
    book.save(path)


def write_csv(path: Path, header: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """A table with commas."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def flow_rows(estate: Sequence[Server], edges: int) -> Iterator[Sequence[object]]:
    """Distinct connections, four of five between neighbours."""
    chance, seen = random.Random(1), set[tuple[int, int, int]]()
    while len(seen) < edges:
        source = chance.randrange(len(estate))
        far = chance.random() < 0.2
        target = chance.randrange(len(estate)) if far else (source + chance.randint(1, 20)) % len(estate)
        edge = (source, target, chance.choice(PORTS))
        if source == target or edge in seen:
            continue
        seen.add(edge)
        count = chance.randint(1, 500)
        yield estate[source].address, estate[target].address, edge[2], "tcp", count, count * 1500


async def make_tenant(admin: URL) -> tuple[Database, Principal, Principal]:
    """Migrate a database; a lead and an approver of one engagement in it."""
    urls = derive_urls(admin, "benchmark-roles")
    await asyncio.to_thread(migrate, urls)
    tenant, lead, approver = Tenant(uuid4(), uuid4()), uuid4(), uuid4()
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute("INSERT INTO client_accounts (id, name) VALUES (%s, %s)", (tenant.client_account_id, "b"))
        connection.execute(
            "INSERT INTO engagements (id, client_account_id, name) VALUES (%s, %s, 'b')",
            (tenant.engagement_id, tenant.client_account_id),
        )
        for user, email in ((lead, "lead@b.example"), (approver, "approver@b.example")):
            connection.execute("INSERT INTO users (id, email, name) VALUES (%s, %s, 'b')", (user, email))
    database = await Database(urls, pool_size=8).open()
    return (
        database,
        Principal(lead, "lead@b.example", tenant, frozenset({Role.LEAD})),
        Principal(approver, "approver@b.example", tenant, frozenset({Role.APPROVER, Role.LEAD})),
    )


async def commits_of(admin: URL) -> int:
    """Transactions that the database has committed so far, as far as it was told."""
    connection = await asyncpg.connect(admin.render_as_string(hide_password=False))
    try:
        sql = "SELECT sum(xact_commit) FROM pg_stat_database"
        return int(await connection.fetchval(sql))
    finally:
        await connection.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=20_000)
    parser.add_argument("--edges", type=int, default=200_000)
    parser.add_argument("--processes", type=int, default=2, help="for reading and building")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
