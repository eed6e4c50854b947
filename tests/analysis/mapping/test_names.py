"""Taking headers apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.mapping.names import header_name, spellings


@pytest.mark.parametrize(
    ("header", "words", "unit", "index"),
    [
        ("RAM.UsedSizeInMB.Avg", "ram used size avg", "MB", None),
        ("Disk 3 size (In GB)", "disk n size", "GB", 3),
        ("Disk 1 read throughput (MB per second)", "disk n read throughput", "MB/s", 1),
        ("Disk 1 read ops (operations per second)", "disk n read ops", "IOPS", 1),
        ("DiskReadsPerSecondInKB.Avg", "disk reads per second avg", "KB/s", None),
        ("TotalDiskAllocatedGiB", "total disk allocated", "GiB", None),
        ("Network #1", "network n", None, 1),
        ("# CPU", "num cpu", None, None),
        ("*Memory (In MB)", "memory", "MB", None),
        ("RAM_GB", "ram", "GB", None),
        ("ramgb", "ram", "GB", None),
        ("Memory [GiB]", "memory", "GiB", None),
        ("CPU usage %", "cpu usage", "%", None),
        ("Technical Debt (min.)", "technical debt", "minutes", None),
        ("Boot Type (BIOS/UEFI)", "boot type bios uefi", None, None),
        ("IPAddress (2)", "ip address", None, None),
        ("u_environment", "environment", None, None),
        ("OsName", "os name", None, None),
        ("IPv4 Address", "ipv4 address", None, None),
        ("GB", "gb", None, None),
        ("2024", "2024", None, None),
        ("Größe", "grösse", None, None),
        ("vCPUs", "vcpus", None, None),
    ],
)
def test_a_header_is_its_words_its_unit_and_its_number(
    header: str, words: str, unit: str | None, index: int | None
) -> None:
    name = header_name(header)
    assert (" ".join(name.words), name.unit, name.index) == (words, unit, index)


def test_spellings_come_with_less_and_less_trust_for_one_reason() -> None:
    found = list(spellings(header_name("Server OS (guest)")))
    assert found[0] == ("serverosguest", 0.98, "is a known name of")
    assert ("serveros", 0.94, "without its brackets is a known name of") in found
    assert ("osguest", 0.92, "after its first word is a known name of") in found


def test_short_forms_are_written_out() -> None:
    assert "servername" in [spelling for spelling, _, _ in spellings(header_name("Srv Nm"))]


@given(st.text(max_size=60))
def test_any_text_can_be_taken_apart(header: str) -> None:
    name = header_name(header)
    assert all(word == word.casefold() or word for word in name.words)
    assert all(0 < trust <= 1 for _, trust, _ in spellings(name))
    assert isinstance(name.tokens, frozenset)
