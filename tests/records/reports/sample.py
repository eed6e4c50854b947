"""A made-up estate of any size with its assessment and plan, the same for the same seed."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from masterflow.errors import Place
from masterflow.inventory.reading import Reject
from masterflow.inventory.types import (
    IN_USE,
    Application,
    Asset,
    AssetId,
    AssetType,
    Conflict,
    Criticality,
    Dependency,
    DependencyKind,
    Environment,
    Fact,
    Membership,
    Source,
)
from masterflow.records.assessments.types import (
    Assessment,
    NotRecommended,
    Readiness,
    Recommendation,
    Risk,
    RunnerUp,
    ServerAssessment,
    Strategy,
    SupportStatus,
    Turn,
)
from masterflow.records.plans.types import (
    BrokenWish,
    HybridDependency,
    Plan,
    PlannedItem,
    PlanStatus,
    Unplanned,
    Wave,
)
from masterflow.records.reports.figures import count_estate, measure_completeness, sum_estate
from masterflow.records.reports.suggestions import suggest_next_files
from masterflow.records.reports.types import (
    Assumption,
    Decision,
    FileSummary,
    Freeze,
    ProgrammeReport,
    ReferenceData,
    SheetSummary,
)

TODAY = date(2026, 11, 23)
MOVE = date(2027, 6, 1)
SPACE = UUID("5c0d9a3e-6f0e-4a53-9f53-0d4b7c1f2a11")
FILE = "rvtools_estate.xlsx"

NAMES = (
    "Billing Core", "Freight Booking", "Track and Trace", "Customs Declaration", "Warehouse Management",
    "Yard Management", "Route Optimiser", "Driver Portal", "Fleet Telemetry", "Carrier Settlement", "Rate Engine",
    "Claims Handling", "Document Archive", "Invoice Scanning", "HR Self Service", "Payroll", "Time Tracking",
    "Travel Expenses", "General Ledger", "Treasury", "Data Warehouse", "Management Reporting", "Customer Portal",
    "Partner Gateway", "EDI Hub", "Order Intake", "Price Lists", "Intranet", "File Services", "Print Services",
    "Legacy Quotation", "Depot Rostering", "Notification Service", "Identity", "Active Directory", "Backup",
    "Monitoring", "Patch Management", "Admin Access", "Name Services",
)  # fmt: skip

SYSTEMS: tuple[tuple[str, str | None, str | None, date | None, date | None, int], ...] = (
    ("Red Hat Enterprise Linux 9 (64-bit)", "rhel", "9", date(2032, 5, 31), date(2035, 5, 31), 34),
    ("Red Hat Enterprise Linux 8 (64-bit)", "rhel", "8", date(2029, 5, 31), date(2032, 5, 31), 24),
    ("Microsoft Windows Server 2022 (64-bit)", "windows-server", "2022", date(2031, 10, 14), None, 12),
    ("Microsoft Windows Server 2019 (64-bit)", "windows-server", "2019", date(2029, 1, 9), None, 10),
    ("Microsoft Windows Server 2016 (64-bit)", "windows-server", "2016", date(2027, 1, 12), date(2030, 1, 8), 14),
    ("Microsoft Windows Server 2012 R2 (64-bit)", "windows-server", "2012-R2", date(2023, 10, 10), None, 18),
    ("Red Hat Enterprise Linux 7 (64-bit)", "rhel", "7", date(2024, 6, 30), date(2029, 5, 31), 20),
    ("CentOS 7 (64-bit)", "centos", "7", date(2024, 6, 30), None, 9),
    ("Ubuntu Linux 20.04 LTS", "ubuntu", "20.04", date(2025, 5, 31), date(2030, 4, 1), 7),
    ("Other Linux (64-bit)", None, None, None, None, 2),
)
TITLES = {
    "rhel": "Red Hat Enterprise Linux",
    "windows-server": "Windows Server",
    "centos": "CentOS",
    "ubuntu": "Ubuntu",
}

REASONS = {
    Strategy.REHOST: "Runs on virtual machines that the target supports as they are, and nothing calls for change.",
    Strategy.REPLATFORM: "Its PostgreSQL 12 database has a managed target, and its operating system is past its end.",
    Strategy.REFACTOR: "Source code is at hand, and the container questions were answered with yes.",
    Strategy.REPURCHASE: "The product is bought, and its vendor offers it as a service.",
    Strategy.RETAIN: "A licence bound to the hardware forbids moving it before December 2027.",
    Strategy.RETIRE: "No connection came in and CPU stayed below 2 % for 35 days; its owner has to confirm.",
}


@dataclass(frozen=True)
class Estate:
    """The parts of a made-up estate."""

    assets: tuple[Asset, ...]
    applications: tuple[Application, ...]
    dependencies: tuple[Dependency, ...]


def ident(*parts: object) -> UUID:
    return uuid5(SPACE, "/".join(map(str, parts)))


def make_estate(servers: int = 150, applications: int = 40, *, seed: int = 7) -> Estate:
    rng = random.Random(seed)
    weights = [system[5] for system in SYSTEMS]
    machines = tuple(_machine(rng, number, rng.choices(SYSTEMS, weights)[0]) for number in range(1, servers + 1))
    hosts = tuple(_host(number) for number in range(1, max(servers // 10, 1) + 1))
    apps = tuple(_application(rng, number, machines, applications) for number in range(applications))
    edges = tuple(_dependency(rng, apps, number) for number in range(applications + applications // 2))
    return Estate(machines + hosts, apps, edges)


def make_report(
    servers: int = 150, applications: int = 40, *, seed: int = 7, accepted_without_review: bool = False
) -> ProgrammeReport:
    """A whole report; without applications each server is a subject and nothing depends on anything."""
    estate = make_estate(servers, applications, seed=seed)
    assessment = make_assessment(estate)
    return ProgrammeReport(
        title="Cloud migration programme",
        client="Northwind Freight",
        engagement="Data centre exit 2027",
        made_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        as_of=TODAY,
        counts=count_estate(estate.assets, estate.applications, dependencies=estate.dependencies),
        sums=sum_estate(estate.assets),
        completeness=measure_completeness(estate.assets, estate.applications),
        files=make_files(servers),
        decisions=make_decisions(accepted_without_review=accepted_without_review),
        conflicts=make_conflicts(estate.assets, max(servers // 5, 2)),
        rejects=make_rejects(max(servers // 6, 2)),
        merged=servers // 8,
        assets=estate.assets,
        applications=estate.applications,
        dependencies=estate.dependencies,
        assessment=assessment,
        plan=make_plan(estate, assessment),
        freezes=(
            Freeze("Year-end closing", date(2026, 12, 14), date(2027, 1, 8)),
            Freeze("Peak season", date(2027, 5, 24), date(2027, 6, 6)),
        ),
        next_files=suggest_next_files(estate.assets, estate.applications, dependencies=estate.dependencies),
        assumptions=make_assumptions(),
        limits=("Costs are not part of this report.",),
        reference_data=(ReferenceData(name="endoflife.date product cycles", dated=date(2026, 11, 1), licence="MIT"),),
        product_titles=TITLES,
    )


def make_assumptions() -> tuple[Assumption, ...]:
    priors = (("Rehost", "25"), ("Replatform", "45"), ("Refactor", "90"), ("Repurchase", "30"))
    unit = "person-days per application"
    return (
        *(Assumption(name=name, value=value, unit=unit) for name, value in priors),
        Assumption(name="Transfer rate", value="620", unit="Mbit/s", basis="published transfer planning guide"),
    )


def make_files(servers: int) -> tuple[FileSummary, ...]:
    sheets = tuple(
        SheetSummary(name, rows)
        for name, rows in (("vInfo", servers + 12), ("vDisk", servers + 80), ("vNetwork", servers), ("vHost", 15))
    )
    return (
        FileSummary(name=FILE, format="RVTools 4.x", sheets=sheets, rejects=4),
        FileSummary(name="servicenow_cmdb_ci_server.csv", format="CSV", sheets=(SheetSummary("csv", 162),), rejects=9),
    )


def make_decisions(*, accepted_without_review: bool) -> tuple[Decision, ...]:
    by = None if accepted_without_review else "Maren Okafor, approver of the demo"
    at = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
    return tuple(
        Decision(
            question=question,
            outcome="approved",
            decided_by=by,
            decided_at=at,
            role="approver" if by else None,
            accepted_without_review=accepted_without_review,
        )
        for question in (
            "Are these column matches right?",
            "Is this the inventory to work with?",
            "Are these strategies right?",
            "Are these waves right?",
        )
    )


def make_conflicts(assets: tuple[Asset, ...], count: int) -> tuple[Conflict, ...]:
    return tuple(
        Conflict(
            asset_name=asset.name,
            field="operating_system",
            values=(
                Fact(
                    "operating_system",
                    "Red Hat Enterprise Linux 9 (64-bit)",
                    Source(FILE, "vInfo", index + 2, "OS according to the VMware Tools"),
                    "as written",
                ),
                Fact(
                    "operating_system",
                    "Red Hat Enterprise Linux 8 (64-bit)",
                    Source(FILE, "vInfo", index + 2, "OS according to the configuration file"),
                    "as written",
                    chosen=False,
                ),
            ),
            preferred="Red Hat Enterprise Linux 9 (64-bit)",
            why="The running guest reports its own release.",
            needs_review=index % 7 == 3,
        )
        for index, asset in enumerate(assets[:count])
    )


def make_rejects(count: int) -> tuple[Reject, ...]:
    return tuple(
        Reject(
            Place("servicenow_cmdb_ci_server.csv", None, row, "CPU count" if row % 3 else None),
            "not_a_number" if row % 3 else "total_line",
            "The value is not a number. Correct the cell and upload the file of rejects again; the row was kept."
            if row % 3
            else "This is a total line, not a server. Nothing has to be done.",
            "n/a" if row % 3 else None,
        )
        for row in range(10, 10 + count)
    )


def make_assessment(estate: Estate) -> Assessment:
    rng = random.Random(11)
    servers = tuple(_assessed(rng, asset) for asset in estate.assets if asset.asset_type is AssetType.VIRTUAL_MACHINE)
    if estate.applications:
        subjects = tuple(
            _recommendation(rng, application.id, application.name, count=len(application.asset_ids))
            for application in estate.applications
            if not application.shared_service
        )
    else:
        subjects = tuple(
            _recommendation(rng, server.asset_id, server.name, count=1, is_application=False) for server in servers
        )
    return Assessment(
        id=ident("assessment"),
        flow_id=ident("flow"),
        assessed_on=TODAY,
        move_date=MOVE,
        target="Any cloud",
        servers=servers,
        recommendations=subjects,
        risks=_risks(),
    )


def make_plan(estate: Estate, assessment: Assessment) -> Plan:
    rng = random.Random(3)
    stay = (Strategy.RETIRE, Strategy.RETAIN)
    moving = [entry for entry in assessment.recommendations if entry.strategy not in stay]
    staying = [entry for entry in assessment.recommendations if entry.strategy in stay]
    items = tuple(_planned(rng, entry, index * 6 // max(len(moving), 1) + 1) for index, entry in enumerate(moving))
    return Plan(
        id=ident("plan"),
        flow_id=ident("flow"),
        version=1,
        assessment_id=assessment.id,
        status=PlanStatus.FEASIBLE,
        objective=0.074,
        bound=0.021,
        seconds=20.0,
        waves=tuple(_wave(number, items) for number in range(1, 7)),
        items=items,
        unplanned=tuple(
            Unplanned(
                entry.subject_id, entry.subject_name, "Retired" if entry.strategy is Strategy.RETIRE else "Retained"
            )
            for entry in staying
        )
        + tuple(
            Unplanned(application.id, application.name, "Shared service, part of wave 0")
            for application in estate.applications
            if application.shared_service
        ),
        hybrid_dependencies=tuple(
            HybridDependency(
                left.subject_name,
                right.subject_name,
                left.wave,
                f"Port 1521 is asked 4,200 times a day; every request crosses the line until wave {right.wave}.",
            )
            for left, right in zip(items[:9], items[2:11], strict=False)
        )
        if estate.dependencies
        else (),
        broken_wishes=(
            BrokenWish(
                "separate_environments",
                ("Wave 3",),
                "Wave 3 holds production and test, because no other wave had room for File Services.",
            ),
        ),
    )


def _machine(rng: random.Random, number: int, system: tuple) -> Asset:
    code = NAMES[number % len(NAMES)][:3].lower()
    role = rng.choice(("web", "app", "db", "bat"))
    environment = rng.choices((Environment.PRODUCTION, Environment.TEST), (7, 3))[0]
    name = f"nf-{code}-{role}-{environment[0]}{number:02d}"
    memory = rng.choice((4096, 8192, 16384, 32768, 65536))
    storage = rng.randrange(60_000, 900_000)
    cores = rng.choice((1, 2, 4, 8))
    row = number + 1
    values = {
        "name": (name, "VM"),
        "operating_system": (system[0], "OS according to the VMware Tools"),
        "cpu_cores": (str(cores), "CPUs"),
        "memory_mib": (str(memory), "Memory"),
        "storage_provisioned_mib": (str(storage), "Provisioned MiB"),
        "storage_used_mib": (str(storage // 2), "In Use MiB"),
        "power_state": ("poweredOn", "Powerstate"),
        "cluster": ("N-PROD-01", "Cluster"),
    }
    return Asset(
        id=AssetId(ident("vm", number)),
        name=name,
        asset_type=AssetType.VIRTUAL_MACHINE,
        vm_name=name,
        hostname=name,
        fqdn=f"{name}.northwind.example",
        ip_addresses=(f"10.20.{number // 250 % 250}.{number % 250}",),
        operating_system=system[0],
        cpu_cores=cores,
        memory_mib=memory,
        storage_provisioned_mib=storage,
        storage_used_mib=storage // 2,
        power_state="poweredOff" if number % 19 == 0 else "poweredOn",
        environment=environment,
        datacenter="DC-North" if number % 2 else "DC-South",
        cluster=f"{'N' if number % 2 else 'S'}-PROD-01",
        host=f"esx{number % 15 + 1:02d}.northwind.example",
        business_owner="team-customer@example.com" if number % 3 else None,
        criticality=Criticality.HIGH if number % 2 else None,
        cpu_p95_pct=Decimal("22.6") if number % 4 == 0 else None,
        annual_cost=Decimal("1234.50") if number % 5 == 0 else None,
        annual_cost_currency="EUR" if number % 5 == 0 else None,
        facts=tuple(
            Fact(field, value, Source(FILE, "vInfo", row, column), "as written", "MiB" if "mib" in field else None)
            for field, (value, column) in values.items()
        ),
        concerns=(*(("snapshot",) if number % 13 == 0 else ()), *((IN_USE,) if number % 4 == 0 else ())),
    )


def _host(number: int) -> Asset:
    return Asset(
        id=AssetId(ident("host", number)),
        name=f"esx{number:02d}.northwind.example",
        asset_type=AssetType.HYPERVISOR_HOST,
        datacenter="DC-North" if number % 2 else "DC-South",
        cluster=f"{'N' if number % 2 else 'S'}-PROD-01",
        cpu_cores=32,
        memory_mib=524_288,
    )


def _application(rng: random.Random, number: int, machines: tuple[Asset, ...], of: int) -> Application:
    name = NAMES[number] if number < len(NAMES) else f"Application {number:04d}"
    members = machines[number::of]
    return Application(
        id=ident("application", number),
        name=name,
        variants=(name.upper(),) if number % 4 == 0 else (),
        membership=Membership.PROPOSED if number % 9 == 8 else Membership.STATED,
        asset_ids=tuple(machine.id for machine in members),
        criticality=rng.choice(tuple(Criticality)) if number % 5 else None,
        business_owner="team-finance@example.com",
        environment=Environment.PRODUCTION,
        shared_service=34 <= number < 40,
        evidence=("folder",),
    )


def _dependency(rng: random.Random, apps: tuple[Application, ...], number: int) -> Dependency:
    source, target = rng.sample(apps, 2)
    return Dependency(
        source_id=source.id,
        target_id=target.id,
        kind=DependencyKind.HARD if number % 3 else DependencyKind.SOFT,
        port=8443,
        protocol="tcp",
        connections=4_200 + number,
        bytes_total=93_236_212,
        first_seen=datetime(2026, 10, 19, tzinfo=UTC),
        last_seen=datetime(2026, 11, 22, 23, 59, tzinfo=UTC),
        confidence=0.9,
        evidence=("netflow_summary.csv",),
    )


def _assessed(rng: random.Random, asset: Asset) -> ServerAssessment:
    system = next(system for system in SYSTEMS if system[0] == asset.operating_system)
    _, product, cycle, eol, extended, _ = system
    today, later = _support(eol, extended, TODAY), _support(eol, extended, MOVE)
    readiness = {
        SupportStatus.ENDED: Readiness.CONDITIONALLY_READY,
        SupportStatus.UNKNOWN: Readiness.UNKNOWN,
    }.get(later, Readiness.READY)
    if asset.concerns:
        readiness = Readiness.NOT_READY
    reasons = {
        Readiness.READY: (),
        Readiness.UNKNOWN: ("The operating system is not known.",),
        Readiness.NOT_READY: ("Snapshots are older than the replication allows.",),
        Readiness.CONDITIONALLY_READY: (f"Support of {asset.operating_system} will have ended.",),
    }[readiness]
    remedies = {
        Readiness.READY: (),
        Readiness.UNKNOWN: ("Read the release from the guest.",),
        Readiness.NOT_READY: ("Consolidate the snapshots before replication starts.",),
        Readiness.CONDITIONALLY_READY: ("Upgrade during the move, buy extended support, or isolate it.",),
    }[readiness]
    return ServerAssessment(
        asset_id=asset.id,
        name=asset.name,
        operating_system=asset.operating_system,
        product=product,
        cycle=cycle,
        eol=eol,
        extended_eol=extended,
        os_confidence=0.95 if product else 0.0,
        support_today=today,
        support_at_move=later,
        readiness=readiness,
        reasons=reasons,
        remedies=remedies,
        complexity=rng.choices((1, 2, 3, 4), (5, 4, 2, 1))[0] if product else 0,
        completeness=0.8,
    )


def _support(eol: date | None, extended: date | None, at: date) -> SupportStatus:
    if eol is None:
        return SupportStatus.UNKNOWN
    if eol <= at:
        return SupportStatus.EXTENDED_ONLY if extended and extended > at else SupportStatus.ENDED
    return SupportStatus.WITHIN_12_MONTHS if eol <= at + timedelta(days=365) else SupportStatus.SUPPORTED


def _recommendation(
    rng: random.Random, subject: UUID, name: str, *, count: int, is_application: bool = True
) -> Recommendation:
    strategy = rng.choices(tuple(REASONS), (14, 8, 5, 3, 2, 2))[0]
    if name == "Freight Booking":
        strategy = Strategy.RETIRE
    overridden = name == "Claims Handling"
    return Recommendation(
        subject_id=subject,
        subject_name=name,
        is_application=is_application,
        strategy=strategy,
        rule_strategy=Strategy.RELOCATE if overridden else strategy,
        score=0.71,
        confidence=rng.randrange(42, 92) / 100,
        completeness=0.78,
        complexity=rng.randrange(1, 4),
        server_count=count,
        reasons=(REASONS[strategy], "Its business criticality is high, so the lower risk counts more than the saving."),
        runner_ups=tuple(
            runner
            for runner in (
                RunnerUp(Strategy.REPLATFORM, 0.66, ("The database has a managed target.",)),
                RunnerUp(Strategy.RETAIN, 0.41, ("Nothing forces a move, but nothing is gained by waiting.",)),
            )
            if runner.strategy is not strategy
        ),
        not_recommended=(NotRecommended(Strategy.RELOCATE, "The target is not a VMware cloud."),),
        would_change=(
            Turn(
                (("source_available", "yes"), ("container_ready", "yes")),
                Strategy.REFACTOR,
                "If source code is available and the runtime fits a container",
            ),
        ),
        override_reason="The owner has a contract until 2028." if overridden else None,
    )


def _planned(rng: random.Random, entry: Recommendation, wave: int) -> PlannedItem:
    return PlannedItem(
        subject_id=entry.subject_id,
        subject_name=entry.subject_name,
        is_application=entry.is_application,
        wave=wave,
        strategy=entry.strategy,
        servers=entry.server_count,
        storage_gb=rng.randrange(100, 4000),
        hours=rng.randrange(10, 60),
        environment="production",
        criticality=rng.choice(("low", "medium", "high", None)),
    )


def _wave(number: int, items: tuple[PlannedItem, ...]) -> Wave:
    members = [item for item in items if item.wave == number]
    start = date(2027, 1, 11) + timedelta(weeks=5 * (number - 1))
    return Wave(
        number=number,
        name=f"Wave {number}",
        start=start,
        end=start + timedelta(days=25),
        frozen="",
        hours=sum(item.hours for item in members),
        capacity_hours=280,
        servers=sum(item.servers for item in members),
        capacity_servers=40,
        storage_gb=sum(item.storage_gb for item in members),
        capacity_storage_gb=20_000,
        confidence="high" if number < 3 else "medium",
        note="" if number < 3 else "2 dependencies were seen only once.",
    )


def _risks() -> tuple[Risk, ...]:
    told = (
        (4, 5, "Billing Core", "Support of its operating system ends before its wave."),
        (3, 5, "Data Warehouse", "The copy of 38 TB does not fit into one weekend."),
        (3, 4, "Wave 3", "Two teams that share the same people move at once."),
        (3, 4, "Carrier Settlement", "Three dependencies were seen only once and may not be the whole."),
        (2, 4, "EDI Hub", "Partners have the address in their firewalls."),
        (2, 3, "Intranet", "Its owner is not known."),
    )
    return tuple(
        Risk(
            code=f"risk.{index}",
            subject=subject,
            likelihood=likelihood,
            impact=impact,
            sentence=sentence,
            mitigation="Upgrade before the move, and rehearse once with a copy.",
            trigger="Not done four weeks before the wave starts.",
        )
        for index, (likelihood, impact, subject, sentence) in enumerate(told)
    )
