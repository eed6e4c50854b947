"""Machines that are known already keep their ids when more is learned of them.

An id derives from the strongest thing a machine is recognised by, and a new file may bring a stronger one. What other
flows say of the machine hangs on its id, so a machine that is surely the same takes the id it had.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from masterflow.analysis.estate.build import Estate
from masterflow.inventory.estate_rows import indexed_text
from masterflow.inventory.types import Application, Asset, AssetId, Conflict

KnownIdentity = tuple[str, str, str]  # asset id, scheme, value


def adopted(estate: Estate, known: Sequence[KnownIdentity]) -> Estate:
    """The estate with the ids that its machines had before."""
    return with_ids(estate, adopted_ids(estate, known))


def adopted_ids(estate: Estate, known: Sequence[KnownIdentity]) -> dict[AssetId, AssetId]:
    """The ids that machines of the estate had before, by their new ones; a machine that keeps its id is left out.

    Two machines are the same when they share an identity that nobody else has, before or now; the strongest decides.
    """
    return _new_ids((*estate.assets, *estate.hosts), known)


def with_ids(estate: Estate, ids: Mapping[AssetId, AssetId]) -> Estate:
    """The estate with other ids for some of its machines, wherever they are named."""
    if not ids:
        return estate
    return replace(
        estate,
        assets=tuple(_with_id(asset, ids) for asset in estate.assets),
        hosts=tuple(_with_id(asset, ids) for asset in estate.hosts),
        applications=tuple(_with_members(application, ids) for application in estate.applications),
        conflicts=tuple(_of_id(conflict, ids) for conflict in estate.conflicts),
    )


def _new_ids(assets: Sequence[Asset], known: Sequence[KnownIdentity]) -> dict[AssetId, AssetId]:
    if not known:
        return {}
    before = Counter((scheme, value) for _, scheme, value in known)
    now = Counter(key for asset in assets for key in _keys(asset))
    holder = {(scheme, value): AssetId(UUID(asset_id)) for asset_id, scheme, value in known}
    known_ids = set(holder.values())
    taken = {asset.id for asset in assets}
    found: dict[AssetId, AssetId] = {}
    for asset in assets:
        if asset.id in known_ids:
            continue
        for key in _keys(asset):
            if before[key] == 1 and now[key] == 1 and holder[key] not in taken:
                found[asset.id] = holder[key]
                taken.add(holder[key])
                break
    return found


def _keys(asset: Asset) -> list[tuple[str, str]]:
    """Identities as they are stored, the strongest first, as the building of the estate orders them."""
    return list(dict.fromkeys((str(one.scheme), indexed_text(one.value)) for one in asset.identities))


def _of_id(conflict: Conflict, ids: Mapping[AssetId, AssetId]) -> Conflict:
    if conflict.asset_id is None or conflict.asset_id not in ids:
        return conflict
    return replace(conflict, asset_id=ids[conflict.asset_id])


def _with_id(asset: Asset, ids: Mapping[AssetId, AssetId]) -> Asset:
    return replace(asset, id=ids[asset.id]) if asset.id in ids else asset


def _with_members(application: Application, ids: Mapping[AssetId, AssetId]) -> Application:
    return replace(
        application,
        asset_ids=tuple(sorted(ids.get(one, one) for one in application.asset_ids)),
        proposed_asset_ids=tuple(sorted(ids.get(one, one) for one in application.proposed_asset_ids)),
    )
