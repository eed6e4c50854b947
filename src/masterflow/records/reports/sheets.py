"""What each sheet of the workbook holds: its columns with their units, and its rows as a stream."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from masterflow.inventory.types import Asset, Conflict, Source, concerns_of
from masterflow.records.assessments.types import Recommendation
from masterflow.records.reports import breakdowns, sentences
from masterflow.records.reports.sections import fill_of
from masterflow.records.reports.summary import summary_lines
from masterflow.records.reports.types import ProgrammeReport

Value: TypeAlias = str | int | float | Decimal | date | datetime | bool | None
Row: TypeAlias = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the header names the unit, the width is in characters, a share prints as percent."""

    header: str
    width: int = 14
    is_share: bool = False


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """One sheet: rows are made when it is written, one at a time."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[ProgrammeReport], Iterator[Row]]


def _summary(report: ProgrammeReport) -> Iterator[Row]:
    yield "Programme", "Title", report.title, "", ""
    yield "Programme", "Client", report.client, "", ""
    yield "Programme", "Engagement", report.engagement, "", ""
    yield "Programme", "As of", report.as_of, "", ""
    yield "Programme", "Made", report.made_at, "UTC", ""
    for number, sentence in enumerate(sentences.three_sentences(report), start=1):
        yield "In short", number, sentence, "", ""
    yield from _measured(report)
    for line in summary_lines(report):
        yield "Summary", line.label, line.value, line.unit, line.note
    for field in report.completeness.fields:
        yield "Completeness", field.label, field.known, f"of {field.of:,} servers", ""
    yield from _planned(report)
    yield from _origins(report)
    for wanted in report.next_files:
        yield "What to bring next", wanted.text, "", "", f"unlocks {wanted.unlocks}"
    for number, limit in enumerate(sentences.limits_of(report), start=1):
        yield "Limit", number, limit, "", ""


def _planned(report: ProgrammeReport) -> Iterator[Row]:
    if report.plan is not None:
        yield (
            "Plan",
            f"version {report.plan.version}",
            sentences.plan_quality(report.plan, dependencies_known=bool(report.dependencies)),
            report.plan.status,
            "",
        )
    for rule in report.plan_conflict:
        yield "Plan", "Rules that contradict each other", rule, "", ""
    for freeze in report.freezes:
        yield "Freeze", freeze.name, freeze.start, "to", freeze.end


def _origins(report: ProgrammeReport) -> Iterator[Row]:
    for decision in report.decisions:
        outcome = "accepted without review" if decision.accepted_without_review else decision.outcome
        yield "Decision", decision.question, outcome, decision.decided_by or "nobody", decision.note
        yield "Decided at", decision.question, decision.decided_at, "UTC", decision.role
    for file in report.files:
        yield "File", file.name, file.rows, "rows", f"{file.format}, {file.rejects:,} rejected"
        for sheet in file.sheets:
            yield "Sheet", f"{file.name} › {sheet.name}", sheet.rows, "rows", ""
    for data in report.reference_data:
        yield "Reference data", data.name, data.dated, "", data.licence
    for assumed in report.assumptions:
        yield "Assumption", assumed.name, assumed.value, assumed.unit, assumed.basis or "unsourced, editable"


def _measured(report: ProgrammeReport) -> Iterator[Row]:
    sums = report.sums
    for name, figure, unit in (
        ("vCPU", sums.vcpu, "vCPU"),
        ("Memory", sums.memory_mib, "MiB"),
        ("Storage provisioned", sums.storage_provisioned_mib, "MiB"),
        ("Storage in use", sums.storage_used_mib, "MiB"),
    ):
        yield "Exact sum", name, figure.value, unit, f"known for {figure.known:,} of {figure.of:,} servers"


def _inventory(report: ProgrammeReport) -> Iterator[Row]:
    belongs: dict[UUID, list[str]] = defaultdict(list)
    for application in report.applications:
        for asset_id in application.asset_ids:
            belongs[asset_id].append(application.name)
    for asset in report.assets:
        yield (
            asset.name, asset.asset_type, "; ".join(belongs[asset.id]), asset.environment, asset.criticality,
            asset.operating_system, asset.os_version, asset.cpu_cores, asset.memory_mib, asset.storage_provisioned_mib,
            asset.storage_used_mib, asset.disk_capacity_mib, asset.disk_count, asset.power_state, asset.vm_name,
            asset.hostname, asset.fqdn, "; ".join(asset.ip_addresses), "; ".join(asset.mac_addresses),
            asset.datacenter, asset.cluster, asset.host, asset.folder, asset.business_owner, asset.technical_owner,
            asset.department, asset.serial_number, asset.vendor, asset.model, asset.hypervisor, asset.cpu_p95_pct,
            asset.cpu_max_pct, asset.annual_cost, asset.annual_cost_currency, "; ".join(concerns_of(asset)),
            "; ".join(f"{identity.scheme}: {identity.value}" for identity in asset.identities),
            _pairs(asset.attributes), _rows_read(asset), str(asset.id),
        )  # fmt: skip


def _pairs(attributes: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in attributes.items())


def _rows_read(asset: Asset) -> str:
    rows = dict.fromkeys((fact.source.file, fact.source.sheet, fact.source.row) for fact in asset.facts)
    return "; ".join(" › ".join(str(part) for part in row if part is not None) for row in rows)


def _lineage(report: ProgrammeReport) -> Iterator[Row]:
    for asset in report.assets:
        asset_id = str(asset.id)
        for fact in asset.facts:
            source = fact.source
            yield (
                asset.name, fact.field, fact.value, fact.unit, source.file, source.sheet, source.row, source.column,
                fact.rule, fact.chosen, asset_id,
            )  # fmt: skip


def _applications(report: ProgrammeReport) -> Iterator[Row]:
    assets = {asset.id: asset for asset in report.assets}
    for application in report.applications:
        members = [assets[asset_id] for asset_id in application.asset_ids if asset_id in assets]
        yield (
            application.name, "; ".join(application.variants), application.membership, len(application.asset_ids),
            _known_sum([member.cpu_cores for member in members]), _known_sum([member.memory_mib for member in members]),
            _known_sum([member.storage_allocated_mib for member in members]), application.criticality,
            application.business_owner, application.environment, application.shared_service,
            "; ".join(member.name for member in members), "; ".join(application.evidence),
            _pairs(application.attributes),
        )  # fmt: skip


def _known_sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _issues(report: ProgrammeReport) -> Iterator[Row]:
    for conflict in breakdowns.review_first(report.conflicts):
        yield from _conflict(conflict)
    for reject in report.rejects:
        place = Source(reject.place.file, reject.place.sheet, reject.place.row, reject.place.column)
        yield "rejected", "", "", reject.value, "", "", reject.code, reject.message, *_place(place)
    for asset in report.assets:
        for concern in concerns_of(asset):
            yield "concern", asset.name, "", "", "", "", concern, "", "", "", None, ""


def _conflict(conflict: Conflict) -> Iterator[Row]:
    for fact in conflict.values:
        shown = fact.value == conflict.preferred
        yield (
            "conflict", conflict.asset_name, conflict.field, fact.value, shown, conflict.needs_review, fact.rule,
            conflict.why, *_place(fact.source),
        )  # fmt: skip


def _place(source: Source) -> Row:
    return source.file, source.sheet, source.row, source.column


def _servers(report: ProgrammeReport) -> Iterator[Row]:
    for server in report.assessment.servers if report.assessment else ():
        product = server.product and breakdowns.product_title(server.product, titles=report.product_titles)
        yield (
            server.name, server.operating_system, product, server.cycle, server.os_confidence, server.eol,
            server.extended_eol, breakdowns.SUPPORT_LABELS[server.support_today],
            breakdowns.SUPPORT_LABELS[server.support_at_move], breakdowns.READINESS_LABELS[server.readiness],
            server.complexity, server.completeness, "; ".join(server.reasons), "; ".join(server.remedies),
            str(server.asset_id),
        )  # fmt: skip


def _strategies(report: ProgrammeReport) -> Iterator[Row]:
    for entry in breakdowns.portfolio_order(report.assessment.recommendations if report.assessment else ()):
        yield (
            entry.subject_name, "application" if entry.is_application else "server", entry.server_count, entry.strategy,
            entry.rule_strategy, entry.override_reason, entry.score, entry.confidence, entry.completeness,
            entry.complexity, "; ".join(entry.reasons), _runners_up(entry),
            "; ".join(f"{barred.strategy}: {barred.why}" for barred in entry.not_recommended),
            "; ".join(f"{turn.sentence} → {turn.verdict}" for turn in entry.would_change),
        )  # fmt: skip


def _runners_up(entry: Recommendation) -> str:
    return "; ".join(
        f"{runner.strategy} ({runner.score:.2f}): {', '.join(runner.reasons)}" for runner in entry.runner_ups
    )


def _risks(report: ProgrammeReport) -> Iterator[Row]:
    for risk in breakdowns.worst_risks(report.assessment.risks if report.assessment else ()):
        weight = risk.likelihood * risk.impact
        yield (
            risk.subject,
            risk.code,
            risk.likelihood,
            risk.impact,
            weight,
            risk.sentence,
            risk.mitigation,
            risk.trigger,
        )


def _waves(report: ProgrammeReport) -> Iterator[Row]:
    for load in breakdowns.wave_loads(report.plan) if report.plan else ():
        wave = load.wave
        yield (
            wave.name, wave.number, wave.start, wave.end, wave.frozen, load.applications, load.lone_servers,
            wave.servers, wave.capacity_servers, fill_of(wave.servers, wave.capacity_servers),
            wave.hours, wave.capacity_hours, fill_of(wave.hours, wave.capacity_hours),
            wave.storage_gb, wave.capacity_storage_gb, fill_of(wave.storage_gb, wave.capacity_storage_gb),
            wave.confidence, wave.note,
        )  # fmt: skip


def _wave_items(report: ProgrammeReport) -> Iterator[Row]:
    if report.plan is None:
        return
    for load in breakdowns.wave_loads(report.plan):
        for item in load.items:
            yield (
                item.subject_name, "application" if item.is_application else "server", load.wave.number, load.wave.name,
                load.wave.start, load.wave.end, item.strategy, item.environment, item.criticality, item.servers,
                item.hours, item.storage_gb, item.move_group, "",
            )  # fmt: skip
    for entry in report.plan.unplanned:
        yield entry.subject_name, "", None, "in no wave", None, None, "", "", "", None, None, None, "", entry.reason
    for wish in report.plan.broken_wishes:
        concerned = ", ".join(wish.subjects)
        yield (
            concerned,
            "",
            None,
            "broken wish",
            None,
            None,
            "",
            "",
            "",
            None,
            None,
            None,
            "",
            f"{wish.wish}: {wish.sentence}",
        )


def _dependencies(report: ProgrammeReport) -> Iterator[Row]:
    names: dict[UUID, str] = {asset.id: asset.name for asset in report.assets}
    names |= {application.id: application.name for application in report.applications}
    waves = breakdowns.wave_of(report.plan)
    for edge in report.dependencies:
        yield (
            names.get(edge.source_id, str(edge.source_id)), names.get(edge.target_id, str(edge.target_id)), edge.kind,
            edge.port, edge.protocol, edge.connections, edge.bytes_total, edge.first_seen, edge.last_seen,
            edge.confidence, waves.get(edge.source_id), waves.get(edge.target_id), "", "; ".join(edge.evidence),
        )  # fmt: skip
    for hybrid in report.plan.hybrid_dependencies if report.plan else ():
        yield (
            hybrid.source_name, hybrid.target_name, "hybrid", None, "", None, None, None, None, None, hybrid.wave, None,
            hybrid.risk, "",
        )  # fmt: skip


def _columns(*columns: tuple[str, int] | tuple[str, int, bool]) -> tuple[Column, ...]:
    return tuple(Column(*column) for column in columns)


PLACE = (("File", 30), ("Sheet", 14), ("Row", 8), ("Column", 26))

SHEETS: tuple[SheetSpec, ...] = (
    SheetSpec(
        "Summary",
        _columns(("Topic", 20), ("Item", 46), ("Value", 30), ("Unit", 22), ("Note", 60)),
        _summary,
    ),
    SheetSpec(
        "Inventory",
        _columns(
            ("Name", 30), ("Type", 16), ("Application", 26), ("Environment", 14), ("Criticality", 12),
            ("Operating system", 34), ("OS version", 14), ("vCPU", 8), ("Memory (MiB)", 12),
            ("Storage provisioned (MiB)", 14), ("Storage in use (MiB)", 14), ("Disk capacity (MiB)", 14), ("Disks", 8),
            ("Power state", 12), ("VM name", 24), ("Hostname", 24), ("FQDN", 34), ("IP addresses", 20),
            ("MAC addresses", 20), ("Datacentre", 14), ("Cluster", 16), ("Host", 28), ("Folder", 24),
            ("Business owner", 26), ("Technical owner", 26), ("Department", 18), ("Serial number", 24), ("Vendor", 16),
            ("Model", 20), ("Hypervisor", 14), ("CPU 95th percentile (%)", 12), ("CPU maximum (%)", 12),
            ("Annual cost", 12), ("Currency", 10), ("Concerns", 28), ("Recognised by", 40),
            ("Columns without a field", 40), ("Read from (file › sheet › row)", 50),
            ("Asset id", 38),
        ),
        _inventory,
    ),
    SheetSpec(
        "Lineage",
        _columns(
            ("Asset", 30), ("Field", 24), ("Value", 34), ("Unit", 8), *PLACE, ("Rule", 28), ("Chosen", 9),
            ("Asset id", 38),
        ),
        _lineage,
    ),
    SheetSpec(
        "Applications",
        _columns(
            ("Application", 30), ("Also written as", 34), ("Membership", 12), ("Servers", 9), ("vCPU", 8),
            ("Memory (MiB)", 12), ("Storage provisioned (MiB)", 14), ("Criticality", 12), ("Business owner", 28),
            ("Environment", 14), ("Shared service", 10), ("Server names", 50), ("Evidence", 50),
            ("Columns without a field", 40),
        ),
        _applications,
    ),
    SheetSpec(
        "Issues",
        _columns(
            ("Kind", 12), ("Asset", 30), ("Field", 22), ("Value", 34), ("Shown", 9), ("To review", 10),
            ("Rule or code", 28), ("What, why and what to do", 60), *PLACE,
        ),
        _issues,
    ),
    SheetSpec(
        "Servers",
        _columns(
            ("Server", 30), ("Operating system", 34), ("Product", 26), ("Cycle", 12), ("Recognised with", 12, True),
            ("Support ends", 12), ("Extended support ends", 12), ("Support today", 22), ("Support at the move", 22),
            ("Readiness", 20), ("Complexity (0 to 4)", 11), ("Completeness", 13, True), ("Reasons", 50),
            ("Remedies", 50), ("Asset id", 38),
        ),
        _servers,
    ),
    SheetSpec(
        "7R",
        _columns(
            ("Name", 30), ("Kind", 12), ("Servers", 9), ("Strategy", 13), ("Rules said", 13),
            ("Overridden because", 30),
            ("Score", 9, True), ("Confidence", 11, True), ("Completeness", 13, True), ("Complexity (0 to 4)", 11),
            ("Reasons", 60), ("Runners-up", 50), ("Not possible", 50), ("What would change it", 60),
        ),
        _strategies,
    ),
    SheetSpec(
        "Risks",
        _columns(
            ("Subject", 30), ("Code", 26), ("Likelihood (1 to 5)", 11), ("Impact (1 to 5)", 11),
            ("Likelihood × impact", 11), ("What may happen", 60), ("What helps", 60), ("Look out for", 50),
        ),
        _risks,
    ),
    SheetSpec(
        "Waves",
        _columns(
            ("Wave", 20), ("Number", 9), ("Start", 12), ("End", 12), ("Frozen", 20), ("Applications", 12),
            ("Lone servers", 9), ("Servers", 9), ("Capacity (servers)", 10), ("Servers used", 9, True), ("Hours", 9),
            ("Capacity (hours)", 10), ("Hours used", 9, True), ("Storage (GB)", 12), ("Capacity (GB)", 12),
            ("Storage used", 9, True), ("Confidence", 12), ("Note", 50),
        ),
        _waves,
    ),
    SheetSpec(
        "Wave items",
        _columns(
            ("Name", 30), ("Kind", 12), ("Wave", 8), ("Wave name", 20), ("Start", 12), ("End", 12), ("Strategy", 13),
            ("Environment", 14), ("Criticality", 12), ("Servers", 9), ("Hours", 9), ("Storage (GB)", 12),
            ("Move group", 20), ("Reason", 60),
        ),
        _wave_items,
    ),
    SheetSpec(
        "Dependencies",
        _columns(
            ("From", 30), ("Needs", 30), ("Kind", 10), ("Port", 8), ("Protocol", 10), ("Connections", 12),
            ("Bytes", 14), ("First seen (UTC)", 20), ("Last seen (UTC)", 20), ("Confidence", 11, True),
            ("Wave of from", 9), ("Wave of needs", 9), ("Risk", 50), ("Evidence", 50),
        ),
        _dependencies,
    ),
)  # fmt: skip
