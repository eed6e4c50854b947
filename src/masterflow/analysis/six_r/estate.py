"""The facts of an application as far as its servers tell them; the business side is added by whoever knows it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from masterflow.analysis.eol.support import support_status, worst_status
from masterflow.analysis.servers import ServerFacts
from masterflow.analysis.six_r.facts import Facts, FactValue
from masterflow.inventory.types import Environment
from masterflow.records.assessments.types import SupportStatus

REBUILT_ANYWAY = frozenset({Environment.TEST, Environment.DEVELOPMENT})


def facts_for_application(
    servers: Sequence[ServerFacts],
    *,
    at: date,
    name: str | None = None,
    business: Mapping[str, FactValue] | None = None,
) -> Facts:
    """What is known of an application: its servers on the day `at`, and `business` facts, which take precedence.

    The operating system is that of the server whose support is worst, leaving out test and development servers where
    others exist; utilisation is that of the busiest server and counts as observed only when every server has it.
    """
    deciding = [s for s in servers if s.environment not in REBUILT_ANYWAY] or list(servers)
    statuses = [support_status(s.os, at=at).status for s in deciding]
    status = worst_status(statuses)
    observed = bool(servers) and all(s.cpu_p95_pct is not None for s in servers)
    from_servers: dict[str, FactValue] = {
        "name": name,
        "servers": len(servers) or None,
        "virtual": _shared([s.virtual for s in servers]),
        "physical": _any_physical(servers),
        "hypervisor": _common([s.hypervisor for s in servers]),
        "os": next((s.os_text for s, of in zip(deciding, statuses, strict=True) if of is status), None),
        "os_status": status.value if status is not SupportStatus.UNKNOWN else None,
        "criticality": _common([s.criticality.value if s.criticality else None for s in servers]),
        "owner_team": _common([s.owner for s in servers]),
        "utilisation_observed": True if observed else None,
        "cpu_p95_pct": _highest([s.cpu_p95_pct for s in servers]) if observed else None,
        "cpu_max_pct": _highest([s.cpu_max_pct for s in servers]) if observed else None,
    }
    given = {k: v for k, v in (business or {}).items() if v is not None}
    return Facts.model_validate({**from_servers, **given})


def _shared(values: list[bool | None]) -> bool | None:
    return values[0] if values and len(set(values)) == 1 else None


def _any_physical(servers: Sequence[ServerFacts]) -> bool | None:
    if any(s.virtual is False for s in servers):
        return True
    return False if servers and all(s.virtual for s in servers) else None


def _common(values: list[str | None]) -> str | None:
    counted = Counter(v for v in values if v is not None)
    return counted.most_common(1)[0][0] if counted else None


def _highest(values: list[float | None]) -> float | None:
    return max((v for v in values if v is not None), default=None)
