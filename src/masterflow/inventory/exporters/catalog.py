"""Which formats the estate can leave in: every module of this folder with `EXPORTER = Exporter(...)`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from masterflow.errors import ConfigurationInvalid, InvalidInput
from masterflow.inventory import exporters as folder
from masterflow.inventory.exporting import Exporter


@cache
def all_exporters() -> tuple[Exporter, ...]:
    """Every exporter, by name.

    Raises:
        ConfigurationInvalid: two have the same name.
    """
    modules = [import_module(found.name) for found in iter_modules(folder.__path__, f"{folder.__name__}.")]
    exporters = [found for module in modules if isinstance(found := getattr(module, "EXPORTER", None), Exporter)]
    return collected(exporters)


def collected(exporters: list[Exporter]) -> tuple[Exporter, ...]:
    """The exporters by name.

    Raises:
        ConfigurationInvalid: two have the same name.
    """
    names = [exporter.name for exporter in exporters]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigurationInvalid(f'Two exporters are called "{twice}".', hint="Rename one of them.")
    return tuple(sorted(exporters, key=lambda exporter: exporter.name))


def exporter_of(name: str) -> Exporter:
    """The exporter of this name.

    Raises:
        InvalidInput: there is none.
    """
    known = {exporter.name: exporter for exporter in all_exporters()}
    if name not in known:
        raise InvalidInput(f"There is no export format {name[:80]!r}.", hint=f"Choose one of: {', '.join(known)}.")
    return known[name]
