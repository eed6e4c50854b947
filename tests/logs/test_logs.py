"""Log lines are structured and go to standard error."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from masterflow.logs import configure_logs, get_logger


@pytest.fixture(autouse=True)
def untouched_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_json_line_carries_event_level_and_context(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "INFO")
    get_logger("masterflow.test").info("flow.claimed", flow_id="f-1")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["flow_id"]) == ("flow.claimed", "info", "f-1")


def test_a_line_below_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "WARNING")
    get_logger("masterflow.test").info("quiet")
    assert capsys.readouterr().err == ""


def test_lines_of_libraries_take_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "INFO")
    logging.getLogger("library").warning("slow %s", "query")
    assert json.loads(capsys.readouterr().err)["event"] == "slow query"


def test_a_terminal_gets_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("console", "INFO")
    get_logger("masterflow.test").info("flow.claimed", flow_id="f-1")
    assert "flow.claimed" in capsys.readouterr().err
