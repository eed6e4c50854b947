"""What the figures of a programme say, in sentences: each computed from the report, none said without its figure."""

from masterflow.inventory.types import Membership
from masterflow.records.assessments.types import Assessment, SupportStatus
from masterflow.records.plans.types import Plan, PlanStatus
from masterflow.records.reports import breakdowns, formats
from masterflow.records.reports.figures import servers_of
from masterflow.records.reports.types import ProgrammeReport, Total


def three_sentences(report: ProgrammeReport) -> tuple[str, str, str]:
    """What a client must know: what there is, what cannot wait, and when it moves."""
    return _estate(report), _urgency(report), _schedule(report)


def plan_quality(plan: Plan, *, dependencies_known: bool = True) -> str:
    """How good a plan is known to be: found, bound and time, and "optimal" only when it is proven."""
    if not dependencies_known and plan.objective is not None:
        return "No dependencies are known: what should move together cannot be seen."
    if plan.status is PlanStatus.INFEASIBLE:
        return "No plan satisfies all the rules together."
    if plan.status is PlanStatus.UNKNOWN or plan.objective is None:
        return f"No plan was found within {formats.number(plan.seconds)} seconds."
    crossing = f"{formats.fine_percent(plan.objective)} of the dependency weight crosses waves"
    if plan.status is PlanStatus.OPTIMAL:
        return f"The plan is proven to be the best under its rules: {crossing}."
    bound = "no bound proven" if plan.bound is None else f"proven lower bound {formats.fine_percent(plan.bound)}"
    found = f"The plan is the best found in {formats.number(plan.seconds)} seconds, not proven optimal"
    return f"{found}: {crossing}, {bound}."


def limits_of(report: ProgrammeReport) -> list[str]:
    """What this report does not know, as its own figures show it, before the limits that its maker adds."""
    return [
        *_limits_of_relations(report),
        *_limits_of_data(report),
        *_limits_of_support(report.assessment),
        *(
            [plan_quality(report.plan, dependencies_known=bool(report.dependencies))]
            if report.plan and report.plan.status is PlanStatus.FEASIBLE
            else []
        ),
        *report.limits,
    ]


def _limits_of_plan(report: ProgrammeReport) -> list[str]:
    if report.plan is None or report.plan.status is not PlanStatus.FEASIBLE:
        return []
    return [plan_quality(report.plan, dependencies_known=bool(report.dependencies))]


def known_for(figure: Total) -> str:
    """Of how many servers a sum is known; nothing when it is known of all."""
    if figure.known == figure.of:
        return ""
    return f"known for {figure.known:,} of {formats.counted(figure.of, 'server')}"


def _estate(report: ProgrammeReport) -> str:
    counts, sums = report.counts, report.sums
    amounts = [
        text
        for value, text in (
            (sums.vcpu.value, f"{formats.number(sums.vcpu.value)}{formats.NBSP}vCPU"),
            (sums.memory_mib.value, f"{formats.size(sums.memory_mib.value)} of memory"),
            (
                sums.storage_provisioned_mib.value,
                f"{formats.size(sums.storage_provisioned_mib.value)} of provisioned storage",
            ),
        )
        if value is not None
    ]
    hosts = f" on {formats.counted(counts.hosts, 'host')}" if counts.hosts else ""
    sized = f" with {formats.listed(amounts)}" if amounts else ""
    return f"The files describe {formats.counted(counts.servers, 'server')}{hosts}{sized}, {_grouped(report)}."


def _grouped(report: ProgrammeReport) -> str:
    counts = report.counts
    if not counts.applications:
        return "and name no applications"
    proposed = (
        f", {counts.applications_proposed:,} of them proposed and to be confirmed"
        if counts.applications_proposed
        else ""
    )
    return f"grouped into {formats.counted(counts.applications, 'application')}{proposed}"


def _urgency(report: ProgrammeReport) -> str:
    assessment = report.assessment
    if assessment is None or not assessment.servers:
        return "The support of operating systems has not been assessed yet."
    today = breakdowns.support_counts(assessment.servers, at_move=False)
    later = breakdowns.support_counts(assessment.servers, at_move=True)
    ended, of = today[SupportStatus.ENDED], len(assessment.servers)
    first = (
        f"{formats.counted(ended, 'server')} ({formats.percent(ended / of)}) "
        f"{'runs' if ended == 1 else 'run'} an operating system whose support has ended"
        if ended
        else "No server runs an operating system known to be past its support"
    )
    extended, unknown = today[SupportStatus.EXTENDED_ONLY], today[SupportStatus.UNKNOWN]
    more = f"; {extended:,} more {'has' if extended == 1 else 'have'} extended support only" if extended else ""
    dark = f"; for {unknown:,} it is not known" if unknown else ""
    return f"{first}{more}{dark}. At the planned move, {formats.day(assessment.move_date)}, {_ended(later)}."


def _ended(later: dict[SupportStatus, int]) -> str:
    ended = later[SupportStatus.ENDED]
    return f"support will have ended for {ended:,}" if ended else "none will have ended"


def _schedule(report: ProgrammeReport) -> str:
    plan = report.plan
    if plan is None:
        return "No waves have been planned yet."
    if plan.status in (PlanStatus.INFEASIBLE, PlanStatus.UNKNOWN) or not plan.waves:
        return f"There is no wave plan yet: {plan_quality(plan)[0].lower()}{plan_quality(plan)[1:]}"
    start, end = min(wave.start for wave in plan.waves), max(wave.end for wave in plan.waves)
    waves = formats.counted(len({item.wave for item in plan.items}), "wave")
    return f"{_movers(plan)} in {waves}, {formats.span(start, end)}; {_hybrid(report, plan)}."


def _movers(plan: Plan) -> str:
    applications = sum(item.is_application for item in plan.items)
    alone = len(plan.items) - applications
    parts = []
    if applications:
        parts.append(formats.counted(applications, "application"))
    if alone:
        parts.append(f"{formats.counted(alone, 'server')} without an application")
    subject = formats.listed(parts) or "Nothing"
    verb = "moves" if len(plan.items) <= 1 else "move"
    return f"{subject} {verb}"


def _hybrid(report: ProgrammeReport, plan: Plan) -> str:
    if not report.counts.dependencies:
        return "which of them depend on each other is not known"
    found = len(plan.hybrid_dependencies)
    if not found:
        return "no known dependency stretches between what moves and what stays"
    stretching = f"{formats.counted(found, 'dependency', 'dependencies')} {'stretches' if found == 1 else 'stretch'}"
    return f"{stretching} between what moves and what stays or moves later"


def _limits_of_relations(report: ProgrammeReport) -> list[str]:
    limits = []
    if not report.applications:
        limits.append(
            "No file names applications: strategies are given per server, and machines that belong together may be "
            "planned apart. Confidence in the waves is low."
        )
    proposed = sum(application.membership is Membership.PROPOSED for application in report.applications)
    if proposed:
        limits.append(
            f"{formats.counted(proposed, 'application')} of {len(report.applications):,} were inferred from names or "
            "folders, and a person has to confirm them."
        )
    if not report.dependencies:
        limits.append(
            "No dependencies are known. That is not the same as none: waves cannot keep together what they do not see."
        )
    return limits


def _limits_of_data(report: ProgrammeReport) -> list[str]:
    servers = servers_of(report.assets)
    observed = sum(server.cpu_p95_pct is not None for server in servers)
    limits = []
    if observed < len(servers):
        limits.append(
            f"CPU use was observed on {observed:,} of {formats.counted(len(servers), 'server')}: where it was not, "
            "idle machines and right sizes cannot be told."
        )
    for name, figure in (
        ("vCPU", report.sums.vcpu),
        ("memory", report.sums.memory_mib),
        ("provisioned storage", report.sums.storage_provisioned_mib),
        ("storage in use", report.sums.storage_used_mib),
    ):
        if partly := known_for(figure):
            limits.append(f"The sum of {name} is {partly}; the others add nothing to it.")
    review = sum(conflict.needs_review for conflict in report.conflicts)
    if review:
        waiting = f"{formats.counted(review, 'conflict')} between sources {'waits' if review == 1 else 'wait'}"
        limits.append(f"{waiting} for a person; until then the preferred value is shown.")
    return limits


def _limits_of_support(assessment: Assessment | None) -> list[str]:
    if assessment is None:
        return []
    unknown = breakdowns.support_counts(assessment.servers, at_move=False)[SupportStatus.UNKNOWN]
    if not unknown:
        return []
    servers = formats.counted(unknown, "server")
    return [f"The support of {servers} is unknown: the operating-system text names no product or no cycle."]
