"""Every page, by the name of its picture, and where it is in an estate that the demo has filled."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from masterflow.bootstrap import Masterflow
from masterflow.db.status import LIVE
from masterflow.demo.northwind import estate_files
from masterflow.demo.story import Answer, Plot, Story, content_of
from masterflow.errors import EditRejected
from masterflow.inventory.queries import AssetFilter
from masterflow.inventory.service import InventoryService
from masterflow.inventory.types import AssetType, Environment
from masterflow.orchestrator.types import Flow, GateStatus, OpenQuestion, Verdict
from masterflow.records.results import ResultService
from masterflow.tenancy.types import Principal, Tenant
from tests.e2e.server import Server

FIRST = next(file for file in estate_files() if file.name.startswith("servicenow_cmdb_ci_server"))
LOOK_SECONDS = 0.2
ASKED = {
    "assessment": "recommendation_generation",
    "planning": "wave_planning",
}
LEAD, APPROVER = "lead@northwind.example", "approver@northwind.example"


@dataclass(frozen=True, slots=True)
class Place:
    """A page by its name and the path behind the engagement's."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Stage:
    """An engagement in which every page has something to show."""

    tenant: Tenant
    places: tuple[Place, ...]


class Willing:
    """Somebody who approves what they are asked."""

    def begins(self, flow: Flow, *, number: int, of: int) -> None:
        """A flow was started."""

    def moves(self, flow: Flow) -> None:
        """A flow changed."""

    def is_refused(self, error: EditRejected) -> None:
        """Nothing is edited here."""

    async def answers(self, question: OpenQuestion, workbook: bytes | None) -> Answer:
        """Approve."""
        return Answer(Verdict.APPROVE, reason="Looked at with the client.")


async def set_stage(server: Server, client: str = "Northwind Freight") -> Stage:
    """Run the bundled estate through every flow type, and leave a gate of each kind open in a second run."""
    people = {LEAD: ("lead", "client_admin"), APPROVER: ("approver",), "viewer@northwind.example": ("viewer",)}
    tenant = await server.engage(client, "Data centre exit", people)
    async with server.inside() as parts:
        cast = Cast(
            parts, await parts.operator.principal(tenant, LEAD), await parts.operator.principal(tenant, APPROVER)
        )
        inventory = InventoryService(parts.database, parts.files, cast.lead)
        upload = await inventory.upload(FIRST.name, content_of(FIRST))
        gates = {"field_mapping": await cast.ask("discovery", {"imports": [str(upload)]}, "field_mapping")}
        story = Story(parts, cast.lead, cast.approver, Willing())
        await story.tell(Plot(title="First plan", files=estate_files()))  # and learns what headers mean
        finished = {flow.flow_type: flow for flow in story.flows}
        for name, phase in ASKED.items():
            parent = finished[name].parent_flow_id
            gates[phase] = await cast.ask(name, finished[name].configuration, phase, parent=parent)
        places = await _places(cast, finished, gates)
    return Stage(tenant, places)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who makes the stage."""

    parts: Masterflow
    lead: Principal
    approver: Principal

    async def ask(self, name: str, config: Mapping[str, object], phase: str, *, parent: UUID | None = None) -> UUID:
        """Run a flow until the gate of `phase` is open, approving the gates before it."""
        orchestrator = self.parts.orchestrator
        flow = await orchestrator.create_flow(self.lead, name, config, name="Second round", parent_flow_id=parent)
        while (flow := await orchestrator.get(self.lead, flow.flow_id)).status in LIVE:
            for gate in await orchestrator.list_gates(self.lead, status=GateStatus.OPEN, flow_id=flow.flow_id):
                if gate.phase == phase:
                    return gate.id
                await orchestrator.decide(self.approver, gate.id, Verdict.APPROVE)
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"{name} ended {flow.status} without asking at {phase}: {flow.last_error}")


async def _places(cast: Cast, finished: Mapping[str, Flow], gates: Mapping[str, UUID]) -> tuple[Place, ...]:
    inventory = InventoryService(cast.parts.database, cast.parts.files, cast.lead)
    results = ResultService(cast.parts.database, cast.lead)
    asset = (
        await inventory.assets(
            AssetFilter(environment=(Environment.PRODUCTION,), asset_type=(AssetType.SERVER,)), limit=1
        )
    ).assets[0]
    assessment = await results.assessment((await results.assessments(limit=1)).assessments[0].id)
    subject = next(one for one in assessment.recommendations if one.is_application)
    file = (await inventory.imports(limit=1)).imports[0]
    found = {
        "flows": "/flows",
        "new-flow": "/flows/new?type=planning",
        "flow": f"/flows/{finished['planning'].flow_id}",
        "inbox": "/inbox",
        "mapping": f"/inbox/{gates['field_mapping']}",
        "gate": f"/inbox/{gates['recommendation_generation']}",
        "imports": "/imports",
        "import": f"/imports/{file.id}",
        "inventory": "/inventory",
        "asset": f"/inventory/{asset.id}",
        "conflicts": "/conflicts",
        "dependencies": "/dependencies",
        "assessment": "/assessment",
        "overrides": f"/assessment?gate={gates['recommendation_generation']}",
        "application": f"/assessment/{assessment.id}/{subject.subject_id}",
        "plan": "/plan",
        "plan-board": f"/plan?gate={gates['wave_planning']}",
        "insights": "/insights",
    }
    sections = (
        "client",
        "people",
        "service-accounts",
        "tokens",
        "sessions",
        "schedules",
        "webhooks",
        "audit",
        "health",
    )
    return tuple(
        [Place(name, path) for name, path in found.items()]
        + [Place(f"admin-{section}", f"/admin/{section}") for section in sections]
    )
