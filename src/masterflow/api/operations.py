"""Which route a request means, known before it is routed: by its name the audit calls it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNKNOWN = "unknown_route"


@dataclass(frozen=True, slots=True)
class Operation:
    """One route: its name in the API's description, and its path as a pattern with a group for every id."""

    name: str
    method: str
    path: re.Pattern[str]


def operations(openapi: Mapping[str, Mapping[str, Mapping[str, object]]]) -> tuple[Operation, ...]:
    """Every route that the application's own description names."""
    return tuple(
        Operation(str(operation["operationId"]), method.upper(), _pattern(path))
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, Mapping) and "operationId" in operation
    )


def meant(known: Sequence[Operation], method: str, path: str) -> tuple[str, Mapping[str, str]]:
    """The name of the route that takes a request, and the ids in its path."""
    for operation in known:
        if operation.method == method and (found := operation.path.fullmatch(path)):
            return operation.name, found.groupdict()
    return UNKNOWN, {}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{([^}]*)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
