"""The list of flow types: the folders beside this file, and the entry points `masterflow.flows` of other packages.

A flow type is in the catalogue only when it works, so everything that can be wrong with one is found here, when a
process starts, and said in a sentence.
"""

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from masterflow import flows
from masterflow.errors import ConfigurationInvalid
from masterflow.spec import FlowType, Phase
from masterflow.spec.flow_type import FLOW_TYPE_NAMES

GROUP = "masterflow.flows"


def discover() -> list[FlowType]:
    """Every flow type of this installation: ours in the order of the programme's documents, then those of others.

    Raises:
        ConfigurationInvalid: a folder or an entry point is no working flow type, or two share a name.
    """
    return in_order([*from_folders(flows), *from_entry_points(entry_points(group=GROUP))])


def from_folders(package: ModuleType) -> list[FlowType]:
    """The flow types of the folders of `package`: each has a `flow.py` with a `FLOW` that bears the folder's name."""
    root = Path(package.__path__[0])
    folders = sorted(path for path in root.iterdir() if path.is_dir() and path.name.isidentifier())
    return [_from_folder(package.__name__, folder) for folder in folders if not folder.name.startswith("__")]


def from_entry_points(points: Iterable[EntryPoint]) -> list[FlowType]:
    """The flow types that other packages offer; their names are free."""
    return [_checked(_loaded(point), place=f"entry point '{point.name}' ({point.value})") for point in points]


def in_order(found: Iterable[FlowType]) -> list[FlowType]:
    """Flow types in catalogue order.

    Raises:
        ConfigurationInvalid: two share a name.
    """
    by_name: dict[str, FlowType] = {}
    for flow_type in found:
        if flow_type.name in by_name:
            raise ConfigurationInvalid(
                f"There are two flow types called '{flow_type.name}'.",
                hint="Rename one, or uninstall the package that brings it.",
            )
        by_name[flow_type.name] = flow_type
    ours = [name for name in FLOW_TYPE_NAMES if name in by_name]
    return [by_name[name] for name in [*ours, *sorted(set(by_name) - set(ours))]]


def _from_folder(package: str, folder: Path) -> FlowType:
    place = f"flows/{folder.name}"
    if folder.name not in FLOW_TYPE_NAMES:
        raise ConfigurationInvalid(
            f"{place} is not one of the flow types: {', '.join(FLOW_TYPE_NAMES)}.",
            hint=f"Rename it, or offer it from a package of its own as an entry point '{GROUP}'.",
        )
    if not (folder / "flow.py").is_file():
        raise ConfigurationInvalid(f"{place} has no flow.py.", hint="Add one that declares FLOW, or remove the folder.")
    module = _imported(f"{package}.{folder.name}.flow", place)
    if not hasattr(module, "FLOW"):
        raise ConfigurationInvalid(f"{place}/flow.py declares no FLOW.", hint="Write FLOW = FlowType(…).")
    flow_type = _checked(module.FLOW, place=f"{place}/flow.py")
    if flow_type.name != folder.name:
        raise ConfigurationInvalid(
            f"{place}/flow.py declares '{flow_type.name}'.", hint="Give the flow type the name of its folder."
        )
    return flow_type


def _imported(name: str, place: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigurationInvalid(f"{place} cannot be imported: {error}.", hint="Correct the import.") from error


def _loaded(point: EntryPoint) -> object:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationInvalid(
            f"The entry point '{point.name}' ({point.value}) cannot be loaded: {error}.",
            hint="Correct or uninstall the package that brings it.",
        ) from error


def _checked(found: object, *, place: str) -> FlowType:
    if not isinstance(found, FlowType):
        raise ConfigurationInvalid(
            f"{place}: {found!r} is no FlowType.", hint="Build it with masterflow.spec.FlowType."
        )
    for phase in found.phases:
        _check_phase(phase, place=f"{place}: phase '{phase.name}'")
    return found


def _check_phase(phase: Phase[Any, Any], *, place: str) -> None:
    if not inspect.iscoroutinefunction(phase.run):
        raise ConfigurationInvalid(
            f"{place}: its run is not an async function.", hint="Write async def run(ctx, given)."
        )
    hints = _hints(phase.run, place)
    parameters = [*inspect.signature(phase.run).parameters]
    if len(parameters) != 2:
        raise ConfigurationInvalid(
            f"{place}: its run takes {len(parameters)} arguments.", hint="It takes ctx and given."
        )
    _same(hints.get(parameters[1], phase.takes), phase.takes, f"{place}: its run takes", "takes")
    _same(hints.get("return", phase.gives), phase.gives, f"{place}: its run gives", "gives")
    for check in phase.checks:
        _check_check(check, phase, place)


def _check_check(check: object, phase: Phase[Any, Any], place: str) -> None:
    if not callable(check):
        raise ConfigurationInvalid(f"{place}: the check {check!r} is no function.", hint="Name the function itself.")
    name = getattr(check, "__name__", repr(check))
    parameters = [*inspect.signature(check).parameters]
    if len(parameters) != 1:
        raise ConfigurationInvalid(
            f"{place}: the check {name} takes {len(parameters)} arguments.", hint="It takes the output."
        )
    taken = _hints(check, place).get(parameters[0], phase.gives)
    _same(taken, phase.gives, f"{place}: the check {name} takes", "gives")


def _hints(function: Callable[..., object], place: str) -> Mapping[str, Any]:
    try:
        return typing.get_type_hints(function)
    except NameError as error:
        raise ConfigurationInvalid(f"{place}: an annotation names nothing: {error}.", hint="Import it.") from error
    except TypeError:
        return {}  # a callable object that carries no annotations: nothing to compare


def _same(annotated: object, declared: type, says: str, field: str) -> None:
    if annotated is not declared and annotated is not Any:
        name = getattr(annotated, "__name__", str(annotated))
        raise ConfigurationInvalid(
            f"{says} {name}, but the phase declares {field}={declared.__name__}.", hint="Make the two types equal."
        )
