"""No secret stands in a log line, wherever it came from."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from masterflow.logs import configure_logs, get_logger
from masterflow.logs.secrets import LEFT_OUT, cleaned
from masterflow.orchestrator.webhooks import signing
from masterflow.tenancy.tokens import CODE_PREFIX, PREFIX, SESSION_PREFIX

SECRETS = ("mf_Zm9vYmFyYmF6cXV4", "hunter2-hunter2", "eyJhbGciOiJIUzI1NiJ9.payload.signature")


@pytest.fixture(autouse=True)
def untouched_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_reaches_a_line(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    token, password, jwt = SECRETS
    configure_logs(form, "INFO")
    log = get_logger("masterflow.test")
    log.info("called", token=token, headers={"Authorization": f"Bearer {jwt}"}, said=f"sent Bearer {jwt} along")
    log.info("connects", url=f"postgresql://app:{password}@db:5432/masterflow", tried=[f"password={password}"])
    logging.getLogger("library").warning("cannot reach postgresql://app:%s@db/x", password)
    try:
        raise RuntimeError(f"password authentication failed, password='{password}' token {token}")
    except RuntimeError:
        log.exception("broke")
    said = capsys.readouterr().err
    assert [secret for secret in SECRETS if secret in said] == []
    assert said.count(LEFT_OUT) >= 6


@pytest.mark.parametrize("prefix", [PREFIX, SESSION_PREFIX, CODE_PREFIX, signing.PREFIX])
def test_every_kind_of_secret_that_is_issued_is_left_out_of_texts(prefix: str) -> None:
    assert cleaned(f"opened {prefix}Zm9vYmFyYmF6cXV4 at once") == f"opened {LEFT_OUT} at once"


def test_what_is_no_secret_stays_as_it_is() -> None:
    line = {
        "flow_id": "7",
        "url": "http://host:8700/health",
        "count": 3,
        "said": "the bearer of news",
        "token_count": 5,
    }
    assert cleaned(line) == line


def test_a_json_line_has_time_level_event_and_logger(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("json", "INFO")
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        get_logger("masterflow.test").info("happened", flow_id="f")
    line = json.loads(capsys.readouterr().err)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "happened",
        "flow_id": "f",
        "level": "info",
        "logger": "masterflow.test",
        "request_id": "r-1",
    }
