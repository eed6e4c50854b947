"""Assessment: readiness, complexity, support, risks, and a recommendation that a person approves."""

from masterflow.flows.assessment.complexity_analysis import PHASE as COMPLEXITY_ANALYSIS
from masterflow.flows.assessment.config import Config
from masterflow.flows.assessment.readiness_assessment import PHASE as READINESS_ASSESSMENT
from masterflow.flows.assessment.recommendation_generation import PHASE as RECOMMENDATION_GENERATION
from masterflow.flows.assessment.risk_assessment import PHASE as RISK_ASSESSMENT
from masterflow.flows.assessment.tech_debt_assessment import PHASE as TECH_DEBT_ASSESSMENT
from masterflow.spec import FlowType

FLOW = FlowType(
    name="assessment",
    title="Assessment",
    summary="Says of every server when its support ends and whether it can move, and of every application which of "
    "seven ways it should take, why, and what would change that.",
    config=Config,
    phases=(
        READINESS_ASSESSMENT,
        COMPLEXITY_ANALYSIS,
        TECH_DEBT_ASSESSMENT,
        RISK_ASSESSMENT,
        RECOMMENDATION_GENERATION,
    ),
)
