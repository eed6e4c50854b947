"""The published table, profile by profile, and the planning score of applications."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.complexity import (
    ApplicationTies,
    ServerComplexity,
    application_complexity,
    load_profiles,
    server_complexity,
)
from masterflow.analysis.eol.operating_systems import identify_os
from masterflow.analysis.servers import MIB_PER_TIB, ServerFacts
from masterflow.errors import ConfigurationInvalid

PROFILES = load_profiles()
HALF_A_TABLE = (
    "own: {title: x, target: y, source: z, operating_systems: [], database: 4, "
    "disk_tiers: [{up_to_tib: null, tier: 1}], combined: {1: {1: 1}}}"
)


def server(system: str, *, tib: float | None = 1, database: bool | None = None) -> ServerFacts:
    disk_mib = None if tib is None else int(tib * MIB_PER_TIB)
    return ServerFacts(name="x", os=identify_os(system), disk_mib=disk_mib, runs_database=database)


@pytest.mark.parametrize(
    ("system", "score"),
    [
        *[(f"RHEL {n}", 1) for n in (6, 7, 8, 9, 10)],
        ("Fedora 40", 1),
        *[(f"CentOS {n}", 1) for n in (6, 7, 8)],
        ("CentOS Stream 9", 1),
        *[(f"Oracle Linux {n}", 1) for n in (6, 7, 8, 9)],
        ("Rocky Linux 8", 1),
        ("Rocky Linux 9", 1),
        ("RHEL 5", 2),
        ("CentOS 5", 2),
        ("SLES 12 SP5", 2),
        ("SLES 15 SP6", 2),
        *[(f"Windows Server {y}", 2) for y in (2016, 2019, 2022, 2025)],
        ("Windows 10 22H2", 2),
        ("Windows 11 Pro 23H2", 2),
        ("SLES 11 SP4", 3),
        ("openSUSE Leap 15.5", 3),
        ("AlmaLinux 9", 3),
        ("Ubuntu 22.04", 3),
        ("Debian 12", 3),
        *[(f"Windows Server {y}", 3) for y in ("2000", "2003", "2008", "2008 R2", "2012", "2012 R2")],
        ("Windows XP", 3),
        ("Windows 7", 3),
        ("Windows 8.1", 3),
        ("Solaris 10", 3),
        ("FreeBSD 13", 3),
        ("VMware Photon OS", 3),
        ("Amazon Linux 2", 3),
        ("macOS 13", 3),
        ("RHEL", 0),
        ("Amazon Linux 2023", 0),
        ("AIX 7.2 TL5", 0),
        ("Linux", 0),
    ],
)
def test_the_published_table_scores_operating_systems(system: str, score: int) -> None:
    assert server_complexity(server(system), PROFILES["red_hat"]).os_score == score


@pytest.mark.parametrize(
    ("tib", "tier"), [(0.5, 1), (10, 1), (10.1, 2), (20, 2), (20.1, 3), (50, 3), (50.1, 4), (None, None)]
)
def test_disks_fall_into_tiers(tib: float | None, tier: int | None) -> None:
    assert server_complexity(server("RHEL 8", tib=tib), PROFILES["red_hat"]).disk_tier == tier


@pytest.mark.parametrize(
    ("system", "tib", "database", "score"),
    [
        ("RHEL 8", 1, None, 1),
        ("RHEL 8", 15, None, 1),
        ("RHEL 8", 30, None, 3),
        ("RHEL 8", 60, None, 3),
        ("Windows Server 2019", 15, None, 2),
        ("Windows Server 2019", 30, None, 3),
        ("Ubuntu 22.04", 1, None, 2),
        ("Ubuntu 22.04", 60, None, 3),
        ("RHEL 8", 1, True, 4),
        ("Linux", 1, True, 4),
        ("Linux", 1, None, 0),
        ("RHEL 8", None, None, 0),
    ],
)
def test_system_and_disks_combine_as_published(
    system: str, tib: float | None, database: bool | None, score: int
) -> None:
    found = server_complexity(server(system, tib=tib, database=database), PROFILES["red_hat"])
    assert found.score == score
    assert all(reason.endswith(".") for reason in found.reasons)


def test_another_target_finds_other_systems_easy() -> None:
    ubuntu = server("Ubuntu 22.04")
    assert server_complexity(ubuntu, PROFILES["red_hat"]).score == 2
    assert server_complexity(ubuntu, PROFILES["neutral"]).score == 1


def test_the_reason_names_system_target_and_size() -> None:
    reasons = server_complexity(server("RHEL 8"), PROFILES["neutral"]).reasons
    assert reasons == ("rhel 8 is easy for Any x86 cloud.", "1.00 TiB of disks are tier 1.")


def test_a_profile_of_ones_own_is_used(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    bundled = Path("src/masterflow/analysis/complexity_profiles.yaml").read_text(encoding="utf-8")
    file.write_text(bundled.replace("product: ubuntu, score: 3", "product: ubuntu, score: 1"), encoding="utf-8")
    assert server_complexity(server("Ubuntu 22.04"), load_profiles(file)["red_hat"]).score == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("own: {title: x}", "own.yaml: target: Field required"),
        ("own: [", "own.yaml holds no complexity profiles"),
        ("just text", "own.yaml holds no complexity profiles"),
        (HALF_A_TABLE, "combined has no score for operating-system score 2 and tier 1"),
    ],
)
def test_a_profile_that_cannot_be_used_is_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationInvalid) as refused:
        load_profiles(file)
    assert message in str(refused.value)


def rated(*scores: int, tib: float = 0.1) -> list[tuple[ServerFacts, ServerComplexity]]:
    return [(server("RHEL 8", tib=tib), ServerComplexity(s, s, 1, ())) for s in scores]


def test_a_small_lone_application_is_routine() -> None:
    ties = ApplicationTies(
        dependency_degree=1, circle_size=1, technologies=1, compliance_scopes=0, customised=False, tested=True
    )
    found = application_complexity(rated(1), ties)
    assert (found.score, found.data_completeness) == (1, 1.0)


def test_a_large_entangled_application_is_a_project_of_its_own() -> None:
    ties = ApplicationTies(
        dependency_degree=9, circle_size=5, technologies=7, compliance_scopes=3, customised=True, tested=False
    )
    found = application_complexity(rated(*[3] * 20, tib=1), ties)
    assert found.score == 5
    assert [p.points for p in found.points] == [3, 2, 2, 2, 2, 2, 2, 1, 1]
    assert found.points[2].sentence == "9 applications depend on it or it on them"


def test_what_is_not_known_adds_nothing_and_lowers_the_completeness() -> None:
    found = application_complexity([], ApplicationTies())
    assert (found.score, found.data_completeness) == (1, 0.0)
    assert {p.sentence for p in found.points} == {"not known"}
    assert application_complexity(rated(0), ApplicationTies()).points[1].points is None


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 10))
def test_more_ties_never_make_an_application_easier(degree: int, more: int, circle: int) -> None:
    few = ApplicationTies(dependency_degree=degree, circle_size=circle)
    many = ApplicationTies(dependency_degree=degree + more, circle_size=circle)
    assert application_complexity(rated(2), few).score <= application_complexity(rated(2), many).score
