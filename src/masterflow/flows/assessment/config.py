"""What a person says before an assessment starts."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from masterflow.analysis.eol.support import months_later
from masterflow.analysis.readiness import DEFAULT_TARGET, target_names

MONTHS_TO_MOVE = 6  # assumed until a plan exists; printed with the results


class Config(BaseModel):
    """The target and the dates an assessment is made for."""

    model_config = ConfigDict(extra="forbid")

    target: str = Field(
        DEFAULT_TARGET,
        title="Target",
        description=f"Where the estate goes: one of {', '.join(target_names())}",
        json_schema_extra={"enum": list(target_names())},
    )
    assessed_on: date | None = Field(
        None, title="Judged on", description="The day support is judged at; today if not given"
    )
    move_date: date | None = Field(
        None,
        title="Move expected on",
        description=f"The day the move is expected; {MONTHS_TO_MOVE} months after `assessed_on` if not given",
    )
    datacentre_exit: date | None = Field(
        None,
        title="Datacentre empty by",
        description="The day the datacentre must be empty, if there is one",
    )


def move_date_of(assessed_on: date, given: date | None) -> date:
    """The day the move is expected: as given, or the assumption."""
    return given or months_later(assessed_on, MONTHS_TO_MOVE)
