"""What the values of a column look like."""

from masterflow.analysis.mapping.profiles import are_short_names_of, fit, profile_of
from masterflow.inventory.fields import FieldKind
from masterflow.inventory.files.cells import Shape


def test_cells_that_say_nothing_do_not_count() -> None:
    assert profile_of([None, "", "N/A", "-", "unknown", "k.A.", "tba", "#REF!"]).filled == 0
    assert profile_of(["VM", "physical", "n/a"]).mostly("virtual")
    assert profile_of(["N/A", "10.0.0.1"]).share(Shape.ADDRESS) == 1.0


def test_known_words_are_counted() -> None:
    assert profile_of(["Production", "dev", "UAT", "Mars"]).words["environment"] == 0.75
    assert profile_of(["poweredOn", "poweredOff"]).mostly("power")
    assert profile_of(["Ubuntu 22.04", "Windows Server 2019"]).os_names == 1.0
    assert profile_of(["Linux", "Windows"]).os_families == 1.0
    assert profile_of(["Tier 1", "2 - somewhat critical", "high"]).mostly("criticality")
    assert profile_of(["Rehost", "re-platform", "Retire"]).mostly("strategy")
    assert profile_of(["Virtual Machine", "physical"]).mostly("virtual")


def test_lists_of_objects_count_as_the_addresses_they_hold() -> None:
    assert profile_of(['[{"ip": "10.0.0.1", "label": "eth0"}]']).share(Shape.ADDRESS) == 1.0
    assert profile_of(['[{"mac": "ab:cd:ef:12:34:56"}]']).share(Shape.MAC) == 1.0
    assert profile_of(['[{"name": "x y"}]']).share(Shape.TEXT) == 1.0


def test_values_fit_a_kind_contradict_it_or_say_nothing() -> None:
    assert fit(profile_of([]), FieldKind.ADDRESS) == 1.0
    assert fit(profile_of(["10.0.0.1"]), FieldKind.ADDRESS) == 1.0
    assert fit(profile_of(["web01", "web02"]), FieldKind.ADDRESS) == 0.6
    assert fit(profile_of(["4", "8"]), FieldKind.INTEGER) == 1.0
    assert fit(profile_of(["Intel Xeon"]), FieldKind.INTEGER) == 0.6
    assert fit(profile_of(["2026-01-01"]), FieldKind.TEXT) == 0.75
    assert fit(profile_of(["Linux"]), FieldKind.TEXT) == 1.0
    assert fit(profile_of(["anything"]), FieldKind.LIST) == 1.0


def test_short_names_are_the_first_labels_of_full_ones() -> None:
    full = profile_of(["web01.example.com", "DB01.example.com", "x.example.com"])
    assert are_short_names_of(profile_of(["WEB01", "db01", "other"]), full)
    assert not are_short_names_of(profile_of(["a", "b", "c"]), full)
    assert not are_short_names_of(profile_of(["web01"]), profile_of(["web01"]))
    assert not are_short_names_of(profile_of([]), full)
    assert not are_short_names_of(full, profile_of([]))
