"""Which value an asset shows, and where its sources contradict each other.

Sources are ordered by stated precedence, then by when they last saw the machine; within a source the claim's rank
decides. Every claim stays as a fact. A contradiction becomes a conflict only beyond what rounding, units and different
words for one thing explain; it never stops anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from masterflow.analysis.estate.operating_systems import OsSignature, contradict, os_signature
from masterflow.analysis.estate.records import APPLICATION, LIFECYCLE, Claim, ClaimValue, Record, claim_text
from masterflow.inventory.types import Conflict, Fact

SAME_SOURCE_MIB = 1  # vCenter rounds to whole MiB
OTHER_SOURCE_SHARE = 0.05  # agents report what the system left over, people write 16 GB for 16,000 MB
DISK_SHARE = 0.10  # GB against GiB is 7.4 percent
STALE_AFTER = timedelta(days=180)
MANY_VALUED = frozenset({"ip_addresses", "mac_addresses"})
JUNCTIONS = frozenset({APPLICATION})
DEFAULT_PRECEDENCE = (
    "rvtools",
    "aws_ads", "azure_migrate", "google_migration_center",  # agents and appliances that ask the machines
    "dmidecode", "facter", "glpi", "device42",
    "terraform", "juju",  # what was ordered
    "netbox", "servicenow",  # what people keep
    "nmap",  # what a network shows from outside
    "json_records", "tabular",
)  # fmt: skip

Differs = Callable[[ClaimValue, ClaimValue, bool], bool]


class Held(NamedTuple):
    """A claim with the record that makes it."""

    claim: Claim
    record: Record


@dataclass(frozen=True, slots=True)
class Settled:
    """The values an asset shows, all facts with the chosen ones marked, and the contradictions."""

    values: Mapping[str, ClaimValue]
    facts: tuple[Fact, ...]
    conflicts: tuple[Conflict, ...]


def settle(records: Sequence[Record], *, precedence: Sequence[str] = DEFAULT_PRECEDENCE) -> Settled:
    """Choose a value for every field that the records of one machine speak of."""
    ordered = _ordered(records, precedence)
    held: dict[str, list[Held]] = {}
    for record in ordered:
        for claim in sorted(record.claims, key=lambda c: c.rank):
            held.setdefault(claim.field, []).append(Held(claim, record))
    _put_measured_first(held)
    values: dict[str, ClaimValue] = {}
    facts: list[Fact] = []
    conflicts: list[Conflict] = []
    name = next((r.name for r in ordered if r.name), "")
    systems = held.get("operating_system", [])
    for target, claims in held.items():
        usable = _of_the_shown_system(claims, systems) if target == "os_version" else claims
        chosen = _chosen(target, usable)
        if chosen is not None and target not in JUNCTIONS:
            values[target] = chosen
        against = [h for h in usable[1:] if _differs(target, usable[0], h)] if usable else []
        made = {id(h.claim): _fact(h.claim, chosen=_is_shown(target, h, usable, chosen)) for h in claims}
        facts += made.values()
        if against:
            conflicts.append(_conflict(name, usable[0], against, made))
    return Settled(values, tuple(facts), tuple(conflicts))


def _ordered(records: Sequence[Record], precedence: Sequence[str]) -> list[Record]:
    """The most believed record first; only where that leaves a tie do the contents decide."""
    ranks = [_rank(record, precedence) for record in records]
    tied = len(set(ranks)) < len(ranks)
    keys = [(rank, _content(record) if tied else "") for rank, record in zip(ranks, records, strict=True)]
    return [record for _, record in sorted(zip(keys, records, strict=True), key=lambda pair: pair[0])]


def _rank(record: Record, precedence: Sequence[str]) -> tuple[int, bool, float]:
    place = precedence.index(record.source_kind) if record.source_kind in precedence else len(precedence)
    seen = -record.observed_at.timestamp() if record.observed_at else float("inf")
    return place, record.detail, seen


def _content(record: Record) -> str:
    return "|".join([record.file, *sorted(f"{c.field}={claim_text(c.value)}" for c in record.claims)])


def _put_measured_first(held: Mapping[str, list[Held]]) -> None:
    """Let a maximum that was measured together with a 95th percentile go before one that stands alone.

    The two are read together; from two sources they would speak of different months.
    """
    whole = {id(h.record) for h in held.get("cpu_p95_pct", ())}
    held.get("cpu_max_pct", []).sort(key=lambda h: id(h.record) not in whole)


def _of_the_shown_system(claims: Sequence[Held], systems: Sequence[Held]) -> list[Held]:
    """Versions said by sources whose operating system is the one shown; another system's version would mislead."""
    if not systems:
        return list(claims)
    shown = _system(systems[0])
    own = {id(h.record): _system(h) for h in reversed(systems)}
    return [h for h in claims if id(h.record) not in own or not contradict(shown, own[id(h.record)])]


def _chosen(target: str, claims: Sequence[Held]) -> ClaimValue | None:
    if not claims:
        return None
    first = claims[0].claim.value
    if target not in MANY_VALUED or not isinstance(first, tuple):
        return first
    values = dict.fromkeys(first)
    for held in claims[1:]:
        other = held.claim.value
        own = held.record is claims[0].record or held.record.detail
        if isinstance(other, tuple) and (own or set(other) & set(values)):
            values |= dict.fromkeys(other)
    return tuple(values)


def _is_shown(target: str, held: Held, usable: Sequence[Held], chosen: ClaimValue | None) -> bool:
    if target in JUNCTIONS:
        return True
    if target in MANY_VALUED and isinstance(held.claim.value, tuple) and isinstance(chosen, tuple):
        return set(held.claim.value) <= set(chosen)
    return bool(usable) and held is usable[0]


def _fact(claim: Claim, *, chosen: bool) -> Fact:
    return Fact(claim.field, claim_text(claim.value), claim.source, claim.rule, claim.unit, chosen, claim.confidence)


def _differs(target: str, first: Held, other: Held) -> bool:
    same = first.record is other.record
    if target == "operating_system":
        return contradict(_system(first), _system(other))
    rule = COMPARED.get(target)
    if (
        rule is None
        or (target in OF_ONE_SOURCE and not same)
        or min(first.claim.confidence, other.claim.confidence) < 1
        or first.record.detail
        or other.record.detail
    ):
        return False
    return rule(first.claim.value, other.claim.value, same)


def _system(held: Held) -> OsSignature:
    version = held.record.text("os_version") or ""
    return os_signature(claim_text(held.claim.value), version)


def _values_differ(one: ClaimValue, other: ClaimValue, _same: bool) -> bool:
    return one != other


def _texts_differ(one: ClaimValue, other: ClaimValue, _same: bool) -> bool:
    return claim_text(one).casefold() != claim_text(other).casefold()


def _sets_differ(one: ClaimValue, other: ClaimValue, same: bool) -> bool:
    if same or not isinstance(one, tuple) or not isinstance(other, tuple):
        return False
    return not set(one) & set(other)


def _sizes_differ(share: float) -> Differs:
    def differ(one: ClaimValue, other: ClaimValue, same: bool) -> bool:
        if not isinstance(one, int) or not isinstance(other, int):
            return False
        allowed = SAME_SOURCE_MIB if same else max(SAME_SOURCE_MIB, share * max(one, other))
        return abs(one - other) > allowed

    return differ


COMPARED: Mapping[str, Differs] = {
    "cpu_cores": _values_differ,
    "memory_mib": _sizes_differ(OTHER_SOURCE_SHARE),
    "disk_capacity_mib": _sizes_differ(DISK_SHARE),
    "disk_count": _values_differ,
    "ip_addresses": _sets_differ,
    "environment": _values_differ,
    LIFECYCLE: _values_differ,
    "criticality": _values_differ,
    "business_owner": _texts_differ,
    "host": _texts_differ,
    "cluster": _texts_differ,
    "datacenter": _texts_differ,
    "power_state": _values_differ,
}
OF_ONE_SOURCE = frozenset({"host", "cluster", "datacenter", "power_state", "disk_count"})
# other tools count disks, name places and see power differently; only within one source is that a contradiction


def _conflict(name: str, first: Held, against: Sequence[Held], made: Mapping[int, Fact]) -> Conflict:
    field = first.claim.field
    distinct = {claim_text(h.claim.value): h for h in reversed([first, *against])}
    values = [h for h in [first, *against] if distinct[claim_text(h.claim.value)] is h]
    return Conflict(
        asset_name=name,
        field=field,
        values=tuple(made[id(h.claim)] for h in values),
        preferred=claim_text(first.claim.value),
        why=_why(first, against),
        needs_review=field in REVIEWED or first.claim.review,
    )


REVIEWED = frozenset({"environment", "criticality", "business_owner"})  # what people decide, no reading can


def _why(first: Held, against: Sequence[Held]) -> str:
    other = next((h for h in against if h.record is first.record), None)
    if other is not None:
        return first.claim.why or f"{first.claim.source.sheet} takes precedence over {other.claim.source.sheet}"
    other = against[0]
    if first.claim.field == LIFECYCLE and first.claim.why:
        return first.claim.why
    seen = other.record.observed_at
    if seen is not None and _is_stale(first.record.observed_at, seen):
        return f"{first.record.file} takes precedence; {other.record.file} last saw the machine on {seen:%Y-%m-%d}"
    return f"{first.record.file} takes precedence over {other.record.file}"


def _is_stale(first: datetime | None, other: datetime) -> bool:
    return first is None or first - other > STALE_AFTER
