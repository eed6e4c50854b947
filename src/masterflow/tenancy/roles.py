"""The one table of role × operation: code, documents and tests read it."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a member of an engagement is trusted with."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ENGINEER = "engineer"
    PLANNER = "planner"
    FINOPS = "finops"
    APPROVER = "approver"
    LEAD = "lead"
    AUDITOR = "auditor"
    CLIENT_ADMIN = "client_admin"
    PLATFORM_OPERATOR = "platform_operator"


class Operation(StrEnum):
    """What a command or a read asks for."""

    READ_FLOWS = "flows.read"
    RUN_FLOWS = "flows.run"
    DELETE_FLOWS = "flows.delete"
    DECIDE_GATES = "gates.decide"
    READ_ESTATE = "estate.read"
    IMPORT_ESTATE = "estate.import"
    DECIDE_ESTATE = "estate.decide"
    READ_RESULTS = "results.read"
    READ_AUDIT = "audit.read"
    READ_MEMBERS = "members.read"
    MANAGE_MEMBERS = "members.manage"
    MANAGE_CLIENT = "client.manage"
    MANAGE_PLATFORM = "platform.manage"


_READERS = frozenset(set(Role) - {Role.PLATFORM_OPERATOR})
_WORKERS = frozenset({Role.ANALYST, Role.ENGINEER, Role.PLANNER, Role.FINOPS, Role.LEAD})

ALLOWED: Mapping[Operation, frozenset[Role]] = {
    Operation.READ_FLOWS: _READERS,
    Operation.RUN_FLOWS: _WORKERS,
    Operation.DELETE_FLOWS: frozenset({Role.LEAD}),
    Operation.DECIDE_GATES: frozenset({Role.APPROVER, Role.LEAD}),
    Operation.READ_ESTATE: _READERS,
    Operation.IMPORT_ESTATE: _WORKERS,
    Operation.DECIDE_ESTATE: frozenset({Role.ANALYST, Role.APPROVER, Role.LEAD}),
    Operation.READ_RESULTS: _READERS,
    Operation.READ_AUDIT: frozenset({Role.AUDITOR, Role.LEAD, Role.CLIENT_ADMIN}),
    Operation.READ_MEMBERS: _READERS,
    Operation.MANAGE_MEMBERS: frozenset({Role.LEAD, Role.CLIENT_ADMIN}),
    Operation.MANAGE_CLIENT: frozenset({Role.CLIENT_ADMIN}),
    Operation.MANAGE_PLATFORM: frozenset({Role.PLATFORM_OPERATOR}),
}


# Held for the whole client, never for one engagement alone.
CLIENT_WIDE = frozenset({Role.CLIENT_ADMIN, Role.PLATFORM_OPERATOR})


def roles_allowed(operation: Operation) -> frozenset[Role]:
    """The roles of which any one is enough for `operation`."""
    return ALLOWED[operation]
