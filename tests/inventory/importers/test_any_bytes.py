"""Whatever the bytes: an inspection, or a refusal with a sentence, and nothing else."""

import io
import json
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.errors import FileRejected
from masterflow.flows.discovery.flow_rows import flow_rows_of
from masterflow.flows.discovery.inspection import inspect_file
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import all_importers
from tests.inventory.makers import DATA, refusal_or

WORKBOOK = (DATA / "rvtools_minimal_synthetic.xlsx").read_bytes()
TEXTS = [
    (DATA / name).read_bytes()[:3000]
    for name in (
        "konveyor_template_application_import.csv",
        "netflow_summary_cut.csv",
        "device42_devices.json",
        "servicenow_cmdb_ci_server.csv",
    )
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


EVIDENCE = [path for path in sorted((DATA.parent / "evidence").iterdir()) if path.suffix != ".md"]
EVIDENCE_FRAGMENTS = st.sampled_from(
    [b"-", b" ", b"\t", b":", b"0", b"-1", b"1e999", b"9" * 30, b"NaN", b"null", b"{}", b"[]", b'""', b'"\\ud800"',
     b"\\u0000", b"\x00", b"\xff", b"\n", b"#", b"*", b"&a", b"<<: *a", b"10.0.0.300", b"::", b"9999-99-99"]
)  # fmt: skip
evidence_edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 20), EVIDENCE_FRAGMENTS | st.binary(max_size=4)), min_size=1, max_size=12
)


@pytest.mark.parametrize("source", EVIDENCE, ids=lambda path: path.name)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=evidence_edits, length=st.integers(200, 3000))
def test_dependency_evidence_that_was_tampered_with(
    upload: Path, source: Path, changes: list[tuple[float, int, bytes]], length: int
) -> None:
    content = source.read_bytes()[:length]
    if source.suffix == ".json" and length % 2:
        content = source.read_bytes()[: 40 * length]
    inspected_or_refused(upload, edited(content, changes), source.suffix)


FLOW_LINES = (DATA.parent / "estate" / "vpc_flow_sample.log").read_bytes()[:2000]


@quick
@given(changes=evidence_edits)
def test_a_flow_log_that_was_tampered_with(upload: Path, changes: list[tuple[float, int, bytes]]) -> None:
    inspected_or_refused(upload, edited(FLOW_LINES, changes), ".log")


TUPLES = {"flows": [{"flows": [{"flowTuples": ["1542110377,10.0.0.1,10.0.0.2,1,2,T,I,A,B,,,,"]}]}]}
CONNECTION = {"src_ip": "10.0.0.1", "dest_ip": "10.0.0.2", "protocol": 6}
PROCESSES = {"p": {"serviceName": "a"}}
ZIPKIN = {"traceId": "1", "id": "2", "localEndpoint": {"serviceName": "a"}, "remoteEndpoint": {"port": 5}}
JSON_DOCUMENTS = [
    json.dumps(document).encode()
    for document in (
        {"records": [{"properties": TUPLES}]},
        [{"jsonPayload": {"connection": CONNECTION, "start_time": "2026"}}],
        {"data": [{"spans": [{"spanID": "1", "processID": "p", "startTime": 1}], "processes": PROCESSES}]},
        {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": [{"spanId": "1", "kind": 3}]}]}]},
        [{**ZIPKIN, "kind": "CLIENT"}],
    )
]


@quick
@given(source=st.sampled_from(JSON_DOCUMENTS), changes=evidence_edits)
def test_flow_records_and_traces_that_were_tampered_with(
    upload: Path, source: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    inspected_or_refused(upload, edited(source, changes), ".json")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
)
SIGNS_OF_FORMATS = {
    "azure_nsg_flow": ["records", "properties", "flows", "flowTuples", "flowRecords", "flowGroups"],
    "gcp_flow": ["jsonPayload", "connection", "src_ip", "dest_ip", "start_time", "protocol", "disposition"],
    "netobserv": ["data", "result", "stream", "values", "SrcAddr", "DstAddr", "Flags", "TimeFlowStartMs"],
    "zeek": ["id.orig_h", "id.resp_h", "conn_state", "ts", "duration", "orig_bytes"],
    "sockets": ["local_address", "peer_address", "netid", "state", "opts", "process_id", "command", "node", "name"],
    "traces": ["parent", "child", "callCount", "resourceSpans", "resource", "spans", "processes", "localEndpoint"],
    "kiali": ["graphType", "elements", "nodes", "edges", "data", "id", "source", "target", "traffic", "rates"],
    "service_graph": ["nodes", "edges", "source", "target", "graph", "id", "label", "stereotypes"],
}


@pytest.mark.parametrize("name", SIGNS_OF_FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.data())
def test_json_of_any_shape_under_the_keys_of_a_format(upload: Path, name: str, drawn: st.DataObject) -> None:
    keys = st.sampled_from(SIGNS_OF_FORMATS[name])
    value = drawn.draw(
        st.recursive(
            JSON_VALUES,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
            max_leaves=12,
        )
    )
    path = upload.with_suffix(".json")
    path.write_text(json.dumps(value))
    importer = next(one for one in all_importers() if one.name == name)
    found = refusal_or(lambda: importer.reads(head_of(path)))
    if isinstance(found, FileRejected):
        assert found.hint
    else:
        assert flow_rows_of(found).rows is not None
