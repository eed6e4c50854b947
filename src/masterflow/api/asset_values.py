"""Values that people set on many assets at once: what it would change, and the setting of it."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from masterflow.api.assets import FilterIn
from masterflow.api.errors import problems
from masterflow.api.parts import UseInventory
from masterflow.api.shown import Shown
from masterflow.inventory.setting.types import LONGEST_REASON, LONGEST_VALUE, MOST_IDS, SettableField, ValueOrder
from masterflow.inventory.types import Criticality, Environment


class ChosenIn(FilterIn):
    """The assets of a list with the same filter, on all of its pages."""

    model_config = ConfigDict(extra="forbid")


class ValuesIn(BaseModel):
    """What to set; null takes back what people said, so that the sources hold again. What is not named stays."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    environment: Environment | None = None
    criticality: Criticality | None = None
    business_owner: str | None = Field(default=None, min_length=1, max_length=LONGEST_VALUE)
    technical_owner: str | None = Field(default=None, min_length=1, max_length=LONGEST_VALUE)
    department: str | None = Field(default=None, min_length=1, max_length=LONGEST_VALUE)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one field")
        return self


class ValueOrderIn(BaseModel):
    """Values for the assets of a filter, or for some by their ids; a dry run answers what would change."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "example": {
                "filter": {"search": "web", "unknown": ["environment"]},
                "set": {"environment": "production"},
                "reason": "The owners confirmed it.",
                "dry_run": True,
            }
        },
    )

    filter: ChosenIn | None = None
    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_IDS)
    values: ValuesIn = Field(alias="set", description="The fields to set; null takes back what people said")
    reason: str = Field(min_length=1, max_length=LONGEST_REASON, description="Why; shown with every value")
    dry_run: bool = True
    expected_count: int | None = Field(default=None, ge=0, description="How many assets the dry run counted")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.filter is None) == (self.ids is None):
            raise ValueError("give either a filter or ids")
        return self

    def order(self) -> ValueOrder:
        """As the inventory takes it."""
        return ValueOrder(
            values={SettableField(name): getattr(self.values, name) for name in sorted(self.values.model_fields_set)},
            reason=self.reason,
            asked=self.filter.filter() if self.filter else None,
            ids=None if self.ids is None else tuple(dict.fromkeys(self.ids)),
        )


class FieldChangeOut(Shown):
    """How many assets change from one value to another; null is not known."""

    field: SettableField
    before: str | None
    after: str | None
    count: int


class AssetChangeOut(Shown):
    """One value of one asset that changes."""

    id: UUID
    name: str
    field: SettableField
    before: str | None
    after: str | None


class ValueChangesOut(Shown):
    """What an order does: `count` assets are set, `changes` are those of their values that become another.

    `changes_left_out` counts kinds of change beyond those listed; `sample` has the first by name.
    """

    dry_run: bool
    count: int
    changes: list[FieldChangeOut]
    changes_left_out: int
    sample: list[AssetChangeOut]


router = APIRouter(prefix="/assets", tags=["estate"])


@router.post("/bulk", response_model=ValueChangesOut, responses=problems(404, 409, 422))
async def set_asset_values(inventory: UseInventory, order: ValueOrderIn) -> ValueChangesOut:
    """Set values on many assets by hand, or see what that would change; they hold for every later discovery."""
    changes = await inventory.set_values(order.order(), dry_run=order.dry_run, expected_count=order.expected_count)
    return ValueChangesOut.of(changes)
