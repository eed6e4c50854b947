"""What one source says about one machine, before anybody asks whether two sources speak of the same machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from masterflow.errors import Place
from masterflow.inventory.types import AssetType, Criticality, Environment, Identity, Source

ClaimValue = str | int | bool | Decimal | tuple[str, ...] | Environment | Criticality

APPLICATION = "application"  # claims of this field name an application; a machine may serve several
LIFECYCLE = "lifecycle"
INCOMPLETE = "incomplete"  # concern of a machine whose leading row lacks identifiers and hardware


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of one field. Within its record the lowest `rank` is preferred; `why` argues for it in a conflict."""

    field: str
    value: ClaimValue
    source: Source
    rule: str
    rank: int = 0
    unit: str | None = None
    confidence: float = 1.0
    why: str = ""
    review: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One machine as one source describes it; `observed_at` is when the source last saw it, if it says so.

    A `detail` adds to a machine that another record lists and never makes one: a measurement, a disk, a relation.
    """

    file: str
    sheet: str | None
    row: int
    source_kind: str
    asset_type: AssetType
    identities: tuple[Identity, ...] = ()
    claims: tuple[Claim, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    concerns: tuple[str, ...] = ()
    observed_at: datetime | None = None
    detail: bool = False

    def best(self, name: str) -> ClaimValue | None:
        """The preferred value of a field, or None."""
        best: Claim | None = None
        for claim in self.claims:
            if claim.field == name and (best is None or claim.rank < best.rank):
                best = claim
        return best.value if best is not None else None

    def text(self, name: str) -> str | None:
        """`best` where it is a text."""
        value = self.best(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """`best` where it is a whole number."""
        value = self.best(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def name(self) -> str:
        """What people call the machine in this source."""
        return self.text("name") or self.text("vm_name") or self.text("hostname") or ""


class Severity(StrEnum):
    """How much an issue matters: an error leaves something out, a warning makes it less sure."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a file or about the estate that a person should know; `count` is how often it was met."""

    code: str
    severity: Severity
    message: str
    count: int = 1
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Excluded:
    """A row that is a machine of the platform, not of the estate: a template, a placeholder, a service machine."""

    name: str
    why: str
    source: Source
    sizes: Mapping[str, int] = field(default_factory=dict)


def claim_text(value: ClaimValue) -> str:
    """A claim's value as facts, conflicts and attributes print it."""
    if type(value) is str:
        return value
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
