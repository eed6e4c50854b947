"""Say what each wave takes: people, hours of copying, and where it exceeds what there is.

Copying follows the duration model of migration tools: size in GB x 8,000 Mbit divided by the rate, printed with the
rate it assumes; the work behind each application are editable priors, not measurements.
"""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from pydantic import BaseModel

from masterflow.flows.planning.wave_planning import PlannedWave
from masterflow.spec import Phase, PhaseContext, Problem

MBIT_PER_GB = 8_000  # 10^9 bytes
HOURS_PER_DAY = 24


class Input(BaseModel):
    """The approved waves and what people and lines can do."""

    planned_waves: list[PlannedWave]
    wave_weeks: int
    engineers: int
    hours_per_engineer_week: int
    transfer_mbps: int


class Demand(BaseModel):
    """What one wave takes. `engineers_needed` is full use of the hours a week that one engineer has."""

    number: int
    work_hours: int
    available_hours: int
    engineers_needed: Decimal
    transfer_hours: Decimal
    transfer_fits: bool
    people_fit: bool


class Output(BaseModel):
    """The demand of every wave, the busiest, and what does not fit in words."""

    demand: list[Demand]
    peak_wave: int | None
    shortages: list[str]
    assumptions: list[str]


async def run(ctx: PhaseContext, given: Input) -> Output:  # noqa: ARG001 - nothing but the input is read
    """Compute the demand of every wave."""
    demand = [_demand(wave, given) for wave in given.planned_waves]
    return Output(
        demand=demand,
        peak_wave=max(demand, key=lambda d: d.work_hours).number if demand else None,
        shortages=[sentence for each in demand for sentence in _shortages(each, given)],
        assumptions=[
            f"{given.engineers} engineers, {given.hours_per_engineer_week} h a week each",
            f"data is copied at {given.transfer_mbps} Mbit/s without pause",
            "work per application follows editable priors by strategy, servers and complexity",
        ],
    )


def _demand(wave: PlannedWave, given: Input) -> Demand:
    available = given.engineers * given.hours_per_engineer_week * given.wave_weeks
    per_engineer = given.hours_per_engineer_week * given.wave_weeks
    transfer = transfer_time(wave.storage_gb, given.transfer_mbps) / timedelta(hours=1)
    return Demand(
        number=wave.number,
        work_hours=wave.hours,
        available_hours=available,
        engineers_needed=_tenth(Decimal(wave.hours) / per_engineer),
        transfer_hours=_tenth(Decimal(transfer)),
        transfer_fits=transfer <= given.wave_weeks * 7 * HOURS_PER_DAY,
        people_fit=wave.hours <= available,
    )


def transfer_time(storage_gb: int, mbps: int) -> timedelta:
    """How long it takes to copy `storage_gb` (10^9 bytes) at `mbps` Mbit/s."""
    return timedelta(seconds=storage_gb * MBIT_PER_GB / mbps)


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _shortages(demand: Demand, given: Input) -> list[str]:
    found = []
    if not demand.people_fit:
        found.append(
            f"Wave {demand.number} takes {demand.work_hours} h of work, {given.engineers} engineers have "
            f"{demand.available_hours} h: add people, lengthen the wave, or lower its capacity and plan again."
        )
    if not demand.transfer_fits:
        found.append(
            f"Wave {demand.number} takes {demand.transfer_hours} h of copying at {given.transfer_mbps} Mbit/s, longer "
            "than the wave: seed the data beforehand or order more bandwidth."
        )
    return found


def every_wave_has_its_demand(given: Output) -> list[Problem]:
    """No wave is listed twice."""
    numbers = [each.number for each in given.demand]
    return [] if len(numbers) == len(set(numbers)) else [Problem("planning.wave_twice", f"Waves repeat: {numbers}.")]


PHASE = Phase(
    name="resource_planning",
    title="Say what people and bandwidth each wave takes",
    takes=Input,
    gives=Output,
    run=run,
    checks=[every_wave_has_its_demand],
)
