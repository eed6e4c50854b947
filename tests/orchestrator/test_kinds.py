"""The kinds of events are declared in one place, and no others are written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import masterflow.orchestrator
from masterflow.orchestrator.kinds import EVENT_KINDS

SOURCES = [path for path in Path(masterflow.orchestrator.__file__).parent.rglob("*.py") if path.name != "kinds.py"]
IN_SQL = re.compile(r"'((?:flow|phase|gate|input|pause)_[a-z_]+)'")


def texts(node: ast.AST) -> Iterator[str]:
    """The texts that an expression may be: itself, or one side of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))


def written(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="kind", value=value) | ast.Assign(targets=[ast.Name(id="kind")], value=value):
                yield from texts(value)
            case ast.Call(func=ast.Name(id="Change"), args=[first, *_]):
                yield from texts(first)
            case ast.Constant() | ast.JoinedStr():
                _, _, values = ast.unparse(node).replace("\\'", "'").partition("INSERT INTO flow_events")
                yield from IN_SQL.findall(values)


def test_every_kind_that_is_written_is_declared_and_every_one_declared_is_written() -> None:
    found = {kind for path in SOURCES for kind in written(ast.parse(path.read_text(encoding="utf-8")))}
    assert found == set(EVENT_KINDS)
    assert len(EVENT_KINDS) == len(set(EVENT_KINDS))
