"""One place commits, one place writes the tenant predicate, one package reads the environment."""

import re

import pytest

from tests.rules.source import Module, modules

COMMITS = re.compile(r"\.(commit|rollback)\(")
PREDICATE = re.compile(r"client_account_id\s*==")
SESSION_WIDE = re.compile(r"set_config\([^)]*false\s*\)|\bSET\s+(SESSION\s+)?app\.", re.IGNORECASE)
ENVIRONMENT = re.compile(r"os\.(environ|getenv)")

MAY_COMMIT = ("src/masterflow/db/session.py", "src/masterflow/db/migrate.py")
MAY_FILTER = ("src/masterflow/db/session.py",)
MAY_READ_ENVIRONMENT = ("src/masterflow/config.py", "src/masterflow/db/embedded.py")


def breaches(module: Module, pattern: re.Pattern[str], allowed: tuple[str, ...] = ()) -> list[str]:
    if module.path in allowed:
        return []
    return [f"{module.path}:{n}: {line.strip()}" for n, line in enumerate(module.lines, 1) if pattern.search(line)]


def everywhere(pattern: re.Pattern[str], allowed: tuple[str, ...] = ()) -> list[str]:
    return [hit for module in modules() for hit in breaches(module, pattern, allowed)]


def test_only_the_session_commits() -> None:
    assert everywhere(COMMITS, MAY_COMMIT) == [], "Open a transaction with Database.transaction(); it commits"


def test_the_tenant_predicate_is_written_once() -> None:
    assert everywhere(PREDICATE, MAY_FILTER) == [], "Use session.mine(table)"


def test_a_tenant_is_never_set_for_a_whole_connection() -> None:
    assert everywhere(SESSION_WIDE) == [], "A pooled connection would carry it to the next user"


def test_only_settings_read_the_environment() -> None:
    assert everywhere(ENVIRONMENT, MAY_READ_ENVIRONMENT) == [], "Add a field to config.Settings"


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (COMMITS, "await connection.commit()"),
        (PREDICATE, "select(t).where(t.c.client_account_id == tenant)"),
        (SESSION_WIDE, "SELECT set_config('app.client', $1, false)"),
        (SESSION_WIDE, "x = 'SET app.client = 1'"),
        (ENVIRONMENT, "os.environ['MASTERFLOW_X']"),
    ],
)
def test_each_rule_finds_a_planted_breach(pattern: re.Pattern[str], line: str) -> None:
    assert breaches(Module("planted.py", line, None), pattern)  # type: ignore[arg-type]
