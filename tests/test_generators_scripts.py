"""Faults and scripts: what they are said to be is what comes of them."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature, Usage, virtual_time
from kaizen_eval.errors import KaizenError, OutputError, TransientError
from kaizen_eval.fake import FAULTS, GENERATED, Fault, Generated, RateLimit
from kaizen_eval.generators.going_wrong import PERMANENT, TRANSIENT, UNUSABLE, faults
from kaizen_eval.generators.scripted import scripts, successes

MEASURED = {row["name"]: row for row in json.loads(files("kaizen_eval.cli").joinpath("faults.json").read_text("utf-8"))}


class QA(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


def error_of(fault, **config):
    llm = FakeLLM()
    llm.fail(fault)
    try:
        with virtual_time():
            BaseAgent({"retries": 0, "output_retries": 0, "timeout": 1e9, **config}, provider=llm, signature=QA).run(
                question="Why?"
            )
    except KaizenError as error:
        return error
    return None


def again(found):
    return {MEASURED[fault.name]["ours"]["again"] for fault in found}


def test_the_kinds_are_what_was_measured_of_each_fault():
    assert [again(TRANSIENT), again(PERMANENT), again(UNUSABLE)] == [{"yes"}, {"no"}, {"asked again"}]


def test_no_fault_of_whole_replies_is_left_out():
    known = {fault.name for fault in (*TRANSIENT, *PERMANENT, *UNUSABLE)}
    others = {name for name, kind in FAULTS.items() if name not in known and not kind.is_of_streams}
    assert others == {
        "http_status",  # whatever the status says
        "wrong_content_type",  # nothing comes of it
        "slow_headers",  # slow, and then a reply
        "slow_body",
        "broken_arguments",  # of tool calls
        "unknown_tool",
        "wrong_tool_id",
    }


@settings(max_examples=40, deadline=None)
@given(faults("transient"))
def test_a_transient_fault_is_told_as_one(fault):
    assert isinstance(error_of(fault), TransientError)


@settings(max_examples=30, deadline=None)
@given(faults("permanent"))
def test_a_permanent_fault_is_asked_once(fault):
    llm = FakeLLM()
    llm.fail(fault)
    with virtual_time(), pytest.raises(KaizenError):
        BaseAgent(provider=llm).run(question="Why?")
    llm.assert_attempts(1)


@given(faults("unusable"))
def test_an_unusable_reply_is_an_output_error(fault):
    assert isinstance(error_of(fault), OutputError)


def test_some_faults_say_how_long_to_wait():
    assert find(faults("transient"), lambda fault: fault == RateLimit(retry_after=3600)).retry_after == 3600


@settings(max_examples=50, deadline=None)
@given(scripts())
def test_a_fake_plays_any_script_and_then_replies(script):
    llm = FakeLLM().script(script).otherwise(GENERATED)
    agent = BaseAgent({"retries": 20, "timeout": 1e9, "output_retries": 9}, provider=llm)
    with virtual_time():
        for _ in range(len(script) + 1):
            try:
                result = agent.run(question="Why?")
            except KaizenError:
                continue
    assert isinstance(result["response"], str)


@given(scripts(most=3, failures=st.just(RateLimit()), most_seconds=1.0))
def test_a_script_is_as_it_was_asked_for(script):
    assert len(script) <= 3
    assert all(each == RateLimit() or isinstance(each, Generated) for each in script)
    assert all(each.latency is None or each.latency.first <= 1 for each in script if isinstance(each, Generated))


def test_the_simplest_script_is_empty():
    assert find(scripts(), lambda _: True) == ()


def test_the_simplest_failure_is_the_commonest():
    assert find(scripts(), lambda script: any(isinstance(each, Fault) for each in script)) == (RateLimit(),)


@given(successes())
def test_the_parts_of_a_usage_are_no_more_than_the_whole(success):
    usage = success.usage
    assert usage is None or (usage.cached <= usage.prompt and usage.reasoning <= usage.completion)


def test_a_generated_reply_is_billed_as_it_says():
    llm = FakeLLM().otherwise(Generated(usage=Usage(10, 2)))
    with virtual_time():
        assert BaseAgent(provider=llm).run(question="Why?")["_tokens"]["total"] == 12
