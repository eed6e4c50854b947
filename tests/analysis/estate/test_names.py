import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.names import (
    Convention,
    group_by_code,
    learn_convention,
    parts,
    role_of,
    with_listed_codes,
)

KNOWN = [
    ("nf-bil-web-p01", "billing"),
    ("nf-bil-db-p01", "billing"),
    ("nf-pay-web-p01", "payroll"),
    ("nf-pay-db-p01", "payroll"),
    ("nf-crm-app-p01", "crm"),
]


def test_the_place_of_the_code_is_learnt_from_servers_whose_application_is_known():
    convention = learn_convention(KNOWN)
    assert convention.place == "part 2"
    assert {c.text: (c.application, c.agreeing, c.known) for c in convention.codes.values()} == {
        "bil": ("billing", 2, 2),
        "pay": ("payroll", 2, 2),
        "crm": ("crm", 1, 1),
    }
    assert convention.code_of("nf-bil-app-t09.x.example") == "bil"


@given(st.randoms())
def test_the_order_of_the_servers_teaches_nothing(random):
    shuffled = list(KNOWN)
    random.shuffle(shuffled)
    assert learn_convention(shuffled) == learn_convention(KNOWN)


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["a", "b"])), max_size=8))
def test_any_names_can_be_learnt_from(known):
    convention = learn_convention(known)
    assert convention is None or convention.place


def test_a_few_servers_or_mixed_codes_teach_no_convention():
    assert learn_convention(KNOWN[:2]) is None
    assert learn_convention([("x-a-1", "one"), ("x-a-2", "two"), ("x-b-1", "three"), ("x-b-2", "four")]) is None
    assert learn_convention([]) is None


def test_a_code_on_which_its_servers_do_not_agree_stands_for_nothing():
    more = [*KNOWN, *[(f"nf-pay-app-p0{n}", "payroll") for n in range(9)], ("nf-mix-a-1", "one"), ("nf-mix-b-1", "two")]
    assert "mix" not in learn_convention(more).codes


def test_names_in_one_piece_are_cut_into_slices():
    known = [("debilweb01", "billing"), ("debildb02", "billing"), ("depayweb01", "payroll"), ("depaydb03", "payroll")]
    convention = learn_convention(known)
    assert convention.codes[convention.code_of("debilapp07")].application == "billing"
    assert parts("sap01") == {"stem": "sap"}
    assert parts("") == {}


def test_codes_of_a_list_join_what_was_learnt_but_do_not_overrule_it():
    listed = {"mfl": "mainframe", "bil": "other"}
    convention = with_listed_codes(learn_convention(KNOWN), listed, [])
    assert convention.codes["mfl"].application == "mainframe"
    assert convention.codes["bil"].application == "billing"
    assert with_listed_codes(None, {}, ["a"]) is None


def test_a_list_alone_shows_where_the_codes_stand_when_enough_names_carry_them():
    names = [f"x-{c}-{n}" for c in ("bil", "pay") for n in ("web", "db")]
    found = with_listed_codes(None, {"bil": "billing", "pay": "payroll"}, names)
    assert isinstance(found, Convention)
    assert found.place == "part 2"
    assert with_listed_codes(None, {"bil": "billing"}, ["x-bil-1"]) is None


@pytest.mark.parametrize(
    ("name", "role"), [("nf-bil-web-p01", "web"), ("db01", "db"), ("a-sql2-x", "sql"), ("nf-bil-p01", None)]
)
def test_the_role_is_read_from_the_name(name, role):
    assert role_of(name) == role


def test_without_any_known_application_servers_group_by_the_part_before_their_role():
    names = ["sap-web-01", "sap-db-01", "crm-web-01", "crm-db-01", "lonely-web-01", "whatever"]
    assert group_by_code(names) == {"sap": [0, 1], "crm": [2, 3]}
    assert group_by_code(["org-web-01", "org-db-01"]) == {}
    assert group_by_code(["web-db-01", "01-web-02"]) == {}
