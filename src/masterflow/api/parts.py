"""What the routes work with, handed over by `bootstrap`, and how a route asks for it."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from pydantic import SecretStr

from masterflow.db.health import Prober
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.mapping_memory.service import MappingMemory
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.schedules.service import Schedules
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.orchestrator.vitals.service import Vitals
from masterflow.orchestrator.webhooks import WebhookService
from masterflow.records.artifacts.service import ArtifactService
from masterflow.records.results import ResultService
from masterflow.records.views.service import SavedViews
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.types import Access, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the routes call, or make a service from for the caller."""

    urls: DatabaseUrls
    database: Database
    files: FileStore
    tenancy: Tenancy
    orchestrator: MasterFlowOrchestrator
    webhooks: WebhookService
    probed: Prober = field(default_factory=Prober)
    vitals: Vitals | None = None
    metrics_token: SecretStr | None = None
    on_loopback: bool = False  # whether the server listens on this machine's own address alone


@dataclass(frozen=True, slots=True)
class Admission:
    """How a request was let in; `csrf` is what its page sends with changes, if a cookie let it in."""

    access: Access
    csrf: str | None


def services_of(request: Request) -> Services:
    """The services of the application that serves `request`."""
    services: Services = request.app.state.services
    return services


def _admission(request: Request) -> Admission:
    admission: Admission = request.state.admission
    return admission


def _actor(request: Request) -> Principal:
    return _admission(request).access.principal


Parts = Annotated[Services, Depends(services_of)]
Actor = Annotated[Principal, Depends(_actor)]
Admitted = Annotated[Admission, Depends(_admission)]


def _orchestrator(services: Parts) -> MasterFlowOrchestrator:
    return services.orchestrator


def _webhooks(services: Parts) -> WebhookService:
    return services.webhooks


def _tenancy(services: Parts) -> Tenancy:
    return services.tenancy


def _inventory(services: Parts, actor: Actor) -> InventoryService:
    return InventoryService(services.database, services.files, actor)


def _memory(services: Parts, actor: Actor) -> MappingMemory:
    return MappingMemory(services.database, actor)


def _artifacts(services: Parts, actor: Actor) -> ArtifactService:
    return ArtifactService(services.database, services.files, actor)


def _views(services: Parts, actor: Actor) -> SavedViews:
    return SavedViews(services.database, actor)


def _results(services: Parts, actor: Actor) -> ResultService:
    return ResultService(services.database, actor)


def _schedules(services: Parts, actor: Actor) -> Schedules:
    return Schedules(services.database, services.orchestrator, actor)


UseOrchestrator = Annotated[MasterFlowOrchestrator, Depends(_orchestrator)]
UseWebhooks = Annotated[WebhookService, Depends(_webhooks)]
UseTenancy = Annotated[Tenancy, Depends(_tenancy)]
UseInventory = Annotated[InventoryService, Depends(_inventory)]
UseMemory = Annotated[MappingMemory, Depends(_memory)]
UseArtifacts = Annotated[ArtifactService, Depends(_artifacts)]
UseViews = Annotated[SavedViews, Depends(_views)]
UseResults = Annotated[ResultService, Depends(_results)]
UseSchedules = Annotated[Schedules, Depends(_schedules)]
