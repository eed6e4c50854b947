"""What a person decides where sources contradict each other, put into the asset and its conflict.

One function serves both moments: at once on the published asset, and again whenever the estate is built anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from masterflow.errors import NotFound
from masterflow.inventory.types import (
    RETIRED,
    Application,
    Asset,
    AssetId,
    Conflict,
    Criticality,
    Environment,
    Fact,
    Source,
)

RULE = "decided by a person"
LIFECYCLE = "lifecycle"  # shown as a concern of the asset, not as a value
OPERATING_SYSTEM, OS_VERSION = "operating_system", "os_version"

_COUNTED = (
    "cpu_cores", "memory_mib", "storage_provisioned_mib", "storage_used_mib", "disk_capacity_mib", "disk_count",
)  # fmt: skip
_READ: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(_COUNTED, int),
    **dict.fromkeys(("cpu_p95_pct", "cpu_max_pct", "annual_cost"), Decimal),
    **dict.fromkeys(("ip_addresses", "mac_addresses"), lambda text: tuple(text.split(", "))),
    "environment": Environment,
    "criticality": Criticality,
    "virtual": lambda text: text == "true",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedValue:
    """Which of the contradicting values of one field of a machine or application is right, and who said so.

    `decided_at` is aware UTC. A value set `by_hand` holds whether a source states it or not.
    """

    asset_id: AssetId
    field: str
    value: str
    decided_by: str
    decided_at: datetime
    reason: str | None = None
    by_hand: bool = False

    @property
    def told(self) -> str:
        """Who decided it and when, as conflicts and sources name it."""
        return f"{self.decided_by} on {self.decided_at:%Y-%m-%d}"

    @property
    def source(self) -> Source:
        """The source of the decided fact: no cell, but a person."""
        if self.by_hand:
            because = f": {self.reason}" if self.reason else ""
            return Source(f"set by {self.told}{because}", None, None, None)
        return Source(f"decision of {self.told}", None, None, None)


def parts_of_conflict_id(text: str) -> tuple[AssetId, str]:
    """The asset and the field that the id of a conflict names.

    Raises:
        NotFound: no conflict has such an id.
    """
    asset, _, field = text.partition(".")
    try:
        return AssetId(UUID(asset)), field
    except ValueError:
        raise no_conflict() from None


def no_conflict() -> NotFound:
    """What is said of an id that no conflict of the engagement has."""
    return NotFound("There is no such conflict.", hint="List the conflicts to see their ids.")


def decide(asset: Asset, conflict: Conflict | None, said: DecidedValue) -> tuple[Asset, Conflict | None]:
    """An asset that shows the decided value, and its conflict, settled.

    A value that no source states any more decides nothing, unless it was set by hand: the asset stays, and its conflict
    comes back to review.
    """
    stated = [*asset.facts, *(conflict.values if conflict else ())]
    basis = next((f for f in stated if (f.field, f.value) == (said.field, said.value) and f.rule != RULE), None)
    if basis is None and not said.by_hand:
        return asset, reopened(conflict, said) if conflict else None
    shown = replace(asset, **_shown(asset, said, basis), facts=_facts(asset.facts, said, basis))
    return shown, settled(conflict, said) if conflict else None


def decide_application(
    application: Application, conflict: Conflict, said: DecidedValue
) -> tuple[Application, Conflict]:
    """An application that shows the decided value, and its conflict, settled; or the conflict, reopened."""
    if said.value not in {fact.value for fact in conflict.values}:
        return application, reopened(conflict, said)
    if said.field == "business_owner":
        return replace(application, business_owner=said.value), settled(conflict, said)
    if said.field == "criticality":
        return replace(application, criticality=Criticality(said.value)), settled(conflict, said)
    attributes = {**application.attributes, said.field: said.value}
    return replace(application, attributes=attributes), settled(conflict, said)


def settled(conflict: Conflict, said: DecidedValue) -> Conflict:
    """A conflict after the decision."""
    because = f": {said.reason}" if said.reason else ""
    return replace(
        conflict,
        preferred=said.value,
        why=f"{'set' if said.by_hand else 'decided'} by {said.told}{because}",
        needs_review=False,
        decided_by=said.decided_by,
        decided_at=said.decided_at,
    )


def reopened(conflict: Conflict, said: DecidedValue) -> Conflict:
    """A conflict whose decided value stands in no source any more: somebody has to look again."""
    note = f"'{said.value}', decided by {said.told}, stands in no source any more"
    why = conflict.why if note in conflict.why else f"{conflict.why}; {note}"
    return replace(conflict, why=why, needs_review=True, decided_by=None, decided_at=None)


def goes_with(fact: Fact, basis: Fact) -> bool:
    """Whether a fact is the version that the source of a decided operating system states."""
    mine, its = fact.source, basis.source
    return fact.field == OS_VERSION and (mine.file, mine.sheet, mine.row) == (its.file, its.sheet, its.row)


def _shown(asset: Asset, said: DecidedValue, basis: Fact | None) -> dict[str, Any]:
    if said.field == LIFECYCLE:
        others = {concern for concern in asset.concerns if concern != RETIRED}
        return {"concerns": tuple(sorted(others | {RETIRED} if said.value == "retired" else others))}
    value = _READ.get(said.field, str)(said.value)
    if said.field == OPERATING_SYSTEM and basis is not None:
        version = next((fact.value for fact in asset.facts if goes_with(fact, basis)), None)
        return {OPERATING_SYSTEM: value, OS_VERSION: version}
    return {said.field: value}


def _facts(facts: tuple[Fact, ...], said: DecidedValue, basis: Fact | None) -> tuple[Fact, ...]:
    """All facts of the sources, none of the field chosen any more, and the decision."""
    kept = [fact for fact in facts if (fact.field, fact.rule) != (said.field, RULE)]
    marked = [replace(fact, chosen=False) if fact.field == said.field else fact for fact in kept]
    if said.field == OPERATING_SYSTEM and basis is not None:
        marked = [replace(f, chosen=goes_with(f, basis)) if f.field == OS_VERSION else f for f in marked]
    return (*marked, Fact(said.field, said.value, said.source, RULE, basis.unit if basis else None))
