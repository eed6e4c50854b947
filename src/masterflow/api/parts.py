"""What the routes work with, handed over by `bootstrap`, and how a route asks for it."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from masterflow.db.health import Prober
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.mapping_memory.service import MappingMemory
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.schedules.service import Schedules
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.records.artifacts.service import ArtifactService
from masterflow.records.results import ResultService
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.types import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the routes call, or make a service from for the caller."""

    urls: DatabaseUrls
    database: Database
    files: FileStore
    tenancy: Tenancy
    orchestrator: MasterFlowOrchestrator
    probed: Prober = field(default_factory=Prober)


def services_of(request: Request) -> Services:
    """The services of the application that serves `request`."""
    services: Services = request.app.state.services
    return services


def _actor(request: Request) -> Principal:
    actor: Principal = request.state.actor
    return actor


Parts = Annotated[Services, Depends(services_of)]
Actor = Annotated[Principal, Depends(_actor)]


def _orchestrator(services: Parts) -> MasterFlowOrchestrator:
    return services.orchestrator


def _tenancy(services: Parts) -> Tenancy:
    return services.tenancy


def _inventory(services: Parts, actor: Actor) -> InventoryService:
    return InventoryService(services.database, services.files, actor)


def _memory(services: Parts, actor: Actor) -> MappingMemory:
    return MappingMemory(services.database, actor)


def _artifacts(services: Parts, actor: Actor) -> ArtifactService:
    return ArtifactService(services.database, services.files, actor)


def _results(services: Parts, actor: Actor) -> ResultService:
    return ResultService(services.database, actor)


def _schedules(services: Parts, actor: Actor) -> Schedules:
    return Schedules(services.database, services.orchestrator, actor)


UseOrchestrator = Annotated[MasterFlowOrchestrator, Depends(_orchestrator)]
UseTenancy = Annotated[Tenancy, Depends(_tenancy)]
UseInventory = Annotated[InventoryService, Depends(_inventory)]
UseMemory = Annotated[MappingMemory, Depends(_memory)]
UseArtifacts = Annotated[ArtifactService, Depends(_artifacts)]
UseResults = Annotated[ResultService, Depends(_results)]
UseSchedules = Annotated[Schedules, Depends(_schedules)]
