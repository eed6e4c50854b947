"""The facts about an application that decide its strategy, read strictly.

Every fact may be missing; None means "not known", never "no". Where a text says that there is nothing ("none") it is
known that there is nothing.
"""

import difflib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from masterflow.errors import InvalidInput
from masterflow.records.assessments.types import SupportStatus

FactValue = bool | int | float | str | None


class Level(StrEnum):
    """How much an application is worth to the business, or how much hangs on it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


def _no_empty_text(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


Text = Annotated[str | None, BeforeValidator(_no_empty_text)]
Percent = Annotated[int | float | None, Field(ge=0, le=100, allow_inf_nan=False)]
Measure = Annotated[int | float | None, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int | None, Field(ge=0)]


class Facts(BaseModel):
    """What is known of one application. Percentages are 0 to 100, latency is milliseconds, exit is months from today.

    `inbound_connections_35d` counts connections from outside the application in the observed window. `os_status` is the
    worst of its servers. `target_platform` is "public_cloud", "vmware_cloud" or a name of the user's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text = None
    servers: Count = None
    virtual: bool | None = None
    hypervisor: Text = None
    os: Text = None
    os_status: SupportStatus | None = None
    extended_support_bought: bool | None = None
    cots: bool | None = None
    vendor_product: Text = None
    vendor_supports_cloud: bool | None = None
    saas_alternative: Text = None
    source_available: bool | None = None
    container_ready: bool | None = None
    language: Text = None
    database_engine: Text = None
    managed_database_target: Text = None
    cpu_p95_pct: Percent = None
    cpu_max_pct: Percent = None
    inbound_connections_35d: Count = None
    utilisation_observed: bool | None = None
    flows_observed: bool | None = None
    owner_team: Text = None
    monthly_users: Count = None
    business_value: Level | None = None
    criticality: Level | None = None
    data_residency: Text = None
    licence_constraint: Text = None
    appliance: bool | None = None
    mainframe: bool | None = None
    physical: bool | None = None
    target_platform: Text = None
    datacentre_exit_months: Measure = None
    planned_replacement: Text = None
    max_latency_ms_to_plant: Measure = None

    def known(self, *names: str) -> dict[str, FactValue]:
        """Those of the named facts that are known, as JSON values."""
        values = {n: getattr(self, n) for n in names}
        return {n: v.value if isinstance(v, StrEnum) else v for n, v in values.items() if v is not None}

    def with_changes(self, changes: Mapping[str, FactValue]) -> "Facts":
        """The same application with some facts replaced; checked like facts from a file."""
        return Facts.model_validate({**self.model_dump(), **changes})


IGNORED_KEYS = frozenset({"id"})

# How much each fact says; what a decision hangs on weighs more. Names and what follows from other facts weigh little.
WEIGHTS: Mapping[str, float] = {
    "os_status": 3.0,
    "source_available": 2.0,
    "cots": 2.0,
    "utilisation_observed": 1.5,
    "flows_observed": 1.5,
    "cpu_p95_pct": 1.0,
    "cpu_max_pct": 1.0,
    "inbound_connections_35d": 1.5,
    "monthly_users": 1.0,
    "owner_team": 1.0,
    "business_value": 1.5,
    "criticality": 1.5,
    "target_platform": 1.5,
    "datacentre_exit_months": 1.5,
    "database_engine": 1.0,
    "managed_database_target": 0.5,
    "saas_alternative": 1.0,
    "vendor_supports_cloud": 1.0,
    "vendor_product": 0.25,
    "container_ready": 1.0,
    "data_residency": 0.5,
    "licence_constraint": 0.5,
    "planned_replacement": 0.5,
    "max_latency_ms_to_plant": 0.25,
    "appliance": 0.5,
    "mainframe": 0.5,
    "physical": 0.5,
    "virtual": 0.5,
    "hypervisor": 0.5,
    "os": 0.5,
    "extended_support_bought": 0.5,
    "language": 0.25,
    "servers": 0.5,
}
ONLY_OF_PACKAGED_PRODUCTS = frozenset({"vendor_product", "vendor_supports_cloud", "saas_alternative"})
SETTLED_BY_OTHERS = 0.8  # what hardly applies is almost as good as known


def completeness(facts: Facts) -> float:
    """The weighted share (0 to 1) of the facts that are known; those that hardly apply count almost as known."""
    moot = _moot(facts)
    known = sum(w for n, w in WEIGHTS.items() if getattr(facts, n) is not None)
    settled = sum(WEIGHTS[n] * SETTLED_BY_OTHERS for n in moot)
    return (known + settled) / sum(WEIGHTS.values())


def missing_facts(facts: Facts) -> list[str]:
    """The names of the facts that are not known and apply, the most telling first."""
    absent = [n for n in WEIGHTS if getattr(facts, n) is None and n not in _moot(facts)]
    return sorted(absent, key=lambda n: -WEIGHTS[n])


def _moot(facts: Facts) -> set[str]:
    """The unknown facts that hardly apply, given the others."""
    moot = set(ONLY_OF_PACKAGED_PRODUCTS) if facts.cots is False else set()
    if facts.virtual is False:
        moot.add("hypervisor")
    return {n for n in moot if getattr(facts, n) is None}


def read_facts(raw: Mapping[str, object], *, where: str = "facts") -> Facts:
    """The facts in a JSON object; `where` names the object in messages.

    Raises:
        InvalidInput: a key is unknown (the message names near misses) or a value cannot be one of its kind.
    """
    given = {k: v for k, v in raw.items() if k not in IGNORED_KEYS}
    unknown = [k for k in given if k not in Facts.model_fields]
    if unknown:
        raise InvalidInput(f"{where}: {'; '.join(_unknown(k) for k in unknown)}.", hint="Correct or remove the key.")
    try:
        return Facts.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"'{e['loc'][0]}' is {e['input']!r}: {e['msg']}" for e in error.errors())
        raise InvalidInput(f"{where}: {wrong}.", hint="Use null for what is not known.") from error


def _unknown(key: str) -> str:
    near = difflib.get_close_matches(key, Facts.model_fields, n=3)
    meant = f", did you mean {' or '.join(near)}?" if near else ""
    return f"'{key}' is no known fact{meant}"
