"""Runs the phases of discovery one after another, as the orchestrator does, without an engine."""

import pickle
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
from pydantic import BaseModel

from masterflow.db.session import Database
from masterflow.flows.discovery.flow import FLOW
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.service import InventoryService
from masterflow.inventory.store import InventoryStore
from masterflow.orchestrator.gates import edited_by_table
from masterflow.orchestrator.segments.inputs import build_input
from masterflow.records.artifacts.service import ArtifactService
from masterflow.spec import Row, Stores
from masterflow.tenancy.types import Principal, Tenant

DATA = Path(__file__).parents[2] / "data" / "estate"

Edit = Callable[[list[Row]], None]


@dataclass(slots=True)
class Execution:
    """What `spec.PhaseContext` asks for. What is computed passes through pickle, as between processes."""

    database: Database
    files: FileStore
    tenant: Tenant
    flow_id: UUID
    phase: str
    iteration: int = 1
    attempt: int = 1
    flow_type: str = "discovery"
    now: datetime = datetime(2026, 11, 23, tzinfo=UTC)

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Stores]:
        async with self.database.transaction(self.tenant) as session:
            yield Stores(session, self.flow_id, self.iteration)

    async def compute(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        function, args, kwargs = pickle.loads(pickle.dumps((function, args, kwargs)))
        return pickle.loads(pickle.dumps(function(*args, **kwargs)))

    async def checkpoint(self) -> None: ...

    async def progress(self, done: int, total: int, what: str) -> None: ...


@dataclass(slots=True)
class Discovery:
    """One flow: uploads, the outputs so far, and the next phase."""

    database: Database
    files: FileStore
    person: Principal
    config: dict[str, Any] = field(default_factory=lambda: {"imports": []})
    flow_id: UUID = field(default_factory=uuid4)
    iteration: int = 1
    outputs: dict[str, BaseModel] = field(default_factory=dict)

    @property
    def inventory(self) -> InventoryService:
        return InventoryService(self.database, self.files, self.person)

    @property
    def artifacts(self) -> ArtifactService:
        return ArtifactService(self.database, self.files, self.person)

    async def upload(self, name: str, content: bytes | str | None = None) -> UUID:
        """Upload a file of the test data, or this content under that name."""
        data = (DATA / name).read_bytes() if content is None else content
        import_id = await self.inventory.upload(name, data.encode() if isinstance(data, str) else data)
        self.config["imports"].append(str(import_id))
        return import_id

    async def run(self, *phases: str) -> Any:
        """Run these phases (default: all) and publish each; answers the last output."""
        names = phases or tuple(phase.name for phase in FLOW.phases)
        for name in names:
            await self.execute(name)
            await self.publish(name)
        return self.outputs[names[-1]]

    async def run_until(self, last: str) -> Any:
        """Run and publish every phase up to `last`, and run that one without publishing it."""
        for phase in FLOW.phases[: FLOW.index_of(last)]:
            await self.run(phase.name)
        return await self.execute(last)

    async def execute(self, name: str) -> Any:
        """Run one phase; its output is checked and passes through JSON, as in the database."""
        phase = FLOW.phase(name)
        before = [o.model_dump(mode="json") for n, o in self.outputs.items() if FLOW.index_of(n) < FLOW.index_of(name)]
        given = build_input(phase, configuration=FLOW.config(**self.config).model_dump(mode="json"), outputs=before)
        ctx = Execution(self.database, self.files, self.person.tenant, self.flow_id, name, self.iteration)
        output = await phase.run(ctx, given)
        assert [problem for check in phase.checks for problem in check(output)] == []
        self.outputs[name] = phase.gives.model_validate_json(orjson.dumps(output.model_dump(mode="json")))
        return self.outputs[name]

    def edit(self, name: str, edit: Edit) -> Any:
        """Edit the lines of a gate's table and apply them."""
        gate = FLOW.phase(name).gate
        assert gate is not None
        assert gate.table is not None
        rows = gate.table.rows(self.outputs[name])
        edit(rows)
        self.outputs[name] = edited_by_table(FLOW.phase(name), gate.table, self.outputs[name], rows)
        return self.outputs[name]

    async def publish(self, name: str) -> None:
        """What the end of the phase, or the approval of its gate, writes."""
        phase = FLOW.phase(name)
        if phase.publish is not None:
            async with self.database.publishing(self.person.tenant) as session:
                await phase.publish(Stores(session, self.flow_id, self.iteration), self.outputs[name])

    async def server(self, name: str) -> Any:
        """One published asset by its name, with facts."""
        async with self.database.transaction(self.person.tenant) as session:
            store = InventoryStore(session)
            (found,) = [asset async for asset in store.every_asset() if asset.name == name]
            return (await store.asset(found.id)).asset

    async def artifact(self, artifact_id: UUID) -> bytes:
        _, content = await self.artifacts.open(artifact_id)
        return b"".join([chunk async for chunk in content])


def line(rows: list[Row], **wanted: object) -> Row:
    """The one line of a gate's table that has these cells."""
    (found,) = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    return found


def csv_of(*rows: Mapping[str, object]) -> str:
    """A CSV with a header."""
    lines = [",".join(rows[0])] + [",".join(str(value) for value in row.values()) for row in rows]
    return "\n".join(lines) + "\n"
