"""An order to set values on many assets, and what it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from masterflow.errors import InvalidInput
from masterflow.inventory.queries import AssetFilter
from masterflow.inventory.types import Criticality, Environment

MOST_IDS = 1_000
LONGEST_VALUE = 200  # characters
LONGEST_REASON = 500  # characters; it is shown with every value


class SettableField(StrEnum):
    """What a person may set on an asset; everything else is measured."""

    ENVIRONMENT = "environment"
    CRITICALITY = "criticality"
    BUSINESS_OWNER = "business_owner"
    TECHNICAL_OWNER = "technical_owner"
    DEPARTMENT = "department"


_WORDS = {SettableField.ENVIRONMENT: Environment, SettableField.CRITICALITY: Criticality}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueOrder:
    """Set these values on these assets, for a reason; None takes back what people said, so that the sources hold again.

    The assets are either those of a filter or at most 1,000 by their ids.

    Raises:
        InvalidInput: not exactly one of both, no value, no reason, or a value that a field cannot have.
    """

    values: Mapping[SettableField, str | None]
    reason: str
    asked: AssetFilter | None = None
    ids: tuple[UUID, ...] | None = None

    def __post_init__(self) -> None:
        if (self.asked is None) == (self.ids is None):
            raise InvalidInput("An order names its assets in one way.", hint="Give either a filter or ids.")
        if self.ids is not None and not 1 <= len(self.ids) <= MOST_IDS:
            raise InvalidInput(f"{len(self.ids)} ids cannot be taken.", hint=f"Give 1 to {MOST_IDS:,}, or a filter.")
        if not self.values:
            raise InvalidInput("Nothing is to be set.", hint=f"Set one of: {', '.join(SettableField)}.")
        if not self.reason.strip() or len(self.reason) > LONGEST_REASON:
            raise InvalidInput("Values are set for a reason.", hint=f"Say why, in 1 to {LONGEST_REASON} characters.")
        for field, value in self.values.items():
            _check(field, value)


def _check(field: SettableField, value: str | None) -> None:
    words = _WORDS.get(field)
    if value is None:
        return
    if words is not None and value not in list(words):
        raise InvalidInput(f"{field} cannot be {value[:80]!r}.", hint=f"Choose one of: {', '.join(words)}.")
    if not value.strip() or len(value) > LONGEST_VALUE:
        raise InvalidInput(
            f"{field} cannot be {value[:80]!r}.", hint=f"Give 1 to {LONGEST_VALUE} characters, or take it back."
        )


@dataclass(frozen=True, slots=True)
class FieldChange:
    """How many assets change from one value to another."""

    field: SettableField
    before: str | None
    after: str | None
    count: int


@dataclass(frozen=True, slots=True)
class AssetChange:
    """One value of one asset that changes."""

    id: UUID
    name: str
    field: SettableField
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ValueChanges:
    """What an order does: the assets it is about, and those of their values that change, the most frequent first.

    `changes_left_out` counts kinds of change that are not listed, `sample` has the first assets by name.
    """

    dry_run: bool
    count: int
    changes: tuple[FieldChange, ...]
    changes_left_out: int
    sample: tuple[AssetChange, ...]
