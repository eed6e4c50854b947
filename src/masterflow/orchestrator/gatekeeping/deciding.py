"""Who may answer a gate, and what an answer must bring. Pure."""

from masterflow.errors import Conflict, InvalidInput, NotAllowed
from masterflow.orchestrator.gatekeeping.types import Answer, Authors, Person
from masterflow.orchestrator.gatekeeping.voting import Ballot, Objection, objection
from masterflow.orchestrator.types import GateStatus, GateSummary, Verdict
from masterflow.spec import FlowType
from masterflow.tenancy.roles import Role


def deciding_roles(gate: GateSummary) -> frozenset[str]:
    """The roles that decide a gate: those it names, and the lead."""
    return frozenset(gate.approver_roles) | {Role.LEAD.value}


def require_decider(person: Person, gate: GateSummary) -> None:
    """Let people decide who hold one of the gate's roles, or are a lead.

    Raises:
        NotAllowed: somebody else, or a service account, whatever it holds.
    """
    if person.is_service:
        raise NotAllowed(
            f"{person.email} is a service account, and gates are decided by people.", hint="Sign in as a person."
        )
    deciders = deciding_roles(gate)
    if person.roles.isdisjoint(deciders):
        held = ", ".join(sorted(person.roles)) or "no role"
        raise NotAllowed(
            f"{person.email} has {held}; the gate of '{gate.phase}' is decided by {' or '.join(sorted(deciders))}.",
            hint="Ask one of them, or a lead for the role.",
        )


def require_other_eyes(person: Person, gate: GateSummary, authors: Authors, *, allows_own_work: bool) -> None:
    """Keep people from approving their own work, where that is not allowed.

    A four-eyes gate never allows it to anybody who shaped what it asks. Others ask who started the flow, and follow
    the engagement.

    Raises:
        NotAllowed: the work is the person's own.
    """
    if gate.four_eyes and person.email in authors.shaped:
        raise NotAllowed(
            f"{person.email} shaped what the gate of '{gate.phase}' asks, and it needs four eyes.",
            hint="Ask another person to approve it.",
        )
    if not gate.four_eyes and not allows_own_work and person.email in authors.started:
        raise NotAllowed(
            f"{person.email} started this flow, and this engagement does not allow approving one's own work.",
            hint="Ask another member to decide.",
        )


def require_fitting(gate: GateSummary, kind: FlowType, answer: Answer) -> None:
    """Check that an answer fits the gate as it stands.

    Raises:
        Conflict: the gate asks no more, or another content was looked at than it asks about.
        InvalidInput: a rejection without a reason, with an edit, or to a phase that is not this one or an earlier one;
            an approval that names a phase; no content hash where one is needed.
    """
    if gate.status is not GateStatus.OPEN:
        by = f" by {gate.decided_by}" if gate.decided_by and gate.status is not GateStatus.EXPIRED else ""
        raise Conflict(
            f"This gate was {_WORDS.get(gate.status, gate.status)}{by} already.", hint="Read the flow again."
        )
    if answer.content_hash is None and (gate.quorum > 1 or gate.four_eyes):
        raise InvalidInput(
            "A decision of several people has to say which content it is about.",
            hint="Read the gate, and decide with its content hash.",
        )
    if answer.content_hash is not None and answer.content_hash != gate.content_hash:
        raise _other_content()
    if answer.verdict is Verdict.REJECT:
        _require_rejection(gate, kind, answer)
    elif answer.to is not None:
        raise InvalidInput("An approval leads to the next phase.", hint="Leave the phase out, or reject to it.")


_WORDS = {GateStatus.EXPIRED: "past its time"}


def _require_rejection(gate: GateSummary, kind: FlowType, answer: Answer) -> None:
    if not (answer.reason and answer.reason.strip()):
        raise InvalidInput("A rejection needs a reason.", hint="Say what has to be different.")
    if answer.edited_output is not None or answer.cells:
        raise InvalidInput("A rejection brings no edited output.", hint="Approve with it, or reject without it.")
    names = [phase.name for phase in kind.phases]
    earlier = names[: names.index(gate.phase) + 1]
    if answer.to is not None and answer.to not in earlier:
        raise InvalidInput(
            f"'{answer.to}' is no phase that '{gate.phase}' can be rejected to.",
            hint=f"Name one of {', '.join(earlier)}.",
        )


def require_vote(ballot: Ballot, person: Person, answer: Answer, *, edited_to: str | None = None) -> None:
    """Check that nothing at the gate itself is against an answer.

    Raises:
        Conflict: the gate asks no more, asks about another content, or the person has answered about this one.
        NotAllowed: it is an approval of a four-eyes gate by somebody who shaped what is asked.
    """
    found = objection(ballot, person.email, answer.verdict, content=answer.content_hash, edited_to=edited_to)
    if found is Objection.CLOSED:
        raise Conflict("This gate was decided meanwhile.", hint="Read the flow again.")
    if found is Objection.OTHER_CONTENT:
        raise _other_content()
    if found is Objection.ANSWERED:
        raise Conflict(
            f"{person.email} has answered this gate already.", hint="An answer stands until somebody edits the content."
        )
    if found is Objection.SHAPED:
        raise NotAllowed(f"{person.email} shaped what this gate asks.", hint="Ask another person to approve it.")


def _other_content() -> Conflict:
    return Conflict(
        "The decision was made on another content than the gate asks about.",
        hint="Read the gate again, look at its output, and decide with its content hash.",
    )
