"""Nothing that a person can set, run, meet or ask for goes undocumented."""

import importlib.util
from types import ModuleType

import pytest

from masterflow.bootstrap import load_registry
from masterflow.config import Settings
from masterflow.spec.flow_type import FLOW_TYPE_NAMES
from tests.rules.source import ROOT, SRC


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_reference", ROOT / "tools" / "write_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_pages_say_what_the_code_says(reference: ModuleType) -> None:
    stale = [
        name
        for name, text in reference.pages().items()
        if not (reference.FOLDER / name).exists() or (reference.FOLDER / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make docs`"


def test_a_page_goes_stale_when_the_code_changes(reference: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before = reference.settings_page()
    monkeypatch.setattr(Settings.model_fields["plan_seconds"], "description", "Something else")
    assert reference.settings_page() != before


def test_every_command_option_and_argument_is_explained(reference: ModuleType) -> None:
    page = reference.command_line_page()
    assert [line for line in page.splitlines() if line.endswith("see above")] == []


def test_every_configuration_field_is_explained() -> None:
    silent = [
        f"{flow_type.name}.{name}"
        for flow_type in load_registry().all()
        for name, field in flow_type.config.model_fields.items()
        if not field.description
    ]
    assert silent == []


def test_the_catalogue_holds_these_flow_types() -> None:
    assert [flow_type.name for flow_type in load_registry().all()] == ["discovery", "assessment", "planning"]


@pytest.mark.parametrize(
    "folder", [p for p in (SRC / "flows").iterdir() if (p / "flow.py").exists()], ids=lambda p: p.name
)
def test_a_flow_type_has_its_contents_page_its_readme_and_tests(folder) -> None:
    assert folder.name in FLOW_TYPE_NAMES
    readme = (folder / "README.md").read_text(encoding="utf-8")
    phases = [phase.name for phase in load_registry().get(folder.name).phases]
    assert [phase for phase in phases if f"`{phase}`" not in readme] == []
    assert list((ROOT / "tests" / "flows" / folder.name).glob("test_*.py"))


def test_no_file_names_a_package_registry() -> None:
    hosts = ("pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js")
    named = [
        str(path.relative_to(ROOT))
        for folder in ("src", "docs", "tools", "tests", ".ci", "migrations", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ""}
        if any(host in path.read_text(encoding="utf-8", errors="replace") for host in hosts)
    ]
    assert named == []
