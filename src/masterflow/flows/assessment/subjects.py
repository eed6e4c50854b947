"""The facts of a subject that decide its strategy, as far as an estate alone tells them.

An estate knows machines. What it does not know of an application (whether it is a packaged product, whether there is
source, who uses it) stays unknown here, and the recommendation says so.
"""

from datetime import date

from masterflow.analysis.servers import ServerFacts, server_facts
from masterflow.analysis.six_r.estate import facts_for_application
from masterflow.analysis.six_r.facts import Facts, FactValue
from masterflow.inventory.portfolio import Portfolio, Subject

DAYS_PER_MONTH = 30.44


def servers_of(subject: Subject) -> tuple[ServerFacts, ...]:
    """The rules' view of a subject's servers."""
    return tuple(server_facts(asset) for asset in subject.assets)


def strategy_facts(
    portfolio: Portfolio, subject: Subject, *, target: str, today: date, move_date: date, exit_date: date | None
) -> Facts:
    """What is known of one subject. The operating system is judged at the day of the move, not today."""
    # Connections seen prove that flows are observed; their absence proves nothing.
    inbound = [d.connections for d in portfolio.inbound(subject.id) if d.connections is not None]
    known: dict[str, FactValue] = {
        "target_platform": target,
        "owner_team": subject.owner,
        "criticality": subject.criticality.value if subject.criticality else None,
        "flows_observed": True if inbound else None,
        "inbound_connections_35d": sum(inbound) if inbound else None,
        "datacentre_exit_months": None if exit_date is None else max(0.0, (exit_date - today).days / DAYS_PER_MONTH),
    }
    return facts_for_application(servers_of(subject), at=move_date, name=subject.name, business=known)
