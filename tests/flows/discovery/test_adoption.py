"""Machines keep their ids when more is learned of them, and only when they are surely the same."""

from dataclasses import replace
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.build import Estate, build_estate
from masterflow.flows.discovery.adoption import adopted
from masterflow.inventory.types import Application, Asset, AssetId, Identity, IdentityScheme, Membership
from tests.inventory.estates import application, server

OLD, OTHER = AssetId(uuid4()), AssetId(uuid4())
NOTHING = build_estate([], namespace=uuid4())


def recognised(name: str, *identities: tuple[IdentityScheme, str]) -> Asset:
    return replace(server(name), identities=tuple(Identity(scheme, value) for scheme, value in identities))


def estate(*assets: Asset, applications: tuple[Application, ...] = ()) -> Estate:
    return replace(NOTHING, assets=assets, applications=applications)


def test_a_machine_takes_the_id_it_had_everywhere() -> None:
    web = recognised("web", (IdentityScheme.VM_UUID, "u"), (IdentityScheme.FQDN, "web.example"))
    guess = application("Guess", web, membership=Membership.PROPOSED)
    found = adopted(estate(web, applications=(guess,)), [(str(OLD), "fqdn", "web.example")])
    assert [asset.id for asset in found.assets] == [OLD]
    assert (found.applications[0].asset_ids, found.applications[0].proposed_asset_ids) == ((OLD,), (OLD,))


def test_hosts_keep_their_ids_too() -> None:
    host = recognised("esx", (IdentityScheme.FQDN, "esx.example"))
    found = adopted(replace(NOTHING, hosts=(host,)), [(str(OLD), "fqdn", "esx.example")])
    assert found.hosts[0].id == OLD


def test_a_machine_that_still_has_its_id_keeps_it() -> None:
    web = recognised("web", (IdentityScheme.FQDN, "web.example"), (IdentityScheme.NAME, "web"))
    known = [(str(web.id), "fqdn", "old.example"), (str(OLD), "name", "web")]
    assert adopted(estate(web), known).assets == (web,)


def test_an_identity_that_two_share_decides_nothing() -> None:
    shared = (IdentityScheme.SMBIOS_UUID, "clone")
    first, second = recognised("a", shared), recognised("b", shared)
    assert adopted(estate(first, second), [(str(OLD), "smbios_uuid", "clone")]).assets == (first, second)
    twice = [(str(OLD), "smbios_uuid", "clone"), (str(OTHER), "smbios_uuid", "clone")]
    assert adopted(estate(first), twice).assets == (first,)


def test_the_strongest_identity_decides() -> None:
    web = recognised("web", (IdentityScheme.SERIAL, "s"), (IdentityScheme.NAME, "web"))
    known = [(str(OTHER), "name", "web"), (str(OLD), "serial", "s")]
    assert adopted(estate(web), known).assets[0].id == OLD


def test_no_two_machines_take_one_id() -> None:
    first = recognised("a", (IdentityScheme.FQDN, "a.example"))
    second = recognised("b", (IdentityScheme.MAC, "00:00"))
    known = [(str(OLD), "fqdn", "a.example"), (str(OLD), "mac", "00:00")]
    ids = [asset.id for asset in adopted(estate(first, second), known).assets]
    assert sorted(ids) == sorted([OLD, second.id])


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abcdef"), st.sampled_from("uvw")), max_size=12))
def test_whatever_is_known_ids_stay_unique(pairs: list[tuple[int, str, str]]) -> None:
    ids = [AssetId(uuid4()) for _ in range(6)]
    assets = [
        recognised(letter, (IdentityScheme.FQDN, letter), (IdentityScheme.NAME, "uvw"[n % 3]))
        for n, letter in enumerate("abcdef")
    ]
    known = [(str(ids[n]), "fqdn", fqdn) for n, fqdn, _ in pairs] + [
        (str(ids[n]), "name", name) for n, _, name in pairs
    ]
    found = [asset.id for asset in adopted(estate(*assets), known).assets]
    assert len(set(found)) == 6
