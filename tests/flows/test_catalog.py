"""Flow types are found, and what does not work is refused with a sentence."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from masterflow.errors import ConfigurationInvalid
from masterflow.flows.catalog import GROUP, discover, from_entry_points, from_folders, in_order
from masterflow.spec.flow_type import FLOW_TYPE_NAMES
from masterflow.testing import empty_flow

GOOD = """
from pydantic import BaseModel
from masterflow.spec import FlowType, Phase, PhaseContext, Problem

class Config(BaseModel): ...
class Input(BaseModel): ...
class Output(BaseModel): ...
class Other(BaseModel): ...

async def run(ctx: PhaseContext, given: Input) -> Output:
    return Output()

def fine(given: Output) -> list[Problem]:
    return []

PHASE = Phase(name="only", title="Only", takes=Input, gives=Output, run=run, checks=[fine])
FLOW = FlowType(name="{name}", title="T", summary="S", config=Config, phases=(PHASE,))
"""

Make = Callable[..., ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes a package of flow folders: `package(discovery=source)`; None leaves flow.py out."""
    name = f"flows_of_{tmp_path.name}"
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(**folders: str | None) -> ModuleType:
        root = tmp_path / name
        root.mkdir()
        (root / "__init__.py").touch()
        (root / "catalog.py").touch()
        (root / "__pycache__").mkdir()
        for folder, source in folders.items():
            (root / folder).mkdir()
            if source is not None:
                (root / folder / "flow.py").write_text(source.replace("{name}", folder), encoding="utf-8")
        return import_module(name)

    yield make
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]


def test_every_folder_with_a_working_flow_type_is_found_in_catalogue_order(package: Make) -> None:
    found = in_order(from_folders(package(planning=GOOD, discovery=GOOD, assessment=GOOD)))
    assert [flow_type.name for flow_type in found] == ["discovery", "assessment", "planning"]


def test_the_catalogue_of_this_installation_is_in_order() -> None:
    names = [flow_type.name for flow_type in discover()]
    assert names == [name for name in FLOW_TYPE_NAMES if name in names]


def replaced(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("folder", "source", "sentence"),
    [
        ("discovery", None, r"flows/discovery has no flow\.py\. Add one that declares FLOW"),
        ("discovery", "X = 1", r"flows/discovery/flow\.py declares no FLOW"),
        ("discovery", "FLOW = 'discovery'", r"flows/discovery/flow\.py: 'discovery' is no FlowType"),
        ("discovery", "import nothing_like_this", "flows/discovery cannot be imported: No module named"),
        ("discovery", replaced('name="{name}"', 'name="planning"'), r"flows/discovery/flow\.py declares 'planning'"),
        ("discovvery", GOOD, r"flows/discovvery is not one of the flow types: discovery, assessment, planning"),
        ("discovery", replaced("async def run", "def run"), "phase 'only': its run is not an async function"),
        (
            "discovery",
            replaced("given: Input)", "given: Other)"),
            "run takes Other, but the phase declares takes=Input",
        ),
        (
            "discovery",
            replaced(") -> Output:", ") -> Other:"),
            "run gives Other, but the phase declares gives=Output",
        ),
        ("discovery", replaced("given: Input)", "given: Input, more: int)"), "its run takes 3 arguments"),
        ("discovery", replaced("fine(given: Output)", "fine(given: Other)"), "the check fine takes Other, but"),
        ("discovery", replaced("fine(given: Output)", "fine(given: Output, b)"), "the check fine takes 2 arguments"),
        ("discovery", replaced("[fine]", "['fine']"), "the check 'fine' is no function"),
        ("discovery", replaced("given: Input)", "given: 'Nowhere')"), "an annotation names nothing: .*Nowhere"),
    ],
)
def test_a_folder_that_is_no_working_flow_type_is_refused(
    package: Make, folder: str, source: str | None, sentence: str
) -> None:
    with pytest.raises(ConfigurationInvalid, match=sentence):
        from_folders(package(**{folder: source}))


def test_bodies_without_annotations_are_taken_at_their_word(package: Make) -> None:
    bare = replaced("run(ctx: PhaseContext, given: Input) -> Output:", "run(ctx, given):")
    assert len(from_folders(package(discovery=bare))) == 1


def test_two_flow_types_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="There are two flow types called 'empty'"):
        in_order([empty_flow(1), empty_flow(2)])


def test_other_packages_offer_flow_types_under_names_of_their_own(package: Make) -> None:
    module = package(discovery=GOOD)
    import_module(f"{module.__name__}.discovery.flow").FLOW = empty_flow(1, name="housekeeping")
    point = EntryPoint("theirs", f"{module.__name__}.discovery.flow:FLOW", GROUP)
    found = in_order([*from_entry_points([point]), empty_flow(1, name="planning"), empty_flow(1, name="archive")])
    assert [flow_type.name for flow_type in found] == ["planning", "archive", "housekeeping"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("nothing_like_this:FLOW", r"The entry point 'theirs' \(nothing_like_this:FLOW\) cannot be loaded"),
        ("masterflow.errors:NoSuch", "cannot be loaded"),
        ("masterflow.errors:Place", r"entry point 'theirs' \(masterflow.errors:Place\): .* is no FlowType"),
    ],
)
def test_an_entry_point_that_is_no_flow_type_is_refused(value: str, sentence: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=sentence):
        from_entry_points([EntryPoint("theirs", value, GROUP)])
