"""What a person decides goes before what the files say, or comes back."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import NotFound
from masterflow.inventory.deciding import RULE, DecidedValue, decide, parts_of_conflict_id
from masterflow.inventory.types import RETIRED, Asset, Conflict, Environment, Fact, Source
from tests.inventory.estates import fact, server

WEB = server("web")


def said(field: str, value: str, *, reason: str | None = None) -> DecidedValue:
    return DecidedValue(
        asset_id=WEB.id,
        field=field,
        value=value,
        decided_by="ann@home.example",
        decided_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        reason=reason,
    )


def torn(field: str, *values: str) -> tuple[Asset, Conflict]:
    """The web server with facts that contradict each other; the first is shown."""
    facts = tuple(fact(field, value, chosen=n == 0, row=n + 2) for n, value in enumerate(values))
    asset = replace(WEB, facts=facts)
    return asset, Conflict(WEB.name, field, facts, values[0], "estate.xlsx first", needs_review=True, asset_id=WEB.id)


@pytest.mark.parametrize(
    ("field", "shown", "right", "value"),
    [
        ("cpu_cores", "2", "4", 4),
        ("memory_mib", "4096", "8192", 8192),
        ("ip_addresses", "10.0.0.1", "10.0.0.2, 10.0.0.3", ("10.0.0.2", "10.0.0.3")),
        ("environment", "test", "production", Environment.PRODUCTION),
        ("business_owner", "Ann", "Bob", "Bob"),
        ("cpu_p95_pct", "1.5", "2.50", Decimal("2.50")),
        ("virtual", "true", "false", False),
    ],
)
def test_the_decided_value_is_shown_with_its_type(field: str, shown: str, right: str, value: object) -> None:
    asset, conflict = decide(*torn(field, shown, right), said(field, right, reason="I counted"))
    assert getattr(asset, field) == value
    assert [f.value for f in asset.facts if f.chosen] == [right]
    (chosen,) = [f for f in asset.facts if f.chosen]
    assert (chosen.rule, chosen.source.file) == (RULE, "decision of ann@home.example on 2026-11-23")
    assert conflict is not None
    assert (conflict.preferred, conflict.needs_review, conflict.decided_by) == (right, False, "ann@home.example")
    assert conflict.why == "decided by ann@home.example on 2026-11-23: I counted"
    assert [f.value for f in conflict.values] == [shown, right]


def test_a_value_that_no_source_states_any_more_comes_back_to_review() -> None:
    asset, conflict = torn("cpu_cores", "2", "4")
    after, back = decide(asset, replace(conflict, needs_review=False), said("cpu_cores", "16"))
    assert after == asset
    assert back is not None
    assert (back.preferred, back.needs_review, back.decided_at) == ("2", True, None)
    note = "'16', decided by ann@home.example on 2026-11-23, stands in no source any more"
    assert back.why == f"estate.xlsx first; {note}"
    assert decide(asset, back, said("cpu_cores", "16"))[1] == back
    assert decide(asset, None, said("cpu_cores", "16")) == (asset, None)


def test_a_decision_is_no_source_of_its_own() -> None:
    asset, conflict = decide(*torn("cpu_cores", "2", "4"), said("cpu_cores", "4"))
    without = replace(asset, facts=tuple(f for f in asset.facts if f.value != "4" or f.rule == RULE))
    assert conflict is not None
    left = replace(conflict, values=conflict.values[:1])
    _, back = decide(without, left, said("cpu_cores", "4"))
    assert back is not None
    assert back.needs_review


def test_a_later_decision_takes_the_place_of_the_earlier() -> None:
    first = decide(*torn("cpu_cores", "2", "4"), said("cpu_cores", "4"))
    assert first[1] is not None
    asset, conflict = decide(*first, said("cpu_cores", "2"))
    assert asset.cpu_cores == 2
    assert [f.value for f in asset.facts if f.rule == RULE] == ["2"]
    assert conflict is not None
    assert conflict.preferred == "2"


def test_the_version_goes_with_the_operating_system() -> None:
    place = Source("cmdb.csv", "csv", 9, "OS")
    facts = (
        fact("operating_system", "Red Hat Enterprise Linux 9"),
        fact("os_version", "9.4"),
        Fact("operating_system", "Windows Server 2022", place, "text", None, chosen=False),
        Fact("os_version", "21H2", replace(place, column="OS Version"), "text", None, chosen=False),
    )
    conflict = Conflict("web", "operating_system", (facts[0], facts[2]), facts[0].value, "first", asset_id=WEB.id)
    asset, _ = decide(replace(WEB, facts=facts), conflict, said("operating_system", "Windows Server 2022"))
    assert (asset.operating_system, asset.os_version) == ("Windows Server 2022", "21H2")
    assert [f.value for f in asset.facts if f.chosen] == ["21H2", "Windows Server 2022"]


def test_a_machine_that_is_retired_after_all_is_marked_so_and_back() -> None:
    asset, conflict = torn("lifecycle", "in_use", "retired")
    retired, settled = decide(asset, conflict, said("lifecycle", "retired"))
    assert retired.concerns == (RETIRED, "snapshot")
    assert settled is not None
    assert decide(retired, settled, said("lifecycle", "in_use"))[0].concerns == ("snapshot",)


@given(st.lists(st.integers(1, 99).map(str), min_size=2, max_size=5, unique=True), st.data())
def test_deciding_twice_is_deciding_once(values: list[str], data: st.DataObject) -> None:
    right = said("cpu_cores", data.draw(st.sampled_from(values)))
    once = decide(*torn("cpu_cores", *values), right)
    assert once[1] is not None
    assert decide(*once, right) == once


@pytest.mark.parametrize("text", ["", "x", ".cpu_cores", "1234.cpu_cores"])
def test_a_text_that_names_no_conflict_is_not_found(text: str) -> None:
    with pytest.raises(NotFound, match="There is no such conflict"):
        parts_of_conflict_id(text)


@pytest.mark.parametrize("field", ["department", "operating_system"])
def test_a_value_set_by_hand_holds_though_no_source_states_it(field: str) -> None:
    asset, conflict = torn(field, "one", "two")
    word = replace(said(field, "three", reason="I know"), by_hand=True)
    shown, after = decide(asset, conflict, word)
    assert getattr(shown, field) == "three"
    [own] = [f for f in shown.facts if f.chosen]
    assert (own.rule, own.unit, own.source.file) == (RULE, None, "set by ann@home.example on 2026-11-23: I know")
    assert [f.value for f in shown.facts] == ["one", "two", "three"]
    assert after is not None
    assert (after.preferred, after.needs_review) == ("three", False)
    assert after.why == "set by ann@home.example on 2026-11-23: I know"
    alone, nothing = decide(replace(asset, facts=()), None, replace(word, reason=None))
    assert (getattr(alone, field), nothing) == ("three", None)
    assert alone.facts[0].source.file == "set by ann@home.example on 2026-11-23"
