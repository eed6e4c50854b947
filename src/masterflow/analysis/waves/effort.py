"""Hours that it takes to move an application when nobody has estimated them.

The priors have no published source: they are assumptions to be shown and edited, and `assumption` says them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from masterflow.records.assessments.types import Strategy

PERSON_DAYS: Mapping[Strategy, float] = {
    Strategy.REHOST: 25,
    Strategy.RELOCATE: 25,  # no prior of its own: like rehost, since the servers come along as they are
    Strategy.REPLATFORM: 45,
    Strategy.REFACTOR: 90,
    Strategy.REPURCHASE: 30,
    Strategy.RETAIN: 5,
    Strategy.RETIRE: 15,
}
UNDECIDED = Strategy.REHOST


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortModel:
    """Person-days of a usual application (so many servers, complexity 3 of 5), scaled to others.

    hours = days x hours a day x sqrt(servers / usual servers) x (0.7 + 0.1 x complexity); what is not known is usual.
    """

    person_days: Mapping[Strategy, float] = field(default_factory=lambda: PERSON_DAYS)
    hours_a_day: float = 8
    usual_servers: int = 5

    def hours(self, strategy: Strategy | None, *, servers: float | None, complexity: int | None) -> float:
        """Hours for one application, rounded to whole ones."""
        days = self.person_days[strategy or UNDECIDED]
        size = 1.0 if servers is None else (max(1.0, servers) / self.usual_servers) ** 0.5
        return float(round(days * self.hours_a_day * size * (0.7 + 0.1 * (complexity or 3))))

    @property
    def assumption(self) -> str:
        """The model in a sentence."""
        days = ", ".join(f"{name} {value:g}" for name, value in self.person_days.items())
        return (
            f"Effort that nobody estimated is assumed: person-days ({days}) for {self.usual_servers} servers and "
            f"complexity 3, scaled by the root of the servers and by complexity, {self.hours_a_day:g} h a day."
        )
