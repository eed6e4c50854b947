from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.estate.flows import is_flow_table, read_flows, window_of
from masterflow.analysis.estate.ports import PortClass, class_of, is_dynamic, serves_everybody
from tests.analysis.estate.sheets import mapped

HEAD = ["source", "destination", "port", "protocol", "connections", "bytes", "first_seen", "last_seen"]
GOOD = ["10.1.1.1", "10.1.1.2", "443", "6", "10", "99", "2026-10-20T18:13:01Z", "2026-11-21T09:23:13Z"]


def read(rows, headers=HEAD, fields=None):
    return read_flows(mapped(headers, rows, fields or {}, file="flows.csv"))


def changed(**cells):
    return [cells.get(h, value) for h, value in zip(HEAD, GOOD, strict=True)]


def test_a_row_is_read_by_the_words_of_its_headers():
    (row,) = read([GOOD]).rows
    assert (row.source, row.target, row.port, row.protocol, row.connections, row.bytes_total) == (
        "10.1.1.1", "10.1.1.2", 443, "tcp", 10, 99,
    )  # fmt: skip
    assert row.first_seen == datetime(2026, 10, 20, 18, 13, 1, tzinfo=UTC)
    assert str(row.place) == "flows.csv, sheet csv, row 2"


def test_approved_fields_outrank_headers():
    fields = {"who": "source_hostname", "what": "target_hostname", "app": "target_application", "p": "target_port"}
    (row,) = read([["web1", "db1", "Billing", "1433"]], list(fields), fields).rows
    assert (row.source_hostname, row.target_hostname, row.target_application, row.port) == (
        "web1",
        "db1",
        "Billing",
        1433,
    )


@pytest.mark.parametrize(
    "headers",
    [
        ["Source server name", "Source IP", "Destination server name", "Destination IP", "Destination port"],
        ["Source server name", "Destination server name", "Destination IP", "Destination port", "Timeslot"],
    ],
)
def test_the_dependency_export_of_azure_is_a_flow_table_with_and_without_source_address(headers):
    assert is_flow_table(mapped(headers, [], {}))


def test_a_list_of_servers_is_no_flow_table():
    assert not is_flow_table(mapped(["Name", "IP", "Port"], [], {"Name": "hostname", "IP": "ip_address"}))


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"destination": ""}, "flow.no_target", "destination"),
        ({"source": None}, "flow.no_source", "source"),
        ({"destination": "10.1.1.999"}, "flow.not_an_address", "destination"),
        ({"port": "70000"}, "flow.out_of_range", "port"),
        ({"port": "http"}, "flow.not_a_number", "port"),
        ({"connections": "many"}, "flow.not_a_number", "connections"),
        ({"bytes": "-40"}, "flow.out_of_range", "bytes"),
        ({"first_seen": "2026-12-01"}, "flow.out_of_order", "first_seen"),
        ({"last_seen": "tomorrow"}, "flow.not_a_date", "last_seen"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_with_column_and_reason(cells, code, column):
    found = read([GOOD] * 20 + [changed(**cells)])
    assert len(found.rows) == 20
    (reject,) = found.rejects
    assert (reject.code, reject.place.column, reject.place.row) == (code, column, 22)


def test_a_column_of_host_names_may_hold_what_looks_like_no_address():
    (row,) = read([["web1", "db1", "443"]], ["source", "target", "port"]).rows
    assert (row.source, row.target) == ("web1", "db1")


def test_a_reply_is_turned_so_that_the_serving_end_is_the_target():
    (row,) = read(
        [["10.1.1.2", "10.1.1.1", "443", "55000", "6"]], ["src", "dst", "srcport", "dstport", "protocol"]
    ).rows
    assert (row.source, row.target, row.port) == ("10.1.1.1", "10.1.1.2", 443)
    (asked,) = read(
        [["10.1.1.1", "10.1.1.2", "55000", "443", "6"]], ["src", "dst", "srcport", "dstport", "protocol"]
    ).rows
    assert (asked.source, asked.port) == ("10.1.1.1", 443)


def test_the_window_is_what_all_rows_span():
    rows = read([GOOD, changed(first_seen="2026-10-01", last_seen="2026-10-02")]).rows
    assert window_of(rows) == (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 21, 9, 23, 13, tzinfo=UTC))
    assert window_of([]) is None


CELLS = st.one_of(st.none(), st.text(max_size=15), st.integers(), st.floats(), st.datetimes())


@given(st.lists(st.lists(CELLS, max_size=8), max_size=5))
def test_any_rows_are_read_or_rejected(rows):
    found = read(rows)
    assert len(found.rows) + len(found.rejects) == len(rows)


@pytest.mark.parametrize(
    ("port", "kind"),
    [
        (1433, PortClass.DATABASE),
        (8443, PortClass.REQUEST),
        (5672, PortClass.QUEUE),
        (445, PortClass.TRANSFER),
        (53, PortClass.HOUSEKEEPING),
        (3389, PortClass.ADMINISTRATION),
        (7777, PortClass.OTHER),
        (None, PortClass.OTHER),
    ],
)
def test_ports_have_a_class(port, kind):
    assert class_of(port) is kind


def test_a_dynamic_port_is_high_unless_a_product_listens_there():
    assert is_dynamic(55228, 5000)
    assert not is_dynamic(50000, 5)
    assert is_dynamic(40000, 5)
    assert not is_dynamic(40000, 5000)
    assert not is_dynamic(8443, 1)


def test_directory_and_backup_ports_serve_everybody_and_databases_do_not():
    assert serves_everybody(88)
    assert serves_everybody(13724)
    assert not serves_everybody(1433)
