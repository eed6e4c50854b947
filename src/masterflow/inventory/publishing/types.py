"""What a person approved of an estate: everything about it that is not staged."""

from dataclasses import dataclass
from uuid import UUID

from masterflow.inventory.types import Application, ApplicationId, AssetId, Environment, Membership


@dataclass(frozen=True, slots=True)
class Member:
    """One asset of one application."""

    application_id: ApplicationId
    asset_id: AssetId
    membership: Membership


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of one machine, kept for every later rebuild.

    `applications` and `environment` are None where they were not set by hand; without `keep` the machine stays out.
    """

    asset_id: AssetId
    applications: tuple[str, ...] | None
    environment: Environment | None
    keep: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The approved part of an estate; assets, identities, facts and conflicts lie staged.

    `decisions` are those made at this gate. `built_from` names the imports that the estate was made from, `replaced`
    the imports that newer ones stand for.
    """

    flow_id: UUID
    applications: tuple[Application, ...]
    members: tuple[Member, ...]
    decisions: tuple[Decision, ...]
    built_from: tuple[UUID, ...]
    replaced: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did to the assets."""

    added: int
    changed: int
    unchanged: int
    removed: int
