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

    include_templates: bool = False
    include_srm_placeholders: bool = False
    include_vcls: bool = False
    use_memory: bool = True
    precedence: tuple[str, ...] = DEFAULT_PRECEDENCE

    def for_estate(self) -> EstateOptions:
        """The same for the building of an estate."""
        rvtools = RvtoolsOptions(self.include_templates, self.include_srm_placeholders, self.include_vcls)
        return EstateOptions(rvtools=rvtools, precedence=self.precedence)


class Targets(Frozen):
    """For which share of the servers (0 to 1) each thing should be known; what is missed is named in the result."""

    shares: dict[str, Share] = Field(default_factory=dict)

    @field_validator("shares")
    @classmethod
    def _refuse_unknown_names(cls, shares: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(shares) - set(WANTED))
        if unknown:
            raise ValueError(f"'{unknown[0]}' is none of {', '.join(WANTED)}")
        return shares
