"""Nothing in the source pretends: no swallowed errors, no stand-ins, no giants, no leftovers."""

import ast
import re
from collections.abc import Callable, Iterable

import pytest

from tests.rules.source import Module, functions, modules

LONGEST_FUNCTION = 100
LONG_FUNCTION = 45
MOST_ANY_PER_1000_LINES = 2
MARKER = "# boundary:"
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
STAND_IN = re.compile(r"(^|_)(mock|fake|dummy|stub)|Mock|Fake|Dummy")


def broad_excepts(module: Module) -> list[str]:
    """`except Exception` (or wider) without the marker that names the process boundary."""
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        named = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"BaseException"}
        if named & {"Exception", "BaseException"} and MARKER not in module.lines[node.lineno - 1]:
            found.append(f"{module.path}:{node.lineno}")
    return found


def stand_ins(module: Module) -> list[str]:
    """Classes and functions named as if they only pretended."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and STAND_IN.search(node.name)
    ]


def late_imports(module: Module) -> list[str]:
    """Imports inside a function without a reason on the same line."""
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        found += [
            f"{module.path}:{inner.lineno}"
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom) and "#" not in module.lines[inner.lineno - 1]
        ]
    return found


def leftovers(module: Module) -> list[str]:
    return [f"{module.path}:{n}" for n, line in enumerate(module.lines, 1) if LEFTOVERS.search(line)]


def of_the_project(rule, *, outside: str | None = None) -> list[str]:
    return [hit for module in modules() if not (outside and outside in module.path) for hit in rule(module)]


def test_an_exception_is_only_caught_broadly_at_a_process_boundary() -> None:
    assert of_the_project(broad_excepts) == [], f"Catch the errors you mean, or add '{MARKER} <which>'"


def test_nothing_outside_testing_is_named_like_a_stand_in() -> None:
    assert of_the_project(stand_ins, outside="/testing/") == []


def test_an_import_inside_a_function_says_why() -> None:
    assert of_the_project(late_imports) == []


def test_no_leftover_marker_stands_in_the_source() -> None:
    assert of_the_project(leftovers) == []


def test_no_function_is_a_giant(record_testsuite_property: Callable[[str, object], None]) -> None:
    sized = sorted((size, f"{m.path}:{line} {name}") for m in modules() for name, line, size in functions(m))
    at_95 = sized[int(len(sized) * 0.95)][0]
    record_testsuite_property("lines within which 95 % of functions stay", at_95)
    assert [where for size, where in sized if size > LONGEST_FUNCTION] == []
    assert at_95 <= LONG_FUNCTION


def test_untyped_dictionaries_stay_at_the_edge() -> None:
    lines = sum(len(module.lines) for module in modules())
    anys = [f"{m.path}:{n}" for m in modules() for n, line in enumerate(m.lines, 1) if "dict[str, Any]" in line]
    assert len(anys) <= MOST_ANY_PER_1000_LINES * lines / 1000, anys


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (broad_excepts, "try:\n    f()\nexcept Exception:\n    pass\n"),
        (broad_excepts, "try:\n    f()\nexcept (ValueError, BaseException):\n    pass\n"),
        (broad_excepts, "try:\n    f()\nexcept:\n    pass\n"),
        (stand_ins, "class FakeCloud: ...\n"),
        (stand_ins, "def mock_login(): ...\n"),
        (late_imports, "def f():\n    import os\n"),
        (leftovers, "x = 1  # TODO later\n"),
    ],
)
def test_each_rule_finds_a_planted_breach(rule, text: str) -> None:
    found: Iterable[str] = rule(Module.parse("planted.py", text))
    assert list(found)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (broad_excepts, "try:\n    f()\nexcept Exception:  # boundary: one request\n    log()\n"),
        (broad_excepts, "try:\n    f()\nexcept ValueError:\n    raise\n"),
        (late_imports, "def f():\n    import os  # starts slowly and is rarely needed\n"),
    ],
)
def test_a_rule_lets_what_is_right_pass(rule, text: str) -> None:
    assert rule(Module.parse("planted.py", text)) == []
