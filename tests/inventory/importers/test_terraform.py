"""Terraform and OpenTofu states."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.analysis.mapping import propose
from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.fields import BY_NAME
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.terraform import IMPORTER, TYPES
from tests.inventory.machine_files import MACHINES, estate_of, read_json, rows
from tests.inventory.makers import refusal_or, text_file, text_head

STATE, SHOWN = MACHINES / "state_v4.tfstate", MACHINES / "show.json"
SECRET = "hunter2"  # every secret of the test data holds this word


def state(kind: str, attributes: object, **instance: object) -> dict[str, object]:
    resource = {
        "mode": "managed",
        "type": kind,
        "name": "this",
        "provider": 'provider["registry.opentofu.org/hashicorp/aws"]',
        "instances": [{"attributes": attributes, **instance}],
    }
    return {"version": 4, "terraform_version": "1.6.0", "resources": [resource]}


def test_machines_databases_and_load_balancers_have_a_sheet_for_each_type() -> None:
    read = open_file(STATE)
    assert [sheet.name for sheet in read.sheets] == ["aws_instance", "aws_db_instance", "aws_lb"]
    assert read.traits["beside"] == "tls_private_key: 1, aws_subnet: 1"
    assert read.traits["terraform_version"] == "1.5.7"
    first, second = rows(read, "aws_instance")
    assert first["resource.address"] == "module.web.aws_instance.this[0]"
    assert (first["resource.module"], first["resource.index_key"], first["resource.provider"]) == (
        "module.web",
        0,
        "aws",
    )
    assert second["resource.address"] == "module.web.aws_instance.this[1]"
    assert rows(read, "aws_db_instance")[0]["resource.address"] == 'aws_db_instance.shop["blue"]'


def test_data_sources_are_left_out() -> None:
    assert "10.9.9.9" not in repr(open_file(STATE))
    assert "datacenter-2" not in repr(open_file(SHOWN))


def test_instances_become_virtual_machines_with_their_sizes_addresses_and_tags() -> None:
    assets = {asset.vm_name: asset for asset in estate_of(STATE).assets if asset.vm_name}
    assert set(assets) == {"web-0", "web-1"}
    web = assets["web-0"]
    assert (str(web.asset_type), web.power_state, web.environment) == ("virtual_machine", "poweredOn", "production")
    assert (web.ip_addresses, web.disk_capacity_mib) == (("10.20.0.11",), 40 * 1024)
    assert "i-0aaa1111bbbb22220" in {identity.value for identity in web.identities}
    assert web.attributes["target_instance_type"] == "m5.large"
    assert web.cpu_cores is None, "the state counts cores, not virtual processors"


def test_managed_databases_and_load_balancers_are_no_servers() -> None:
    kinds = {asset.name: str(asset.asset_type) for asset in estate_of(STATE).assets}
    assert (kinds["shop-db"], kinds["front"]) == ("database", "load_balancer")


def test_what_show_prints_is_read_module_by_module() -> None:
    assets = {asset.vm_name: asset for asset in estate_of(SHOWN).assets}
    assert set(assets) == {"app01", "w-01", "g-1"}
    vm = assets["app01"]
    assert (vm.cpu_cores, vm.memory_mib, vm.disk_capacity_mib) == (4, 8192, 260 * 1024)
    assert (vm.hostname, vm.power_state, vm.folder) == ("app01", "poweredOn", "apps")
    assert "42306f2e-58a1-4c0c-a1f7-3b0a4c6d2e11" in {identity.value for identity in vm.identities}
    windows = assets["w-01"]
    assert (windows.operating_system, windows.os_version) == ("WindowsServer", "2019-Datacenter")
    assert (windows.hostname, windows.environment) == ("w01", "test")
    assert assets["g-1"].power_state == "poweredOn"


@pytest.mark.parametrize("path", [STATE, SHOWN], ids=lambda path: path.name)
def test_no_secret_leaves_the_file(path: Path) -> None:
    assert SECRET in path.read_text()
    assert SECRET not in repr(open_file(path))
    assert SECRET not in inspect_file(path).model_dump_json()
    assert "aws_db_instance.password: 1" in open_file(STATE).traits["redacted"]


@pytest.mark.parametrize("path", [STATE, SHOWN], ids=lambda path: path.name)
def test_no_secret_leaves_a_file_that_was_cut_off(tmp_path: Path, path: Path) -> None:
    content = path.read_bytes()
    for length in range(1, len(content), 41):
        found = refusal_or(lambda: inspect_file(text_file(tmp_path, content[:length], name="cut.json")))  # noqa: B023
        assert SECRET not in (str(found) + repr(found.__cause__) if isinstance(found, FileRejected) else repr(found))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_no_secret_leaves_a_file_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    path = text_file(tmp_path, STATE.read_text().encode(encoding), name="state.json")
    assert recognise(path).name == "terraform"
    assert SECRET not in repr(open_file(path))


@pytest.mark.parametrize("sort", [True, False])
def test_a_state_is_known_by_any_of_its_signs(tmp_path: Path, sort: bool) -> None:
    whole = json.loads(STATE.read_text())
    for missing in ({"terraform_version"}, {"lineage"}, {"terraform_version", "lineage", "serial"}):
        value = {key: inner for key, inner in whole.items() if key not in missing}
        path = text_file(tmp_path, json.dumps(value, sort_keys=sort), name="state.json")
        assert recognise(path).name == "terraform"
    assert IMPORTER.recognises(text_head(tmp_path, 'name,"lineage"\n')) == 0.0


@pytest.mark.parametrize("before", ["Warning: deprecated, see below\n", "Acquiring state lock. This may take,\n\n"])
def test_no_secret_leaves_a_state_with_something_before_it(tmp_path: Path, before: str) -> None:
    for path in (STATE, SHOWN):
        with pytest.raises(FileRejected, match="The JSON is broken in line 1"):
            open_file(text_file(tmp_path, before + path.read_text(), name="state.json"))


def test_outputs_alone_are_refused_and_not_read_as_plain_json(tmp_path: Path) -> None:
    outputs = {"db_password": {"sensitive": True, "type": "string", "value": SECRET}}
    with pytest.raises(FileRejected, match="holds no state with resources") as refused:
        read_json(tmp_path, outputs)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("attributes", "marks"),
    [
        ({"tags": {"Name": "web", "x": SECRET}}, [[{"type": "get_attr", "value": "tags"}]]),
        (
            {"tags": {"x": SECRET}},
            [[{"type": "get_attr", "value": "tags"}, {"type": "index", "value": {"value": "x"}}]],
        ),
        ({"ami": SECRET}, ["ami"]),
        ({"ami": SECRET, "id": SECRET}, [[]]),
        (
            {"vpc_security_group_ids": ["a", SECRET]},
            [[{"type": "get_attr", "value": "vpc_security_group_ids"}, {"type": "index", "value": {"value": 1}}]],
        ),
        ({"root_block_device": [{"volume_type": SECRET}]}, [[{"type": "get_attr", "value": "root_block_device"}]]),
    ],
)
def test_what_a_state_marks_as_sensitive_is_kept_back(tmp_path: Path, attributes: object, marks: object) -> None:
    assert SECRET not in repr(read_json(tmp_path, state("aws_instance", attributes, sensitive_attributes=marks)))
    assert SECRET in repr(read_json(tmp_path, state("aws_instance", attributes))), (
        "without the mark it is a plain value"
    )


@pytest.mark.parametrize(
    "marks", [True, {"tags": True}, {"tags": {"x": True}}, {"subnets": [False, True], "tags": {"x": True}}]
)
def test_what_show_marks_as_sensitive_is_kept_back(tmp_path: Path, marks: object) -> None:
    values = {"tags": {"x": SECRET}, "subnets": ["a", "b"]}
    resource = {"mode": "managed", "type": "aws_lb", "name": "x", "values": values, "sensitive_values": marks}
    shown = {"terraform_version": "1.9.0", "values": {"root_module": {"resources": [resource]}}}
    assert SECRET not in repr(read_json(tmp_path, shown))


@pytest.mark.parametrize(
    "name",
    ["password", "db_passwd", "client_secret", "api_token", "private_key", "PrivateKey", "connection_string", "sas",
     "access_key", "auth", "credentials", "user-data"],
)  # fmt: skip
def test_a_tag_that_is_named_like_a_secret_is_kept_back(tmp_path: Path, name: str) -> None:
    tags = {"tags": {name: SECRET, "Name": "web"}}
    read = read_json(tmp_path, state("aws_instance", tags))
    assert SECRET not in repr(read)
    assert rows(read, "aws_instance")[0]["tags.Name"] == "web"


@pytest.mark.parametrize(
    "value",
    ["-----BEGIN RSA PRIVATE KEY-----", "AKIAIOSFODNN7EXAMPLE", "postgres://app:pw@db/shop", "ghp_" + "a" * 36,
     "Server=db;Password=x", "eyJhbGciOiJIUzI1NiJ9.e30.x"],
)  # fmt: skip
def test_a_value_that_looks_like_a_secret_is_kept_back(tmp_path: Path, value: str) -> None:
    read = read_json(tmp_path, state("vsphere_virtual_machine", {"name": "a", "annotation": value, "tags": [value]}))
    assert value not in repr(read)


SECRETS = st.recursive(
    st.just(SECRET),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2) | st.dictionaries(st.sampled_from(["a", "b"]), inner, min_size=1)
    ),
    max_leaves=4,
)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(
    kind=st.sampled_from([*TYPES, "random_password"]),
    name=st.from_regex(r"[a-z]{1,8}_(password|secret|token|key_x|blob)", fullmatch=True),
    value=SECRETS,
)
def test_attributes_that_nobody_documented_never_leave_the_file(
    tmp_path: Path, kind: str, name: str, value: object
) -> None:
    document = state(kind, {"id": "i-1", "name": "web", name: value})
    path = text_file(tmp_path, json.dumps(document), name="state.json")
    found = refusal_or(lambda: inspect_file(path))
    assert SECRET not in (str(found) if isinstance(found, FileRejected) else found.model_dump_json())


def test_states_of_version_3_are_read(tmp_path: Path) -> None:
    instance = {
        "type": "aws_instance",
        "primary": {"attributes": {"id": "i-9", "private_ip": "10.0.0.9", "tags.Name": "old", "password_data": SECRET}},
        "provider": "provider.aws",
    }
    resources = {"aws_instance.web.1": instance, "data.aws_ami.x": instance, "aws_instance.broken": {"primary": 3}}
    modules = [{"path": ["root", "shop"], "resources": resources}]
    read = read_json(tmp_path, {"version": 3, "terraform_version": "0.11.13", "modules": modules})
    (row,) = rows(read, "aws_instance")
    assert row["resource.address"] == "module.shop.aws_instance.web[1]"
    assert (row["tags.Name"], row["private_ip"], row["resource.provider"]) == ("old", "10.0.0.9", "aws")
    assert SECRET not in repr(read)


@pytest.mark.parametrize(
    "value",
    [
        {"terraform_version": "1.5", "resources": []},
        {"terraform_version": "1.5", "resources": [{"type": "aws_s3_bucket", "instances": [{}]}]},
        {"terraform_version": "1.5", "version": 4},
        {"terraform_version": "1.5", "planned_values": {"root_module": {}}},
        {"terraform_version": "1.5", "values": {"root_module": {"child_modules": 3}}},
        {"terraform_version": "1.5", "resources": [{"instances": 3, "type": 4}]},
        [{"terraform_version": "1.5", "version": 4}],
    ],
)
def test_a_state_without_machines_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(FileRejected, match="terraform show -json") as refused:
        read_json(tmp_path, value)
    assert refused.value.reason == "no_records"


def test_the_state_before_a_plan_is_read(tmp_path: Path) -> None:
    shown = json.loads(SHOWN.read_text())
    plan = {"terraform_version": "1.8.2", "planned_values": {}, "prior_state": {"values": shown["values"]}}
    assert len(read_json(tmp_path, plan).sheets) == 3


def test_every_documented_field_is_a_field() -> None:
    meant = {field for one in TYPES.values() for field in one.fields.values() if field}
    assert meant <= set(BY_NAME)
    assert {one.kind for one in TYPES.values()} == {"virtual machine", "database", "load balancer"}


def test_tags_that_say_where_something_belongs_are_proposed() -> None:
    headers = ["tags.Environment", "tags.app", "labels.cost_center"]
    matches = propose(headers, [], aliases=IMPORTER.aliases, sheet="aws_instance")
    assert [match.field for match in matches] == ["environment", "application_name", "cost_center"]


def test_a_state_of_another_shape_does_no_harm(tmp_path: Path) -> None:
    whole = json.loads(STATE.read_text())
    for resource in whole["resources"]:
        for spoiled in (None, 3, "x", [], {}, [None], {"a": None}):
            for key in resource:
                changed = copy.deepcopy(whole)
                changed["resources"][whole["resources"].index(resource)][key] = spoiled
                assert SECRET not in repr(refusal_or(lambda changed=changed: read_json(tmp_path, changed)))
