"""The code forms of ADR-006 work as they are written there.

One flow runs here: created and registered in one transaction.

>>> flow = run(orchestrator.create_flow("discovery", config))
>>> flow.status.value, flow.runs_here
('running', True)

A specific flow runs elsewhere and registers with the orchestrator; that is mandatory.

>>> class DiscoveryFlows:
...     def __init__(self, orchestrator):
...         self.orchestrator = orchestrator
...
...     async def create_flow(self, flow_type: str, config: dict):
...         # Step 1: Create specific flow record
...         flow = await self._create_specific_flow(flow_type, config)
...
...         # Step 2: Register with master orchestrator (MANDATORY)
...         await self.orchestrator.register_flow(
...             flow_id=flow.id,
...             flow_type=flow_type,
...             configuration=config
...         )
...         return flow
...
...     async def _create_specific_flow(self, flow_type, config):
...         return SpecificFlow(id=uuid4())

>>> specific = run(DiscoveryFlows(orchestrator).create_flow("discovery", config))
>>> run(orchestrator.get(specific.id)).runs_here
False

All flows use the same state management.

>>> phase_name, phase_data = "data_import", {"rows": 3}
>>> state_manager = orchestrator.get_state_manager(specific.id)
>>> run(state_manager.update_phase(phase_name, phase_data)).current_phase
'data_validation'

Errors are handled in one place: recorded, tried again or failed, and raised again.

>>> class Worker:
...     @orchestrator.handle_errors
...     async def execute_phase(self, flow_id: str, phase: str):
...         # Flow-specific logic here
...         raise PhaseFailed("row 7 has no name")

>>> run(Worker().execute_phase(str(specific.id), "data_validation"))
Traceback (most recent call last):
masterflow.errors.PhaseFailed: row 7 has no name
>>> failed = run(orchestrator.get(specific.id))
>>> failed.status.value, failed.last_error.message
('failed', 'row 7 has no name')
"""

import asyncio
import doctest
import sys
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel

from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.errors import PhaseFailed
from masterflow.orchestrator import MultiTenantFlowManager
from masterflow.testing import make_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast

T = TypeVar("T")


class Imported(BaseModel):
    rows: int


@dataclass(frozen=True)
class SpecificFlow:
    id: UUID


def test_the_forms_work_as_written(urls: DatabaseUrls, cast: Cast) -> None:
    kind = toy_flow(toy_phase("data_import", gives=Imported), toy_phase("data_validation"), name="discovery")
    with asyncio.Runner() as runner:
        database = runner.run(Database(urls, pool_size=2).open())
        words: dict[str, Any] = {
            "orchestrator": MultiTenantFlowManager(make_orchestrator(database, [kind]), cast.lead),
            "config": {},
            "run": lambda awaitable: runner.run(_awaited(awaitable)),
            "uuid4": uuid4,
            "SpecificFlow": SpecificFlow,
            "PhaseFailed": PhaseFailed,
        }
        try:
            result = doctest.testmod(sys.modules[__name__], extraglobs=words)
        finally:
            runner.run(database.close())
    assert (result.failed, result.attempted) == (0, 12)


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable
