"""How well each strategy does on each criterion, before and after the facts have spoken.

Ratings run from 0 (worst) to 1 (best), so that cheap, quick and safe rate high. `BASE` is the ordinary case: a
supported virtual machine of medium worth, two years before the exit. Each rule moves ratings when its facts hold and
gives the sentence that a reader sees. Base ratings and weights are judgement, kept here as data to be argued with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from masterflow.analysis.six_r.facts import FactValue, Level
from masterflow.analysis.six_r.situation import (
    MANY_SERVERS,
    MANY_USERS,
    NEAR_EXIT_MONTHS,
    PERIODIC_CPU_MAX_PCT,
    PROGRAMME_MONTHS,
    SATURATED_CPU_P95_PCT,
    SHORT_EXIT_MONTHS,
    TIGHT_LATENCY_MS,
    Cover,
    Engine,
    Leaving,
    Situation,
)
from masterflow.analysis.six_r.strategies import AS_IT_IS, MOVES, Strategy
from masterflow.analysis.six_r.wordings import Licence, Residency

RETAIN, REHOST, RELOCATE, REPLATFORM = Strategy.RETAIN, Strategy.REHOST, Strategy.RELOCATE, Strategy.REPLATFORM
REPURCHASE, REFACTOR, RETIRE = Strategy.REPURCHASE, Strategy.REFACTOR, Strategy.RETIRE


class Criterion(StrEnum):
    """What a strategy is rated on; every rating counts upwards."""

    FIT = "technical_fit"
    RISK = "low_risk"
    VALUE = "business_value"
    ONE_OFF = "low_one_off_cost"
    TIME = "time_to_exit"
    RUN = "low_run_cost"
    DEBT = "debt_reduction"


FIT, RISK, VALUE, ONE_OFF = Criterion.FIT, Criterion.RISK, Criterion.VALUE, Criterion.ONE_OFF
TIME, RUN, DEBT = Criterion.TIME, Criterion.RUN, Criterion.DEBT

DEFAULT_WEIGHTS: Mapping[Criterion, float] = {
    FIT: 0.30,
    RISK: 0.15,
    VALUE: 0.13,
    ONE_OFF: 0.12,
    TIME: 0.12,
    RUN: 0.10,
    DEBT: 0.08,
}

Ratings = dict[Strategy, dict[Criterion, float]]


COLUMNS = (FIT, RISK, VALUE, ONE_OFF, TIME, RUN, DEBT)
ROWS: Mapping[Strategy, tuple[float, ...]] = {
    RETAIN: (0.30, 0.70, 0.30, 0.95, 0.15, 0.30, 0.10),
    REHOST: (0.55, 0.70, 0.45, 0.75, 0.80, 0.50, 0.20),
    RELOCATE: (0.60, 0.80, 0.45, 0.85, 0.95, 0.50, 0.15),
    REPLATFORM: (0.50, 0.60, 0.60, 0.50, 0.50, 0.65, 0.55),
    REPURCHASE: (0.55, 0.55, 0.60, 0.50, 0.50, 0.65, 0.70),
    REFACTOR: (0.40, 0.35, 0.75, 0.15, 0.15, 0.75, 0.95),
    RETIRE: (1.00, 0.75, 0.50, 0.90, 0.90, 1.00, 1.00),
}
BASE: Mapping[Strategy, Mapping[Criterion, float]] = {
    strategy: dict(zip(COLUMNS, row, strict=True)) for strategy, row in ROWS.items()
}


@dataclass(frozen=True, slots=True)
class Effect:
    """A rule that holds: how it moves the ratings, the sentence and the facts it rests on."""

    name: str
    moves: Mapping[tuple[Strategy, Criterion], float]
    sentence: str
    facts: dict[str, FactValue]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a fact speaks, for or against which strategies, and in which words."""

    name: str
    holds: Callable[[Situation], bool]
    cites: tuple[str, ...]
    sentence: str
    moves: Mapping[tuple[Strategy, Criterion], float]


def effects(s: Situation, rules: "tuple[Rule, ...] | None" = None) -> list[Effect]:
    """Every rule that holds, in the order of `RULES`."""
    chosen = RULES if rules is None else rules
    return [_effect(r, s) for r in chosen if r.holds(s)]


def ratings(held: list[Effect]) -> Ratings:
    """The base ratings moved by every rule that holds, kept within 0 and 1."""
    rated = {strategy: dict(row) for strategy, row in BASE.items()}
    for effect in held:
        for (strategy, criterion), by in effect.moves.items():
            rated[strategy][criterion] += by
    return {s: {c: min(1.0, max(0.0, v)) for c, v in row.items()} for s, row in rated.items()}


def pull(effect: Effect, strategy: Strategy, *, weights: Mapping[Criterion, float]) -> float:
    """How far a rule moves the score of one strategy, before ratings are kept within bounds."""
    return sum(weights[c] * by for (s, c), by in effect.moves.items() if s is strategy)


def _effect(rule: Rule, s: Situation) -> Effect:
    known = s.facts.known(*rule.cites)
    words = {name: _shown(known.get(name)) for name in rule.cites}
    return Effect(rule.name, rule.moves, rule.sentence.format(**words), known)


def _shown(value: FactValue) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _for_all(
    strategies: frozenset[Strategy], criterion: Criterion, *, by: float
) -> dict[tuple[Strategy, Criterion], float]:
    return {(s, criterion): by for s in strategies}


def _saturated(s: Situation) -> bool:
    p95 = s.facts.cpu_p95_pct
    return p95 is not None and p95 >= SATURATED_CPU_P95_PCT


def _grows(s: Situation) -> bool:
    return _saturated(s) and s.own_source and s.facts.business_value in {Level.HIGH, Level.CRITICAL}


def _periodic(s: Situation) -> bool:
    p95, peak = s.facts.cpu_p95_pct, s.facts.cpu_max_pct
    return p95 is not None and peak is not None and p95 < 5 and peak >= PERIODIC_CPU_MAX_PCT


def _package_with_service(s: Situation) -> bool:
    return s.has_service and s.facts.cots is not False


def _something_near_its_end(s: Situation) -> bool:
    return s.cover not in {Cover.FINE, Cover.UNKNOWN} or s.engine in {Engine.AGEING, Engine.ENDED_LATELY, Engine.ENDED}


def _hemmed_in(s: Situation) -> bool:
    return s.licence is Licence.LOCKED


def _managed_target(s: Situation) -> bool:
    return s.facts.managed_database_target is not None


RULES: tuple[Rule, ...] = (
    # The operating system
    Rule(
        "system_supported",
        lambda s: s.cover is Cover.FINE,
        ("os_status",),
        "Its operating system is supported, so it may be moved as it is.",
        {(REHOST, FIT): 0.05, (RELOCATE, FIT): 0.05},
    ),
    Rule(
        "system_ends_soon",
        lambda s: s.cover is Cover.SOON,
        ("os_status", "os"),
        "Support of its operating system ends within a year: an upgrade in the same move saves a second outage.",
        {(REPLATFORM, FIT): 0.20, (REPLATFORM, DEBT): 0.15, (REHOST, FIT): -0.15, (RELOCATE, FIT): -0.10},
    ),
    Rule(
        "system_extended_offered",
        lambda s: s.cover is Cover.EXTENDED_OPEN,
        ("os_status", "os"),
        "Only extended support is left for its operating system: upgrade it in the move, or buy the extension.",
        {(REPLATFORM, FIT): 0.25, (REPLATFORM, DEBT): 0.15, (REHOST, FIT): -0.20, (RELOCATE, FIT): -0.15},
    ),
    Rule(
        "system_extended_bought",
        lambda s: s.cover is Cover.EXTENDED_BOUGHT,
        ("os_status", "extended_support_bought"),
        "Its operating system is past its end; the extended support that was bought covers a move as it is.",
        {(REHOST, FIT): -0.05, (RELOCATE, FIT): -0.05, (REPLATFORM, FIT): 0.05},
    ),
    Rule(
        "system_ended",
        lambda s: s.cover is Cover.UNCOVERED,
        ("os_status", "os"),
        "Its operating system has no support any more; upgrading it within the move is the remedy.",
        {(REPLATFORM, FIT): 0.30, (REPLATFORM, DEBT): 0.20, (REFACTOR, FIT): 0.05, (REPURCHASE, FIT): 0.10},
    ),
    Rule(
        "system_unknown",
        lambda s: s.cover is Cover.UNKNOWN,
        ("os", "os_status"),
        "Which operating system it runs, and until when that is supported, is not known; it stays until that is clear.",
        {
            (REHOST, FIT): -0.35,
            (REHOST, RISK): -0.20,
            (RELOCATE, FIT): -0.25,
            (RELOCATE, RISK): -0.15,
            (REPLATFORM, FIT): -0.20,
            (REPLATFORM, RISK): -0.10,
            (RETAIN, FIT): 0.30,
        },
    ),
    Rule(
        "source_lost_under_ended_system",
        lambda s: s.cover is Cover.UNCOVERED and s.facts.source_available is False and s.facts.cots is not True,
        ("os_status", "source_available"),
        "Without source an upgrade may fail; keeping it behind isolation is the fallback.",
        {(RETAIN, FIT): 0.15, (REPLATFORM, RISK): -0.10},
    ),
    Rule(
        "other_processor",
        lambda s: s.not_x86 and not s.mainframe,
        ("os",),
        "{os} has to be left behind for another system, which is work of its own.",
        {(RETAIN, FIT): 0.25, (REPLATFORM, ONE_OFF): -0.15, (REPLATFORM, RISK): -0.15},
    ),
    # The database
    Rule(
        "managed_database",
        lambda s: _managed_target(s) and not _hemmed_in(s),
        ("managed_database_target", "database_engine"),
        "Its database has a managed target ({managed_database_target}), which takes over patching and backup.",
        {(REPLATFORM, FIT): 0.20, (REPLATFORM, RUN): 0.10, (REFACTOR, FIT): 0.10},
    ),
    Rule(
        "engine_ages",
        lambda s: s.engine is Engine.AGEING,
        ("database_engine",),
        "Ordinary support of {database_engine} is over or ends within a year.",
        {(REPLATFORM, FIT): 0.10, (REHOST, FIT): -0.05, (RELOCATE, FIT): -0.05, (REPURCHASE, FIT): 0.05},
    ),
    Rule(
        "engine_ended_lately",
        lambda s: s.engine is Engine.ENDED_LATELY,
        ("database_engine",),
        "{database_engine} lost its support within the last year and has to be upgraded in the move or soon after it.",
        {(REPLATFORM, FIT): 0.10, (REHOST, FIT): -0.10, (RELOCATE, FIT): -0.10, (REPURCHASE, FIT): 0.05},
    ),
    Rule(
        "engine_ended",
        lambda s: s.engine is Engine.ENDED,
        ("database_engine",),
        "{database_engine} has been without support for a year or more; the move has to replace it.",
        {(REPLATFORM, FIT): 0.20, (REPLATFORM, DEBT): 0.10, (REHOST, FIT): -0.15, (RELOCATE, FIT): -0.15},
    ),
    # The code
    Rule(
        "container_ready",
        lambda s: s.facts.container_ready is True and s.own_source,
        ("container_ready", "source_available"),
        "It is ready for containers and its source is at hand: little effort, elastic running.",
        {(REPLATFORM, FIT): 0.25, (REPLATFORM, RUN): 0.10, (REPLATFORM, ONE_OFF): 0.10, (REFACTOR, FIT): 0.20},
    ),
    Rule(
        "comes_as_container",
        lambda s: s.facts.container_ready is True and not s.own_source and not s.sealed,
        ("container_ready",),
        "It comes as a container, so it can run on a managed container platform.",
        {(REPLATFORM, FIT): 0.15, (REPLATFORM, RUN): 0.05},
    ),
    Rule(
        "grows",
        _grows,
        ("business_value", "cpu_p95_pct", "source_available"),
        "High value, a saturated processor (p95 {cpu_p95_pct} %) and source at hand justify elastic services.",
        {
            (REFACTOR, FIT): 0.45,
            (REFACTOR, VALUE): 0.25,
            (REFACTOR, RISK): 0.20,
            (REFACTOR, ONE_OFF): 0.20,
            (REPLATFORM, FIT): -0.20,
            (REHOST, FIT): -0.15,
            (RELOCATE, FIT): -0.15,
            (RETAIN, FIT): -0.15,
            (RETAIN, VALUE): -0.10,
        },
    ),
    Rule(
        "saturated",
        lambda s: _saturated(s) and not _grows(s),
        ("cpu_p95_pct",),
        "Its processor is saturated (p95 {cpu_p95_pct} %); wherever it goes it needs more room.",
        {(RETAIN, FIT): -0.10, (REPLATFORM, FIT): 0.05},
    ),
    Rule(
        "many_users",
        lambda s: (s.facts.monthly_users or 0) >= MANY_USERS and s.own_source,
        ("monthly_users",),
        "{monthly_users} users a month profit from elastic services.",
        {(REFACTOR, VALUE): 0.10, (REPLATFORM, VALUE): 0.05},
    ),
    # The packaged product
    Rule(
        "service_on_offer",
        _package_with_service,
        ("saas_alternative", "cots"),
        "The product is on offer as a service ({saas_alternative}), which saves its operation.",
        {(REPURCHASE, FIT): 0.30, (REPURCHASE, RUN): 0.10},
    ),
    Rule(
        "service_and_something_ends",
        lambda s: _package_with_service(s) and _something_near_its_end(s),
        ("saas_alternative", "os_status", "database_engine"),
        "Its system or database is near or past its end, so the money for an upgrade is better spent on the service.",
        {(REPURCHASE, FIT): 0.15, (REPURCHASE, DEBT): 0.10, (RETAIN, FIT): -0.15},
    ),
    Rule(
        "cloud_image_on_sale",
        lambda s: s.sealed and s.facts.vendor_supports_cloud is True,
        ("appliance", "vendor_supports_cloud"),
        "The vendor sells the appliance as a cloud image; that is what to buy, rather than a copy of the box.",
        {(REPURCHASE, FIT): 0.30},
    ),
    Rule(
        "vendor_supports_cloud",
        lambda s: s.facts.vendor_supports_cloud is True and not s.sealed,
        ("vendor_supports_cloud",),
        "The vendor supports its product on virtual machines in a cloud.",
        {(REHOST, FIT): 0.10, (RELOCATE, FIT): 0.05},
    ),
    Rule(
        "vendor_unasked",
        lambda s: s.facts.cots is True and s.facts.vendor_supports_cloud is None,
        ("cots",),
        "The vendor has not been asked whether it supports its product in a cloud.",
        {(REHOST, RISK): -0.05, (REPLATFORM, RISK): -0.10},
    ),
    # Obstacles that make staying the answer
    Rule(
        "data_locked",
        lambda s: s.residency is Residency.LOCKED,
        ("data_residency",),
        "A rule fixes the place of its data: {data_residency}.",
        {(RETAIN, FIT): 0.50},
    ),
    Rule(
        "data_in_region",
        lambda s: s.residency is Residency.REGION,
        ("data_residency",),
        "Its data needs a region that satisfies: {data_residency}.",
        {**_for_all(MOVES, RISK, by=-0.08), (RETAIN, FIT): 0.05},
    ),
    Rule(
        "licence_locked",
        lambda s: s.licence is Licence.LOCKED,
        ("licence_constraint",),
        "Moving breaks its licence: {licence_constraint}. It stays until the licence is bought out or replaced.",
        {
            (RETAIN, FIT): 0.45,
            (REPLATFORM, FIT): -0.25,
            (REPLATFORM, RISK): -0.20,
            (REPLATFORM, ONE_OFF): -0.20,
            (REFACTOR, FIT): -0.20,
            (REFACTOR, RISK): -0.15,
            (REPURCHASE, ONE_OFF): -0.10,
        },
    ),
    Rule(
        "licence_moves_with_vm",
        lambda s: s.licence is Licence.MOVES_WITH_THE_VM,
        ("licence_constraint",),
        "Its licence hangs on the virtual machine ({licence_constraint}); only a move of the whole machine keeps it.",
        {(RELOCATE, FIT): 0.20, (RETAIN, FIT): 0.25, (REPLATFORM, FIT): -0.20, (REPLATFORM, RISK): -0.10},
    ),
    Rule(
        "plant_is_near",
        lambda s: s.facts.max_latency_ms_to_plant is not None and s.facts.max_latency_ms_to_plant <= TIGHT_LATENCY_MS,
        ("max_latency_ms_to_plant",),
        "The plant needs an answer within {max_latency_ms_to_plant} ms.",
        {(RETAIN, FIT): 0.15, **_for_all(MOVES, RISK, by=-0.15)},
    ),
    Rule(
        "mainframe",
        lambda s: s.mainframe,
        ("mainframe", "os"),
        "A mainframe is a programme of its own; it stays for this one.",
        {(RETAIN, FIT): 0.40, (REFACTOR, VALUE): 0.05},
    ),
    Rule(
        "mainframe_loses_its_place",
        lambda s: s.mainframe and s.exit_within(PROGRAMME_MONTHS),
        ("mainframe", "datacentre_exit_months"),
        "The datacentre of the mainframe closes inside the programme; a rewrite or a hosted one has to be funded.",
        {(RETAIN, FIT): -0.45, (RETAIN, RISK): -0.30, (REFACTOR, FIT): 0.30},
    ),
    Rule(
        "sealed",
        lambda s: s.sealed,
        ("appliance",),
        "A sealed appliance stays where it is unless its vendor offers another form.",
        {(RETAIN, FIT): 0.20},
    ),
    Rule(
        "vendor_refuses",
        lambda s: s.facts.vendor_supports_cloud is False,
        ("vendor_supports_cloud", "vendor_product"),
        "Support hangs on the place: the vendor does not support its product in a cloud.",
        {(RETAIN, FIT): 0.25},
    ),
    # What is coming
    Rule(
        "ends_before_the_exit",
        lambda s: s.leaving in {Leaving.BEFORE_EXIT, Leaving.STILL_USED},
        ("planned_replacement", "datacentre_exit_months"),
        "It ends before the exit ({planned_replacement}): keep it until then and spend nothing on a move.",
        {
            (RETAIN, FIT): 0.60,
            (RETAIN, VALUE): 0.20,
            (RETAIN, TIME): 0.60,
            (REHOST, FIT): -0.40,
            (REHOST, ONE_OFF): -0.20,
        },
    ),
    Rule(
        "ends_after_the_exit",
        lambda s: s.leaving is Leaving.AFTER_EXIT,
        ("planned_replacement", "datacentre_exit_months"),
        "It is replaced only after the exit ({planned_replacement}): move it with the least effort until then.",
        {
            (REHOST, FIT): 0.20,
            (RELOCATE, FIT): 0.20,
            (REPLATFORM, VALUE): -0.25,
            (REPLATFORM, FIT): -0.15,
            (REFACTOR, VALUE): -0.60,
            (REFACTOR, FIT): -0.30,
            (REPURCHASE, VALUE): -0.40,
        },
    ),
    Rule(
        "ends_some_day",
        lambda s: s.leaving is Leaving.SOME_DAY,
        ("planned_replacement",),
        "A replacement is planned without a date ({planned_replacement}): invest nothing before the date is known.",
        {
            (RETAIN, FIT): 0.65,
            (RETAIN, VALUE): 0.15,
            (REHOST, VALUE): -0.10,
            (REPLATFORM, VALUE): -0.30,
            (REPLATFORM, FIT): -0.15,
            (REFACTOR, VALUE): -0.60,
            (REFACTOR, FIT): -0.30,
            (REPURCHASE, VALUE): -0.40,
        },
    ),
    Rule(
        "replaced_and_accepted",
        lambda s: s.leaving is Leaving.ACCEPTED,
        ("planned_replacement", "inbound_connections_35d", "monthly_users"),
        "It is replaced and its owner has accepted that ({planned_replacement}); only an archive is left to make.",
        {(RETAIN, VALUE): -0.20, (RETIRE, VALUE): 0.20},
    ),
    Rule(
        "idle",
        lambda s: s.idle,
        ("cpu_p95_pct", "cpu_max_pct", "inbound_connections_35d", "utilisation_observed", "flows_observed"),
        "It was observed: p95 {cpu_p95_pct} %, peak {cpu_max_pct} % and no connection from outside in 35 days.",
        {(RETAIN, VALUE): -0.20, (RETIRE, VALUE): 0.10},
    ),
    Rule(
        "idle_and_nobody_uses_it",
        lambda s: s.idle and s.facts.monthly_users == 0,
        ("monthly_users",),
        "Nobody uses it in a month.",
        {(RETIRE, VALUE): 0.30},
    ),
    Rule(
        "idle_and_owned",
        lambda s: s.idle and s.facts.owner_team is not None,
        ("owner_team",),
        "It has an owner ({owner_team}), who has to confirm that it may go.",
        {(RETIRE, RISK): -0.20},
    ),
    # Time
    Rule(
        "exit_is_short",
        lambda s: s.exit_within(SHORT_EXIT_MONTHS),
        ("datacentre_exit_months",),
        "{datacentre_exit_months} months to the exit leave time for little more than a move as it is.",
        {
            (REHOST, FIT): 0.15,
            (REHOST, TIME): 0.20,
            (RELOCATE, FIT): 0.15,
            (RELOCATE, TIME): 0.05,
            (REPLATFORM, TIME): -0.30,
            (REPLATFORM, RISK): -0.15,
            (REPLATFORM, FIT): -0.10,
            (REPURCHASE, TIME): -0.40,
            (REPURCHASE, RISK): -0.20,
            (REPURCHASE, FIT): -0.15,
            (RETAIN, TIME): -0.15,
            (RETAIN, FIT): -0.20,
        },
    ),
    Rule(
        "exit_is_near",
        lambda s: s.exit_within(NEAR_EXIT_MONTHS) and not s.exit_within(SHORT_EXIT_MONTHS),
        ("datacentre_exit_months",),
        "The exit is {datacentre_exit_months} months away, which favours what can be done quickly.",
        {
            (REHOST, FIT): 0.05,
            (REHOST, TIME): 0.10,
            (RELOCATE, FIT): 0.05,
            (REPLATFORM, TIME): -0.10,
            (REPURCHASE, TIME): -0.15,
            (REFACTOR, TIME): -0.15,
            (REFACTOR, RISK): -0.20,
            (REFACTOR, FIT): -0.15,
            (RETAIN, TIME): -0.10,
            (RETAIN, FIT): -0.10,
        },
    ),
    Rule(
        "a_whole_estate_to_move",
        lambda s: (s.facts.servers or 0) >= MANY_SERVERS,
        ("servers",),
        "{servers} servers make every change in the guests expensive.",
        {(REPLATFORM, ONE_OFF): -0.15, (REFACTOR, ONE_OFF): -0.10, (RELOCATE, ONE_OFF): 0.10},
    ),
    # Worth, and what is known of its use
    Rule(
        "worth_much",
        lambda s: s.facts.business_value in {Level.HIGH, Level.CRITICAL},
        ("business_value",),
        "Its business value is {business_value}: improving it pays, leaving it behind does not.",
        {(REFACTOR, VALUE): 0.15, (REPLATFORM, VALUE): 0.10, (RETAIN, VALUE): -0.10},
    ),
    Rule(
        "worth_little",
        lambda s: s.facts.business_value is Level.LOW,
        ("business_value",),
        "Its business value is low: the least effort is enough.",
        {(REFACTOR, VALUE): -0.30, (REPLATFORM, VALUE): -0.15, (REHOST, ONE_OFF): 0.05, (RETAIN, VALUE): 0.10},
    ),
    Rule(
        "much_hangs_on_it",
        lambda s: s.facts.criticality in {Level.HIGH, Level.CRITICAL},
        ("criticality",),
        "Much hangs on it (criticality {criticality}): every change is tested longer.",
        {(REFACTOR, RISK): -0.05, (REPURCHASE, RISK): -0.05},
    ),
    Rule(
        "not_observed",
        lambda s: s.facts.utilisation_observed is False or s.facts.flows_observed is False,
        ("utilisation_observed", "flows_observed"),
        "Its use or its traffic was not observed: decide nothing that cannot be undone.",
        {(RETAIN, FIT): 0.10, (REFACTOR, RISK): -0.15, (REPLATFORM, RISK): -0.05},
    ),
    Rule(
        "use_not_shown",
        lambda s: s.used is None and (s.facts.utilisation_observed is False or s.facts.flows_observed is False),
        ("utilisation_observed", "flows_observed"),
        "Nothing shows yet that anybody uses it: observe it for a month before anything is spent on it.",
        {(RETAIN, FIT): 0.50, (RETAIN, RISK): 0.10, (REHOST, VALUE): -0.15, (REPLATFORM, VALUE): -0.15},
    ),
    Rule(
        "looks_idle",
        lambda s: s.looks_idle and not s.idle,
        ("cpu_p95_pct", "cpu_max_pct"),
        "Its processor does next to nothing; whether it is needed is a question to its owner.",
        {(RETAIN, FIT): 0.10, (REFACTOR, VALUE): -0.20, (REPLATFORM, VALUE): -0.10},
    ),
    Rule(
        "runs_now_and_then",
        _periodic,
        ("cpu_p95_pct", "cpu_max_pct"),
        "It runs now and then (p95 {cpu_p95_pct} %, peak {cpu_max_pct} %), which is work and not idleness.",
        {(REHOST, RUN): 0.10, (REPLATFORM, RUN): 0.10},
    ),
    Rule(
        "used",
        lambda s: s.used is True,
        ("inbound_connections_35d", "monthly_users"),
        "It is in use, so it has to run somewhere.",
        {**_for_all(AS_IT_IS, VALUE, by=0.05), (REPLATFORM, VALUE): 0.05},
    ),
    # The machine
    Rule(
        "virtual",
        lambda s: s.facts.virtual is True,
        ("virtual", "hypervisor"),
        "It runs on virtual machines, which can be copied while they run.",
        {(REHOST, ONE_OFF): 0.05, (RELOCATE, ONE_OFF): 0.05},
    ),
    Rule(
        "physical",
        lambda s: s.facts.physical is True and not s.mainframe,
        ("physical",),
        "It runs on physical machines, which have to be converted first.",
        {(REHOST, ONE_OFF): -0.10, (REHOST, RISK): -0.05, (RETAIN, FIT): 0.05},
    ),
)
