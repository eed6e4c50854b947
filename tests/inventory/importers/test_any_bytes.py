"""Whatever the bytes: an inspection, or a refusal with a sentence, and nothing else."""

import io
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.flows.discovery.inspection import inspect_file
from tests.inventory.makers import DATA, refusal_or

WORKBOOK = (DATA / "rvtools_minimal_synthetic.xlsx").read_bytes()
TEXTS = [
    (DATA / name).read_bytes()[:3000]
    for name in (
        "konveyor_template_application_import.csv",
        "netflow_summary_cut.csv",
        "device42_devices.json",
        "servicenow_cmdb_ci_server.csv",
        "cast_highlight_short_valid.csv",
        "aws_cmf_server_list.csv",
        "../estate/aws_ads_import.csv",
        "../estate/azure_migrate_import.csv",
        "../estate/servicenow_cmdb_rel_ci.csv",
        "../estate/utilisation.csv",
    )
] + [
    b'{"result": [{"sys_id": {"display_value": "a", "value": "b"}, "name": "web01", "os": "x", "ram": 1}]}',
    b'{"result": [{"sys_id": "a", "parent": {"value": "p"}, "type": "Runs on::Runs", "child": "web01"}]}',
    (
        b'{"configurations": [[{"server.hostName": "web01", "server.osName": 1, "server.tags": "[{}]"}]], "neighbors": '
        b'[{"sourceServerId": "a", "destinationServerId": "b", "destinationPort": 1, "connectionsCount": 2}]}'
    ),
    b"MachineId,DiskLabel,SizeInGib,UsedInGib\nm-1,sda,5,1\nm-1,sdb,5,1\n",
]
FRAGMENTS = st.sampled_from(
    [b'"', b",", b";", b"\n", b"\r", b"\x00", b"\xff", b"{", b"]", b"<", b">", b"&", b"9" * 20, b"\xef\xbb\xbf"]
)
PLACES = [
    b"A0",
    b"",
    b"XFD1048576",
    b"xfd9",
    b"XFE1",
    b"A4294967297",
    b"C99999999999999999999",
    b"$A$1",
    b"A-1",
    b" A1",
    b"&#65;1",
]
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    return tmp_path / "upload"


def inspected_or_refused(path: Path, content: bytes, suffix: str) -> None:
    named = path.with_suffix(suffix)
    named.write_bytes(content)
    found = refusal_or(lambda: inspect_file(named))
    if isinstance(found, FileRejected):
        assert found.place.file == named.name
        assert found.hint
        assert str(found).encode()
        return
    assert found.sheets
    assert found.model_dump_json()


@quick
@given(content=st.binary(min_size=1, max_size=2000), suffix=st.sampled_from([".csv", ".xlsx", ".json", ".bin"]))
def test_random_bytes(upload: Path, content: bytes, suffix: str) -> None:
    inspected_or_refused(upload, content, suffix)


@quick
@given(content=st.text(min_size=1, max_size=500), suffix=st.sampled_from([".csv", ".json", ".yaml"]))
def test_random_text(upload: Path, content: str, suffix: str) -> None:
    inspected_or_refused(upload, content.encode("utf-8", errors="replace"), suffix)


@quick
@given(length=st.integers(1, len(WORKBOOK) - 1))
def test_a_workbook_that_was_cut_off(upload: Path, length: int) -> None:
    inspected_or_refused(upload, WORKBOOK[:length], ".xlsx")


edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 20), FRAGMENTS | st.binary(max_size=4)), min_size=1, max_size=12
)


def edited(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, cut, new in changes:
        at = int(place * len(content))
        content = content[:at] + new + content[at + cut :]
    return content or b"x"


@quick
@given(source=st.sampled_from(TEXTS), changes=edits, suffix=st.sampled_from([".csv", ".json"]))
def test_a_text_file_that_was_tampered_with(
    upload: Path, source: bytes, changes: list[tuple[float, int, bytes]], suffix: str
) -> None:
    inspected_or_refused(upload, edited(source, changes), suffix)


@quick
@given(changes=edits)
def test_a_workbook_with_changed_bytes(upload: Path, changes: list[tuple[float, int, bytes]]) -> None:
    inspected_or_refused(upload, edited(WORKBOOK, changes), ".xlsx")


@cache
def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(changed: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in {**parts(), **changed}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@quick
@given(name=st.sampled_from(sorted(parts())), changes=edits)
def test_a_workbook_with_a_changed_part(upload: Path, name: str, changes: list[tuple[float, int, bytes]]) -> None:
    inspected_or_refused(upload, packed({name: edited(parts()[name], changes)}), ".xlsx")


@quick
@given(
    number=st.integers(1, 4),
    cell=st.integers(0, 20),
    place=st.sampled_from(PLACES),
    quote=st.sampled_from([b'"', b"'"]),
)
def test_a_workbook_whose_cells_claim_other_places(
    upload: Path, number: int, cell: int, place: bytes, quote: bytes
) -> None:
    name = f"xl/worksheets/sheet{number}.xml"
    cells = list(re.finditer(rb'<c r="[A-Z]+\d+"', parts()[name]))
    found = cells[cell % len(cells)]
    content = parts()[name]
    changed = content[: found.start()] + b"<c r=" + quote + place + quote + content[found.end() :]
    inspected_or_refused(upload, packed({name: changed}), ".xlsx")
