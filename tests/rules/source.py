"""The source of the project as the rules see it: parsed once, with the line of everything they find."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "masterflow"


@dataclass(frozen=True, slots=True)
class Module:
    """One source file."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "Module":
        return cls(path, text, ast.parse(text))

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@cache
def modules() -> tuple[Module, ...]:
    """Every module under src."""
    return tuple(
        Module.parse(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in sorted(SRC.rglob("*.py"))
    )


def functions(module: Module) -> Iterator[tuple[str, int, int]]:
    """Each function: its name, its line and its length in lines."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1
