"""What differs between two versions of a plan."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from masterflow.records.plans.comparison import LoneItem, MovedItem, WaveSide, difference
from masterflow.records.plans.types import BrokenWish, Plan, PlannedItem
from tests.records.plans.test_store import a_plan, a_wave, an_item


def item(number: int, wave: int) -> PlannedItem:
    return replace(an_item(f"app {number}", wave), subject_id=UUID(int=number))


def plan(placed: dict[int, int], **values: object) -> Plan:
    items = tuple(item(number, wave) for number, wave in placed.items())
    return replace(a_plan(), items=items, **{"broken_wishes": (), **values})


def test_moves_arrivals_and_departures_are_told() -> None:
    found = difference(plan({1: 1, 2: 1, 3: 2}), plan({1: 2, 2: 1, 4: 1}))
    assert found.moved == (MovedItem(UUID(int=1), "app 1", 1, 2),)
    assert found.only_in_a == (LoneItem(UUID(int=3), "app 3", 2),)
    assert found.only_in_b == (LoneItem(UUID(int=4), "app 4", 1),)


def test_waves_stand_side_by_side_by_number() -> None:
    first, second = a_wave(1), replace(a_wave(2), hours=7)
    found = difference(plan({}, waves=(first,)), plan({}, waves=(first, second), objective=None))
    assert [(pair.number, pair.a is None, pair.b is None) for pair in found.waves] == [
        (1, False, False),
        (2, True, False),
    ]
    assert found.waves[1].b == WaveSide(second.start, second.end, second.servers, 7)
    assert (found.objective.a, found.objective.b) == (0.061, None)


def test_a_wish_is_known_by_those_concerned_and_not_by_its_sentence() -> None:
    late = BrokenWish("target_moves_later", ("a", "b"), "a moves in wave 1")
    same = replace(late, sentence="a moves in wave 2", subjects=("b", "a"))
    uneven = BrokenWish("balanced_load", (), "Wave 1 is filled to 20 %.")
    emptier = replace(uneven, sentence="Wave 2 is filled to 10 %.")
    found = difference(plan({}, broken_wishes=(late, uneven)), plan({}, broken_wishes=(same, emptier)))
    assert (found.broken_wishes.fixed, found.broken_wishes.new) == ((uneven,), (emptier,))


WAVES = st.dictionaries(st.integers(1, 6), st.integers(1, 3))


@given(WAVES, WAVES)
def test_a_difference_read_backwards_is_the_difference_from_there(a: dict[int, int], b: dict[int, int]) -> None:
    there, back = difference(plan(a), plan(b)), difference(plan(b), plan(a))
    assert (there.only_in_a, there.only_in_b) == (back.only_in_b, back.only_in_a)
    turned = [(m.subject_id, m.to_wave, m.from_wave) for m in back.moved]
    assert [(m.subject_id, m.from_wave, m.to_wave) for m in there.moved] == turned
    lead = {m.subject_id.int: m.to_wave for m in there.moved} | {i.subject_id.int: i.wave for i in there.only_in_b}
    gone = {i.subject_id.int for i in there.only_in_a}
    assert {number: wave for number, wave in (a | lead).items() if number not in gone} == b


@given(WAVES)
def test_a_plan_does_not_differ_from_itself(waves: dict[int, int]) -> None:
    found = difference(plan(waves), plan(waves))
    assert (found.moved, found.only_in_a, found.only_in_b) == ((), (), ())
    assert all(pair.a == pair.b for pair in found.waves)
