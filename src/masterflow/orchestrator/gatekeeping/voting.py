"""How answers of several people at one gate add up. Pure: no clock, no database.

An approval holds for one content, named by its hash. An edit makes another content: what was approved before counts no
more, and stays on the list. The gate passes when `quorum` distinct people have approved its content; one rejection
refuses it. A person answers a content once. In a four-eyes gate the approval of whoever shaped what is asked never
counts; who edits it there shapes it, and leaves the approval to others.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from masterflow.orchestrator.types import Verdict


class Standing(StrEnum):
    """What the answers so far come to."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


class Objection(StrEnum):
    """Why an answer is refused."""

    CLOSED = "closed"
    OTHER_CONTENT = "other content"
    ANSWERED = "answered"
    SHAPED = "shaped"


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer; `content` is the hash of what was decided on. `counts`: whether an approval goes to the quorum."""

    person: str
    verdict: Verdict
    content: str
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """A gate as far as its outcome goes: the content it asks about and every answer so far, oldest first.

    `shapers` are people who shaped the flow before the gate opened, or edited the content since.
    """

    content: str
    quorum: int = 1
    four_eyes: bool = False
    shapers: frozenset[str] = frozenset()
    votes: tuple[Vote, ...] = ()


def approvals(ballot: Ballot) -> frozenset[str]:
    """The people whose approval of today's content counts."""
    return frozenset(
        vote.person
        for vote in ballot.votes
        if vote.verdict is Verdict.APPROVE and vote.counts and vote.content == ballot.content
    )


def standing(ballot: Ballot) -> Standing:
    """What the answers come to."""
    if any(vote.verdict is Verdict.REJECT for vote in ballot.votes):
        return Standing.REJECTED
    if len(approvals(ballot)) >= ballot.quorum:
        return Standing.APPROVED
    return Standing.OPEN


def objection(
    ballot: Ballot, person: str, verdict: Verdict, *, content: str | None = None, edited_to: str | None = None
) -> Objection | None:
    """Why `person` may not answer so now; None if nothing is against it.

    `content` is what the person looked at, None where nobody said; `edited_to` what an approval would make of it.
    """
    if standing(ballot) is not Standing.OPEN:
        return Objection.CLOSED
    if content is not None and content != ballot.content:
        return Objection.OTHER_CONTENT
    if _has_answered(ballot, person, ballot.content) or _has_answered(ballot, person, edited_to):
        return Objection.ANSWERED
    if verdict is Verdict.APPROVE and ballot.four_eyes and person in ballot.shapers:
        return Objection.SHAPED
    return None


def answered(ballot: Ballot, person: str, verdict: Verdict, *, edited_to: str | None = None) -> Ballot:
    """The ballot after an answer to which nothing objects; `edited_to` is the hash of what an approval made of it."""
    if edited_to is None or edited_to == ballot.content:
        return replace(ballot, votes=(*ballot.votes, Vote(person, verdict, ballot.content)))
    vote = Vote(person, verdict, edited_to, counts=not ballot.four_eyes)
    return replace(ballot, content=edited_to, votes=(*ballot.votes, vote), shapers=ballot.shapers | {person})


def _has_answered(ballot: Ballot, person: str, content: str | None) -> bool:
    return any(vote.person == person and vote.content == content for vote in ballot.votes)
