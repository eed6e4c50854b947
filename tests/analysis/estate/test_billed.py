import json

import pytest

from masterflow.analysis.estate.billed import instance_id
from masterflow.analysis.estate.build import build_estate
from masterflow.inventory.types import IdentityScheme
from tests.analysis.estate.sheets import mapped
from tests.analysis.estate.truth import NAMESPACE

HEADERS = [
    *("BilledCost", "ChargePeriodStart", "ChargePeriodEnd", "ResourceId", "ResourceName", "ResourceType"),
    *("RegionId", "RegionName", "ProviderName", "Tags"),
]
ARN = "arn:aws:ec2:eu-central-1:111122223333:instance/i-0E93"


def charge(resource=ARN, name="loy-01", kind="Virtual Machine", tags=None, region="eu-central-1"):
    return ["1.0", "2026-10-01", "2026-10-02", resource, name, kind, region, "Frankfurt", "AWS", tags]


def bill(*rows):
    return mapped(HEADERS, rows, {"ResourceId": "external_id", "ResourceName": "hostname"}, file="bill.csv")


def built(*sheets):
    return build_estate(sheets, namespace=NAMESPACE)


def test_charges_of_one_instance_are_one_machine_with_region_application_and_environment():
    tags = json.dumps({"app": "Loyalty", "env": "prod", "n": 1})
    found = built(bill(charge(), charge(tags=tags), charge(tags="no json"), charge(tags="[1]")))
    (asset,) = found.assets
    assert (asset.name, asset.datacenter, str(asset.environment)) == ("loy-01", "eu-central-1", "production")
    assert {(i.scheme, i.value) for i in asset.identities} == {
        (IdentityScheme.INSTANCE_ID, "i-0e93"),
        (IdentityScheme.NAME, "loy-01"),
    }
    assert asset.attributes == {"resource_id": ARN, "providername": "AWS"}
    assert [a.name for a in found.applications] == ["Loyalty"]
    assert next(f for f in asset.facts if f.field == "application").source.row == 3
    assert found.rejects == ()


def test_charges_for_anything_else_make_nothing():
    found = built(bill(charge(kind="Bucket"), charge(kind=None), charge(resource=None), charge(kind="Database")))
    assert (found.assets, found.rejects) == ((), ())


@pytest.mark.parametrize(
    "kind",
    ["DB Instance", "Reserved Instance", "cache instance", "Notebook instance", "VM snapshot", "Virtual machine disk"],
)
def test_charges_that_only_sound_like_a_machine_make_nothing(kind):
    assert built(bill(charge(kind=kind))).assets == ()


@pytest.mark.parametrize("kind", ["Virtual Machine", "virtual machines", "Instance", "EC2 Instance", "vm_instance"])
def test_a_machine_is_charged_under_many_types(kind):
    assert len(built(bill(charge(kind=kind))).assets) == 1


@pytest.mark.parametrize(("category", "count"), [("Compute", 1), ("Databases", 0), (None, 1)])
def test_an_instance_of_another_service_is_no_machine(category, count):
    row = [*charge(kind="Instance"), category]
    sheet = mapped([*HEADERS, "ServiceCategory"], [row], {"ResourceId": "external_id"}, file="bill.csv")
    assert len(built(sheet).assets) == count


def test_an_instance_that_an_inventory_lists_is_that_machine():
    listed = mapped(["Id", "IP"], [["i-0E93", "10.1.1.1"]], {"Id": "instance_id", "IP": "ip_address"})
    (asset,) = built(bill(charge(region=None)), listed).assets
    assert (asset.ip_addresses, asset.datacenter) == (("10.1.1.1",), "Frankfurt")


def test_an_instance_without_a_name_goes_by_its_id():
    (asset,) = built(bill(charge(name=None)[:9])).assets
    assert asset.name == "i-0e93"


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (ARN, "i-0e93"),
        ("/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/VM1/", "vm1"),
        ("//compute.googleapis.com/projects/p/zones/z/instances/99", "99"),
        ("ocid1", "ocid1"),
    ],
)
def test_the_instance_id_is_the_end_of_the_resource(resource, expected):
    assert instance_id(resource) == expected
