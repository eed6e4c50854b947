"""Planning: waves that respect every hard rule and that a person approves, and what each of them takes."""

from masterflow.flows.planning.config import Config
from masterflow.flows.planning.resource_planning import PHASE as RESOURCE_PLANNING
from masterflow.flows.planning.wave_planning import PHASE as WAVE_PLANNING
from masterflow.spec import FlowType

FLOW = FlowType(
    name="planning",
    title="Planning",
    summary="Puts what moves into waves that respect capacity, freezes, pins and dependencies, with the best plan "
    "found, its bound and the wishes it breaks, and says what people and bandwidth each wave takes.",
    config=Config,
    phases=(WAVE_PLANNING, RESOURCE_PLANNING),
)
