"""Learned headers as values."""

from dataclasses import dataclass
from datetime import datetime

PRIOR_ACCEPTED = 9  # a person has looked at what is remembered: nine of ten such answers stand
PRIOR_ANSWERS = 10


@dataclass(frozen=True, slots=True, order=True)
class Layout:
    """A sheet as it is recognised again: its name, and a code of the headers it had when it was first approved."""

    sheet: str
    code: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one approved column teaches.

    `header` is squashed; `field` "" means that the column is kept as an attribute. `overrode` is the field that was
    proposed and that a person changed ("" for an attribute), None where the proposal was left as it was.
    """

    layout: Layout
    header: str
    field: str
    unit: str | None = None
    overrode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedHeader:
    """How often people let a header mean a field, in a sheet of one kind of source.

    `source_kind` names the importer, `header` is squashed, `field` "" stands for an attribute. `accepted` counts
    approvals since the meaning was last overridden, `overridden` how often a person put another in its place.
    """

    source_kind: str
    layout: Layout
    header: str
    field: str
    unit: str | None
    accepted: int
    overridden: int
    last_used: datetime

    @property
    def confidence(self) -> float:
        """From 0 to 1: (accepted + 9) / (accepted + overridden + 10), the mean of a beta distribution.

        One approval is enough not to be asked again (0.91); a meaning that was overridden and came back is asked about
        until it is confirmed nine times more.
        """
        return (self.accepted + PRIOR_ACCEPTED) / (self.accepted + self.overridden + PRIOR_ANSWERS)


@dataclass(frozen=True, slots=True)
class LearnedPage:
    """One page of learned headers by source, sheet and header; `cursor` continues it and is None at the end."""

    items: tuple[LearnedHeader, ...]
    cursor: str | None
