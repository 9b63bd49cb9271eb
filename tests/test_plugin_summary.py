"""The words of the terminal summary."""

from fake_asking import ask_all, asking

from kaizen_eval.fake import FakeLLM
from kaizen_eval.pytest_plugin.figures import figures
from kaizen_eval.pytest_plugin.summary import brief, lines

NOTHING = {
    "door": None, "runs": 0, "calls": 0, "attempts": 0, "waits": 0.0, "elapsed": 0.0, "tokens": 0, "faults": {},
    "network": False,
}  # fmt: skip
ONE = NOTHING | {"door": "direct", "runs": 1, "calls": 1, "attempts": 1, "tokens": 12}
MANY = NOTHING | {
    "door": "sdk", "runs": 2, "calls": 3, "attempts": 5, "waits": 3600.0, "elapsed": 3600.25, "tokens": 1234,
    "faults": {"rate_limit": 1, "hang": 1},
}  # fmt: skip


def test_one_plain_test_is_told_in_two_lines():
    assert lines([ONE], 0.021) == [
        "1 test, 1 run, 1 call, 1 attempt, 12 tokens; door direct",
        "0 s of virtual time in 0.02 s; no key, network or server was needed",
    ]


def test_figures_of_several_tests_are_added_up():
    assert lines([MANY, ONE, MANY], 1.5) == [
        "3 tests, 5 runs, 7 calls, 11 attempts, 2,480 tokens; doors direct, sdk",
        "faults: hang 2, rate_limit 2",
        "7,200.5 s of virtual time (7,200 s of it between attempts) in 1.50 s; no key, network or server was needed",
    ]


def test_tests_of_the_clock_alone_name_no_door():
    assert lines([NOTHING | {"elapsed": 0.001}], 0.0) == [
        "1 test",
        "0.001 s of virtual time in 0.00 s; no key, network or server was needed",
    ]


def test_the_brief_form_is_one_line():
    assert brief([MANY, ONE], 0.5) == (
        "kaizen: 2 tests, 6 attempts, 3,600.25 s of virtual time in 0.50 s; no key, network or server needed"
    )


def test_where_a_test_asked_for_a_real_host_nothing_is_said_of_the_network():
    online = ONE | {"network": True}
    assert brief([ONE, online], 0.5) == "kaizen: 2 tests, 2 attempts, 0 s of virtual time in 0.50 s"
    assert lines([ONE, online], 0.5)[-1] == "0 s of virtual time in 0.50 s"


def test_an_exchange_that_was_cancelled_is_no_fault():
    llm = FakeLLM(latency=60)
    llm.fail("hang", latency=0).times(1)
    ask_all(llm, asking(), asking())
    assert figures(llm.journal, "direct", network=False) == NOTHING | {
        "door": "direct", "calls": 1, "attempts": 2, "faults": {"hang": 1},
    }  # fmt: skip
