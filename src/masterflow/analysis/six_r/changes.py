"""What would change a verdict: plausible turns of events, each tried out before it is listed.

A turn is listed only when deciding again with its facts gives another strategy, the one that it names. Every verdict
has one: whatever is not retired would be once it is replaced, accepted and unused; whatever is retired would not be
once somebody uses it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from masterflow.analysis.six_r.criteria import Criterion
from masterflow.analysis.six_r.facts import Facts, FactValue, Level
from masterflow.analysis.six_r.situation import SHORT_EXIT_MONTHS, VMWARE_CLOUD
from masterflow.analysis.six_r.strategies import Strategy
from masterflow.analysis.six_r.verdict import Verdict, decide
from masterflow.analysis.six_r.wordings import Licence, Residency
from masterflow.records.assessments.types import SupportStatus

MOST_CHANGES = 5
MOST_PER_VERDICT = 2


@dataclass(frozen=True, slots=True)
class Change:
    """Facts that, merged into the given ones, make `verdict` the recommendation."""

    facts: Mapping[str, FactValue]
    verdict: Strategy
    sentence: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of events: the facts it brings and the clause that tells it ("its source is found")."""

    facts: Mapping[str, FactValue]
    clause: str


@dataclass(frozen=True, slots=True)
class Possibility:
    """A turn and the situations in which it may still happen."""

    may_happen: Callable[[Verdict], bool]
    turn: Turn


def changes(verdict: Verdict, *, at: date, weights: Mapping[Criterion, float]) -> list[Change]:
    """At least one change that turns the verdict into another, most telling first."""
    facts = verdict.situation.facts
    found: list[Change] = []
    for turn in _turns(verdict):
        if not _is_news(turn, facts):
            continue
        new = decide(facts.with_changes(turn.facts), at=at, weights=weights).strategy
        if new is verdict.strategy or sum(c.verdict is new for c in found) >= MOST_PER_VERDICT:
            continue
        found.append(Change(dict(turn.facts), new, f"If {turn.clause}, {new.value} comes first."))
    return found[:MOST_CHANGES]


def _turns(verdict: Verdict) -> Iterator[Turn]:
    """Each obstacle out of the way, all of them together, then everything else that may happen."""
    lifted = [p.turn for p in LIFTED if p.may_happen(verdict)]
    yield from lifted
    if len(lifted) > 1:
        merged = {name: value for turn in lifted for name, value in turn.facts.items()}
        yield Turn(merged, " and ".join(t.clause for t in lifted))
    yield from (p.turn for p in POSSIBILITIES if p.may_happen(verdict))


def _is_news(turn: Turn, facts: Facts) -> bool:
    now = facts.known(*turn.facts)
    return any(now.get(name) != value for name, value in turn.facts.items())


def _on_vmware(v: Verdict) -> bool:
    facts = v.situation.facts
    return facts.virtual is True and (facts.hypervisor or "").casefold().startswith("vmware")


SEEN_IDLE: Mapping[str, FactValue] = {
    "utilisation_observed": True,
    "flows_observed": True,
    "cpu_p95_pct": 0.5,
    "cpu_max_pct": 3.0,
    "inbound_connections_35d": 0,
    "monthly_users": 0,
}
ACCEPTED_AND_UNUSED = Turn(
    {
        "planned_replacement": "replaced, data copied and accepted by its owner",
        "inbound_connections_35d": 0,
        "monthly_users": 0,
    },
    "it is replaced, its owner accepts that and nobody uses it any more",
)
LOCKED_IN_PLACE = Turn({"data_residency": "own datacentre by law"}, "a law turns out to fix the place of its data")

LIFTED = (
    Possibility(
        lambda v: v.situation.residency is Residency.LOCKED,
        Turn(
            {"data_residency": "certified region in the country"},
            "a certified region satisfies the rule about its data",
        ),
    ),
    Possibility(
        lambda v: v.situation.licence is not Licence.FREE,
        Turn({"licence_constraint": "bought out, transferable"}, "its licence is bought out or made transferable"),
    ),
    Possibility(
        lambda v: v.situation.facts.max_latency_ms_to_plant is not None,
        Turn({"max_latency_ms_to_plant": 200}, "the plant can live with the latency of a region"),
    ),
    Possibility(
        lambda v: v.situation.facts.vendor_supports_cloud is False,
        Turn({"vendor_supports_cloud": True}, "the vendor offers a supported cloud configuration"),
    ),
    Possibility(
        lambda v: v.situation.facts.appliance is True,
        Turn(
            {"appliance": False, "vendor_supports_cloud": True},
            "the vendor delivers it as software instead of an appliance",
        ),
    ),
    Possibility(
        lambda v: v.situation.mainframe,
        Turn(
            {"mainframe": False, "os": "Red Hat Enterprise Linux 9", "os_status": "supported"},
            "it runs on x86 after a conversion",
        ),
    ),
)

POSSIBILITIES = (
    Possibility(
        lambda v: v.strategy is Strategy.RETIRE,
        Turn({"inbound_connections_35d": 5000, "monthly_users": 20}, "business connections or users are seen"),
    ),
    Possibility(
        lambda v: v.strategy is Strategy.RETIRE,
        Turn(
            {"data_residency": "own datacentre, kept readable by law"},
            "a legal need to keep its data readable is named",
        ),
    ),
    Possibility(
        lambda v: v.situation.facts.planned_replacement is not None,
        Turn({"planned_replacement": "none"}, "the replacement is given up or its acceptance withdrawn"),
    ),
    Possibility(
        lambda v: (
            v.situation.facts.planned_replacement is not None and v.situation.facts.datacentre_exit_months is not None
        ),
        Turn({"planned_replacement": "slips beyond the exit"}, "the replacement slips beyond the exit"),
    ),
    Possibility(
        lambda v: v.situation.facts.mainframe is True,
        Turn({"datacentre_exit_months": 12}, "the datacentre closes inside the programme"),
    ),
    Possibility(
        lambda v: v.situation.facts.os_status not in {SupportStatus.ENDED, None, SupportStatus.UNKNOWN},
        Turn(
            {"os_status": "ended", "extended_support_bought": False},
            "its operating system is past its end and no extension is bought when it moves",
        ),
    ),
    Possibility(
        lambda v: v.situation.facts.os_status is not SupportStatus.SUPPORTED,
        Turn({"os_status": "supported"}, "it turns out to run, or is brought to, a supported operating system"),
    ),
    Possibility(
        lambda v: v.situation.facts.os_status in {SupportStatus.ENDED, SupportStatus.EXTENDED_ONLY},
        Turn({"extended_support_bought": True}, "extended support is bought"),
    ),
    Possibility(
        lambda v: v.situation.facts.extended_support_bought is True,
        Turn({"extended_support_bought": False}, "the extended support is not renewed"),
    ),
    Possibility(
        lambda v: v.situation.facts.cots is not True,
        Turn({"source_available": True}, "its source is found"),
    ),
    Possibility(
        lambda v: v.situation.own_source,
        Turn({"source_available": False, "container_ready": False}, "its source is lost or frozen"),
    ),
    Possibility(
        lambda v: v.situation.own_source and not v.situation.mainframe,
        Turn({"container_ready": True}, "it is made ready for containers"),
    ),
    Possibility(
        lambda v: v.situation.facts.container_ready is True,
        Turn({"container_ready": False}, "it keeps state on local disk after all and is not ready for containers"),
    ),
    Possibility(
        lambda v: v.situation.facts.managed_database_target is not None,
        Turn({"managed_database_target": None}, "the managed database cannot be used"),
    ),
    Possibility(
        lambda v: v.situation.facts.database_engine is not None,
        Turn({"managed_database_target": "managed service for its engine"}, "a managed service takes its database"),
    ),
    Possibility(
        lambda v: v.situation.facts.cots is not False and not v.situation.has_service,
        Turn({"cots": True, "saas_alternative": "vendor service"}, "its vendor offers it as a service"),
    ),
    Possibility(
        lambda v: v.situation.has_service,
        Turn({"saas_alternative": "none"}, "the service cannot carry its customisations and drops out"),
    ),
    Possibility(
        lambda v: v.situation.facts.vendor_supports_cloud is True,
        Turn({"vendor_supports_cloud": False}, "the vendor withdraws its support in a cloud"),
    ),
    Possibility(
        lambda v: not v.situation.exit_within(SHORT_EXIT_MONTHS),
        Turn({"datacentre_exit_months": 3}, "the exit comes forward to three months"),
    ),
    Possibility(
        lambda v: v.situation.exit_within(SHORT_EXIT_MONTHS),
        Turn({"datacentre_exit_months": 24}, "the exit moves to two years from now"),
    ),
    Possibility(
        lambda v: v.situation.facts.target_platform == VMWARE_CLOUD,
        Turn({"target_platform": "public_cloud"}, "the target becomes a native cloud"),
    ),
    Possibility(_on_vmware, Turn({"target_platform": VMWARE_CLOUD}, "the target becomes a VMware cloud")),
    Possibility(
        lambda v: v.situation.facts.physical is True and not v.situation.mainframe,
        Turn(
            {"physical": False, "virtual": True, "hypervisor": "vmware"}, "the machines are virtualised before the move"
        ),
    ),
    Possibility(
        lambda v: v.situation.own_source and v.strategy in {Strategy.REHOST, Strategy.RELOCATE, Strategy.REPLATFORM},
        Turn(
            {"business_value": "high", "cpu_p95_pct": 85.0, "cpu_max_pct": 100.0},
            "it becomes valuable and grows until its processors are saturated",
        ),
    ),
    Possibility(
        lambda v: v.strategy is Strategy.REFACTOR,
        Turn({"cpu_p95_pct": 20.0, "cpu_max_pct": 60.0}, "the growth ends and its processors have room"),
    ),
    Possibility(
        lambda v: v.situation.facts.business_value is Level.HIGH,
        Turn({"business_value": "low"}, "it loses its value for the business"),
    ),
    Possibility(
        lambda v: v.strategy is not Strategy.RETIRE and v.situation.used is not True and not v.situation.matters,
        Turn(SEEN_IDLE, "it is observed for a month without load, connections or users"),
    ),
    Possibility(
        lambda v: v.strategy is not Strategy.RETIRE,
        Turn({"planned_replacement": "takes over in month 1"}, "something replaces it before it would move"),
    ),
    Possibility(
        lambda v: v.strategy is not Strategy.RETAIN and v.situation.licence is Licence.FREE,
        Turn(
            {"licence_constraint": "bound to the physical hosts, not transferable"},
            "its licence turns out to be bound to the hosts",
        ),
    ),
    Possibility(
        lambda v: (
            v.strategy not in {Strategy.RETAIN, Strategy.RETIRE} and v.situation.residency is not Residency.LOCKED
        ),
        LOCKED_IN_PLACE,
    ),
    Possibility(lambda v: v.strategy is not Strategy.RETIRE, ACCEPTED_AND_UNUSED),
)
