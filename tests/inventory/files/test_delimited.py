"""Text tables of any encoding, separator and shape."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.inventory.fields import KNOWN_NAMES
from masterflow.inventory.files import delimited
from masterflow.inventory.files.delimited import Dialect, Lines, dialect_of, encoding_of, header_of, read_delimited
from masterflow.inventory.files.heads import START_BYTES
from masterflow.inventory.reading import FileHead, FileRead, Sheet
from tests.inventory.makers import text_head

SERVERS = "name;ip;standort;größe\nweb01;10.0.0.1;Köln;4\nweb02;10.0.0.2;Zürich;8\n"


def read(head: FileHead) -> FileRead:
    return read_delimited(head, format_name="tabular", sheet="csv", known=KNOWN_NAMES)


def sheet(folder: Path, content: str | bytes) -> Sheet:
    return read(text_head(folder, content)).sheets[0]


def refusal(folder: Path, content: str | bytes) -> FileRejected:
    with pytest.raises(FileRejected) as refused:
        read(text_head(folder, content))
    return refused.value


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (SERVERS.encode(), "utf-8"),
        (codecs.BOM_UTF8 + SERVERS.encode(), "utf-8-sig"),
        (SERVERS.encode("cp1252"), "cp1252"),
        (SERVERS.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + SERVERS.encode("utf-16-be"), "utf-16"),
        (SERVERS.encode("utf-16-le"), "utf-16-le"),
        (SERVERS.encode("utf-16-be"), "utf-16-be"),
        (SERVERS.encode("utf-32"), "utf-32"),
    ],
)
def test_a_table_reads_the_same_in_every_encoding(tmp_path: Path, content: bytes, encoding: str) -> None:
    found = read(text_head(tmp_path, content))
    assert found.traits == {"encoding": encoding, "separator": "semicolon"}
    assert found.sheets[0].headers == ("name", "ip", "standort", "größe")
    assert found.sheets[0].rows[1].cells == ("web02", "10.0.0.2", "Zürich", "8")


def test_an_umlaut_far_down_still_decides_the_encoding(tmp_path: Path) -> None:
    lines = ["name;city"] + [f"web{number};Bonn" for number in range(10_000)] + ["last;Köln"]
    found = sheet(tmp_path, "\n".join(lines).encode("cp1252"))
    assert len("\n".join(lines)) > START_BYTES
    assert found.rows[-1].cells == ("last", "Köln")


def test_another_alphabet_is_not_taken_for_western_european(tmp_path: Path) -> None:
    text = "имя;город;описание\nвеб01;Москва;основной сервер приложений\nвеб02;Казань;резервный сервер базы\n"
    assert sheet(tmp_path, text.encode("cp1251")).headers == ("имя", "город", "описание")


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
def test_the_separator_is_found(tmp_path: Path, sign: str, name: str) -> None:
    found = read(text_head(tmp_path, f"name{sign}ip{sign}os\nweb01{sign}10.0.0.1{sign}Linux\n"))
    assert found.traits["separator"] == name
    assert found.sheets[0].rows[0].cells == ("web01", "10.0.0.1", "Linux")


def test_a_separator_inside_values_does_not_win(tmp_path: Path) -> None:
    rows = "".join(f"web{n};1,5;a,b\n" if n % 2 else f"web{n};2,5;c\n" for n in range(9))
    assert sheet(tmp_path, "name;size;needs\n" + rows).headers == ("name", "size", "needs")


def test_excels_separator_line_is_obeyed_and_is_no_row(tmp_path: Path) -> None:
    found = sheet(tmp_path, "sep=;\r\nname;a,b\r\nweb01;1,2\r\n")
    assert (found.header_row, found.headers, found.rows[0].number) == (2, ("name", "a,b"), 3)


def test_old_mac_and_windows_line_ends_are_lines(tmp_path: Path) -> None:
    assert [row.number for row in sheet(tmp_path, "name,ip\rweb01,1\rweb02,2\r").rows] == [2, 3]
    assert [row.number for row in sheet(tmp_path, "name,ip\r\nweb01,1\r\nweb02,2").rows] == [2, 3]


def test_rows_carry_the_line_they_begin_on(tmp_path: Path) -> None:
    found = sheet(tmp_path, 'name,note\nweb01,"two\nlines"\n\nweb02,x\n')
    assert [(row.number, row.cells) for row in found.rows] == [(2, ("web01", "two\nlines")), (5, ("web02", "x"))]


def test_a_space_before_a_quote_is_no_part_of_the_value(tmp_path: Path) -> None:
    found = sheet(tmp_path, 'name,owner,note\nweb01, "Sam, Lee",x\nweb02, "Kim",y\n')
    assert found.rows[0].cells == ("web01", "Sam, Lee", "x")


def test_nul_characters_are_taken_out(tmp_path: Path) -> None:
    assert sheet(tmp_path, "na\0me,ip\nweb\x0001,10.0.0.1\n").headers == ("name", "ip")


@pytest.mark.parametrize("last", ['bad,"open\n', 'bad,"open'])
def test_a_quote_that_is_never_closed_costs_its_own_line(tmp_path: Path, last: str) -> None:
    lines = "".join(f"web{n},x\n" for n in range(300))
    found = read(text_head(tmp_path, "name,note\n" + 'bad,"open\n' + lines + last))
    assert [row.cells[0] for row in found.sheets[0].rows] == [f"web{n}" for n in range(300)]
    assert [(reject.place.row, reject.code) for reject in found.rejects] == [
        (2, "row.unclosed_quote"),
        (303, "row.unclosed_quote"),
    ]
    assert found.rejects[0].value == 'bad,"open'


def test_a_quote_that_the_next_quote_seems_to_close_costs_its_own_line(tmp_path: Path) -> None:
    found = read(text_head(tmp_path, 'name,note,x\na,"open,1\nb,c,2\nd,e,3\nf,"fine",4\ng,h,5\n'))
    assert [row.cells[0] for row in found.sheets[0].rows] == ["b", "d", "f", "g"]
    assert [reject.place.row for reject in found.rejects] == [2]


def test_a_value_that_is_too_long_costs_its_own_line(tmp_path: Path) -> None:
    found = read(text_head(tmp_path, "name,note\nweb01,x\nbad," + "y" * 200_000 + "\nweb02,z\n"))
    assert [row.cells[0] for row in found.sheets[0].rows] == ["web01", "web02"]
    assert found.rejects[0].place.row == 3


def test_rows_of_uneven_length_still_have_a_separator(tmp_path: Path) -> None:
    found = sheet(tmp_path, "name,city,os\na\nb,c\nd,e,f\ng,h,i,j\n")
    assert found.headers == ("name", "city", "os")


def test_a_list_of_names_is_a_table_with_one_column(tmp_path: Path) -> None:
    found = read(text_head(tmp_path, "hostname\nweb01\nweb02.example.com\n"))
    assert (found.traits["separator"], found.sheets[0].headers, len(found.sheets[0].rows)) == ("none", ("hostname",), 2)


def test_another_separator_is_named_in_the_refusal(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "name^ip^os\nweb01^10.0.0.1^Linux\nweb02^10.0.0.2^Linux\n")
    assert 'seem to be separated by "^"' in str(refused)
    assert "separated by comma, semicolon, tab or pipe" in str(refused)
    assert refused.reason == "no_table"


def test_prose_is_refused(tmp_path: Path) -> None:
    text = "# How it works\n\nThis is a text about servers, and many of them.\nIt has no columns at all, as you see.\n"
    assert refusal(tmp_path, text).reason == "no_table"


def test_a_description_in_sentences_is_no_prose(tmp_path: Path) -> None:
    rows = "".join(f"app{n},The application number {n} of all that we have here.\n" for n in range(5))
    assert len(sheet(tmp_path, "application,description\n" + rows).rows) == 5


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, bytes(range(256)) * 10).reason == "unknown_format"
    assert refusal(tmp_path, b"\x00\x01" * 500 + b"\x01\x00" * 500).reason == "unknown_format"


def test_blank_lines_alone_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "\n  \n\n").reason == "empty"


def test_a_header_alone_is_refused_with_its_row(tmp_path: Path) -> None:
    refused = refusal(tmp_path, "name,ip,os\n")
    assert refused.reason == "no_data_rows"
    assert str(refused).startswith("servers.csv, sheet csv, row 1: There is a header row, but no row of data")


def test_the_header_is_known_without_reading_the_file(tmp_path: Path) -> None:
    assert header_of(text_head(tmp_path, "title\n\nname,ip\nweb01,1\n"), KNOWN_NAMES) == ("name", "ip")
    assert header_of(text_head(tmp_path, "hostname\nweb01\n"), KNOWN_NAMES) == ()
    assert header_of(text_head(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(99)), KNOWN_NAMES) == ()
    assert header_of(text_head(tmp_path, "1,2\n3,4\n5,6\n"), KNOWN_NAMES) == ()


def test_a_cut_multibyte_character_does_not_hide_the_encoding(tmp_path: Path) -> None:
    head = text_head(tmp_path, "name,x\n" + "a,ü\n" * 30_000)
    assert encoding_of(head) == "utf-8"
    dialect = dialect_of(head)
    assert dialect is not None
    assert dialect.columns == 2


def test_undecodable_bytes_become_replacement_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "from_bytes", lambda *_, **__: type("Nothing", (), {"best": lambda self: None})())
    content = b"name,x\n" + bytes([0x81, 0x8D, 0x8F, 0x90]) * 3 + b",1\n"
    assert sheet(tmp_path, content).rows[0].cells[0] == "\ufffd" * 12


@given(st.text(alphabet='ab"\n\r,; ', max_size=200))
def test_reading_lines_always_ends_and_loses_none(text: str) -> None:
    physical = text.splitlines(keepends=True)
    lines = Lines(iter(physical), Dialect("utf-8", ",", columns=2))
    starts = []
    while lines.next_record() is not None:
        starts.append(lines.first)
    assert starts == sorted(set(starts))
    assert lines.first + len(lines.taken) == len(physical) + 1
