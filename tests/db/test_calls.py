"""A call is known to whatever it runs, and to nothing that it only set off."""

from uuid import uuid4

from masterflow.db.calls import Call, call_concerns, calling, ongoing_call, outside_calls


def a_call(action: str = "pause_flow") -> Call:
    return Call(actor="a@home.example", user_id=uuid4(), through="cli", action=action, request_id="r")


def test_a_call_lasts_as_long_as_its_block() -> None:
    assert ongoing_call() is None
    with calling(a_call()) as outer:
        with calling(a_call("resume_flow")) as inner:
            assert ongoing_call() is inner
        assert ongoing_call() is outer
        with outside_calls():
            assert ongoing_call() is None
        assert ongoing_call() is outer
    assert ongoing_call() is None


def test_the_first_flow_that_a_call_concerns_is_kept() -> None:
    first, second = uuid4(), uuid4()
    call_concerns(first)
    with calling(a_call()) as ongoing:
        call_concerns(first)
        call_concerns(second)
        assert ongoing.flow_id == first
