from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.identity import LARGEST_BLOCK, contradicts, resolve
from masterflow.analysis.estate.identity import _cluster as cluster_of
from masterflow.analysis.estate.records import Claim, Record
from masterflow.analysis.estate.uuids import swap_bytes
from masterflow.inventory.types import AssetType, Identity, IdentityScheme, Source

S = IdentityScheme
UUID_A, UUID_B, UUID_C = (f"423b06bd-4457-4279-897b-c6eda6c18d7{n}" for n in "abc")
VC1, VC2 = "955a96bc-a0e8-4ea8-943c-a9ae26208b93", "6ab6ba5e-865e-40b7-b237-a36ba5c7cf3b"


def record(*identities, file="one.csv", row=2, kind=AssetType.SERVER, source="tabular", model=None, ip=None):
    claims = [Claim("model", model, Source(file, None, row, "Model"), "text")] if model else []
    claims += [Claim("ip_addresses", (ip,), Source(file, None, row, "IP"), "addresses")] if ip else []
    return Record(
        file=file,
        sheet="csv",
        row=row,
        source_kind=source,
        asset_type=kind,
        identities=tuple(Identity(scheme, value) for scheme, value in identities),
        claims=tuple(claims),
    )


def groups(*records):
    return sorted(sorted(r.row for r in cluster) for cluster in resolve(records).clusters)


@pytest.mark.parametrize(
    "scheme", [S.VM_UUID, S.VM_ID, S.INSTANCE_ID, S.SMBIOS_UUID, S.SERIAL, S.FQDN, S.HOSTNAME_IP, S.MAC, S.NAME]
)
def test_every_identifier_joins_two_records_that_share_it(scheme):
    value = UUID_A if "uuid" in scheme else "c/value"
    assert groups(record((scheme, value)), record((scheme, value), row=3, file="two.csv")) == [[2, 3]]


def test_a_byte_swapped_bios_uuid_is_the_same_machine():
    assert groups(record((S.SMBIOS_UUID, UUID_A)), record((S.SMBIOS_UUID, swap_bytes(UUID_A)), row=3)) == [[2, 3]]


def test_a_uuid_that_a_source_calls_bios_may_be_the_vm_uuid():
    vm = record((S.VM_UUID, UUID_A), (S.SMBIOS_UUID, UUID_B))
    assert groups(vm, record((S.SMBIOS_UUID, UUID_A), row=3)) == [[2, 3]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((S.VM_UUID, UUID_A), (S.VM_UUID, UUID_B)),
        ((S.SMBIOS_UUID, UUID_A), (S.SMBIOS_UUID, UUID_B)),
        ((S.VM_ID, f"{VC1}/vm-1"), (S.VM_ID, f"{VC1}/vm-2")),
        ((S.VM_ID, f"{VC1}/vm-1"), (S.VM_ID, f"{VC2}/vm-1")),
        ((S.INSTANCE_ID, "i-1"), (S.INSTANCE_ID, "i-2")),
        ((S.SERIAL, "cz1"), (S.SERIAL, "cz2")),
    ],
)
def test_contradicting_strong_ids_veto_a_shared_name(one, other):
    shared = [(S.FQDN, "a.x.example"), (S.NAME, "a"), (S.HOSTNAME_IP, "a/10.1.1.1")]
    assert groups(record(one, *shared), record(other, *shared, row=3)) == [[2], [3]]


def test_a_machine_and_its_hypervisor_are_two_whatever_they_share():
    host = record((S.NAME, "a"), row=3, kind=AssetType.HYPERVISOR_HOST)
    assert groups(record((S.NAME, "a")), host) == [[2], [3]]


def test_a_machine_of_unknown_kind_may_be_a_server():
    assert groups(record((S.NAME, "a")), record((S.NAME, "a"), row=3, kind=AssetType.OTHER)) == [[2, 3]]


def test_a_vcenter_named_in_two_ways_does_not_make_two_machines():
    one = record((S.VM_ID, f"{VC1}/vm-1"), (S.FQDN, "a.x.example"))
    other = record((S.VM_ID, "vc-1.x.example/vm-1"), (S.FQDN, "a.x.example"), row=3)
    assert groups(one, other) == [[2, 3]]


def test_a_vm_that_moved_to_another_vcenter_keeps_its_uuid():
    one = record((S.VM_ID, f"{VC1}/vm-1"), (S.VM_UUID, UUID_A))
    assert groups(one, record((S.VM_ID, f"{VC2}/vm-9"), (S.VM_UUID, UUID_A), row=3)) == [[2, 3]]


def test_clones_share_a_bios_uuid_and_each_keeps_its_own_cmdb_row():
    clones = [
        record((S.VM_UUID, UUID_A), (S.SMBIOS_UUID, UUID_C), (S.NAME, "a"), row=2),
        record((S.VM_UUID, UUID_B), (S.SMBIOS_UUID, UUID_C), (S.NAME, "b"), row=3),
    ]
    cmdb = [
        record((S.SMBIOS_UUID, UUID_C), (S.NAME, "b"), row=4, file="cmdb.csv"),
        record((S.SMBIOS_UUID, UUID_C), (S.NAME, "a"), row=5, file="cmdb.csv"),
    ]
    assert groups(*clones, *cmdb) == [[2, 5], [3, 4]]


def test_a_record_that_fits_two_clones_alike_stays_apart_and_is_an_issue():
    clones = [record((S.VM_UUID, u), (S.SMBIOS_UUID, UUID_C), row=r) for u, r in ((UUID_A, 2), (UUID_B, 3))]
    resolved = resolve([*clones, record((S.SMBIOS_UUID, UUID_C), row=4)])
    assert len(resolved.clusters) == 3
    assert [i.code for i in resolved.ambiguous] == ["IDENTITY_AMBIGUOUS"]
    assert "shared by machines that contradict each other" in resolved.ambiguous[0].message


def test_a_record_joins_the_clone_it_agrees_with_most_and_never_bridges_two():
    clones = [
        record((S.VM_UUID, UUID_A), (S.SMBIOS_UUID, UUID_C), (S.NAME, "a"), (S.MAC, "m"), row=2),
        record((S.VM_UUID, UUID_B), (S.SMBIOS_UUID, UUID_C), (S.NAME, "a"), row=3),
    ]
    cmdb = [record((S.SMBIOS_UUID, UUID_C), (S.NAME, "a"), (S.MAC, "m"), row=r, file=f"{r}.csv") for r in (4, 5)]
    assert groups(*clones, *cmdb) == [[2, 4, 5], [3]]


def test_equal_support_for_two_clones_decides_nothing():
    clones = [
        record((S.VM_UUID, u), (S.SMBIOS_UUID, UUID_C), (S.NAME, "a"), row=r) for u, r in ((UUID_A, 2), (UUID_B, 3))
    ]
    assert groups(*clones, record((S.SMBIOS_UUID, UUID_C), (S.NAME, "a"), row=4)) == [[2], [3], [4]]


def test_an_ambiguity_that_a_later_identifier_settles_is_no_issue():
    clones = [
        record((S.VM_UUID, u), (S.SMBIOS_UUID, UUID_C), (S.HOSTNAME_IP, f"{n}/10.1.1.1"), row=r, ip=f"10.1.1.{r}")
        for u, n, r in ((UUID_A, "a", 2), (UUID_B, "b", 3))
    ]
    resolved = resolve([*clones, record((S.SMBIOS_UUID, UUID_C), row=4, ip="10.1.1.3")])
    assert sorted(sorted(r.row for r in c) for c in resolved.clusters) == [[2], [3, 4]]
    assert resolved.ambiguous == ()


def test_a_short_name_in_two_domains_is_two_machines():
    one = record((S.FQDN, "gateway01.x.example"), (S.NAME, "gateway01"))
    assert groups(one, record((S.FQDN, "gateway01.dmz.x.example"), (S.NAME, "gateway01"), row=3)) == [[2], [3]]


def test_a_full_name_that_one_file_gives_to_two_names_is_a_slip():
    one = record((S.FQDN, "server6.x"), (S.NAME, "server6"))
    assert groups(one, record((S.FQDN, "server6.x"), (S.NAME, "server8"), row=3)) == [[2], [3]]
    assert groups(one, record((S.FQDN, "server6.x"), (S.NAME, "alias"), row=3, file="cmdb.csv")) == [[2, 3]]


def test_a_name_that_one_file_lists_twice_with_two_addresses_is_two_machines():
    one, other = record((S.NAME, "a"), ip="10.1.1.1"), record((S.NAME, "a"), ip="10.1.1.2", row=3)
    assert groups(one, other) == [[2], [3]]
    moved = record((S.NAME, "a"), ip="10.1.1.2", row=3, file="cmdb.csv")
    assert groups(one, moved) == [[2, 3]]


def test_an_address_alone_joins_nothing():
    assert groups(record((S.NAME, "a"), ip="10.1.1.1"), record((S.NAME, "b"), ip="10.1.1.1", row=3)) == [[2], [3]]


def test_a_serial_number_on_another_model_is_another_machine():
    one = record((S.SERIAL, "cz1"), model="DL380")
    assert groups(one, record((S.SERIAL, "cz1"), model="R740", row=3)) == [[2], [3]]
    assert groups(one, record((S.SERIAL, "cz1"), row=3)) == [[2, 3]]


def test_a_hardware_address_does_not_join_what_has_different_names():
    one = record((S.MAC, "m"), (S.NAME, "a"))
    assert groups(one, record((S.MAC, "m"), (S.NAME, "b"), row=3)) == [[2], [3]]


def test_rows_of_one_rvtools_export_are_as_many_machines_as_rows():
    rows = [record((S.NAME, "a"), row=r, source="rvtools", file="r.xlsx") for r in (2, 3)]
    assert groups(*rows) == [[2], [3]]
    same = [record((S.NAME, "a"), (S.VM_ID, f"{VC1}/vm-1"), row=r, source="rvtools", file="r.xlsx") for r in (2, 3)]
    assert groups(*same) == [[2, 3]]


def test_a_name_that_far_too_many_share_is_no_name():
    many = [record((S.NAME, "localhost"), row=r, file=f"{r}.csv") for r in range(LARGEST_BLOCK + 1)]
    assert len(resolve(many).clusters) == LARGEST_BLOCK + 1


RECORDS = st.builds(
    lambda ids, file, row: record(*ids, file=file, row=row),
    st.lists(
        st.one_of(
            st.tuples(st.just(S.VM_UUID), st.sampled_from([UUID_A, UUID_B])),
            st.tuples(st.just(S.SMBIOS_UUID), st.sampled_from([UUID_A, UUID_B, UUID_C, swap_bytes(UUID_C)])),
            st.tuples(st.just(S.VM_ID), st.sampled_from([f"{VC1}/vm-1", f"{VC2}/vm-1", f"{VC1}/vm-2"])),
            st.tuples(st.just(S.SERIAL), st.sampled_from(["s1", "s2"])),
            st.tuples(st.just(S.FQDN), st.sampled_from(["a.x", "a.y", "b.x"])),
            st.tuples(st.just(S.MAC), st.sampled_from(["m1", "m2"])),
            st.tuples(st.just(S.NAME), st.sampled_from(["a", "b"])),
        ),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    st.sampled_from(["one.csv", "two.csv"]),
    st.integers(min_value=2, max_value=99),
)


def shape(records):
    """The clusters without regard to order."""
    return sorted(sorted((r.row, r.file, str(r.identities)) for r in c) for c in resolve(records).clusters)


@given(st.lists(RECORDS, max_size=8, unique_by=lambda r: r.identities), st.randoms())
def test_the_outcome_does_not_depend_on_the_order_of_the_records(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)
    assert shape(records) == shape(shuffled)


@given(st.lists(RECORDS, max_size=8))
def test_every_record_lands_in_exactly_one_cluster(records):
    rows = sorted(r.row for c in resolve(records).clusters for r in c)
    assert rows == sorted(r.row for r in records)


@given(st.lists(RECORDS, max_size=8))
def test_no_cluster_holds_two_records_whose_vm_ids_or_serials_exclude_each_other(records):
    for members in resolve(records).clusters:
        for one, other in combinations(members, 2):
            pair = cluster_of(one), cluster_of(other)
            for scheme in (S.VM_UUID, S.SERIAL):
                if all(len(c.of(scheme)) == 1 for c in pair) and len(members) == 2:
                    assert pair[0].of(scheme) & pair[1].of(scheme)


@given(RECORDS, RECORDS)
def test_contradiction_goes_both_ways(one, other):
    a, b = cluster_of(one), cluster_of(other)
    assert contradicts(a, b) == contradicts(b, a)
    if contradicts(a, b):
        assert len(resolve([one, other]).clusters) == 2


def test_a_sources_own_id_joins_its_tables_and_means_nothing_elsewhere():
    rows = [record((S.EXTERNAL_ID, "google/m-1"), row=n, file=f"{n}.csv", source="google") for n in (2, 3)]
    assert groups(*rows) == [[2, 3]]
    lines = [record((S.EXTERNAL_ID, "tabular/1"), row=n, file=f"{n}.csv") for n in (2, 3)]
    assert groups(*lines) == [[2], [3]]
    assert groups(*(record((S.EXTERNAL_ID, "tabular/1"), row=n) for n in (2, 3))) == [[2, 3]]


def test_an_id_that_was_given_out_again_joins_nothing_but_a_renamed_machine_keeps_it():
    one = record((S.EXTERNAL_ID, "netbox/7"), (S.NAME, "a"), source="netbox", ip="10.1.1.1")
    assert groups(one, record((S.EXTERNAL_ID, "netbox/7"), (S.NAME, "b"), row=3, source="netbox")) == [[2], [3]]
    renamed = record((S.EXTERNAL_ID, "netbox/7"), (S.NAME, "b"), row=3, source="netbox", ip="10.1.1.1")
    assert groups(one, renamed) == [[2, 3]]


def test_one_list_that_gives_a_name_two_ids_means_two_things():
    rows = [record((S.EXTERNAL_ID, f"netbox/{n}"), (S.NAME, "pp"), row=n, source="netbox") for n in (2, 3)]
    assert groups(*rows) == [[2], [3]]


@pytest.mark.parametrize("address", ["10.0.2.15", "172.17.0.1", "192.168.122.1"])
def test_an_address_that_everybody_is_given_proves_nothing(address):
    shared = (S.HOSTNAME_IP, f"foo/{address}")
    rows = [record(shared, (S.MAC, f"m{n}"), row=n, file=f"{n}.json", source="facter", ip=address) for n in (2, 3)]
    assert groups(*rows) == [[2], [3]]


@pytest.mark.parametrize("name", ["localhost", "ubuntu", "vagrant", "rhel9-template", "tpl-win"])
def test_a_name_that_images_bring_along_proves_nothing(name):
    rows = [record((S.NAME, name), (S.FQDN, f"{name}.localdomain"), row=n, file=f"{n}.csv") for n in (2, 3)]
    assert groups(*rows) == [[2], [3]]
    with_address = [record((S.NAME, name), (S.HOSTNAME_IP, f"{name}/10.1.1.1"), row=n, file=f"{n}.csv") for n in (2, 3)]
    assert groups(*with_address) == [[2, 3]]


@pytest.mark.parametrize("name", ["rhel01", "ubuntu1", "rocky1", "debian12", "golden-gate-db01", "oracle-golden-gate"])
def test_a_numbered_or_ordinary_name_joins_what_two_files_say_of_a_server(name):
    assert groups(*(record((S.NAME, name), row=n, file=f"{n}.csv") for n in (2, 3))) == [[2, 3]]


def test_a_full_name_proves_even_where_the_short_one_is_usual_unless_it_is_localhost():
    def said(fqdn):
        return groups(*(record((S.FQDN, fqdn), row=n, file=f"{n}.csv") for n in (2, 3)))

    assert said("ubuntu.corp.example") == [[2, 3]]
    assert said("rhel9-template.corp.example") == [[2, 3]]
    assert said("localhost.corp.example") == [[2], [3]]


def boxes(*, uuids):
    """Machines made of one image: one name, one full name, one address; other cards."""
    return [
        record(
            *([(S.SMBIOS_UUID, f"423b06bd-4457-4279-897b-c6eda6c18d{n:02}")] if uuids else []),
            (S.FQDN, "foo.example.com"),
            (S.MAC, f"08:00:27:00:00:{n:02}"),
            (S.HOSTNAME_IP, "foo/10.0.2.15"),
            (S.NAME, "foo"),
            row=n,
            file=f"{n}.json",
            source="facter",
            ip="10.0.2.15",
        )
        for n in range(10, 18)
    ]


@pytest.mark.parametrize("uuids", [True, False])
def test_eight_machines_of_one_image_are_eight_machines(uuids):
    assert len(groups(*boxes(uuids=uuids))) == 8


def test_a_card_that_was_replaced_does_not_split_a_machine_of_one_address():
    rows = [record((S.NAME, "a"), (S.MAC, f"m{n}"), row=n, file=f"{n}.csv", ip="10.1.1.1") for n in (2, 3)]
    assert groups(*rows) == [[2, 3]]
    assert groups(*(record((S.NAME, "a"), (S.MAC, f"m{n}"), row=n, source=f"kind{n}") for n in (2, 3))) == [[2, 3]]


VALUES = {
    S.VM_UUID: [UUID_A, UUID_B],
    S.SMBIOS_UUID: [UUID_A, swap_bytes(UUID_A), UUID_B, UUID_C],
    S.VM_ID: [f"{VC1}/vm-1", f"{VC2}/vm-1", f"{VC1}/vm-2"],
    S.INSTANCE_ID: ["i-1", "i-2"],
    S.SERIAL: ["cz1", "cz2"],
    S.FQDN: ["a.x.example", "a.y.example", "foo.example.com"],
    S.MAC: ["m1", "m2"],
    S.HOSTNAME_IP: ["a/10.1.1.1", "a/10.0.2.15", "b/10.1.1.1"],
    S.EXTERNAL_ID: ["tabular/1", "ads/1"],
    S.NAME: ["a", "b", "ubuntu"],
}
STRONG = (S.VM_UUID, S.INSTANCE_ID, S.SERIAL)


@st.composite
def mixed_records(draw):
    schemes = draw(st.sets(st.sampled_from(list(VALUES)), min_size=1, max_size=5))
    identities = [(scheme, draw(st.sampled_from(VALUES[scheme]))) for scheme in sorted(schemes)]
    return (
        identities,
        draw(st.sampled_from(["one.csv", "two.csv"])),
        draw(st.sampled_from(["10.1.1.1", "10.0.2.15", None])),
    )


@given(st.lists(mixed_records(), min_size=2, max_size=9), st.randoms())
def test_no_two_records_of_disjoint_strong_ids_are_one_machine_in_any_order(drawn, random):
    records = [record(*ids, file=file, row=n, ip=ip) for n, (ids, file, ip) in enumerate(drawn, 2)]
    found = resolve(records).clusters
    for cluster in found:
        for scheme in STRONG:
            held = [{i.value for i in r.identities if i.scheme is scheme} for r in cluster]
            held = [values for values in held if values]
            assert all(one & other for one, other in combinations(held, 2))
    turned = list(records)
    random.shuffle(turned)
    assert sorted(sorted(r.row for r in c) for c in resolve(turned).clusters) == sorted(
        sorted(r.row for r in c) for c in found
    )
