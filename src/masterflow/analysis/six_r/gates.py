"""The hard rules: what excludes a strategy, whatever it would score.

Each gate looks at one obstacle and says which strategies it excludes, in a sentence, with the facts that it read. Only
known facts exclude a move; retire, relocate, refactor and repurchase need a fact that speaks for them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from masterflow.analysis.six_r.facts import FactValue
from masterflow.analysis.six_r.situation import (
    SHORT_EXIT_MONTHS,
    UNREACHABLE_LATENCY_MS,
    VMWARE_CLOUD,
    Cover,
    Engine,
    Leaving,
    Situation,
)
from masterflow.analysis.six_r.strategies import AS_IT_IS, MOVES, Strategy
from masterflow.analysis.six_r.wordings import Licence, Residency

REHOST, RELOCATE, REPLATFORM = Strategy.REHOST, Strategy.RELOCATE, Strategy.REPLATFORM
REPURCHASE, REFACTOR, RETIRE = Strategy.REPURCHASE, Strategy.REFACTOR, Strategy.RETIRE


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Strategies that are excluded, the sentence that says why, and the facts it rests on.

    `keeps_it` tells whether the obstacle is a reason to stay, rather than merely the absence of an option.
    """

    excludes: frozenset[Strategy]
    sentence: str
    facts: dict[str, FactValue]
    keeps_it: bool = True


@dataclass(frozen=True, slots=True)
class Gate:
    """A hard rule under a name that tests and reports can quote."""

    name: str
    look: Callable[[Situation], Obstacle | None]


def obstacles(s: Situation, gates: "tuple[Gate, ...] | None" = None) -> list[Obstacle]:
    """Everything that excludes a strategy in this situation, in the order of `GATES`."""
    found = (g.look(s) for g in (GATES if gates is None else gates))
    return [o for o in found if o is not None]


def _residency(s: Situation) -> Obstacle | None:
    if s.residency is not Residency.LOCKED:
        return None
    said = s.facts.data_residency
    return Obstacle(MOVES, f"The data must stay where it is: {said}.", s.facts.known("data_residency"))


def _service_abroad(s: Situation) -> Obstacle | None:
    if s.residency is Residency.FREE or not s.service_abroad:
        return None
    sentence = "The service on offer is hosted where the data may not go."
    return Obstacle(frozenset({REPURCHASE}), sentence, s.facts.known("saas_alternative", "data_residency"))


def _mainframe(s: Situation) -> Obstacle | None:
    if not s.mainframe:
        return None
    sentence = "A mainframe workload does not run on the target's processors; only rewriting it moves it."
    return Obstacle(AS_IT_IS | {REPLATFORM}, sentence, s.facts.known("mainframe", "os"))


def _other_processor(s: Situation) -> Obstacle | None:
    if not s.not_x86 or s.mainframe:
        return None
    sentence = f"{s.facts.os} does not run on the x86 processors of the target; it cannot be moved as it is."
    return Obstacle(AS_IT_IS, sentence, s.facts.known("os", "hypervisor"))


def _sealed(s: Situation) -> Obstacle | None:
    if not s.sealed:
        return None
    stays_on_vmware = _runs_on_vmware(s) and s.facts.vendor_supports_cloud is not False
    excluded = {REHOST, REPLATFORM, REFACTOR} if stays_on_vmware else {REHOST, RELOCATE, REPLATFORM, REFACTOR}
    sentence = "A sealed appliance is the vendor's: its inside cannot be copied to another platform or changed."
    facts = s.facts.known("appliance", "vendor_supports_cloud", "target_platform")
    return Obstacle(frozenset(excluded), sentence, facts)


def _vendor_refuses(s: Situation) -> Obstacle | None:
    if s.facts.vendor_supports_cloud is not False:
        return None
    sentence = "The vendor does not support its product in a cloud."
    excluded = frozenset({REHOST, RELOCATE, REPLATFORM, REFACTOR})
    return Obstacle(excluded, sentence, s.facts.known("vendor_supports_cloud", "vendor_product"))


def _licence(s: Situation) -> Obstacle | None:
    if s.licence is Licence.FREE:
        return None
    excluded = {REHOST} if s.licence is Licence.MOVES_WITH_THE_VM else {REHOST, RELOCATE}
    leaves_it_behind = s.facts.managed_database_target is not None and s.facts.cots is not True
    if not leaves_it_behind and not s.own_source:
        excluded |= {REPLATFORM}
    sentence = f"The licence does not survive such a move: {s.facts.licence_constraint}."
    facts = s.facts.known("licence_constraint", "managed_database_target", "source_available")
    return Obstacle(frozenset(excluded), sentence, facts)


def _latency(s: Situation) -> Obstacle | None:
    need = s.facts.max_latency_ms_to_plant
    if need is None or need > UNREACHABLE_LATENCY_MS:
        return None
    sentence = f"The plant needs an answer within {need:g} ms, which no region at a distance gives."
    return Obstacle(MOVES, sentence, s.facts.known("max_latency_ms_to_plant"))


def _ended_system(s: Situation) -> Obstacle | None:
    if s.cover is not Cover.UNCOVERED:
        return None
    sentence = f"{s.facts.os or 'Its operating system'} has no support any more; it must not be moved as it is."
    return Obstacle(AS_IT_IS, sentence, s.facts.known("os_status", "os", "extended_support_bought"), keeps_it=False)


def _ended_engine(s: Situation) -> Obstacle | None:
    if s.engine is not Engine.ENDED or s.exit_within(SHORT_EXIT_MONTHS):
        return None
    sentence = f"The database engine cannot be carried along: {s.engine_sentence}"
    facts = s.facts.known("database_engine", "datacentre_exit_months")
    return Obstacle(AS_IT_IS, sentence, facts, keeps_it=False)


def _relocate_needs_vmware(s: Situation) -> Obstacle | None:
    if _runs_on_vmware(s):
        return None
    sentence = "Relocating moves VMware virtual machines to a VMware cloud; source or target is something else."
    facts = s.facts.known("target_platform", "virtual", "hypervisor", "physical")
    return Obstacle(frozenset({RELOCATE}), sentence, facts, keeps_it=False)


def _refactor_needs_source(s: Situation) -> Obstacle | None:
    if s.own_source:
        return None
    sentence = "Nobody here may change the code, or it is not known to be at hand."
    facts = s.facts.known("source_available", "cots")
    return Obstacle(frozenset({REFACTOR}), sentence, facts, keeps_it=False)


def _refactor_needs_time(s: Situation) -> Obstacle | None:
    if not s.exit_within(SHORT_EXIT_MONTHS):
        return None
    sentence = f"{s.facts.datacentre_exit_months:g} months to the exit are too short to rewrite anything."
    facts = s.facts.known("datacentre_exit_months")
    return Obstacle(frozenset({REFACTOR}), sentence, facts, keeps_it=False)


def _repurchase_needs_an_offer(s: Situation) -> Obstacle | None:
    image_on_sale = s.sealed and s.facts.vendor_supports_cloud is True
    if s.has_service or image_on_sale:
        return None
    sentence = "No service or cloud edition is known that could be bought instead."
    facts = s.facts.known("saas_alternative", "appliance", "vendor_supports_cloud")
    return Obstacle(frozenset({REPURCHASE}), sentence, facts, keeps_it=False)


def _retire_needs_proof(s: Situation) -> Obstacle | None:
    if s.idle or s.leaving is Leaving.ACCEPTED:
        return None
    facts = s.facts.known("utilisation_observed", "flows_observed", "cpu_p95_pct", "cpu_max_pct", *USE, *WEIGHT)
    return Obstacle(frozenset({RETIRE}), _why_no_proof(s), facts, keeps_it=False)


def _nothing_left_to_move(s: Situation) -> Obstacle | None:
    if s.leaving is Leaving.ACCEPTED:
        sentence = "It is replaced, its owner has accepted that, and nobody uses it: moving it buys nothing."
        return Obstacle(MOVES, sentence, s.facts.known("planned_replacement", *USE), keeps_it=False)
    if s.idle:
        sentence = "It was observed and does nothing for anybody: moving it buys nothing."
        return Obstacle(MOVES, sentence, s.facts.known("cpu_p95_pct", "cpu_max_pct", *USE, *SEEN), keeps_it=False)
    return None


def _replaced_before_the_exit(s: Situation) -> Obstacle | None:
    if s.leaving not in {Leaving.BEFORE_EXIT, Leaving.STILL_USED}:
        return None
    sentence = f"It is replaced before the exit ({s.facts.planned_replacement}); a change to it would be thrown away."
    excluded = frozenset({REPLATFORM, REFACTOR, RELOCATE, REPURCHASE})
    return Obstacle(excluded, sentence, s.facts.known("planned_replacement", "datacentre_exit_months"))


def _why_no_proof(s: Situation) -> str:
    if s.facts.utilisation_observed is not True or s.facts.flows_observed is not True:
        return "Use and traffic were not both observed; absence of data is no evidence of disuse."
    if s.used:
        return "It is used: connections or users were seen."
    if s.looks_idle:
        return "It looks idle, but what hangs on it, or a rule about its data, makes that a question to its owner."
    return "What was observed does not show that nobody uses it."


def _runs_on_vmware(s: Situation) -> bool:
    vmware = (s.facts.hypervisor or "").casefold().startswith(("vmware", "esx", "vsphere"))
    return (
        s.facts.target_platform == VMWARE_CLOUD and vmware and s.facts.virtual is True and s.facts.physical is not True
    )


USE = ("inbound_connections_35d", "monthly_users")
SEEN = ("utilisation_observed", "flows_observed")
WEIGHT = ("business_value", "criticality", "data_residency")

GATES = (
    Gate("residency", _residency),
    Gate("service_abroad", _service_abroad),
    Gate("mainframe", _mainframe),
    Gate("other_processor", _other_processor),
    Gate("sealed", _sealed),
    Gate("vendor_refuses", _vendor_refuses),
    Gate("licence", _licence),
    Gate("latency", _latency),
    Gate("ended_system", _ended_system),
    Gate("ended_engine", _ended_engine),
    Gate("relocate_needs_vmware", _relocate_needs_vmware),
    Gate("refactor_needs_source", _refactor_needs_source),
    Gate("refactor_needs_time", _refactor_needs_time),
    Gate("repurchase_needs_an_offer", _repurchase_needs_an_offer),
    Gate("retire_needs_proof", _retire_needs_proof),
    Gate("nothing_left_to_move", _nothing_left_to_move),
    Gate("replaced_before_the_exit", _replaced_before_the_exit),
)
