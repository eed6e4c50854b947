import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.operating_systems import contradict, os_signature


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_has_a_signature_that_does_not_contradict_itself(text, version):
    signature = os_signature(text, version)
    assert not contradict(signature, signature)


@given(st.text(max_size=60), st.text(max_size=60))
def test_contradiction_goes_both_ways(one, other):
    a, b = os_signature(one), os_signature(other)
    assert contradict(a, b) == contradict(b, a)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Red Hat Enterprise Linux 8 (64-bit)", ""), ("Linux Red Hat", "8.9")),
        (("Microsoft Windows Server 2016 or later (64-bit)", ""), ("Microsoft Windows Server 2022 (64-bit)", "")),
        (("Microsoft Windows Server 2012 (64-bit)", ""), ("Windows 2012 Standard", "6.2.9200")),
        (("Microsoft Windows Server 2008 R2 (64-bit)", ""), ("Windows 2008 R2 Standard", "6.1.7601")),
        (("CentOS 4/5/6/7 (64-bit)", ""), ("Linux CentOS", "7.9.2009")),
        (("Ubuntu Linux (64-bit)", ""), ("Linux Ubuntu", "20.04")),
        (("Other 3.x or later Linux (64-bit)", ""), ("Debian GNU/Linux 12 (64-bit)", "")),
        (("SUSE Linux Enterprise 12 (64-bit)", ""), ("Linux SuSE", "12 SP5")),
        (("Oracle Linux 7 (64-bit)", ""), ("Linux Oracle", "7.9")),
        (("Windows", ""), ("Microsoft Windows Server 2019 (64-bit)", "")),
        (("something of ours", ""), ("AIX", "7.2")),
        (("Microsoft Windows Server", ""), ("Microsoft Windows Server 2019", "")),
    ],
)
def test_spellings_and_vaguer_texts_of_one_system_do_not_contradict(one, other):
    assert not contradict(os_signature(*one), os_signature(*other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Red Hat Enterprise Linux 8 (64-bit)", ""), ("Red Hat Enterprise Linux 9 (64-bit)", "")),
        (("Red Hat Enterprise Linux 8 (64-bit)", ""), ("Linux Red Hat", "6.9")),
        (("Microsoft Windows Server 2022 (64-bit)", ""), ("Windows 2008 R2 Standard", "6.1.7601")),
        (("Microsoft Windows Server 2012 (64-bit)", ""), ("Windows Server 2012 R2 Standard", "6.3.9600")),
        (("Microsoft Windows Server 2016 or later (64-bit)", ""), ("Windows Server 2012 R2", "")),
        (("Debian GNU/Linux 7 (64-bit)", ""), ("Red Hat Enterprise Linux 9 (64-bit)", "")),
        (("Ubuntu 20.04", ""), ("Ubuntu 22.04", "")),
        (("Windows 10", ""), ("Windows Server 2019", "")),
        (("Linux", ""), ("Windows Server 2019", "")),
        (("AIX", "7.1"), ("Solaris 11", "")),
    ],
)
def test_another_family_or_release_contradicts(one, other):
    assert contradict(os_signature(*one), os_signature(*other))


def test_a_build_number_names_the_windows_release():
    assert os_signature("Windows Server Standard", "10.0.17763").releases == {"2019"}
    assert os_signature("Windows Server 2012 Standard", "6.3.9600").releases == {"2012 r2"}


def test_a_kernel_alone_is_vague():
    assert os_signature("Other Linux (64-bit)").vague
    assert not os_signature("Debian GNU/Linux 12").vague


@pytest.mark.parametrize(
    ("text", "family", "releases"),
    [
        ("Win2K12R2", "windows server", {"2012 r2"}),
        ("W2K16", "windows server", {"2016"}),
        ("windows9Server64Guest", "windows server", {"2016"}),
        ("windows2019srv_64Guest", "windows server", {"2019"}),
        ("rhel8_64Guest", "rhel", {"8"}),
        ("ubuntu64Guest", "ubuntu", set()),
        ("SUSE Linux Enterprise Server 12 SP5", "sles", {"12"}),
        ("SunOS 5.11", "solaris", {"11"}),
        ("VMware ESXi 8.0.2 build-22380479", "esxi", {"8"}),
        ("Rocky Linux release 9.4 (Blue Onyx)", "rocky", {"9"}),
        ("Debian GNU/Linux 12 (bookworm)", "debian", {"12"}),
        ("Ubuntu 22.04.4 LTS", "ubuntu", {"22.04"}),
    ],
)
def test_spellings_of_vendors_and_agents_are_known(text, family, releases):
    found = os_signature(text)
    assert (found.family, found.releases) == (family, releases)
