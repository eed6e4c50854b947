import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.uuids import parse_uuid, swap_bytes, swap_free

UUIDS = st.uuids().map(str)


@given(UUIDS)
def test_swapping_bytes_twice_gives_the_uuid_back(uuid):
    assert swap_bytes(swap_bytes(uuid)) == uuid


@given(UUIDS)
def test_a_uuid_shares_its_index_key_with_its_swapped_twin(uuid):
    assert swap_free(uuid) == swap_free(swap_bytes(uuid))


@given(UUIDS, UUIDS)
def test_other_uuids_stay_different(one, other):
    assert (swap_free(one) == swap_free(other)) == (other in (one, swap_bytes(one)))


@given(st.one_of(st.none(), st.text(max_size=60), st.floats(), st.booleans()))
def test_reading_a_uuid_never_raises(cell):
    assert parse_uuid(cell).rule


@given(UUIDS)
def test_every_usual_spelling_of_a_uuid_reads_the_same(uuid):
    digits = uuid.replace("-", "")
    pairs = [digits[i : i + 2] for i in range(0, 32, 2)]
    serial = "VMware-" + " ".join(pairs[:8]) + "-" + " ".join(pairs[8:])
    if parse_uuid(uuid).value is not None:
        for text in (uuid.upper(), "{" + uuid + "}", "urn:uuid:" + uuid, digits, serial):
            assert parse_uuid(text).value == uuid


def test_the_byte_swapped_form_that_windows_tools_print_is_recognised():
    assert swap_bytes("4295a8c8-e512-4b1c-aff1-0aaeb6516df5") == "c8a89542-12e5-1c4b-aff1-0aaeb6516df5"


@pytest.mark.parametrize(
    "cell",
    ["00000000-0000-0000-0000-000000000000", "03000200-0400-0500-0006-000700080009", "f" * 32, "", None],
)
def test_a_factory_default_or_a_blank_identifies_nothing_and_is_no_problem(cell):
    parsed = parse_uuid(cell)
    assert (parsed.value, parsed.problem) == (None, None)


def test_what_is_no_uuid_is_a_problem():
    assert parse_uuid("CZ29508755").problem == "'cz29508755' is not a UUID."
