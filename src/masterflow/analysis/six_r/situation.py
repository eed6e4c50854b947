"""What the facts of an application mean together, worked out once for all rules."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from masterflow.analysis.eol.databases import database_support
from masterflow.analysis.eol.operating_systems import identify_os
from masterflow.analysis.eol.support import ProductMatch, Support, months_later, support_status
from masterflow.analysis.six_r.facts import Facts, Level
from masterflow.analysis.six_r.wordings import (
    Licence,
    Replacement,
    Residency,
    is_abroad,
    licence,
    offers_service,
    replacement,
    residency,
)
from masterflow.records.assessments.types import SupportStatus

IDLE_CPU_P95_PCT = 2.0
IDLE_CPU_MAX_PCT = 25.0  # agents and patching wake an idle server; a periodic run goes far higher
SATURATED_CPU_P95_PCT = 70.0
PERIODIC_CPU_MAX_PCT = 80.0
SHORT_EXIT_MONTHS = 6.0
NEAR_EXIT_MONTHS = 12.0
PROGRAMME_MONTHS = 18.0  # an exit inside it forces even what nobody wants to move
UNREACHABLE_LATENCY_MS = 20.0  # round trips from a plant to a cloud region are rarely shorter
TIGHT_LATENCY_MS = 50.0
ENGINE_GRACE_MONTHS = 12  # an engine that ended less long ago can be upgraded after it has landed
MANY_SERVERS = 20
MANY_USERS = 10_000
VMWARE_CLOUD = "vmware_cloud"
NOT_X86 = frozenset({"ibm-aix", "ibm-i"})
NOT_X86_WORDS = ("hp-ux", "openvms", "tru64", "irix", "nonstop", "guardian")
MAINFRAME_WORDS = ("z/os", "z/vm", "z/vse", "os/390", "bs2000", "gcos", "mvs")
ON_X86_TOO = "oracle-solaris"


class Cover(Enum):
    """How the operating system is covered by support, with what was bought."""

    FINE = "fine"
    SOON = "ends within a year"
    EXTENDED_BOUGHT = "extended support bought"
    EXTENDED_OPEN = "extended support offered"
    UNCOVERED = "no support"
    UNKNOWN = "not known"


class Engine(Enum):
    """How the database engine is supported."""

    NONE = "none or not known"
    FINE = "fine"
    AGEING = "ends within a year or extended only"
    ENDED_LATELY = "ended lately"
    ENDED = "ended"


class Leaving(Enum):
    """What a planned replacement means for a move."""

    NO = "no replacement"
    ACCEPTED = "replaced and accepted"
    STILL_USED = "accepted, but still used"
    BEFORE_EXIT = "replaced before the exit"
    AFTER_EXIT = "replaced after the exit"
    SOME_DAY = "replaced on an unknown day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The facts, and what they mean on the day `at`."""

    facts: Facts
    at: date
    cover: Cover
    engine: Engine
    engine_sentence: str
    residency: Residency
    licence: Licence
    leaving: Leaving
    used: bool | None
    idle: bool
    looks_idle: bool
    mainframe: bool
    not_x86: bool
    has_service: bool
    service_abroad: bool

    def exit_within(self, months: float) -> bool:
        """Whether the datacentre is known to close within so many months."""
        left = self.facts.datacentre_exit_months
        return left is not None and left <= months

    @property
    def own_source(self) -> bool:
        """Whether the code is at hand and may be changed."""
        return self.facts.source_available is True and self.facts.cots is not True

    @property
    def sealed(self) -> bool:
        """Whether the vendor ships it as one piece that nobody opens."""
        return self.facts.appliance is True

    @property
    def matters(self) -> bool:
        """Whether the business says that much hangs on it."""
        return self.facts.business_value in {Level.HIGH, Level.CRITICAL} or self.facts.criticality in {
            Level.HIGH,
            Level.CRITICAL,
        }


def situation(facts: Facts, *, at: date) -> Situation:
    """Work out what the facts mean on the day `at`."""
    system = identify_os(facts.os) if facts.os else None
    used = _used(facts)
    place = residency(facts.data_residency, at=at)
    looks_idle = _looks_idle(facts)
    support = database_support(facts.database_engine, at=at) if facts.database_engine else None
    return Situation(
        facts=facts,
        at=at,
        cover=_cover(facts, system, at=at),
        engine=_engine(facts, support, at=at),
        engine_sentence=support.sentence if support else "",
        residency=place,
        licence=licence(facts.licence_constraint, at=at),
        leaving=_leaving(facts, used=used, at=at),
        used=used,
        idle=looks_idle and _observed_unused(facts) and place is Residency.FREE,
        looks_idle=looks_idle,
        mainframe=facts.mainframe is True or _names(facts.os, MAINFRAME_WORDS),
        not_x86=_not_x86(facts, system),
        has_service=offers_service(facts.saas_alternative),
        service_abroad=is_abroad(facts.saas_alternative),
    )


def _cover(facts: Facts, system: ProductMatch | None, *, at: date) -> Cover:
    status = facts.os_status or (support_status(system, at=at).status if system else SupportStatus.UNKNOWN)
    if status is SupportStatus.ENDED:
        return Cover.EXTENDED_BOUGHT if facts.extended_support_bought else Cover.UNCOVERED
    if status is SupportStatus.EXTENDED_ONLY:
        if facts.extended_support_bought is None:
            return Cover.EXTENDED_OPEN
        return Cover.EXTENDED_BOUGHT if facts.extended_support_bought else Cover.UNCOVERED
    return {SupportStatus.SUPPORTED: Cover.FINE, SupportStatus.WITHIN_12_MONTHS: Cover.SOON}.get(status, Cover.UNKNOWN)


def _engine(facts: Facts, support: Support | None, *, at: date) -> Engine:
    if support is None or support.status is SupportStatus.UNKNOWN:
        return Engine.NONE
    if support.status is SupportStatus.SUPPORTED:
        return Engine.FINE
    if support.status is not SupportStatus.ENDED or _support_was_bought_for_the_engine(facts):
        return Engine.AGEING
    a_year_ago = months_later(at, -ENGINE_GRACE_MONTHS)
    then = database_support(facts.database_engine or "", at=a_year_ago)
    return Engine.ENDED if then.status is SupportStatus.ENDED else Engine.ENDED_LATELY


def _support_was_bought_for_the_engine(facts: Facts) -> bool:
    # extended support that the operating system does not need can only be the engine's
    needs_none = facts.os_status in {SupportStatus.SUPPORTED, SupportStatus.WITHIN_12_MONTHS}
    return facts.extended_support_bought is True and needs_none


def _used(facts: Facts) -> bool | None:
    seen = [n for n in (facts.inbound_connections_35d, facts.monthly_users) if n is not None]
    return any(n > 0 for n in seen) if seen else None


def _looks_idle(facts: Facts) -> bool:
    p95, peak = facts.cpu_p95_pct, facts.cpu_max_pct
    return p95 is not None and p95 < IDLE_CPU_P95_PCT and (peak is None or peak < IDLE_CPU_MAX_PCT)


def _observed_unused(facts: Facts) -> bool:
    watched = facts.utilisation_observed is True and facts.flows_observed is True and facts.cpu_max_pct is not None
    unused = facts.inbound_connections_35d == 0 and facts.monthly_users in {0, None}
    weighty = {Level.HIGH, Level.CRITICAL} & {facts.business_value, facts.criticality}
    return watched and unused and not weighty  # a standby for something weighty is idle by design


def _leaving(facts: Facts, *, used: bool | None, at: date) -> Leaving:
    state, months = replacement(facts.planned_replacement, at=at)
    if state is Replacement.NONE:
        return Leaving.NO
    if state is Replacement.ACCEPTED:
        return Leaving.STILL_USED if used else Leaving.ACCEPTED
    if months is None:
        return Leaving.SOME_DAY
    left = facts.datacentre_exit_months
    return Leaving.BEFORE_EXIT if left is None or months <= left else Leaving.AFTER_EXIT


def _not_x86(facts: Facts, system: ProductMatch | None) -> bool:
    named = system.product if system else None
    sparc = named == ON_X86_TOO and facts.hypervisor is None
    return named in NOT_X86 or sparc or _names(facts.os, NOT_X86_WORDS)


def _names(text: str | None, words: tuple[str, ...]) -> bool:
    return text is not None and any(w in text.casefold() for w in words)
