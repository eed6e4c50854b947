"""Takes an estate through flows as people do: upload, run, answer the gates."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from masterflow.db.session import Database
from masterflow.db.status import FlowStatus
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.types import Flow, OpenQuestion, Verdict
from masterflow.spec import FlowType
from masterflow.testing import Kit, running_orchestrator
from tests.conftest import Cast

MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Programme:
    """One engagement at work: the lead starts flows, the approver answers."""

    kit: Kit
    database: Database
    files: FileStore
    cast: Cast

    async def discover(self, *paths: Path) -> Flow:
        """Upload files and publish the estate they make."""
        service = InventoryService(self.database, self.files, self.cast.lead)
        imports = [str(await service.upload(path.name, path.read_bytes())) for path in paths]
        return await self.finish("discovery", {"imports": imports})

    async def finish(self, flow_type: str, config: Mapping[str, Any]) -> Flow:
        """Run a flow to its end, approving every gate as proposed."""
        flow = await self.start(flow_type, config)
        while flow.status is FlowStatus.WAITING_FOR_APPROVAL:
            await self.kit.orchestrator.decide(self.cast.approver, (await self.question(flow)).id, Verdict.APPROVE)
            flow = await self.kit.settled(self.cast.lead, flow.flow_id)
        return flow

    async def start(self, flow_type: str, config: Mapping[str, Any]) -> Flow:
        """Run a flow to its first wait."""
        flow = await self.kit.orchestrator.create_flow(self.cast.lead, flow_type, config)
        return await self.kit.settled(self.cast.lead, flow.flow_id)

    async def question(self, flow: Flow) -> OpenQuestion:
        """The open gate of a flow."""
        (question,) = await self.kit.orchestrator.gates(self.cast.approver, flow_id=flow.flow_id)
        return await self.kit.orchestrator.gate(self.cast.approver, question.id)

    async def output(self, flow_id: UUID, phase: str) -> dict[str, Any]:
        """What a phase gave, with a person's edits."""
        results = await self.kit.orchestrator.results(self.cast.lead, flow_id)
        (found,) = [result for result in results if result.phase == phase]
        return dict(found.output)


@asynccontextmanager
async def programme(
    database: Database, cast: Cast, folder: Path, flow_types: tuple[FlowType, ...]
) -> AsyncIterator[Programme]:
    """A programme on a running orchestrator with these flow types."""
    files = FileStore(folder.as_uri(), max_bytes=MOST_BYTES)
    async with running_orchestrator(database, flow_types, files=files) as kit:
        yield Programme(kit, database, files, cast)
