"""The diagram of a situation: requests, faults and waits on the virtual time axis."""

from __future__ import annotations

import pytest

from kaizen_eval import InputField, OutputField, Signature
from kaizen_eval.conformance import REFERENCE, Ask, GivenTool, Lab, Situation
from kaizen_eval.conformance.diagram import drawn, moments
from kaizen_eval.fake import ConnectionReset, Generated, Latency, RateLimit, Reply, ServerError


class Question(Signature):
    question: str = InputField()
    answer: str = OutputField()


def picture(*, width: int = 80, **situation: object) -> str:
    asks = situation.pop("asks", (Ask(inputs={"question": "why"}),))
    seen = Lab(REFERENCE).play(Situation(signature=Question, asks=asks, **situation))
    return drawn(moments(seen), width=width)


YES = Reply(data={"answer": "yes"})


def test_faults_waits_and_the_answer_stand_on_the_time_axis():
    assert picture(script=(RateLimit(retry_after=3.0), YES)) == (
        "time (s)\n"
        "   0.000  ┬  asks question='why'\n"
        "   0.000  ├─ request 1 (attempt 1) → rate_limit (retry_after=3.0): RateLimited\n"
        "          ┆  waits 3 s\n"
        '   3.000  ├─ request 2 (attempt 2) → reply: {"answer": "yes"}\n'
        "   3.000  ┴  returns answer='yes'"
    )


def test_runs_at_the_same_time_have_a_line_each():
    asks = (
        Ask(inputs={"question": "a"}, stream=True, leave_after=1),
        Ask(inputs={"question": "b"}, session="s", wait=0.25, cancel_after=0.5),
    )
    script = (ServerError(), Generated(latency=Latency(first=2.0)), YES)
    config = {"retry": {"attempts": 2, "base": 1.0, "cap": 1.0, "jitter": "none"}}
    assert picture(asks=asks, script=script, config=config, together=True) == (
        "time (s)  1 2\n"
        "   0.000  ┬    asks question='a' (read as a stream)\n"
        "   0.000  ├─   request 1 (attempt 1) → server_error: ServerFailed\n"
        "          ┆    waits 1 s\n"
        "   0.250  │ ┬  asks question='b' (session 's')\n"
        "   0.250  │ ├→ request 2\n"
        "   0.750  │ ├← cancelled, after 0.5 s\n"
        "   0.750  │ ┴  is cancelled\n"
        "   1.000  ├─   request 3 (attempt 2) → cancelled\n"
        "   1.000  ┴    its reader leaves, after 1 item"
    )


def test_tools_stand_between_the_calls_and_times_are_aligned():
    called = Reply(tool_calls=[{"name": "look_up", "arguments": {"text": "x"}}])
    assert picture(script=(called, YES), tools=(GivenTool(seconds=0.0005),)) == (
        "time (s)\n"
        "0.000     ┬  asks question='why'\n"
        '0.000     ├─ request 1 (call 1) → reply: calls look_up({"text": "x"})\n'
        "0.000     ├  tool look_up(text='x', number=0)\n"
        "          ┆  takes 0.0005 s\n"
        '0.000500  ├─ request 2 (call 2) → reply: {"answer": "yes"}\n'
        "0.000500  ┴  returns answer='yes'"
    )


def test_an_error_stands_at_the_end():
    shown = picture(script=(ConnectionReset(),), config={"retry": {"attempts": 1, "base": 1.0, "cap": 1.0}})
    assert shown.splitlines()[-1].startswith("   0.000  ┴  raises ConnectionLost: ")


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_longer_than_the_terminal(width):
    asks = (Ask(inputs={"question": "long " * 100}),) * 3
    assert max(map(len, picture(asks=asks, width=width).splitlines())) <= width


def test_what_a_terminal_would_obey_is_written_out():
    shown = picture(asks=(Ask(inputs={"question": "\x1b[2J\u202e\n"}),), script=(Reply("\x1b]0;\x07"),))
    assert all(sign.isprintable() for line in shown.splitlines() for sign in line)


def test_of_many_asks_the_lines_say_which():
    rows = picture(asks=(Ask(inputs={"question": "?"}),) * 11).splitlines()
    assert rows[-1].startswith("   0.000  ┴  11: returns answer=")


def test_of_very_many_moments_those_in_the_middle_are_counted():
    rows = picture(asks=(Ask(inputs={"question": "?"}),) * 40).splitlines()
    assert (len(rows), rows[31]) == (62, "… 60 more")
