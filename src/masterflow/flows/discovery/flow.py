"""Discovery: from files that somebody exported to an inventory that people approved."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from masterflow.flows.discovery import (
    asset_inventory,
    data_cleansing,
    data_import,
    data_validation,
    dependency_analysis,
    field_mapping,
)
from masterflow.flows.discovery.options import Options, Targets
from masterflow.spec import FlowType

_IMPORTS: dict[str, JsonValue] = {"x-options": "/api/v1/imports"}  # where a form finds what to choose from


class Config(BaseModel):
    """What a discovery is made from.

    `imports` are uploaded files. `replaces` are earlier imports that these files stand for; a file with the name of an
    earlier one replaces it anyway. `targets` say how much should be known.
    """

    model_config = ConfigDict(extra="forbid")

    imports: list[UUID] = Field(
        default_factory=list, title="Files", description="Ids of the uploaded files", json_schema_extra=_IMPORTS
    )
    replaces: list[UUID] = Field(
        default_factory=list,
        title="Files that these replace",
        description="Earlier imports that these files stand for",
        json_schema_extra=_IMPORTS,
    )
    options: Options = Field(
        default=Options(),
        title="Options",
        description="Which machines to keep and which sources to believe first",
    )
    targets: Targets = Field(
        default=Targets(), title="Targets", description="For which share of servers each thing should be known"
    )


FLOW = FlowType(
    name="discovery",
    title="Discovery",
    summary="Reads exports of an estate and builds an inventory in which every value points to the cell it came from.",
    config=Config,
    phases=(
        data_import.PHASE,
        data_validation.PHASE,
        field_mapping.PHASE,
        data_cleansing.PHASE,
        asset_inventory.PHASE,
        dependency_analysis.PHASE,
    ),
)
