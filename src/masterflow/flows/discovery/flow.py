"""Discovery: from files that somebody exported to an inventory that people approved."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

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


class Config(BaseModel):
    """What a discovery is made from.

    `imports` are uploaded files. `replaces` are earlier imports that these files stand for; a file with the name of an
    earlier one replaces it anyway. `targets` say how much should be known.
    """

    model_config = ConfigDict(extra="forbid")

    imports: list[UUID] = Field(default_factory=list, description="Ids of the uploaded files")
    replaces: list[UUID] = Field(default_factory=list, description="Earlier imports that these files stand for")
    options: Options = Field(default=Options(), description="Which machines to keep and which sources to believe first")
    targets: Targets = Field(default=Targets(), description="For which share of servers each thing should be known")


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
