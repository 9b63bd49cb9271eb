"""A failing run points at the reader's own lines and says in a sentence what went wrong."""

from __future__ import annotations

import pytest
from plugin_project import run

TESTS = """\
from kaizen_eval import BaseAgent, InputField, OutputField, Signature

class Chat(Signature):
    message: str = InputField()
    reply: str = OutputField()

def test_a_reply_that_does_not_fit(kaizen_llm):
    kaizen_llm.otherwise({"replyy": "x"})
    BaseAgent({"model": "m"}, signature=Chat).run(message="hi")
"""

FAILURE = """\
kaizen_llm = FakeLLM(seed=0, 0 rules, 2 exchanges)

    def test_a_reply_that_does_not_fit(kaizen_llm):
        kaizen_llm.otherwise({"replyy": "x"})
>       BaseAgent({"model": "m"}, signature=Chat).run(message="hi")
E       kaizen_eval.errors.ReplyDoesNotFit: The reply does not fit Chat: expected one whole JSON object with reply, \
got '{"replyy": "x"}'.
E       Asked 2 times; output_retries=1.

test_it.py:9: ReplyDoesNotFit"""


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_failing_run_shows_the_tests_own_line_and_the_error_alone(tmp_path, door):
    assert run(tmp_path, TESTS, "--kaizen-llm", door).text("test_a_reply_that_does_not_fit") == FAILURE


def test_a_full_trace_shows_everything(tmp_path):
    shown = run(tmp_path, TESTS, "--full-trace").text("test_a_reply_that_does_not_fit")
    assert "base_agent.py" in shown
