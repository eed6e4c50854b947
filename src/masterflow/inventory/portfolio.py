"""The published estate in one piece: servers, and the subjects that are assessed and planned.

A subject is an application with its servers, or a server that belongs to none: what nobody could assign is still
assessed and planned, one by one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from masterflow.db.session import Session
from masterflow.errors import InputMissing, MissingInput
from masterflow.inventory.circles import circles
from masterflow.inventory.queries import AssetFilter
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import (
    Application,
    Asset,
    Criticality,
    Dependency,
    DependencyKind,
    counts_as_server,
)


@dataclass(frozen=True)
class Subject:
    """One application, or one server that belongs to none (`application` is None then)."""

    id: UUID
    name: str
    application: Application | None
    assets: tuple[Asset, ...]

    @property
    def owner(self) -> str | None:
        """Who owns it: as stated of the application, or else of one of its servers."""
        stated = self.application.business_owner if self.application else None
        owners = (asset.business_owner or asset.technical_owner for asset in self.assets)
        return stated or next((owner for owner in owners if owner), None)

    @property
    def criticality(self) -> Criticality | None:
        """How much the business depends on it."""
        return self.application.criticality if self.application else self.assets[0].criticality


@dataclass(frozen=True)
class Portfolio:
    """The estate in one piece that can go to another process."""

    servers: tuple[Asset, ...]
    applications: tuple[Application, ...]
    dependencies: tuple[Dependency, ...]

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Applications that have servers, then servers without one, each by name."""
        by_id = {asset.id: asset for asset in self.servers}
        assigned: set[UUID] = set()
        grouped = []
        for application in sorted(self.applications, key=lambda a: (a.name.casefold(), str(a.id))):
            members = tuple(by_id[i] for i in application.asset_ids if i in by_id)
            if members:
                grouped.append(Subject(application.id, application.name, application, members))
                assigned |= {member.id for member in members}
        alone = [Subject(a.id, a.name, None, (a,)) for a in self.servers if a.id not in assigned]
        return (*grouped, *sorted(alone, key=lambda s: (s.name.casefold(), str(s.id))))

    @cached_property
    def circles(self) -> Mapping[UUID, tuple[UUID, ...]]:
        """Subjects that need each other by hard dependencies, each with its whole circle."""
        return {member: circle for circle in circles_of(self.dependencies) for member in circle}

    def neighbours(self, subject_id: UUID) -> frozenset[UUID]:
        """Subjects that this one needs or that need it."""
        return frozenset(
            other
            for d in self.dependencies
            for other in (d.source_id, d.target_id)
            if subject_id in {d.source_id, d.target_id} and other != subject_id
        )

    def inbound(self, subject_id: UUID) -> tuple[Dependency, ...]:
        """Dependencies of others on this subject."""
        return tuple(d for d in self.dependencies if d.target_id == subject_id)


def circles_of(dependencies: Iterable[Dependency]) -> tuple[tuple[UUID, ...], ...]:
    """What needs each other in a circle of hard dependencies, and so moves together; the order of rows is no matter."""
    hard = ((d.source_id, d.target_id) for d in dependencies if d.kind is DependencyKind.HARD)
    return tuple(sorted(tuple(sorted(members)) for members in circles(hard)))


async def read_portfolio(session: Session) -> Portfolio:
    """The engagement's published estate.

    Raises:
        InputMissing: nothing is published yet.
    """
    store = InventoryStore(session)
    servers = tuple([asset async for asset in store.every_asset(AssetFilter()) if counts_as_server(asset)])
    if not servers:
        raise InputMissing(
            [MissingInput("estate", "the engagement has no published servers")],
            hint="Run a discovery to its end, then start this phase again.",
        )
    return Portfolio(servers, await store.every_application(), await store.dependencies())
