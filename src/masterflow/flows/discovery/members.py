"""Which server belongs to which application, as proposed, shown and corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from masterflow.analysis.estate.applications import application_key
from masterflow.errors import EditProblem
from masterflow.flows.discovery.shown import Frozen
from masterflow.inventory.publishing.types import Decision
from masterflow.inventory.publishing.types import Member as PublishedMember
from masterflow.inventory.types import Application, ApplicationId, Asset, AssetId, AssetType, Environment, Membership
from masterflow.spec import Row

SERVES = frozenset({AssetType.SERVER, AssetType.VIRTUAL_MACHINE, AssetType.CONTAINER, AssetType.OTHER})
SEPARATOR = ";"
YES, NO = "yes", "no"
ENVIRONMENTS = tuple(str(environment) for environment in Environment)


class Member(Frozen):
    """One server at the inventory gate.

    `applications` are names; `membership` is how sure they are, None where there is none. `keep` says whether it
    belongs to the estate at all. The two `…_decided` tell what a person set by hand, now or at an earlier gate.
    """

    asset_id: UUID
    name: str
    applications: tuple[str, ...] = ()
    membership: Membership | None = None
    environment: Environment | None = None
    keep: bool = True
    applications_decided: bool = False
    environment_decided: bool = False

    @property
    def decided(self) -> bool:
        """Whether anything of it was set by hand."""
        return self.applications_decided or self.environment_decided or not self.keep


def members_of(
    assets: Iterable[Asset], applications: Iterable[Application], decisions: Iterable[Decision]
) -> tuple[Member, ...]:
    """The servers of an estate with their applications, earlier decisions applied."""
    stated: dict[AssetId, list[str]] = {}
    proposed: dict[AssetId, list[str]] = {}
    for application in applications:
        only_proposed = set(application.proposed_asset_ids)
        for asset_id in application.asset_ids:
            (proposed if asset_id in only_proposed else stated).setdefault(asset_id, []).append(application.name)
    decided = {decision.asset_id: decision for decision in decisions}
    return tuple(
        _with_decision(_member(asset, stated.get(asset.id, []), proposed.get(asset.id, [])), decided.get(asset.id))
        for asset in assets
        if asset.asset_type in SERVES
    )


def _member(asset: Asset, stated: Sequence[str], proposed: Sequence[str]) -> Member:
    membership = Membership.STATED if stated else Membership.PROPOSED if proposed else None
    return Member(
        asset_id=asset.id,
        name=asset.name,
        applications=(*stated, *proposed),
        membership=membership,
        environment=asset.environment,
    )


def _with_decision(member: Member, decision: Decision | None) -> Member:
    if decision is None:
        return member
    changed: dict[str, object] = {"keep": decision.keep}
    if decision.applications is not None:
        membership = Membership.STATED if decision.applications else None
        changed |= {"applications": decision.applications, "membership": membership, "applications_decided": True}
    if decision.environment is not None:
        changed |= {"environment": decision.environment, "environment_decided": True}
    return member.model_copy(update=changed)


def rows_of(members: Iterable[Member]) -> list[Row]:
    """One line for each server."""
    return [
        {
            "id": str(member.asset_id),
            "server": member.name,
            "applications": f"{SEPARATOR} ".join(member.applications) or None,
            "membership": member.membership,
            "environment": member.environment,
            "keep": YES if member.keep else NO,
            "decided": YES if member.decided else None,
        }
        for member in members
    ]


def edited_members(members: Iterable[Member], rows: Iterable[Row]) -> tuple[tuple[Member, ...], list[EditProblem]]:
    """The members with the edited lines, and a sentence for every cell that cannot be accepted."""
    by_id = {str(row["id"]): row for row in rows}
    problems: list[EditProblem] = []
    edited = tuple(_edited(member, by_id.get(str(member.asset_id)), problems) for member in members)
    return edited, problems


def _edited(member: Member, row: Row | None, problems: list[EditProblem]) -> Member:
    if row is None:
        return member
    changed: dict[str, object] = {"keep": _keep(member, row, problems)}
    names = tuple(dict.fromkeys(n.strip() for n in str(row["applications"] or "").split(SEPARATOR) if n.strip()))
    if names != member.applications:
        membership = Membership.STATED if names else None
        changed |= {"applications": names, "membership": membership, "applications_decided": True}
    environment = _environment(member, row, problems)
    if environment != member.environment:
        changed |= {"environment": environment, "environment_decided": True}
    return member.model_copy(update=changed)


def _keep(member: Member, row: Row, problems: list[EditProblem]) -> bool:
    said = str(row["keep"] or "").strip().casefold()
    if said in (YES, NO):
        return said == YES
    said = f"server {member.name}, column Keep: '{row['keep']}' is neither {YES} nor {NO}"
    problems.append(EditProblem(said, "members.keep", str(member.asset_id), "keep"))
    return member.keep


def _environment(member: Member, row: Row, problems: list[EditProblem]) -> Environment | None:
    said = str(row["environment"] or "").strip().casefold().replace(" ", "_")
    if said in ENVIRONMENTS:
        return Environment(said)
    if said or member.environment is not None:
        known = ", ".join(ENVIRONMENTS)
        said = f"server {member.name}, column Environment: '{row['environment'] or ''}' is none of {known}"
        problems.append(EditProblem(said, "members.environment", str(member.asset_id), "environment"))
    return member.environment


def decisions_of(members: Iterable[Member], *, earlier: Iterable[Decision]) -> tuple[Decision, ...]:
    """What people set by hand and is not kept yet; it holds for every later rebuild."""
    kept = {decision.asset_id: decision for decision in earlier}
    said = [_decision(member) for member in members if member.decided or member.asset_id in kept]
    return tuple(decision for decision in said if decision != kept.get(decision.asset_id))


def _decision(member: Member) -> Decision:
    return Decision(
        AssetId(member.asset_id),
        member.applications if member.applications_decided else None,
        member.environment if member.environment_decided else None,
        member.keep,
    )


def applications_with(
    members: Iterable[Member], proposed: Sequence[Application], *, namespace: UUID
) -> tuple[tuple[Application, ...], tuple[PublishedMember, ...]]:
    """The applications that the members name, and who belongs to them.

    A name that no application has becomes one. A proposed application that nobody belongs to any more is dropped.
    """
    by_key = {application_key(name): a for a in proposed for name in (*a.variants, a.name)}
    used: dict[ApplicationId, Application] = {a.id: a for a in proposed if a.membership is Membership.STATED}
    belongs: dict[tuple[ApplicationId, AssetId], PublishedMember] = {}
    for member in members:
        if not member.keep:
            continue
        for name in member.applications:
            key = application_key(name)
            found = by_key.setdefault(key, _named(name, namespace=namespace, key=key))
            used[found.id] = _confirmed(used.get(found.id, found), member)
            asset_id = AssetId(member.asset_id)
            how = member.membership or Membership.PROPOSED
            belongs[found.id, asset_id] = PublishedMember(found.id, asset_id, how)
    return tuple(used.values()), tuple(belongs.values())


def _named(name: str, *, namespace: UUID, key: str) -> Application:
    # The same id as the building of an estate gives to an application of this name.
    return Application(
        id=ApplicationId(uuid5(namespace, f"application:{key}")), name=name, evidence=("named at the inventory gate",)
    )


def _confirmed(application: Application, member: Member) -> Application:
    if application.membership is Membership.STATED or member.membership is not Membership.STATED:
        return application
    return replace(application, membership=Membership.STATED)
