"""Where a flow may go from where it stands. Pure: no clock, no database.

    initialized ── start ──▶ running ── complete ──▶ completed          any live state ── cancel ──▶ cancelled
    running ── open_gate ──▶ waiting_for_approval ── approve, send_back ──▶ running
                             waiting_for_approval ── reject, expire ──▶ waiting_for_input
    running ── ask ────────▶ waiting_for_input ── supply ──▶ running
    running ── pause ──────▶ paused ── resume ──▶ running
    running ── fail ───────▶ failed ── retry, skip, rollback ──▶ running
    completed ── rollback ─▶ running (to a phase: the next iteration)

Live are initialized, running, waiting_for_approval, waiting_for_input and paused. Only a flow that is not live can be
deleted, which hides it and moves nothing. A flow that waits cannot be paused: it already stands still.
"""

from collections.abc import Mapping
from enum import StrEnum

from masterflow.db.status import LIVE, FlowStatus
from masterflow.errors import Conflict


class Move(StrEnum):
    """What may happen to a flow."""

    START = "start"
    COMPLETE = "complete"
    OPEN_GATE = "open_gate"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    REJECT = "reject"
    EXPIRE = "expire"
    ASK = "ask"
    SUPPLY = "supply"
    PAUSE = "pause"
    RESUME = "resume"
    FAIL = "fail"
    RETRY = "retry"
    SKIP = "skip"
    ROLLBACK = "rollback"
    CANCEL = "cancel"


_S = FlowStatus

MOVES: Mapping[Move, tuple[frozenset[FlowStatus], FlowStatus]] = {
    Move.START: (frozenset({_S.INITIALIZED}), _S.RUNNING),
    Move.COMPLETE: (frozenset({_S.RUNNING}), _S.COMPLETED),
    Move.OPEN_GATE: (frozenset({_S.RUNNING}), _S.WAITING_FOR_APPROVAL),
    Move.APPROVE: (frozenset({_S.WAITING_FOR_APPROVAL}), _S.RUNNING),
    Move.SEND_BACK: (frozenset({_S.WAITING_FOR_APPROVAL}), _S.RUNNING),
    Move.REJECT: (frozenset({_S.WAITING_FOR_APPROVAL}), _S.WAITING_FOR_INPUT),
    Move.EXPIRE: (frozenset({_S.WAITING_FOR_APPROVAL}), _S.WAITING_FOR_INPUT),
    Move.ASK: (frozenset({_S.RUNNING}), _S.WAITING_FOR_INPUT),
    Move.SUPPLY: (frozenset({_S.WAITING_FOR_INPUT}), _S.RUNNING),
    Move.PAUSE: (frozenset({_S.RUNNING}), _S.PAUSED),
    Move.RESUME: (frozenset({_S.PAUSED}), _S.RUNNING),
    Move.FAIL: (frozenset({_S.RUNNING}), _S.FAILED),
    Move.RETRY: (frozenset({_S.FAILED}), _S.RUNNING),
    Move.SKIP: (frozenset({_S.FAILED}), _S.RUNNING),
    Move.ROLLBACK: (frozenset({_S.FAILED, _S.COMPLETED}), _S.RUNNING),
    Move.CANCEL: (LIVE, _S.CANCELLED),
}

ENDED = frozenset(FlowStatus) - LIVE

# What a person can do next, in the words of the commands.
_COMMANDS: Mapping[FlowStatus, str] = {
    _S.INITIALIZED: "execute or cancel it",
    _S.RUNNING: "pause or cancel it",
    _S.WAITING_FOR_APPROVAL: "decide its gate, or cancel it",
    _S.WAITING_FOR_INPUT: "supply the input it asks for, or cancel it",
    _S.PAUSED: "resume or cancel it",
    _S.COMPLETED: "roll it back to a phase, or delete it",
    _S.FAILED: "retry it once the reason is gone, roll it back to a phase, or delete it",
    _S.CANCELLED: "delete it, or create a new flow",
}


def sources(move: Move) -> frozenset[FlowStatus]:
    """The states from which `move` is allowed."""
    return MOVES[move][0]


def target(move: Move) -> FlowStatus:
    """The state that `move` leads to."""
    return MOVES[move][1]


def after(status: FlowStatus, move: Move) -> FlowStatus:
    """Where `move` leads from `status`.

    Raises:
        Conflict: the move is not allowed there; the message says what is.
    """
    if status not in sources(move):
        raise refusal(status, move.value)
    return target(move)


def refusal(status: FlowStatus, command: str) -> Conflict:
    """Why `command` is refused while a flow is in `status`, and what is possible instead."""
    return Conflict(
        f"The flow is {status.replace('_', ' ')}, so it cannot {command}.", hint=f"You can {_COMMANDS[status]}."
    )
