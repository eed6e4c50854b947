from dataclasses import replace
from decimal import Decimal

import pytest

from masterflow.inventory.types import AssetType
from masterflow.records.reports.figures import (
    NEEDED_FIELDS,
    count_estate,
    measure_completeness,
    servers_of,
    sum_estate,
    total,
)
from masterflow.records.reports.types import Total
from tests.records.reports.sample import make_estate


def test_servers_and_hosts_are_counted_apart() -> None:
    estate = make_estate(150, 40)
    counts = count_estate(estate.assets, estate.applications, dependencies=estate.dependencies)
    assert (counts.servers, counts.virtual_machines, counts.hosts) == (150, 150, 15)
    assert (counts.applications, counts.shared_services, counts.applications_proposed) == (40, 6, 4)
    assert (counts.dependencies, counts.dependencies_hard) == (60, 40)
    assert (counts.clusters, counts.datacenters, counts.powered_off) == (2, 2, 7)


def test_a_physical_server_is_a_server_but_no_virtual_machine() -> None:
    first, *others = make_estate(3, 0).assets
    counts = count_estate([replace(first, asset_type=AssetType.SERVER), *others])
    assert (counts.servers, counts.virtual_machines) == (3, 2)


def test_hosts_that_no_file_lists_are_counted_by_name() -> None:
    machines = servers_of(make_estate(30, 0).assets)
    renamed = [
        replace(machine, host="ESX01" if machine.host == "esx01.northwind.example" else "esx02") for machine in machines
    ]
    assert count_estate(renamed).hosts == 2


def test_sums_leave_out_what_is_not_known_and_say_so() -> None:
    first, second = make_estate(5, 0).assets[:2]
    sums = sum_estate([replace(first, cpu_cores=None), replace(second, cpu_cores=12)])
    assert sums.vcpu == Total(12, 1, 2)
    assert sums.memory_mib.value == (first.memory_mib or 0) + (second.memory_mib or 0)
    assert total([]) == Total(None, 0, 0)
    assert total([None, None]) == Total(None, 0, 2)
    assert total([0]) == Total(0, 1, 1)


def test_sums_do_not_count_hosts() -> None:
    estate = make_estate(3, 0)
    assert sum_estate(estate.assets) == sum_estate(servers_of(estate.assets))


def test_completeness_counts_each_field_and_averages_them() -> None:
    estate = make_estate(10, 2)
    measured = measure_completeness(estate.assets, estate.applications)
    by_field = {field.field: field for field in measured.fields}
    assert len(by_field) == len(NEEDED_FIELDS) + 1
    assert (by_field["application"].known, by_field["application"].of) == (10, 10)
    assert by_field["cpu_p95_pct"].known == 2
    mean = sum(field.known / field.of for field in measured.fields) / len(measured.fields)
    assert measured.score == pytest.approx(mean)


def test_one_more_known_value_raises_completeness() -> None:
    assets = list(make_estate(10, 0).assets)
    before = measure_completeness(assets)
    assets[0] = replace(assets[0], cpu_p95_pct=Decimal(3), ip_addresses=())
    after = {field.field: field.known for field in measure_completeness(assets).fields}
    assert after["cpu_p95_pct"] == 3
    assert after["ip_addresses"] == 9
    assert before.score == measure_completeness(assets).score


def test_an_estate_without_servers_has_no_score() -> None:
    assert measure_completeness([]).score is None
