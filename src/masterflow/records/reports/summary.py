"""The figures of a programme for a terminal, for the first page of the report and for JSON."""

from dataclasses import asdict, dataclass
from typing import TypeAlias

from masterflow.records.assessments.types import Assessment, SupportStatus
from masterflow.records.plans.types import Plan
from masterflow.records.reports import breakdowns, formats, sentences
from masterflow.records.reports.types import ProgrammeReport

Figures: TypeAlias = "dict[str, int | float | str | Figures | None]"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One line of the summary: what, how much, in what unit, and what qualifies it. Unit and note may be empty."""

    label: str
    value: str
    unit: str = ""
    note: str = ""


def key_figures(report: ProgrammeReport) -> list[KeyFigure]:
    """The figures of the first page."""
    return [*_estate(report), *_support(report.assessment), *_findings(report), *_plan(report.plan)]


def summary_lines(report: ProgrammeReport) -> list[KeyFigure]:
    """The table a command prints at its end: the key figures, then support and strategies in full."""
    lines = key_figures(report)
    if report.assessment:
        of = len(report.assessment.servers)
        for status, found in breakdowns.support_counts(report.assessment.servers, at_move=False).items():
            label = f"Support today: {breakdowns.SUPPORT_LABELS[status].lower()}"
            lines.append(
                KeyFigure(label, f"{found:,}", _noun(found, "server"), formats.percent(formats.share(found, of)))
            )
        for row in breakdowns.strategy_rows(report.assessment.recommendations):
            unit = _noun(row.applications, "application") if row.applications else _noun(row.lone_servers, "server")
            figure = row.applications or row.lone_servers
            note = (
                f"and {formats.counted(row.lone_servers, 'lone server')}"
                if row.applications and row.lone_servers
                else ""
            )
            lines.append(KeyFigure(f"Strategy: {row.strategy}", f"{figure:,}", unit, note))
    for decision in report.unreviewed:
        lines.append(KeyFigure("Accepted without review", formats.clean(decision.question)))
    return lines


def figures_as_json(report: ProgrammeReport) -> Figures:
    """Every count and sum under a stable key; sizes are MiB, shares 0 to 1, what is not known is null."""
    assessment, plan = report.assessment, report.plan
    return {
        "as_of": report.as_of.isoformat(),
        "counts": asdict(report.counts),
        "sums": {name: total["value"] for name, total in asdict(report.sums).items()},
        "completeness": report.completeness.score,
        "conflicts": len(report.conflicts),
        "conflicts_to_review": _to_review(report),
        "rejects": len(report.rejects),
        "merged": report.merged,
        "unreviewed_decisions": len(report.unreviewed),
        "support_today": _support_figures(assessment, at_move=False),
        "support_at_move": _support_figures(assessment, at_move=True),
        "strategies": (
            {row.strategy.value: row.subjects for row in breakdowns.strategy_rows(assessment.recommendations)}
            if assessment
            else None
        ),
        "waves": len(plan.waves) if plan else None,
        "planned": len(plan.items) if plan else None,
        "hybrid_dependencies": len(plan.hybrid_dependencies) if plan else None,
        "plan_status": plan.status.value if plan else None,
    }


def _support_figures(assessment: Assessment | None, *, at_move: bool) -> "Figures | None":
    if assessment is None:
        return None
    return {status.value: n for status, n in breakdowns.support_counts(assessment.servers, at_move=at_move).items()}


def _to_review(report: ProgrammeReport) -> int:
    return sum(conflict.needs_review for conflict in report.conflicts)


def _estate(report: ProgrammeReport) -> list[KeyFigure]:
    counts, sums = report.counts, report.sums
    state = f"{counts.virtual_machines:,} virtual, {counts.powered_off:,} powered off"
    return [
        KeyFigure("Servers", f"{counts.servers:,}", note=state),
        KeyFigure("Hosts", f"{counts.hosts:,}", note=_places(report)),
        KeyFigure("Compute", formats.number(sums.vcpu.value), "vCPU", sentences.known_for(sums.vcpu)),
        _sized("Memory", sums.memory_mib.value, sentences.known_for(sums.memory_mib)),
        _sized("Storage provisioned", sums.storage_provisioned_mib.value, _storage_note(report)),
        KeyFigure("Applications", f"{counts.applications:,}", note=_applications(report)),
    ]


def _sized(label: str, mib: int | None, note: str) -> KeyFigure:
    value, _, unit = formats.size(mib).partition(formats.NBSP)
    return KeyFigure(label, value, unit, note)


def _storage_note(report: ProgrammeReport) -> str:
    used = report.sums.storage_used_mib.value
    in_use = "in use: unknown" if used is None else f"{formats.size(used)} in use"
    return ", ".join(filter(None, [in_use, sentences.known_for(report.sums.storage_provisioned_mib)]))


def _places(report: ProgrammeReport) -> str:
    clusters = formats.counted(report.counts.clusters, "cluster")
    return f"in {clusters}, {formats.counted(report.counts.datacenters, 'datacentre')}"


def _applications(report: ProgrammeReport) -> str:
    counts = report.counts
    if not counts.applications:
        return "none named in the files"
    proposed = f", {counts.applications_proposed:,} proposed" if counts.applications_proposed else ""
    return f"{formats.counted(counts.shared_services, 'shared service')}{proposed}"


def _support(assessment: Assessment | None) -> list[KeyFigure]:
    if assessment is None or not assessment.servers:
        return []
    today = breakdowns.support_counts(assessment.servers, at_move=False)
    ended = today[SupportStatus.ENDED]
    note = f"{today[SupportStatus.EXTENDED_ONLY]:,} on extended support only"
    return [KeyFigure("Support ended", f"{ended:,}", _noun(ended, "server"), note)]


def _findings(report: ProgrammeReport) -> list[KeyFigure]:
    counts = report.counts
    score, _, unit = formats.percent(report.completeness.score).rpartition(formats.NBSP)
    merged = formats.counted(report.merged, "record")
    fields = formats.counted(len(report.completeness.fields), "field")
    groups = formats.counted(counts.move_groups, "circle")
    hard = f"{counts.dependencies_hard:,} hard, {groups}" if counts.dependencies else "none known"
    return [
        KeyFigure("Dependencies", f"{counts.dependencies:,}", note=hard),
        *_idle(report),
        KeyFigure("Data completeness", score or unit, unit if score else "", f"over {fields}"),
        KeyFigure("Conflicts", f"{len(report.conflicts):,}", note=f"{_to_review(report):,} to review"),
        KeyFigure("Rejected", f"{len(report.rejects):,}", "rows and cells", f"{merged} merged"),
    ]


def _idle(report: ProgrammeReport) -> list[KeyFigure]:
    counts = report.counts
    if not counts.observed:
        return []
    return [KeyFigure("Idle", f"{counts.idle:,}", _noun(counts.idle, "server"), f"of {counts.observed:,} observed")]


def _plan(plan: Plan | None) -> list[KeyFigure]:
    if plan is None or not plan.waves:
        return []
    first = min(wave.start for wave in plan.waves)
    return [KeyFigure("Waves", f"{len(plan.waves):,}", note=f"first starts {formats.day(first)}")]


def _noun(value: int, singular: str) -> str:
    return singular if value == 1 else f"{singular}s"
