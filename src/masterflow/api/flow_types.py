"""Flow types: what can be run here, with which configuration and phases."""

from collections.abc import Mapping
from typing import Any, Self

from fastapi import APIRouter
from pydantic import BaseModel

from masterflow.api.errors import problems
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.errors import NotFound
from masterflow.spec import FlowType, Phase
from masterflow.tenancy.roles import Operation


class PhaseOut(BaseModel):
    """One phase: what it takes and gives as JSON schemas, and what a person is asked after it."""

    name: str
    title: str
    optional: bool
    gate_asks: str | None
    gate_role: str | None
    takes: Mapping[str, Any]
    gives: Mapping[str, Any]

    @classmethod
    def of(cls, phase: Phase[Any, Any]) -> Self:
        """As the API shows it."""
        return cls(
            name=phase.name,
            title=phase.title,
            optional=phase.optional,
            gate_asks=phase.gate.asks if phase.gate else None,
            gate_role=" or ".join(phase.gate.approver_roles) if phase.gate else None,
            takes=phase.takes.model_json_schema(),
            gives=phase.gives.model_json_schema(),
        )


class FlowTypeOut(BaseModel):
    """A declared kind of flow; `config` is the JSON schema of its configuration."""

    name: str
    title: str
    summary: str
    version: int
    config: Mapping[str, Any]
    phases: list[PhaseOut]

    @classmethod
    def of(cls, flow_type: FlowType) -> Self:
        """As the API shows it."""
        return cls(
            name=flow_type.name,
            title=flow_type.title,
            summary=flow_type.summary,
            version=flow_type.version,
            config=flow_type.config.model_json_schema(),
            phases=[PhaseOut.of(phase) for phase in flow_type.phases],
        )


class FlowTypesOut(BaseModel):
    """Every flow type that works here, in catalogue order."""

    items: list[FlowTypeOut]


router = APIRouter(prefix="/flow-types", tags=["flow types"])


@router.get("", response_model=FlowTypesOut, responses=problems())
async def list_flow_types(actor: Actor, orchestrator: UseOrchestrator) -> FlowTypesOut:
    """What can be run here."""
    actor.require(Operation.READ_FLOWS)
    return FlowTypesOut(items=[FlowTypeOut.of(flow_type) for flow_type in orchestrator.registry.all()])


@router.get("/{name}", response_model=FlowTypeOut, responses=problems(404))
async def get_flow_type(name: str, actor: Actor, orchestrator: UseOrchestrator) -> FlowTypeOut:
    """One flow type."""
    actor.require(Operation.READ_FLOWS)
    flow_type = orchestrator.registry.find(name)
    if flow_type is None:
        raise NotFound("There is no such flow type.", hint="GET /api/v1/flow-types lists them.")
    return FlowTypeOut.of(flow_type)
