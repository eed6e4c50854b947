"""The states of a flow, and the moves between them, as drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.db.status import LIVE, FlowStatus
from masterflow.errors import Conflict
from masterflow.orchestrator.states import ENDED, MOVES, Move, after, refusal, sources, target

statuses = st.sampled_from(FlowStatus)
moves = st.sampled_from(Move)

DRAWN = {
    ("initialized", "start", "running"),
    ("running", "complete", "completed"),
    ("running", "open_gate", "waiting_for_approval"),
    ("waiting_for_approval", "approve", "running"),
    ("waiting_for_approval", "send_back", "running"),
    ("waiting_for_approval", "reject", "waiting_for_input"),
    ("waiting_for_approval", "expire", "waiting_for_input"),
    ("running", "ask", "waiting_for_input"),
    ("waiting_for_input", "supply", "running"),
    ("running", "pause", "paused"),
    ("paused", "resume", "running"),
    ("running", "fail", "failed"),
    ("failed", "retry", "running"),
    ("failed", "skip", "running"),
    ("failed", "rollback", "running"),
    ("completed", "rollback", "running"),
    *((status.value, "cancel", "cancelled") for status in LIVE),
}


def test_exactly_the_moves_of_the_drawing_exist() -> None:
    assert {(source, move, target(move)) for move in Move for source in sources(move)} == DRAWN


@given(statuses, moves)
def test_a_move_leads_where_it_is_drawn_or_is_refused_with_what_is_possible(status: FlowStatus, move: Move) -> None:
    if status in MOVES[move][0]:
        assert after(status, move) is MOVES[move][1]
    else:
        with pytest.raises(Conflict, match=f"The flow is {status.replace('_', ' ')}, so it cannot") as refused:
            after(status, move)
        assert refused.value.hint


@given(st.lists(moves, max_size=30))
def test_no_path_leads_out_of_cancelled_and_every_path_stays_among_the_states(path: list[Move]) -> None:
    status = FlowStatus.INITIALIZED
    for move in path:
        if status not in sources(move):
            continue
        assert status is not FlowStatus.CANCELLED
        status = after(status, move)
        assert status in FlowStatus


def test_only_what_is_not_live_has_ended() -> None:
    assert {FlowStatus.COMPLETED, FlowStatus.FAILED, FlowStatus.CANCELLED} == ENDED


def test_a_waiting_flow_cannot_be_paused_and_says_why() -> None:
    assert str(refusal(FlowStatus.WAITING_FOR_APPROVAL, "pause")) == (
        "The flow is waiting for approval, so it cannot pause. You can decide its gate, or cancel it."
    )
