"""What a terminal shows of the exchanges that break a law."""

from __future__ import annotations

import pytest
from judge_doubles import attempt, seen

from kaizen_eval.conformance.clients.moments import moments
from kaizen_eval.conformance.clients.plan import Terms
from kaizen_eval.conformance.diagram import drawn
from kaizen_eval.errors import AttemptTimeout, RateLimited, ServerFailed

FAILED = ServerFailed("It failed.")
TOLD = RateLimited("Slow down.", retry_after=1.0)

TOLD_TO_WAIT = """\
time (s)
   0.000  ├─ request 1 → rate_limit (retry_after=1)
          ┆  waits 0.213 s
   0.213  ├─ request 2 → reply: Paris
   0.250  ┴  the command exited with 0 and printed 'Paris'"""
STORM = """\
time (s)
   0.000  ├─ request 1 → server_error
          ┆  waits 1.000 s
   1.000  ├─ request 2 → server_error
          ┆  waits 1.000 s
   2.000  ├─ request 3 → server_error
          ┆  waits 1.000 s
   3.000  ├─ request 4 → server_error
          ┆  waits 1.000 s
          ┆  … 5 more
   9.000  ├─ request 10 → server_error
          ┆  waits 1.000 s
  10.000  ├─ request 11 → server_error
  10.000  ┴  the command was ended: it asked the same again and again"""
INTERRUPTED = """\
time (s)
   0.000  ├→ request 1
   0.300  ├  SIGINT is sent
   3.300  ┴  the command was ended: it went on after the signal
   3.310  ├← hang"""
TWO_QUESTIONS = """\
time (s)  1 2
   0.000  ├→   request 1
   0.500  │ ├─ request 2 → reply: Paris
   1.000  ├←   reply: Paris
   1.200       the command exited with 0 and printed nothing"""


def shown(what) -> str:
    return drawn(moments(what))


def test_a_wait_stands_between_what_came_and_the_next_request():
    told = attempt(0, TOLD, ends=0.0004, outcome="rate_limit")
    assert shown(seen(told, attempt(0.213), plan="rate-limit", exited=0.25, stdout="Paris\n")) == TOLD_TO_WAIT


def test_of_a_storm_the_first_and_the_last_attempts_are_shown():
    storm = [attempt(place, FAILED, outcome="server_error") for place in range(11)]
    assert shown(seen(*storm, plan="server-errors", exit_code=None, ended="attempts")) == STORM


def test_a_signal_stands_where_it_was_sent():
    hung = attempt(0, AttemptTimeout("Left."), ends=3.31, outcome="hang")
    seen_ = seen(hung, plan="interrupt", interrupted=0.3, exited=3.3, exit_code=None, ended="interrupt")
    assert shown(seen_) == INTERRUPTED


def test_each_question_has_a_line_of_its_own():
    two = seen(attempt(0, ends=1), attempt(0.5, question="r"), exited=1.2)
    assert shown(two) == TWO_QUESTIONS


def test_a_command_that_asked_nothing_has_no_diagram():
    assert moments(seen()) == ()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"stdout": "Paris\n"}, "exited with 0 and printed 'Paris'"),
        ({"stdout": " \n"}, "exited with 0 and printed nothing"),
        ({"stdout": "x" * 100}, f"exited with 0 and printed '{'x' * 60}…'"),
        ({"stdout": "a\x1b[31m"}, "exited with 0 and printed 'a\\x1b[31m'"),
        ({"exit_code": 3, "stderr": "Traceback\nOops\n"}, "exited with 3: 'Oops'"),
        ({"exit_code": -9}, "exited with -9, without a word"),
        ({"exit_code": None, "ended": "timeout", "terms": Terms(timeout=7)}, "was ended: it still ran after 7 s"),
    ],
)
def test_how_a_command_ended_is_told_in_a_few_words(fields, told):
    assert seen(attempt(0), **fields).came_out() == told
