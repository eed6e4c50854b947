"""What a person may say about how the estate is built."""

from typing import Annotated

from pydantic import Field, field_validator

from masterflow.analysis.estate.build import EstateOptions
from masterflow.analysis.estate.completeness import WANTED
from masterflow.analysis.estate.rvtools import RvtoolsOptions
from masterflow.analysis.estate.survivorship import DEFAULT_PRECEDENCE
from masterflow.flows.discovery.shown import Frozen

Share = Annotated[float, Field(ge=0, le=1)]


class Options(Frozen):
    """Which machines of the virtualization platform to keep, and which kinds of source to believe first.

    Without `use_memory` nothing that people approved for other files is looked at, and nothing is learned from these.
    """

    include_templates: bool = Field(False, title="Keep templates", description="Virtual machines that are templates")
    include_srm_placeholders: bool = Field(
        False, title="Keep placeholders", description="Placeholders that Site Recovery Manager holds for a failover"
    )
    include_vcls: bool = Field(
        False, title="Keep cluster agents", description="Virtual machines that vSphere runs for itself (vCLS)"
    )
    use_memory: bool = Field(
        True, title="Use what was learned", description="Look at mappings approved before, and learn from these"
    )
    precedence: tuple[str, ...] = Field(
        DEFAULT_PRECEDENCE, title="Whom to believe first", description="Kinds of source, the most trusted first"
    )

    def for_estate(self) -> EstateOptions:
        """The same for the building of an estate."""
        rvtools = RvtoolsOptions(self.include_templates, self.include_srm_placeholders, self.include_vcls)
        return EstateOptions(rvtools=rvtools, precedence=self.precedence)


class Targets(Frozen):
    """For which share of the servers (0 to 1) each thing should be known; what is missed is named in the result."""

    shares: dict[str, Share] = Field(
        default_factory=dict,
        title="Shares of servers",
        description=f"By name, from 0 to 1, of {', '.join(WANTED)}",
        json_schema_extra={"propertyNames": {"enum": list(WANTED)}},
    )

    @field_validator("shares")
    @classmethod
    def _refuse_unknown_names(cls, shares: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(shares) - set(WANTED))
        if unknown:
            raise ValueError(f"'{unknown[0]}' is none of {', '.join(WANTED)}")
        return shares
