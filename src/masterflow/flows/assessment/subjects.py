"""The facts of a subject that decide its strategy, as far as an estate alone tells them.

An estate knows machines. What it does not know of an application (whether it is a packaged product, whether there is
source, who uses it) stays unknown here, and the recommendation says so.
"""

from collections.abc import Iterable
from datetime import date

from masterflow.analysis.eol.support import support_status, worst_status
from masterflow.analysis.six_r.facts import Facts, Level
from masterflow.flows.assessment.portfolio import Portfolio, Subject

DAYS_PER_MONTH = 30.44


def strategy_facts(
    portfolio: Portfolio, subject: Subject, *, target: str, today: date, move_date: date, exit_date: date | None
) -> Facts:
    """What is known of one subject. The operating system is judged at the day of the move, not today."""
    servers = subject.servers
    statuses = {facts: support_status(facts.os, at=move_date).status for facts in servers}
    worst = worst_status(statuses.values())
    criticality = subject.criticality
    inbound = [d.connections for d in portfolio.inbound(subject.id) if d.connections is not None]
    return Facts(
        name=subject.name,
        servers=len(servers),
        virtual=_all(facts.virtual for facts in servers),
        physical=_any(None if facts.virtual is None else not facts.virtual for facts in servers),
        hypervisor=_common(facts.hypervisor for facts in servers),
        os=next((facts.os_text for facts, status in statuses.items() if status is worst), None),
        os_status=worst,
        cpu_p95_pct=_highest(facts.cpu_p95_pct for facts in servers),
        cpu_max_pct=_highest(facts.cpu_max_pct for facts in servers),
        utilisation_observed=True if all(facts.cpu_p95_pct is not None for facts in servers) else None,
        # Connections seen prove that flows are observed; their absence proves nothing.
        flows_observed=True if inbound else None,
        inbound_connections_35d=sum(inbound) if inbound else None,
        owner_team=subject.owner,
        criticality=Level(criticality.value) if criticality else None,
        target_platform=target,
        datacentre_exit_months=None if exit_date is None else max(0.0, (exit_date - today).days / DAYS_PER_MONTH),
    )


def _all(values: Iterable[bool | None]) -> bool | None:
    """True if every value is; False if one is False; None if it cannot be said."""
    seen = list(values)
    if False in seen:
        return False
    return True if None not in seen else None


def _any(values: Iterable[bool | None]) -> bool | None:
    seen = list(values)
    if True in seen:
        return True
    return False if None not in seen else None


def _common(values: Iterable[str | None]) -> str | None:
    """The value that all share, or None."""
    seen = set(values)
    return seen.pop() if len(seen) == 1 else None


def _highest(values: Iterable[float | None]) -> float | None:
    """The highest, if every value is known: a server that was not observed may be the busy one."""
    seen = list(values)
    known = [value for value in seen if value is not None]
    return max(known) if known and len(known) == len(seen) else None
