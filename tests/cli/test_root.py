"""The boundary around the commands: sentences and exit codes."""

import pytest

from masterflow.cli.root import main
from tests.cli.conftest import Shell


def test_the_version_is_printed(shell: Shell) -> None:
    assert shell("--version").out.startswith("masterflow ")


def test_help_names_every_noun(shell: Shell) -> None:
    nouns = (
        "quickstart",
        "demo",
        "up",
        "serve",
        "worker",
        "db",
        "client",
        "engagement",
        "user",
        "token",
        "flow",
        "gate",
    )
    ran = shell("--help")
    assert ran.code == 0
    assert all(f"  {noun}" in ran.out for noun in (*nouns, "inventory", "assess", "doctor"))


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("flow", "show"), ("flow", "show", "no-id"), ("flow", "list", "--x")]
)
def test_wrong_usage_is_exit_code_2(shell: Shell, arguments: tuple[str, ...]) -> None:
    assert shell(*arguments).code == 2


def test_a_refusal_is_a_sentence_and_a_hint_on_standard_error(shell: Shell) -> None:
    ran = shell("flow", "list")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "masterflow: There is no engagement yet.",
        "Make one: `masterflow client create NAME`, then `masterflow engagement create NAME`.",
    ]


def test_a_setting_that_does_not_fit_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_WORKER_CONCURRENCY", "many")
    ran = shell("client", "list")
    assert ran.code == 1
    assert "MASTERFLOW_WORKER_CONCURRENCY = 'many'" in ran.err


def test_what_nobody_foresaw_is_said_without_a_traceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: object) -> None:
        raise RuntimeError("out of cheese")

    monkeypatch.setattr("masterflow.tenancy.operator.LocalOperator.clients", broken)
    ran = shell("client", "list")
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "masterflow: something broke that should not have: RuntimeError: out of cheese",
        "Set MASTERFLOW_LOG_LEVEL=DEBUG to see where.",
    ]


def test_the_log_is_configured_from_the_settings(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr("masterflow.cli.root.configure_logs", lambda *given, **_: asked.append(given))
    shell("assess", "os", "Windows Server 2022")
    monkeypatch.setenv("MASTERFLOW_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("MASTERFLOW_LOG_FORMAT", "json")
    shell("assess", "os", "Windows Server 2022")
    assert [given for given in asked if given] == [("console", "WARNING"), ("json", "DEBUG")]


def test_a_log_level_that_does_not_fit_is_a_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_LOG_LEVEL", "LOUD")
    ran = shell("assess", "os", "Windows Server 2022")
    assert (ran.code, ran.out, "MASTERFLOW_LOG_LEVEL = 'LOUD'" in ran.err) == (1, "", True)
    assert "LOUD" in shell("doctor").out


def test_the_process_ends_with_the_exit_code(shell: Shell) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nonsense"])
    assert ended.value.code == 2


@pytest.mark.parametrize("bad", ["half\udce4", "no\x00"])
def test_an_argument_that_no_database_can_hold_is_refused(ana: Shell, bad: str) -> None:
    for arguments in (("client", "create", bad), ("flow", "create", "toy", "--name", bad)):
        ran = ana(*arguments)
        assert (ran.code, "lone surrogate" in ran.err) == (1, True), ran.err


def test_a_configuration_that_no_database_can_hold_is_refused(ana: Shell) -> None:
    ran = ana("flow", "create", "discovery", "--config", 'import_ids=["\\u0000"]')
    assert (ran.code, "'import_ids.0' holds a NUL character" in ran.err) == (1, True), ran.err
