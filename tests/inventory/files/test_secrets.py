"""What may be a secret and is kept back, whatever file it stands in."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.inventory.files.secrets import (
    DEEPEST,
    KEPT_BACK,
    SECRET_VALUE,
    KeptBack,
    filled,
    is_secret_name,
    is_secret_value,
    quotable,
)
from masterflow.inventory.importers.catalog import open_file
from tests.inventory.makers import text_file

SECRET = "hunter2"
HOLDERS = [
    {"password": SECRET},
    {"datadog_api_key": SECRET},
    {"db_url": f"postgres://u:{SECRET}@db/shop"},
    {"aws_access_key": f"AKIA{SECRET}"},
    {"note": f"AKIAIOSFODNN7EXAMPLE {SECRET}"},
    {"accounts": [{"name": "a", "password": SECRET}]},
    {"connection": {"password": SECRET}},
    {"api": {"key": SECRET}},
    {"credentials": {"a": [{"b": SECRET}]}},
    {"entries": [{"key": "root password", "value": SECRET, "notes": SECRET}]},
    {"variables": [{"Name": "DB_PASSWORD", "Value": SECRET}]},
    {"text": json.dumps({"password": SECRET})},
    {"text": json.dumps(json.dumps({"password": SECRET}))},
    {"lines": ["a", f"Server=db;Pwd={SECRET}"]},
    {"command": f"/opt/agent --token {SECRET}"},
    {"blob": f"https://x.example/c?sv=1&sig={SECRET}"},
    {f"-----BEGIN RSA PRIVATE KEY----- {SECRET}": 1},
    {"a": {"b": {"c": {"d": {"e": {"f": {"g": [{"h": {"client_secret": SECRET}}]}}}}}}},
    {"a": [[[{"authorization": SECRET}]]]},
    {"snmp_community": SECRET},
    {"/prod/db/password": SECRET},
]
PLAIN = {
    "author": "Ann", "authentication": "Kerberos", "nonauthoritativealiases": "a", "state": "Texas", "bypass": "no",
    "compass": "north", "certificate_expiry": "2027-01-01", "startup_time": "08:00", "keyboard": "de",
    "url": "https://shop.example.com:8443/a@b", "password_set": True, "disk": "SAS", "secretariat": "x",
    "superuser_database": "orders", "/run/credentials/x": {"size": 1},
    "ssh": {"rsa": {"key": "AAAAB3", "fingerprints": {"sha256": "SHA256:x"}}},
    "uuid": "4C4C4544-0051-3010-8052-B4C04F563432", "time": "12:30:01", "empty": None, "n": 4, "list": [1, None],
}  # fmt: skip
FACTS = {"facterversion": "4.2", "networking": {"hostname": "web01"}, "kernel": "Linux"}
DEVICE = {
    "device_id": 7, "name": "db01", "is_it_virtual_host": "no", "is_it_switch": "no", "is_it_blade_host": "no",
    "virtual_host_name": "esx1", "asset_no": "", "serial_no": "S-1", "hw_model": "VM", "osver": "8.9",
}  # fmt: skip
RESULT = {"id": 1, "url": "https://n/api/dcim/devices/1/", "name": "sw1"}


def facts_of(holder: object) -> object:
    return {**FACTS, "site": holder, "disks": {"sda": holder}, "mountpoints": {"/": holder}}


def fact_rows_of(holder: object) -> object:
    facts = {**FACTS, "kernelrelease": "6.1", "is_virtual": True, "mountpoints": {}, "processors": {}, "site": holder}
    rows = [{"certname": "web01", "name": name, "value": value} for name, value in facts.items()]
    return [{"certname": "web01", "name": "db_password", "value": SECRET}, *rows]


def inventory_of(holder: dict[str, object]) -> object:
    database = {"name": "shop", **holder}
    content = {
        "hardware": {"name": "web01", "x": holder},
        "versionclient": "GLPI-Agent",
        "storages": [{"name": "sda", **holder}],
        "softwares": [{"name": "nginx", **holder}],
        "databases_services": [{"name": "pg", "type": "postgresql", "databases": [database], **holder}],
    }
    return {"action": "inventory", "deviceid": "d-1", "content": content}


def devices_of(holder: object) -> object:
    return {"Devices": [{**DEVICE, "custom_fields": holder, "ip_addresses": [{"ip": "10.0.0.1", "x": holder}]}]}


def answer_of(holder: object) -> object:
    return {"count": 1, "results": [{**RESULT, "custom_fields": holder, "local": holder}]}


def dump_of(holder: object) -> object:
    fields = {"name": "sw1", "custom_field_data": holder, "x": holder}
    card = {"device": 1, "name": "eth0", "description": holder}
    user = {"model": "users.user", "pk": 1, "fields": {"password": SECRET}}
    return [
        {"model": "dcim.device", "pk": 1, "fields": fields},
        {"model": "dcim.interface", "pk": 2, "fields": card},
        user,
    ]


def records_of(holder: object) -> object:
    return {"servers": [{"name": "web01", "x": holder}, 5], "tokens": [{"name": "a", "x": SECRET}]}


def state_of(holder: object) -> object:
    values = {"id": "i-1", "ami": "a", "tags": holder}
    resource = {"mode": "managed", "type": "aws_instance", "name": "x", "instances": [{"attributes": values}]}
    return {"version": 4, "terraform_version": "1.9.0", "lineage": "l", "resources": [resource]}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize(
    ("kind", "document"),
    [("facter", facts_of), ("facter", fact_rows_of), ("glpi", inventory_of), ("device42", devices_of),
     ("netbox", answer_of), ("netbox", dump_of), ("json_records", records_of), ("terraform", state_of)],
)  # fmt: skip
def test_no_secret_leaves_a_file_however_it_is_named_or_nested(
    tmp_path: Path, kind: str, document: object, holder: dict[str, object]
) -> None:
    assert callable(document)
    whole = document(holder)
    assert SECRET in json.dumps(whole)
    read = open_file(text_file(tmp_path, json.dumps(whole), name="a.json"))
    assert read.format == kind
    assert SECRET not in repr(read)
    assert kind == "terraform" or "kept_back" in read.traits


@pytest.mark.parametrize("big", [False, True])
def test_no_secret_leaves_broken_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, big: bool) -> None:
    if big:
        monkeypatch.setattr("masterflow.inventory.importers.json_records.MAX_WHOLE_BYTES", 1)
    lines = ['{"name": "a", "x": {"pwd": "hunter2"}}', '{"password": "hunter2', '{"url": "ftp://u:hunter2@h', "{broken"]
    read = open_file(text_file(tmp_path, "\n".join(lines), name="a.jsonl"))
    assert [reject.value for reject in read.rejects] == [KEPT_BACK, KEPT_BACK, "{broken"]
    assert SECRET not in repr(read)
    assert read.traits["kept_back"] == "1 values that may hold secrets"


def test_what_only_resembles_a_secret_stays() -> None:
    secrets = KeptBack()
    assert secrets.without(PLAIN) == PLAIN
    assert (secrets.count, secrets.traits()) == (0, {})


def test_every_filled_value_that_is_kept_back_is_counted() -> None:
    secrets = KeptBack()
    values = {"a": "b", "tokens": {"x": [1, 2, None, ""], "y": {"z": "1"}}, "list": ["pwd=1", "x"], "password": ""}
    assert secrets.without(values) == {"a": "b", "list": [None, "x"]}
    assert secrets.count == 4


def nested(inner: object, levels: int) -> object:
    for _ in range(levels):
        inner = {"a": [inner]}
    return inner


@pytest.mark.parametrize("levels", [5, DEEPEST, 3 * DEEPEST])
def test_secrets_are_found_at_any_depth(levels: int) -> None:
    secrets = KeptBack()
    assert SECRET not in json.dumps(secrets.without(json.loads(json.dumps(nested({"password": SECRET}, levels)))))
    assert secrets.count == 1
    harmless = json.loads(json.dumps(nested({"name": "web01"}, levels)))
    assert KeptBack().without(harmless) == harmless
    assert filled(harmless) == 1


def test_a_message_quotes_no_text_that_may_hold_a_secret() -> None:
    assert quotable("web01 is broken") == "web01 is broken"
    assert quotable('{"api_key": 1}') == quotable("redis://:x@h") == KEPT_BACK


@given(st.from_regex(SECRET_VALUE))
def test_whatever_the_pattern_of_secrets_finds_is_one(text: str) -> None:
    assert is_secret_value(text) or not text.isascii()


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_word_for_a_secret_is_found_in_a_longer_name(before: str, after: str) -> None:
    assert is_secret_name(f"{before}_client_secret_{after}")
