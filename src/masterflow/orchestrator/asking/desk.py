"""What people do with a flow that waits for input: read what it asks, and answer."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from masterflow.db.session import Database
from masterflow.orchestrator import changes
from masterflow.orchestrator.asking import files
from masterflow.orchestrator.asking.schema import asked_by, filled
from masterflow.orchestrator.asking.types import Asked
from masterflow.orchestrator.mover import Mover
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.store import FlowStore
from masterflow.orchestrator.types import Flow
from masterflow.orchestrator.upgrading import brought_up
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal


class InputDesk:
    """Missing input, for verified people. A flow of another tenant reads like one that does not exist."""

    def __init__(self, database: Database, registry: FlowTypeRegistry, mover: Mover) -> None:
        self._database = database
        self._registry = registry
        self._mover = mover

    async def asked(self, actor: Principal, flow_id: UUID) -> Asked:
        """What a flow waits for."""
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            flow = await self._mover.found(FlowStore(connection, actor.tenant, self._registry), flow_id)
        return asked_by(flow, self._registry.get(flow.flow_type))

    async def template(self, actor: Principal, flow_id: UUID) -> bytes:
        """What a flow waits for as a workbook to fill in."""
        return files.template(await self.asked(actor, flow_id))

    async def read(self, actor: Principal, flow_id: UUID, name: str, data: bytes) -> Mapping[str, Any]:
        """The values that a file gives."""
        actor.require(Operation.RUN_FLOWS)
        return files.read(await self.asked(actor, flow_id), name, data)

    async def supply(
        self,
        actor: Principal,
        flow_id: UUID,
        values: Mapping[str, Any],
        *,
        reason: str | None,
        expected_version: int | None,
    ) -> Flow:
        """Merge `values` into the flow's configuration and let it run on."""
        actor.require(Operation.RUN_FLOWS)
        async with self._database.commanding(actor.tenant) as connection:
            store = FlowStore(connection, actor.tenant, self._registry)
            found = await self._mover.found(store, flow_id)
            flow = await brought_up(store, self._registry, found, actor=actor.email, expected_version=expected_version)
            merged = filled(flow, self._registry.get(flow.flow_type), values)
            change = changes.supply(merged, fields=sorted(values))
            version = flow.version if expected_version is None or flow is not found else expected_version
            moved = await self._mover.move(store, actor, flow_id, change, reason, version)
            await self._mover.enqueue(store, moved)
        return self._mover.committed(moved)
