"""Texts of every source name the right release, or none."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.eol.names import database_names, operating_system_names
from masterflow.analysis.eol.operating_systems import (
    OsFacts,
    identify_os,
    identify_os_from_facts,
    identify_os_from_texts,
)
from masterflow.analysis.eol.snapshot import product, products_in
from masterflow.analysis.eol.support import ProductMatch, support_status
from tests.analysis.assessment_data import TODAY, answers, facter

SPELLINGS = [tuple(row) for row in answers("os_spellings.json")]
FACTER_FILES = list(answers("os_eol.json")["facter_files"].items())


def told(match: ProductMatch) -> dict[str, Any]:
    """A match as the right answers are written."""
    return {
        "product": match.product,
        "cycle": match.cycle,
        "eol": match.eol.isoformat() if match.eol else None,
        "extended_eol": match.extended_eol.isoformat() if match.extended_eol else None,
    }


def facts_of(found: Any) -> OsFacts:
    """The fields of facter that say which system a machine runs."""
    os = found["os"]
    described = os.get("windows", {}).get("product_name") or os.get("distro", {}).get("description")
    release = os["release"]
    return OsFacts(
        name=os["name"],
        release=release["full"],
        major=release["major"],
        description=described,
        kernel_release=found["kernelrelease"],
    )


@pytest.mark.parametrize(("text", "answer"), answers("os_eol.json")["strings"].items())
def test_a_text_of_a_real_export_names_its_release_and_dates(text: str, answer: dict[str, Any]) -> None:
    assert told(identify_os(text)) == {key: answer[key] for key in ("product", "cycle", "eol", "extended_eol")}


@pytest.mark.parametrize(("file", "answer"), FACTER_FILES)
def test_the_short_label_of_a_machine_names_its_release(file: str, answer: dict[str, Any]) -> None:
    match = identify_os(answer["label_from_filename"])
    assert told(match) == {key: answer[key] for key in ("product", "cycle", "eol", "extended_eol")}


@pytest.mark.parametrize(("file", "answer"), FACTER_FILES)
def test_facters_fields_name_the_release(file: str, answer: dict[str, Any]) -> None:
    match = identify_os_from_facts(facts_of(facter(file)))
    assert match.product == answer["product"]
    # the answer follows from the file's name alone; openSUSE's own facts say 15.4
    assert match.cycle == (answer["cycle"] or "15.4")


@pytest.mark.parametrize(("file", "answer"), FACTER_FILES)
def test_facters_name_and_major_release_give_no_more_than_they_say(file: str, answer: dict[str, Any]) -> None:
    os = facter(file)["os"]
    assert told(identify_os(os["name"], version=os["release"]["major"])) == {
        key: answer[key] for key in ("product", "cycle", "eol", "extended_eol")
    }


def test_a_point_release_of_a_branch_is_told_in_the_note() -> None:
    match = identify_os_from_facts(OsFacts(name="FreeBSD", release="14.2-RELEASE", major="14"))
    assert (match.cycle, match.eol) == ("14", date(2028, 11, 30))
    assert match.note == "point release 14.2, supported until 2025-09-30, of branch 14"


@pytest.mark.parametrize(
    ("facts", "product_id", "cycle"),
    [
        (OsFacts(name="SLES", release="15.6", major="15"), "sles", "15.6"),
        (OsFacts(name="Rocky"), "rocky-linux", None),
        (OsFacts(name="GenericLinux", release="9", description="Rocky Linux release 9.4"), "rocky-linux", "9"),
        (OsFacts(name="Archlinux", release="6.1", description="Arch Linux"), None, None),
        (OsFacts(name="windows", release="2019", kernel_release="10.0.17763"), "windows-server", "2019"),
        (OsFacts(name="RedHat", release="9.3", major="9"), "rhel", "9"),
    ],
)
def test_fields_of_other_machines_are_read_alike(facts: OsFacts, product_id: str | None, cycle: str | None) -> None:
    match = identify_os_from_facts(facts)
    assert (match.product, match.cycle) == (product_id, cycle)


@pytest.mark.parametrize(("text", "version", "product_id", "cycle"), SPELLINGS)
def test_a_spelling_names_its_release_or_none(
    text: str, version: str | None, product_id: str | None, cycle: str | None
) -> None:
    match = identify_os(text, version=version)
    assert (match.product, match.cycle) == (product_id, cycle)


@pytest.mark.parametrize(("text", "version", "product_id", "cycle"), SPELLINGS)
def test_case_and_padding_change_nothing(
    text: str, version: str | None, product_id: str | None, cycle: str | None
) -> None:
    match = identify_os(f"  {text.upper()} ", version=version)
    assert (match.product, match.cycle) == (product_id, cycle)


@pytest.mark.parametrize(("text", "version", "product_id", "cycle"), SPELLINGS)
def test_confidence_tells_how_much_is_known(
    text: str, version: str | None, product_id: str | None, cycle: str | None
) -> None:
    match = identify_os(text, version=version)
    if product_id is None:
        assert match.confidence == 0
    elif cycle is None:
        assert 0 < match.confidence <= 0.5
    else:
        assert 0.5 < match.confidence <= 1
    assert match.note or cycle


@pytest.mark.parametrize(
    ("text", "version", "note"),
    [
        ("CentOS 4/5/6/7 (64-bit)", None, "the text names a range of releases"),
        ("Red Hat Enterprise Linux 7", "8.2", "the name says 7, the version column says 8"),
        ("Windows 2022 Datacenter", "10.0.17763", "the name says 2022, the build number says 2019"),
        ("SLES 12", None, "version 12 has several release cycles and the text does not say which"),
        ("RHEL 7 / CentOS 7", None, "the text names several systems: centos and rhel"),
        ("Red Hat Enterprise Linux 11", None, "the data holds no Red Hat Enterprise Linux 11"),
        ("SUSE 15.4", None, "several systems go by this name and the text does not say which"),
        ("Windows 11 23H2", None, "the edition, which decides the dates, is not named"),
    ],
)
def test_the_note_says_why_a_release_is_open(text: str, version: str | None, note: str) -> None:
    assert identify_os(text, version=version).note == note


@pytest.mark.parametrize(
    ("text", "version", "product_id", "cycle"),
    [
        ("Windows", "10.0.19045", "windows", "10-22h2"),
        ("Windows", "10.0.22631", "windows", None),
        ("Windows", "10.0.17763", None, None),
        ("Windows 10 Enterprise", "10.0.17763", "windows", "10-1809-e"),
        ("Windows 10 Pro 1909", None, "windows", "10-1909-w"),
        ("Windows 10 or later", None, "windows", None),
        ("Windows Server 2012 R2 SP1", None, "windows-server", "2012-r2"),
        ("Windows Server 2008 SP1", None, "windows-server", None),
        ("Microsoft Windows NT Server 7.7", None, "windows-server", None),
        ("", "Debian 11", "debian", "11"),
        ("FreeBSD 13", "13.2", "freebsd", "13.2"),
        ("FreeBSD 13.2", "13", "freebsd", "13.2"),
        ("FreeBSD 13.2-STABLE", None, "freebsd", "13"),
        ("CentOS 7 or later", "7.9", "centos", "7"),
        ("SLES 12", "SP5", "sles", "12.5"),
        ("Rocky Linux 9 (RHEL 9 compatible)", None, "rocky-linux", "9"),
        ("AIX 7.2 TL99", None, "ibm-aix", None),
        ("AIX", None, "ibm-aix", None),
        ("AIX 7.2.5.3", None, "ibm-aix", "7.2.5"),
        ("Solaris", None, "oracle-solaris", None),
        ("Solaris 11 11/11", None, "oracle-solaris", "11"),
        ("Fedora", "5.6.15-200.fc31.x86_64", "fedora", "31"),
        ("Amazon Linux", "4.14.314-237.533.amzn2.x86_64", "amazon-linux", "2"),
        ("CentOS", "3.10.0-1160.amzn9.x86_64", "centos", None),
        ("vmkernel6Guest", None, "esxi", None),
        ("unheardOfGuest", None, None, None),
        ("VMware ESXi 5", None, "esxi", None),
        ("Windows 10 Enterprise LTSB", None, "windows", None),
        ("distroName='Debian GNU/Linux' distroVersion='12'", None, "debian", "12"),
        ("architecture='X86' bitness='64'", None, None, None),
    ],
)
def test_unusual_texts_are_not_guessed_at(
    text: str, version: str | None, product_id: str | None, cycle: str | None
) -> None:
    match = identify_os(text, version=version)
    assert (match.product, match.cycle) == (product_id, cycle)


def test_of_several_sources_the_first_names_the_product_and_another_may_add_the_release() -> None:
    texts = ["Ubuntu Linux (64-bit)", None, "prettyName='Ubuntu 20.04.6 LTS'", "Red Hat Enterprise Linux 8"]
    assert identify_os_from_texts(texts).cycle == "20.04"
    assert identify_os_from_texts([None, ""]).product is None


def test_the_demo_estates_servers_all_get_the_right_release_and_status() -> None:
    estate = answers("demo_estate.json")
    counted: Counter[str] = Counter()
    for server in estate["servers"]:
        match = identify_os_from_texts([server["tools"], server["detail"], server["config"]])
        if match.release is None:
            columns = (identify_os(text, version=version) for text, version in server["cmdb"])
            match = next((m for m in columns if m.product == match.product and m.release), match)
        status = support_status(match, at=TODAY).status.value
        counted[status] += 1
        assert {**told(match), "status": status} == server["eol"], server["id"]
    assert counted == estate["eol_counts_vms"]


@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=20)))
def test_any_text_is_answered_without_failing(text: str, version: str | None) -> None:
    match = identify_os(text, version=version)
    assert match.release is None or match.product is not None


@given(st.sampled_from([p for p in products_in("os") if not p.id.startswith("windows")]), st.data())
def test_a_product_under_its_own_title_and_cycle_is_that_or_unknown(found: Any, data: st.DataObject) -> None:
    cycle = data.draw(st.sampled_from(found.cycles))
    match = identify_os(f"{found.title} {cycle.name}")
    assert match.product in {found.id, None}
    assert match.cycle in {cycle.name, None}


def test_every_named_product_has_dates() -> None:
    for name in (*operating_system_names(), *database_names()):
        assert name.product is None or product(name.product).cycles
