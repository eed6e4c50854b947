"""What the routes work with, handed over by `bootstrap`, and how a route asks for it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from masterflow.db.urls import DatabaseUrls
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.types import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every service that the routes call."""

    urls: DatabaseUrls
    tenancy: Tenancy
    orchestrator: MasterFlowOrchestrator


def services_of(request: Request) -> Services:
    """The services of the application that serves `request`."""
    services: Services = request.app.state.services
    return services


def _actor(request: Request) -> Principal:
    actor: Principal = request.state.actor
    return actor


def _orchestrator(services: Annotated[Services, Depends(services_of)]) -> MasterFlowOrchestrator:
    return services.orchestrator


def _tenancy(services: Annotated[Services, Depends(services_of)]) -> Tenancy:
    return services.tenancy


Actor = Annotated[Principal, Depends(_actor)]
UseOrchestrator = Annotated[MasterFlowOrchestrator, Depends(_orchestrator)]
UseTenancy = Annotated[Tenancy, Depends(_tenancy)]
