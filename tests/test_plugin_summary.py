"""The words of the terminal summary."""

from fake_asking import ask_all, asking

from kaizen_eval.fake import FakeLLM
from kaizen_eval.pytest_plugin.figures import figures
from kaizen_eval.pytest_plugin.summary import brief, lines

NOTHING = {
    "door": None, "runs": 0, "calls": 0, "attempts": 0, "waits": 0.0, "elapsed": 0.0, "tokens": 0, "faults": {},
    "network": False,
    "cassettes": {},
}  # fmt: skip
ONE = NOTHING | {"door": "direct", "runs": 1, "calls": 1, "attempts": 1, "tokens": 12}
MANY = NOTHING | {
    "door": "sdk", "runs": 2, "calls": 3, "attempts": 5, "waits": 3600.0, "elapsed": 3600.25, "tokens": 1234,
    "faults": {"rate_limit": 1, "hang": 1},
}  # fmt: skip

SERVED = ONE | {"door": "server", "waits": 0.25, "elapsed": None}


VIRTUAL = {"virtual time": 4}
REPLAYED = {"mode": "replay", "played": 2, "asked": 0, "reworded": 0, "service": ""}
RECORDED = {"mode": "record", "played": 0, "asked": 3, "reworded": 0, "service": "https://service.test/v1"}


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


def test_behind_the_server_the_seconds_are_those_of_the_real_clock():
    assert lines([SERVED, SERVED], 1.5) == [
        "2 tests, 2 runs, 2 calls, 2 attempts, 24 tokens; door server",
        "1.50 s on the real clock (0.5 s of it between attempts); no key or network was needed",
    ]
    assert brief([SERVED], 1.5) == "kaizen: 1 test, 1 attempt, 1.50 s on the real clock; no key or network needed"


def test_beside_virtual_time_it_is_told_how_many_tests_were_on_the_real_clock():
    assert lines([MANY, SERVED], 1.5)[-1] == (
        "3,600.25 s of virtual time (3,600 s of it between attempts) and 1 test on the real clock in 1.50 s; no key or "
        "network was needed"
    )


def test_tests_that_were_skipped_are_counted():
    assert lines([SERVED], 1.5, skipped=VIRTUAL)[1] == "4 tests skipped for want of virtual time"
    assert brief([SERVED], 1.5, skipped={"virtual time": 1}) == (
        "kaizen: 1 test, 1 attempt, 1 test skipped for want of virtual time, 1.50 s on the real clock; no key or "
        "network needed"
    )


def test_where_all_were_skipped_nothing_else_is_told():
    assert lines([], 0.0, skipped=VIRTUAL) == ["4 tests skipped for want of virtual time"]
    assert brief([], 0.0, skipped=VIRTUAL) == "kaizen: 4 tests skipped for want of virtual time"


def test_an_exchange_that_was_cancelled_is_no_fault():
    llm = FakeLLM(latency=60)
    llm.fail("hang", latency=0).times(1)
    ask_all(llm, asking(), asking())
    assert figures(llm.journal, "direct", network=False) == NOTHING | {
        "door": "direct", "calls": 1, "attempts": 2, "elapsed": None, "faults": {"hang": 1},
    }  # fmt: skip


def of(**cassettes):
    return lines([ONE | {"cassettes": cassettes}], 0.0)[1]


def test_cassettes_are_told_with_the_exchanges_that_were_replayed():
    assert of(a=REPLAYED, b=REPLAYED) == "2 cassettes: 4 exchanges replayed"


def test_cassettes_are_told_with_the_exchanges_that_were_recorded_and_from_where():
    assert of(a=RECORDED, b=RECORDED | {"service": ""}) == (
        "2 cassettes: 3 exchanges recorded from https://service.test/v1, 3 exchanges recorded from what the tests ask "
        "themselves"
    )


def test_cassettes_that_were_added_to_are_told_with_both():
    assert of(a=RECORDED | {"mode": "record-missing", "played": 1}) == (
        "1 cassette: 1 exchange replayed, 3 exchanges recorded from https://service.test/v1"
    )


def test_cassettes_that_were_verified_are_told_with_the_service():
    assert of(a=RECORDED | {"mode": "verify", "played": 3, "reworded": 1}) == (
        "1 cassette: 3 exchanges replayed, 3 exchanges verified with https://service.test/v1, 1 answer in other words "
        "than recorded"
    )


def test_what_was_asked_live_is_told_without_cassettes():
    assert of(a=RECORDED | {"mode": "live", "asked": 0}) == "asked live: https://service.test/v1"


def test_cassettes_that_nothing_came_of_are_not_counted():
    assert of(a=REPLAYED, b=RECORDED | {"asked": 0}) == "1 cassette: 2 exchanges replayed"


def test_tests_are_counted_by_what_they_were_skipped_for():
    assert lines([], 0.0, skipped={"virtual time": 1, "a recording": 2}) == [
        "2 tests skipped for want of a recording",
        "1 test skipped for want of virtual time",
    ]
