"""The one table of role × operation: code, documents and tests read it."""

from collections.abc import Iterable, Mapping
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
    MANAGE_WEBHOOKS = "webhooks.manage"
    READ_MEMBERS = "members.read"
    MANAGE_MEMBERS = "members.manage"
    MANAGE_CLIENT = "client.manage"
    READ_CLIENT_FIGURES = "client.figures.read"
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
    Operation.MANAGE_WEBHOOKS: frozenset({Role.LEAD, Role.CLIENT_ADMIN}),
    Operation.READ_MEMBERS: _READERS,
    Operation.MANAGE_MEMBERS: frozenset({Role.LEAD, Role.CLIENT_ADMIN}),
    Operation.MANAGE_CLIENT: frozenset({Role.CLIENT_ADMIN}),
    Operation.READ_CLIENT_FIGURES: frozenset({Role.LEAD, Role.CLIENT_ADMIN}),
    Operation.MANAGE_PLATFORM: frozenset({Role.PLATFORM_OPERATOR}),
}


# Held for the whole client, never for one engagement alone.
CLIENT_WIDE = frozenset({Role.CLIENT_ADMIN, Role.PLATFORM_OPERATOR})

# What a token that is narrowed to an operation has to be able to read for it.
NEEDED: Mapping[Operation, Operation] = {
    Operation.RUN_FLOWS: Operation.READ_FLOWS,
    Operation.DELETE_FLOWS: Operation.READ_FLOWS,
    Operation.DECIDE_GATES: Operation.READ_FLOWS,
    Operation.READ_RESULTS: Operation.READ_FLOWS,
    Operation.IMPORT_ESTATE: Operation.READ_ESTATE,
    Operation.DECIDE_ESTATE: Operation.READ_ESTATE,
    Operation.MANAGE_MEMBERS: Operation.READ_MEMBERS,
    Operation.MANAGE_CLIENT: Operation.READ_MEMBERS,
}

# What no service account may do, whatever role it holds: somebody has to answer for it.
FOR_PEOPLE = frozenset(
    {Operation.DECIDE_GATES, Operation.MANAGE_MEMBERS, Operation.MANAGE_CLIENT, Operation.MANAGE_PLATFORM}
)
SERVICE_ROLES = frozenset(role for role in Role if not any(role in ALLOWED[operation] for operation in FOR_PEOPLE))

ROLES_SAID: Mapping[Role, str] = {
    Role.VIEWER: "Reads everything of the engagement and changes nothing",
    Role.ANALYST: "Imports the estate, settles what its sources contradict, and runs flows",
    Role.ENGINEER: "Runs flows and imports what they need",
    Role.PLANNER: "Plans waves: runs flows and imports what they need",
    Role.FINOPS: "Watches costs: runs flows and imports what they need",
    Role.APPROVER: "Answers the gates of flows",
    Role.LEAD: "Runs the engagement: flows, gates, deletion, and who is a member",
    Role.AUDITOR: "Reads everything of the engagement, for those who have to prove what happened",
    Role.CLIENT_ADMIN: "Manages the whole client: engagements, people, service accounts",
    Role.PLATFORM_OPERATOR: "Runs the installation; sees nothing of a client",
}

OPERATIONS_SAID: Mapping[Operation, str] = {
    Operation.READ_FLOWS: "Read flows, their history and their gates",
    Operation.RUN_FLOWS: "Create, execute, pause, resume, retry, roll back and cancel flows",
    Operation.DELETE_FLOWS: "Delete and restore flows",
    Operation.DECIDE_GATES: "Approve or reject what a flow asks",
    Operation.READ_ESTATE: "Read imports, assets, applications, dependencies and contradictions",
    Operation.IMPORT_ESTATE: "Upload exports of the estate",
    Operation.DECIDE_ESTATE: "Decide which source is right where they contradict",
    Operation.READ_RESULTS: "Read what flows made: assessments, plans, artifacts",
    Operation.READ_MEMBERS: "See who is a member and with which roles",
    Operation.MANAGE_MEMBERS: "Give and take roles, see and end the tokens of members",
    Operation.MANAGE_CLIENT: "Open engagements, disable people, make service accounts and sign-in links",
    Operation.READ_CLIENT_FIGURES: "Read the figures of all the engagements of the client that one belongs to",
    Operation.READ_AUDIT: "Read the audit: who did what, and what was refused",
    Operation.MANAGE_WEBHOOKS: "Tell other programs of events, and see what they answered",
    Operation.MANAGE_PLATFORM: "Run the installation",
}


def with_needs(operations: Iterable[Operation]) -> frozenset[Operation]:
    """`operations`, and those without which they could not be carried out."""
    named = frozenset(operations)
    return named | {NEEDED[operation] for operation in named if operation in NEEDED}


def operations_of(role: Role) -> frozenset[Operation]:
    """What `role` allows."""
    return frozenset(operation for operation, allowed in ALLOWED.items() if role in allowed)


def roles_allowed(operation: Operation) -> frozenset[Role]:
    """The roles of which any one is enough for `operation`."""
    return ALLOWED[operation]
