"""Write docs/reference from the code, so that no setting, error, command, flow type or phase goes undocumented.

usage: write_reference.py [--check]     with --check nothing is written, and a stale page is an error
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import typer

from masterflow import errors
from masterflow.api.app import METHODS, describe_api
from masterflow.bootstrap import load_registry
from masterflow.cli import commands
from masterflow.config import Settings
from masterflow.inventory.importers.catalog import all_importers
from masterflow.tenancy.roles import ALLOWED, OPERATIONS_SAID, ROLES_SAID, Operation, Role

MOST_COLUMNS = 6  # spellings of one field that are listed
FOLDER = Path(__file__).parents[1] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Every reference page by its file name."""
    return {
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "roles.md": roles_page(),
        "flow-types.md": flow_types_page(),
        "command-line.md": command_line_page(),
        "http-api.md": api_page(),
        "file-formats.md": file_formats_page(),
    }


def settings_page() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = "none" if field.default is None else f"`{field.default}`"
        rows.append(f"| `MASTERFLOW_{name.upper()}` | {field.description} | {default} |")
    return _page(
        "Settings",
        "Read once, at start, from the environment.",
        ["| variable | meaning | default |", "|---|---|---|", *rows],
    )


def errors_page() -> str:
    rows = [
        f"| `{error.code}` | {error.__name__} | {_first_line(error)} |"
        for error in sorted(_subclasses(errors.MasterflowError), key=lambda e: e.code)
    ]
    intro = "The `code` of a problem document and of a failed flow."
    return _page("Errors", intro, ["| code | error | meaning |", "|---|---|---|", *rows])


def roles_page() -> str:
    head = "| operation | " + " | ".join(role.value for role in Role) + " |"
    rule = "|---" * (len(Role) + 1) + "|"
    rows = [
        f"| `{operation.value}` | " + " | ".join("yes" if role in allowed else "" for role in Role) + " |"
        for operation, allowed in ALLOWED.items()
    ]
    roles = [f"| `{role.value}` | {ROLES_SAID[role]} |" for role in Role]
    operations = [f"| `{operation.value}` | {OPERATIONS_SAID[operation]} |" for operation in Operation]
    lines = [
        *("| role | who it is for |", "|---|---|", *roles, ""),
        *("| operation | what it is |", "|---|---|", *operations, ""),
        *(head, rule, *rows),
    ]
    return _page("Roles", "Who may do what. A person may hold several roles in an engagement.", lines)


def flow_types_page() -> str:
    lines: list[str] = []
    for flow_type in load_registry().all():
        lines += [
            "",
            f"## {flow_type.name}",
            "",
            flow_type.summary,
            "",
            "Configuration:",
            "",
            *_fields(flow_type.config),
            "",
        ]
        lines += ["| phase | what it does | gate | optional |", "|---|---|---|---|"]
        for phase in flow_type.phases:
            gate = f"{phase.gate.asks} ({' or '.join(phase.gate.approver_roles)})" if phase.gate else ""
            lines.append(f"| `{phase.name}` | {phase.title} | {gate} | {'yes' if phase.optional else ''} |")
    return _page("Flow types and phases", "What the catalogue holds. A flow type is here only when it works.", lines)


def file_formats_page() -> str:
    """The importers, and the columns that each knows from its vendor's documents."""
    lines = ["| importer | reads | documented columns |", "|---|---|---|"]
    importers = all_importers()
    lines += [f"| `{one.name}` | {one.title} | {len(one.aliases) or ''} |" for one in importers]
    for one in importers:
        meant: dict[tuple[str, str], list[str]] = {}
        for (sheet, header), field in one.aliases.items():
            if field:
                meant.setdefault((sheet, field), []).append(header)
        if meant:
            lines += ["", f"## {one.name}", "", "| sheet | field | columns |", "|---|---|---|"]
            for (sheet, field), headers in sorted(meant.items()):
                columns = ", ".join(f"`{header}`" for header in headers[:MOST_COLUMNS])
                more = f" and {len(headers) - MOST_COLUMNS} more" if len(headers) > MOST_COLUMNS else ""
                lines.append(f"| {sheet or 'any'} | `{field}` | {columns}{more} |")
    intro = (
        "A file belongs to the importer that is surest of it, whatever it is called. Columns are compared without case "
        "and signs; those that no vendor documents are matched by name and values, and a person approves."
    )
    return _page("File formats", intro, lines)


def _fields(model: type) -> Iterator[str]:
    yield "| field | meaning | default |"
    yield "|---|---|---|"
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"
        yield f"| `{name}` | {field.description or ''} | {default} |"


def command_line_page() -> str:
    lines: list[str] = []
    root = typer.main.get_command(commands())
    for path, command in sorted(_commands(root, "masterflow")):
        lines += ["", f"## {path}", "", (command.help or "").strip(), ""]
        lines += [
            f"- `{_usage(parameter)}`: {getattr(parameter, 'help', None) or 'see above'}"
            for parameter in command.params
        ]
    return _page("Command line", "Exit codes: 0 done, 1 refused or failed with a sentence, 2 wrong usage.", lines)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        if not child.hidden:
            yield from _commands(child, f"{path} {name}")


def _usage(parameter: click.Parameter) -> str:
    is_option = parameter.param_type_name == "option"
    return ", ".join(parameter.opts) if is_option else str(parameter.metavar or parameter.name)


def api_page() -> str:
    rows = [
        f"| `{method.upper()} {path}` | {operations[method]['summary']} |"
        for path, operations in describe_api()["paths"].items()
        for method in METHODS
        if method in operations
    ]
    return _page("HTTP API", "`/openapi.json` has every schema.", ["| route | what it does |", "|---|---|", *rows])


def _subclasses(error: type[errors.MasterflowError]) -> Iterator[type[errors.MasterflowError]]:
    yield error
    for child in error.__subclasses__():
        if child.__module__.startswith("masterflow"):
            yield from _subclasses(child)


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").splitlines()[0]


def _page(title: str, intro: str, lines: list[str]) -> str:
    body = "\n".join(lines).strip("\n")
    return f"# {title}\n\n{intro} Generated by `make docs`.\n\n{body}\n"


def main() -> int:
    stale = [name for name, text in pages().items() if _write(name, text, check="--check" in sys.argv[1:])]
    if stale and "--check" in sys.argv[1:]:
        print(f"stale: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


def _write(name: str, text: str, *, check: bool) -> bool:
    path = FOLDER / name
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    if not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())
