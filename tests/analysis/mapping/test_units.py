"""The unit of a column."""

import pytest

from masterflow.analysis.mapping.units import Unit, belongs, bracketed, family, unit_by_size, unit_in_values
from masterflow.inventory.fields import BY_NAME, FieldKind


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (["16 GB", "8GB", None], "GB"),
        (["16 GiB", "8 GiB"], "GiB"),
        (["512 M", "1024 M"], "MB"),
        (["1 TiB", "2 TB", "3 TiB"], "TiB"),
        (["2.3GHz"], "GHz"),
        (["16 GB", 8, 4], None),
        ([4, 8], None),
        ([], None),
    ],
)
def test_texts_may_carry_their_unit(values: list[object], unit: str | None) -> None:
    assert unit_in_values(values) == unit


@pytest.mark.parametrize(
    ("numbers", "unit"),
    [
        ([4, 8, 16, 64], Unit("GB")),
        ([2048, 4096, 16384], Unit("MB")),
        ([1024, 768], Unit("MB")),
        ([700, 900], Unit("MB", sure=False)),
        ([8, 16, 4096], Unit("GB", sure=False)),
        ([16_777_216, 33_554_432], Unit("KB", sure=False)),
        ([17_179_869_184, 34_359_738_368], Unit("bytes")),
        ([], Unit("MB")),
        (["n/a"], Unit("MB")),
    ],
)
def test_the_size_of_memory_tells_its_unit(numbers: list[object], unit: Unit) -> None:
    assert unit_by_size(BY_NAME["memory_mb"], numbers) == unit


@pytest.mark.parametrize(
    ("numbers", "unit"),
    [
        ([100, 500], Unit("GB")),
        ([1, 2], Unit("GB", sure=False)),
        ([122_880, 512_000], Unit("MB", sure=False)),
        ([10**11], Unit("bytes", sure=False)),
    ],
)
def test_the_size_of_disks_tells_their_unit(numbers: list[object], unit: Unit) -> None:
    assert unit_by_size(BY_NAME["storage_gb"], numbers) == unit


def test_shares_between_nought_and_one_are_ratios() -> None:
    assert unit_by_size(BY_NAME["cpu_utilization_pct"], [0.2, 0.95]) == Unit("ratio", sure=False)
    assert unit_by_size(BY_NAME["cpu_utilization_pct"], [0, 1]) == Unit("%")
    assert unit_by_size(BY_NAME["cpu_utilization_pct"], [20, 95]) == Unit("%")
    assert unit_by_size(BY_NAME["cpu_speed_mhz"], [2300]) == Unit("MHz")
    assert unit_by_size(BY_NAME["database_size_mb"], [2300]) == Unit("MB")


@pytest.mark.parametrize(
    ("header", "rest", "unit"),
    [
        ("Memory (In MB)", "Memory  ", "MB"),
        ("CPU (%)", "CPU  ", "%"),
        ("Read (MB/s)", "Read  ", "MB/s"),
        ("Read (IOPS per sec)", "Read  ", "IOPS"),
        ("Boot (BIOS/UEFI) [GB]", "Boot (BIOS/UEFI)  ", "GB"),
        ("Cost (USD)", "Cost (USD)", None),
        ("Rate (users per second)", "Rate (users per second)", None),
    ],
)
def test_units_in_brackets_are_taken_out(header: str, rest: str, unit: str | None) -> None:
    assert bracketed(header) == (rest, unit)


def test_units_belong_to_kinds_and_families() -> None:
    assert belongs("GB", FieldKind.SIZE)
    assert not belongs("%", FieldKind.SIZE)
    assert not belongs("GB", FieldKind.TEXT)
    assert not belongs(None, FieldKind.SIZE)
    assert (family("MiB"), family("KB"), family("TB"), family("bytes"), family("MHz")) == (
        "MB",
        "MB",
        "GB",
        "bytes",
        "MHz",
    )
