"""The inventory fields."""

import json

from masterflow.inventory.fields import BY_NAME, FIELDS, KNOWN_NAMES, squashed
from tests.inventory.makers import DATA

OURS = {
    *("source_port", "smbios_uuid", "source_ip_address", "protocol", "connection_count", "byte_count"),
    *("relation_parent", "relation_type", "relation_child"),
    *("metric_name", "metric_average", "metric_p50", "metric_p95", "metric_maximum", "sample_count", "observed_days"),
}


def test_every_canonical_field_is_there_under_its_name() -> None:
    canonical = json.loads((DATA / "canonical_fields.json").read_text())["canonical_fields"]
    assert set(BY_NAME) == set(canonical) | OURS
    assert len(FIELDS) == len(BY_NAME)


def test_every_field_says_what_it_is_in_one_line() -> None:
    for field in FIELDS:
        assert field.about
        assert len(field.about) <= 80
        assert field.about[0].isupper()
        assert not field.about.endswith(".")


def test_fields_of_one_measure_have_different_units() -> None:
    units = [(field.measure, field.unit) for field in FIELDS if field.measure]
    assert len(units) == len(set(units))


def test_no_header_text_means_two_fields_of_one_sheet() -> None:
    meant: dict[tuple[str, str | None], set[str]] = {}
    for field in FIELDS:
        for alias in field.aliases:
            meant.setdefault((squashed(alias), field.topic), set()).add(field.measure or field.name)
    doubtful = {spelling: fields for spelling, fields in meant.items() if len(fields) > 1}
    assert doubtful == {}


def test_spellings_of_one_name_are_equal() -> None:
    assert squashed("IP_Address") == squashed("ip address") == squashed("IpAddress") == "ipaddress"
    assert squashed("# CPUs") == squashed("Num CPUs")
    assert squashed("CPU usage %") == squashed("cpu_usage_pct")
    assert squashed("Größe (GB)") == "grössegb"
    assert "ipaddress" in KNOWN_NAMES
