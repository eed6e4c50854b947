"""Readiness: the four answers, and every rule of the bundled data."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from masterflow.analysis.eol.operating_systems import identify_os
from masterflow.analysis.eol.snapshot import product
from masterflow.analysis.estate import rvtools_concerns
from masterflow.analysis.estate.build import RETIRED
from masterflow.analysis.estate.records import INCOMPLETE
from masterflow.analysis.readiness import EffectOnMove, ReadinessState, load_rules, readiness, runs_on
from masterflow.analysis.servers import MIB_PER_TIB, ServerFacts
from masterflow.errors import ConfigurationInvalid, InvalidInput
from tests.analysis.assessment_data import TODAY

RULES = load_rules()
SOUND = ServerFacts(
    name="app01",
    os=identify_os("RHEL 9"),
    hostname="app01",
    ip_addresses=("10.0.0.1",),
    cpu_cores=4,
    memory_mib=8192,
    disk_mib=102400,
    power_state="poweredOn",
)
FOUND_BY_IMPORTERS = [r for r in RULES.concerns if not r.id.startswith(("os.", "disk.over", "memory.", "cpu.over"))]


def codes(server: ServerFacts, target: str = "public_cloud", at: date = TODAY) -> set[str]:
    return {c.id for c in readiness(server, target, at=at).concerns}


def test_a_sound_server_is_ready() -> None:
    found = readiness(SOUND, "public_cloud", at=TODAY)
    assert (found.state, found.concerns, found.missing) == (ReadinessState.READY, (), ())
    assert (found.data_completeness, found.server, found.target) == (1.0, "app01", "public_cloud")


@pytest.mark.parametrize("rule", FOUND_BY_IMPORTERS, ids=lambda r: r.id)
def test_each_concern_has_its_effect(rule) -> None:
    expected = {
        EffectOnMove.BLOCKS: ReadinessState.NOT_READY,
        EffectOnMove.CONDITION: ReadinessState.CONDITIONALLY_READY,
        EffectOnMove.NOTE: ReadinessState.READY,
    }[rule.effect]
    target = rule.targets[0] if rule.targets else "public_cloud"
    found = readiness(replace(SOUND, concerns=frozenset({rule.id})), target, at=TODAY)
    assert found.state is expected
    assert [c.id for c in found.concerns] == [rule.id]
    assert found.concerns[0].remedy


def test_a_concern_of_another_target_does_not_matter() -> None:
    server = replace(SOUND, concerns=frozenset({"usb_controller", "name.invalid"}))
    assert codes(server, "vmware_cloud") == set()
    assert codes(server, "red_hat") == {"usb_controller", "name.invalid"}


def test_every_code_that_the_estate_gives_has_a_rule() -> None:
    of_rvtools = {v for name, v in vars(rvtools_concerns).items() if name.isupper() and isinstance(v, str)}
    assert {*of_rvtools, INCOMPLETE, RETIRED} <= {r.id for r in RULES.concerns}


def test_an_unheard_of_concern_is_left_to_the_inventory() -> None:
    assert readiness(replace(SOUND, concerns=frozenset({"of_another_kind"})), "public_cloud", at=TODAY).concerns == ()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"os": identify_os("CentOS 7")}, "os.ended"),
        ({"os": identify_os("RHEL 7")}, "os.extended_only"),
        ({"os": identify_os("Windows Server 2016")}, "os.ends_soon"),
        ({"os": identify_os("AIX 7.2 TL5")}, "os.unsupported"),
        ({"os": identify_os("Windows Server 2003")}, "os.unsupported"),
        ({"ip_addresses": ()}, "vm_missing_ip"),
        ({"hostname": None}, "hostname.empty"),
        ({"hostname": "localhost.localdomain"}, "hostname.default"),
        ({"power_state": "poweredOff"}, "powered_off"),
        ({"disk_mib": 61 * MIB_PER_TIB}, "disk.oversized"),
        ({"memory_mib": 2 * 1024 * 1024}, "memory.oversized"),
        ({"cpu_cores": 192}, "cpu.oversized"),
    ],
)
def test_facts_of_the_server_show_concerns(changed: dict[str, object], code: str) -> None:
    assert code in codes(replace(SOUND, **changed))


def test_readiness_is_judged_on_the_day_of_the_move() -> None:
    assert codes(SOUND, at=date(2033, 1, 1)) == {"os.extended_only"}
    assert codes(SOUND, at=date(2037, 1, 1)) == {"os.ended"}


def test_without_a_known_system_the_answer_is_unknown_unless_something_blocks() -> None:
    nameless = replace(SOUND, os=identify_os("Other 3.x or later Linux (64-bit)"))
    assert readiness(nameless, "public_cloud", at=TODAY).state is ReadinessState.UNKNOWN
    blocked = replace(nameless, concerns=frozenset({"passthrough_device"}))
    assert readiness(blocked, "public_cloud", at=TODAY).state is ReadinessState.NOT_READY


def test_the_completeness_counts_the_facts_that_are_needed() -> None:
    found = readiness(ServerFacts(name="bare"), "public_cloud", at=TODAY)
    assert found.data_completeness == 0.0
    assert found.missing == ("operating system", "processors", "memory", "disks", "addresses", "name", "power state")
    assert found.state is ReadinessState.UNKNOWN


@pytest.mark.parametrize(
    ("system", "target", "expected"),
    [
        ("SLES 12 SP5", "public_cloud", True),
        ("SLES 11 SP3", "public_cloud", False),
        ("Windows Server 2008 R2", "public_cloud", True),
        ("Windows Server 2008", "public_cloud", False),
        ("Rocky Linux", "public_cloud", True),
        ("Ubuntu", "public_cloud", None),
        ("Linux", "public_cloud", None),
        ("VMware Photon OS", "vmware_cloud", True),
        ("VMware Photon OS", "red_hat", False),
    ],
)
def test_a_target_runs_what_its_table_lists(system: str, target: str, expected: bool | None) -> None:
    assert runs_on(identify_os(system), RULES.targets[target]) is expected


def test_an_unknown_target_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InvalidInput, match=r"No target 'moon'.*Use one of public_cloud, vmware_cloud, red_hat"):
        readiness(SOUND, "moon", at=TODAY)


def test_the_rules_name_products_that_have_dates_and_use_each_code_once() -> None:
    assert len({r.id for r in RULES.concerns}) == len(RULES.concerns)
    for target in RULES.targets.values():
        assert all(product(row.product).cycles for row in target.systems)
    assert {t for r in RULES.concerns for t in r.targets} <= set(RULES.targets)


def test_rules_of_ones_own_are_used(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "version: 2\nconcerns:\n  - {id: snapshot, effect: blocks, sentence: S., remedy: R.}\n"
        "targets:\n  here: {title: H, max_disk_tib: 1, max_memory_gib: 1, max_cpu_cores: 1, systems: []}\n",
        encoding="utf-8",
    )
    server = replace(SOUND, concerns=frozenset({"snapshot"}))
    assert readiness(server, "here", at=TODAY, rules=load_rules(file)).state is ReadinessState.NOT_READY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: x\nconcerns: []\ntargets: {}", "own.yaml: version: Input should be a valid integer"),
        ("version: [", "own.yaml is no YAML"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationInvalid) as refused:
        load_rules(file)
    assert message in str(refused.value)
