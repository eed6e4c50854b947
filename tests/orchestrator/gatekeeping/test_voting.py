"""How answers of several people add up, against rules that are said another way."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from masterflow.orchestrator.gatekeeping.voting import (
    Ballot,
    Objection,
    Standing,
    Vote,
    answered,
    approvals,
    objection,
    standing,
)
from masterflow.orchestrator.types import Verdict

PEOPLE = ("ana", "bo", "cy", "di")
CONTENTS = ("a", "b", "c")
APPROVE, REJECT = Verdict.APPROVE, Verdict.REJECT

Step = tuple[str, str, str]  # who, what, about which content
steps = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(("approve", "reject", "edit")), st.sampled_from(CONTENTS)),
    max_size=12,
)
ballots = st.builds(
    Ballot,
    content=st.just("a"),
    quorum=st.integers(1, 3),
    four_eyes=st.booleans(),
    shapers=st.frozensets(st.sampled_from(PEOPLE), max_size=2),
)


def played(ballot: Ballot, path: Sequence[Step]) -> list[tuple[Step, Ballot, Ballot]]:
    """Every step that nothing objects to, with the ballot before and after it."""
    taken = []
    for who, what, content in path:
        before = ballot
        verdict = REJECT if what == "reject" else APPROVE
        edited_to = content if what == "edit" else None
        looked_at = None if what == "edit" else content
        if objection(ballot, who, verdict, content=looked_at, edited_to=edited_to) is None:
            ballot = answered(ballot, who, verdict, edited_to=edited_to)
            taken.append(((who, what, content), before, ballot))
    return taken


@given(ballots, steps)
def test_a_gate_passes_only_with_a_quorum_of_distinct_people_on_its_content(ballot: Ballot, path: list[Step]) -> None:
    for _, _, after in played(ballot, path):
        mine = [vote for vote in after.votes if vote.content == after.content and vote.verdict is APPROVE]
        eyes = {vote.person for vote in mine if not after.four_eyes or vote.person not in ballot.shapers}
        if standing(after) is Standing.APPROVED:
            assert len(eyes) >= after.quorum
            assert all(vote.verdict is APPROVE for vote in after.votes)


@given(ballots, steps)
def test_four_eyes_never_count_who_shaped_the_content(ballot: Ballot, path: list[Step]) -> None:
    for (who, what, _), before, after in played(ballot, path):
        if after.four_eyes:
            assert approvals(after).isdisjoint(ballot.shapers)
            if what == "edit" and after.content != before.content:
                assert who not in approvals(after)
                assert who in after.shapers


@given(ballots, steps)
def test_nothing_is_answered_after_the_end_and_one_rejection_is_the_end(ballot: Ballot, path: list[Step]) -> None:
    taken = played(ballot, path)
    for number, ((_, what, _), before, after) in enumerate(taken):
        assert standing(before) is Standing.OPEN
        if what == "reject":
            assert standing(after) is Standing.REJECTED
        if standing(after) is not Standing.OPEN:
            assert number == len(taken) - 1


@given(ballots, steps)
def test_a_person_answers_a_content_once_and_no_answer_is_ever_lost(ballot: Ballot, path: list[Step]) -> None:
    for _, before, after in played(ballot, path):
        assert after.votes[:-1] == before.votes
        said = [(vote.person, vote.content) for vote in after.votes]
        assert len(said) == len(set(said))


def test_an_edit_makes_earlier_approvals_count_no_more() -> None:
    ballot = answered(Ballot(content="a", quorum=2), "ana", APPROVE)
    assert approvals(ballot) == {"ana"}
    ballot = answered(ballot, "bo", APPROVE, edited_to="b")
    assert (approvals(ballot), standing(ballot)) == ({"bo"}, Standing.OPEN)
    assert objection(ballot, "bo", APPROVE) is Objection.ANSWERED
    ballot = answered(ballot, "ana", APPROVE)
    assert (standing(ballot), len(ballot.votes)) == (Standing.APPROVED, 3)


def test_an_edit_that_changes_nothing_is_an_approval() -> None:
    ballot = answered(Ballot(content="a", four_eyes=True), "ana", APPROVE, edited_to="a")
    assert (standing(ballot), ballot.shapers) == (Standing.APPROVED, frozenset())


def test_each_objection_has_its_reason() -> None:
    ballot = Ballot(
        content="a", quorum=2, four_eyes=True, shapers=frozenset({"ana"}), votes=(Vote("bo", APPROVE, "a"),)
    )
    assert objection(ballot, "cy", APPROVE, content="b") is Objection.OTHER_CONTENT
    assert objection(ballot, "bo", REJECT) is Objection.ANSWERED
    assert objection(ballot, "ana", APPROVE) is Objection.SHAPED
    assert objection(ballot, "ana", REJECT) is None
    assert objection(ballot, "cy", APPROVE, content="a") is None
    assert objection(answered(ballot, "cy", REJECT), "di", APPROVE) is Objection.CLOSED


def test_an_edit_back_to_what_a_person_answered_is_a_second_answer() -> None:
    ballot = answered(Ballot(content="a", quorum=3), "ana", APPROVE)
    ballot = answered(ballot, "bo", APPROVE, edited_to="b")
    assert objection(ballot, "ana", APPROVE, edited_to="a") is Objection.ANSWERED
    back = answered(ballot, "cy", APPROVE, edited_to="a")
    assert approvals(back) == {"ana", "cy"}
