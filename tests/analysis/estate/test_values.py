from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate import values
from masterflow.errors import Place
from masterflow.inventory.types import Criticality, Environment

CELLS = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.datetimes(),
)
PARSERS = [
    values.parse_text,
    values.parse_integer,
    values.parse_count,
    values.parse_decimal,
    values.parse_boolean,
    values.parse_percent,
    values.parse_environment,
    values.parse_criticality,
    values.parse_power_state,
]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.__name__)
@given(cell=CELLS)
def test_no_parser_raises_and_a_problem_never_carries_a_value_beside_it(parser, cell):
    parsed = parser(cell)
    assert parsed.rule
    assert parsed.problem is None or parsed.value is None


@given(cell=CELLS, unit=st.sampled_from(["MiB", "GB", "bytes", "furlong", ""]))
def test_sizes_never_raise_and_are_never_negative(cell, unit):
    parsed = values.parse_size_mib(cell, unit=unit)
    assert parsed.value is None or parsed.value >= 0


@given(st.integers(min_value=0, max_value=10**12))
def test_a_count_survives_every_usual_way_of_writing_thousands(number):
    for text in (
        f"{number}",
        f"{number:,}",
        f"{number:,}".replace(",", "'"),
        f"{number:,}".replace(",", " "),
        f" {number} ",
    ):
        assert values.parse_integer(text).value == number


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,024", 1024),
        ("1.024", 1024),
        ("1.024.000", 1_024_000),
        ("4.0", 4),
        (4.0, 4),
        (7, 7),
        ("-1", -1),
        ("", None),
        ("-", None),
        (None, None),
    ],
)
def test_whole_numbers_are_read_in_both_writings(cell, expected):
    parsed = values.parse_integer(cell)
    assert (parsed.value, parsed.problem) == (expected, None)


@pytest.mark.parametrize("cell", ["n/a", "many", "4.5", True, float("nan"), float("inf"), "1e400", "12 boxes"])
def test_what_is_no_whole_number_is_a_problem_of_the_cell(cell):
    parsed = values.parse_integer(cell)
    assert parsed.value is None
    assert parsed.problem


def test_a_count_below_zero_is_a_problem():
    assert values.parse_count("-2").problem == "'-2' is below zero."


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.024,5", "1024.5"),
        ("1,024.5", "1024.5"),
        ("1'024.5", "1024.5"),
        ("1,5", "1.5"),
        ("1,024", "1024"),
        ("1.024", "1.024"),
        ("1.024.000", "1024000"),
        (0.25, "0.25"),
    ],
)
def test_decimals_are_read_in_english_continental_and_swiss_writing(cell, expected):
    assert values.parse_decimal(cell).value == Decimal(expected)


def test_a_number_beyond_any_estate_is_a_problem():
    assert values.parse_decimal("1" + "0" * 20).code == "cell.out_of_range"


@pytest.mark.parametrize(
    ("cell", "unit", "expected"),
    [
        ("4096", "MiB", 4096),
        ("4096", "MB", 4096),
        (16, "GB", 16384),
        ("16 GB", "MiB", 16384),
        ("16GiB", "MiB", 16384),
        ("1.5 TB", "MiB", 1_572_864),
        (17_179_869_184, "bytes", 16384),
        ("1,024", "MiB", 1024),
        (1, "KiB", 0),
    ],
)
def test_sizes_come_out_in_mib_whatever_their_unit(cell, unit, expected):
    assert values.parse_size_mib(cell, unit=unit).value == expected


def test_a_unit_written_in_the_cell_outranks_the_column_and_says_so_in_the_rule():
    assert values.parse_size_mib("2 TB", unit="MiB").rule == "size_unit_in_cell_tb_to_mib"


def test_an_unknown_unit_and_a_negative_size_are_problems():
    assert values.parse_size_mib("4", unit="blocks").code == "cell.unknown_unit"
    assert values.parse_size_mib("-4", unit="MiB").code == "cell.out_of_range"
    assert values.parse_size_mib("x", unit="MiB").code == "cell.not_a_number"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("True", True),
        ("False", False),
        ("yes", True),
        ("wahr", True),
        ("nein", False),
        (1, True),
        (0.0, False),
        (True, True),
    ],
)
def test_yes_and_no_are_understood_in_several_languages(cell, expected):
    assert values.parse_boolean(cell).value is expected


def test_a_boolean_that_is_none_is_a_problem_but_a_blank_is_not():
    assert values.parse_boolean("perhaps").problem
    assert values.parse_boolean(" ").problem is None
    assert values.parse_boolean("n/a").problem is None


@pytest.mark.parametrize(("cell", "expected"), [("0%", "0"), ("12,5 %", "12.5"), (99, "99"), ("100", "100")])
def test_percents_are_read_with_and_without_their_sign(cell, expected):
    assert values.parse_percent(cell).value == Decimal(expected)


@pytest.mark.parametrize("cell", ["101", "-1%", 250])
def test_a_percentage_outside_its_range_is_a_problem(cell):
    assert values.parse_percent(cell).code == "cell.out_of_range"


@pytest.mark.parametrize("cell", ["", "  ", "n/a", "unknown", "None", "VM", "-", "<unset>"[:1] + "unknown>", "N.A."])
def test_placeholders_are_unknown_and_no_problem(cell):
    parsed = values.parse_text(cell)
    assert (parsed.value, parsed.problem) == (None, None)


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", " #value! ", "#BEZUG!"])
def test_a_failed_formula_is_a_problem_and_no_text(cell):
    assert values.is_spreadsheet_error(cell)
    assert values.parse_text(cell).code == "cell.spreadsheet_error"


def test_text_loses_nul_zero_width_characters_and_runs_of_blanks():
    assert values.parse_text("\x00 a\u200b  b\n c ").value == "a b c"
    assert values.parse_text(2019.0).value == "2019"
    assert values.parse_text(datetime(2026, 1, 2)).value == "2026-01-02 00:00:00"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Production", Environment.PRODUCTION),
        ("PRD", Environment.PRODUCTION),
        ("prod (EU)", Environment.PRODUCTION),
        ("Pre-Prod", Environment.STAGING),
        ("UAT", Environment.STAGING),
        ("Test", Environment.TEST),
        ("dev", Environment.DEVELOPMENT),
        ("Disaster Recovery", Environment.DISASTER_RECOVERY),
    ],
)
def test_environments_are_understood_in_the_words_people_use(cell, expected):
    assert values.parse_environment(cell).value is expected


@pytest.mark.parametrize("cell", ["Non-Prod", "nonprod", "prod and test", "somewhere"])
def test_an_environment_that_is_not_one_is_a_problem_and_no_guess(cell):
    assert values.parse_environment(cell).value is None
    assert values.parse_environment(cell).problem


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1 - most critical", Criticality.CRITICAL),
        ("2 - somewhat critical", Criticality.HIGH),
        ("3 - less critical", Criticality.MEDIUM),
        ("4 - not critical", Criticality.LOW),
        ("High", Criticality.HIGH),
        ("Tier 2", Criticality.HIGH),
        (3, Criticality.MEDIUM),
    ],
)
def test_criticality_is_read_from_words_and_scales(cell, expected):
    assert values.parse_criticality(cell).value is expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("poweredOn", "poweredOn"), ("Powered Off", "poweredOff"), ("running", "poweredOn"), ("Suspended", "suspended")],
)
def test_power_states_of_other_tools_become_those_of_vcenter(cell, expected):
    assert values.parse_power_state(cell).value == expected


def test_unknown_words_for_power_and_criticality_are_problems_and_blanks_are_not():
    assert values.parse_power_state("green").problem
    assert values.parse_criticality("purple").problem
    assert [
        p(None).problem for p in (values.parse_power_state, values.parse_criticality, values.parse_environment)
    ] == [
        None,
        None,
        None,
    ]


def test_a_reject_names_the_place_the_value_and_that_the_row_is_kept():
    place = Place("servers.csv", "csv", 55, "CPU count")
    reject = values.parse_integer("n/a").reject(place, "n/a")
    assert (reject.place, reject.code, reject.value) == (place, "cell.not_a_number", "n/a")
    assert reject.message == "'n/a' is not a number. The row is kept."
    assert values.parse_integer("4").reject(place, "4") is None


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("GrÃ¶ÃŸe", "Größe", "text_decoded_again"),
        ("MÃ¼nchen â€“ West", "München – West", "text_decoded_again"),
        ("SÃ£o Paulo", "São Paulo", "text_decoded_again"),
        ("Größe", "Größe", "text"),
        ("SÃO PAULO", "SÃO PAULO", "text"),
        ("Zürich GrÃ¶ÃŸe", "Zürich GrÃ¶ÃŸe", "text"),
        ("日本", "日本", "text"),
        ("plain", "plain", "text"),
    ],
)
def test_a_text_that_was_decoded_wrong_once_is_repaired_where_that_is_certain(text, value, rule):
    parsed = values.parse_text(text)
    assert (parsed.value, parsed.rule) == (value, rule)


@given(st.text(alphabet=st.characters(min_codepoint=0xA0, max_codepoint=0x2FF), min_size=1))
def test_what_one_wrong_decoding_spoilt_is_repaired(text):
    spoilt = f"a{text}b".encode().decode("latin-1")
    found = values.decoded_again(spoilt)
    assert found == values.visible_text(f"a{text}b")


@pytest.mark.parametrize(
    ("cell", "mib", "rule"),
    [
        ("16 gigabytes", 16384, "size_unit_in_cell_gigabytes_to_mib"),
        ("16 Go", 16384, "size_unit_in_cell_go_to_mib"),
        ("2x8 GB", 16384, "size_product_in_cell_gb_to_mib"),
        ("2 × 512 MB", 1024, "size_product_in_cell_mb_to_mib"),
        ("~16 GB", 16384, "size_unit_in_cell_gb_to_mib"),
        ("ca. 16 GB", 16384, "size_unit_in_cell_gb_to_mib"),
        ("16GB RAM", 16384, "size_unit_in_cell_gb_to_mib"),
    ],
)
def test_sizes_as_people_write_them_are_read(cell, mib, rule):
    parsed = values.parse_size_mib(cell, unit="MiB")
    assert (parsed.value, parsed.rule) == (mib, rule)


@pytest.mark.parametrize("cell", ["45 %", "45 percent", "45 Prozent", "45pct"])
def test_a_percentage_may_be_written_in_words(cell):
    assert values.parse_percent(cell).value == 45


def test_a_text_or_whole_number_that_is_met_again_is_parsed_once():
    met = []

    @values.parsed_once
    def parser(cell):
        met.append(cell)
        return values.Parsed(str(cell), "text")

    for cell in ("16 GB", 16, "16 GB", 16, "16"):
        assert parser(cell).value == str(cell)
    assert met == ["16 GB", 16, "16"]


@pytest.mark.parametrize("cell", [True, 1.0])
def test_what_only_equals_a_number_met_before_is_parsed_for_itself(cell):
    for parser in (values.parse_count, values.parse_boolean, lambda c: values.parse_size_mib(c, unit="MiB")):
        parser(1)
    assert values.parse_text(cell).value == ("True" if cell is True else "1")
    assert values.parse_boolean(cell).value is True
    assert (values.parse_count(cell).problem is None) is (cell is not True)
    assert (values.parse_size_mib(cell, unit="MiB").problem is None) is (cell is not True)


def test_the_same_size_in_columns_of_two_units_is_two_sizes():
    assert values.parse_size_mib("2", unit="GiB").value == 2048
    assert values.parse_size_mib("2", unit="MiB").value == 2
