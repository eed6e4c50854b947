"""How much work a move is: priors by strategy, scaled by servers and complexity.

The priors are unsourced working assumptions for an application of five servers and middle complexity; they are printed
with every plan, and a plan with measured durations should replace them.
"""

from collections.abc import Mapping

from masterflow.records.assessments.types import Strategy

HOURS_PER_DAY = 8
PERSON_DAYS: Mapping[Strategy, int] = {
    Strategy.REHOST: 25,
    Strategy.RELOCATE: 10,
    Strategy.REPLATFORM: 45,
    Strategy.REFACTOR: 90,
    Strategy.REPURCHASE: 30,
    Strategy.RETAIN: 5,
    Strategy.RETIRE: 15,
}
USUAL_SERVERS = 5
SERVER_EXPONENT = 0.75  # the tenth server of an application is less work than its first
USUAL_COMPLEXITY = 3
PER_COMPLEXITY_STEP = 0.1


def effort_hours(strategy: Strategy, servers: int, complexity: int) -> int:
    """Hours of work: person-days x 8 x (servers / 5)^0.75 x (1 + 0.1 x (complexity - 3)); complexity is 1 to 5."""
    size: float = (max(1, servers) / USUAL_SERVERS) ** SERVER_EXPONENT
    difficulty = 1 + PER_COMPLEXITY_STEP * ((complexity or USUAL_COMPLEXITY) - USUAL_COMPLEXITY)
    return max(1, round(PERSON_DAYS[strategy] * HOURS_PER_DAY * size * difficulty))


def stated() -> str:
    """The assumption in a sentence."""
    days = ", ".join(f"{strategy.value} {number}" for strategy, number in PERSON_DAYS.items())
    return f"Person-days for an application of {USUAL_SERVERS} servers and middle complexity: {days}."
