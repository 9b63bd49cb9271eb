"""The script: which rule is for a request, how often, and what it says."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from fake_asking import ask, ask_all, asking, said

from kaizen_eval.errors import QuotaExceeded, RateLimited, ScriptError, ScriptMiss
from kaizen_eval.fake import FakeLLM, HttpStatus, InsufficientQuota, Latency, RateLimit, Refusal, Reply, misses
from kaizen_eval.messages import Message, ToolCall, Usage

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def no_misses_are_left():
    yield
    misses.take()


@pytest.mark.parametrize(
    ("matcher", "request_"),
    [
        ({"user": "Alice"}, asking("I am Alice")),
        ({"user": re.compile("^I am")}, asking("I am Alice")),
        ({"user": str.istitle}, asking("Alice")),
        ({"system": "terse"}, asking(system="Be terse.")),
        ({"system": re.compile("t.rse")}, asking(system="Be terse.")),
        ({"model": "gpt-4o"}, asking(model="gpt-4o")),
        ({"model": re.compile("^gpt")}, asking(model="gpt-4o")),
        ({"turn": 2}, asking("two", Message("user", "one"), Message("assistant", "1"))),
        ({"tool": "weather"}, asking(tools=(TOOL,))),
        ({"session": "a"}, asking(session_id="a")),
        ({"predicate": lambda request: len(request.messages) == 1}, asking()),
        ({"user": "Alice", "session": "a"}, asking("Alice", session_id="a")),
    ],
)
def test_each_matcher_takes_the_requests_that_it_is_for(matcher, request_):
    fake = FakeLLM()
    fake.when(**matcher).reply("mine")
    fake.otherwise("not mine")
    replies = ask_all(fake, request_, asking("nothing of the kind", model="other", session_id="other"))
    assert [reply.text for reply in replies] == ["mine", "mine" if "predicate" in matcher else "not mine"]


def test_user_looks_at_the_last_user_message_alone():
    fake = FakeLLM().otherwise("not mine")
    fake.when(user="Alice").reply("mine")
    assert ask_all(fake, asking("Who am I?", Message("user", "I am Alice")))[0].text == "not mine"


def test_a_text_as_model_is_the_whole_name():
    fake = FakeLLM().otherwise("not mine")
    fake.when(model="gpt-4").reply("mine")
    assert ask(fake, model="gpt-4o").text == "not mine"


def test_the_first_rule_that_matches_wins():
    fake = FakeLLM()
    fake.when(user="a").reply("first")
    fake.when(user="b").reply("second")
    assert said(fake, "a b", "b") == ["first", "second"]


def test_a_rule_that_is_used_up_makes_way_for_the_next():
    fake = FakeLLM()
    fake.fail("rate_limit").times(2)
    fake.when(user="hi").reply("hello").times(1)
    fake.otherwise("bye")
    assert said(fake, "hi", "hi", "hi", "hi") == [RateLimited, RateLimited, "hello", "bye"]


def test_uses_are_shared_by_all_sessions():
    fake = FakeLLM().otherwise("late")
    fake.when(user="hi").reply("first come").times(1)
    replies = ask_all(fake, asking("hi", session_id="a"), asking("hi", session_id="b"))
    assert [reply.text for reply in replies] == ["first come", "late"]


def test_a_script_is_said_once_in_order_whatever_is_asked():
    fake = FakeLLM().script(["one", {"n": 2}, RateLimit(), Reply("four"), lambda request: request.messages[-1].content])
    fake.forgive_misses()
    assert said(fake, "a", "b", "c", "d", "e", "f") == ["one", '{"n": 2}', RateLimited, "four", "e", ScriptMiss]


@pytest.mark.parametrize(
    ("returned", "text"), [("plain", "plain"), ({"b": 1, "a": "é"}, '{"a": "é", "b": 1}'), (Reply("own"), "own")]
)
def test_a_function_may_return_whatever_a_rule_may_say(returned, text):
    assert said(FakeLLM().otherwise(lambda request: returned), "hi") == [text]


def test_a_function_may_return_a_fault():
    with pytest.raises(QuotaExceeded):
        ask(FakeLLM().otherwise(lambda request: InsufficientQuota()))


def test_a_function_may_be_async():
    async def answer(request):
        return f"{len(request.messages)} messages"

    assert said(FakeLLM().otherwise(answer), "hi") == ["1 messages"]


def test_a_function_is_given_the_request_as_it_was_sent():
    seen = []
    fake = FakeLLM(model="little").otherwise(lambda request: seen.append(request) or "ok")
    ask_all(fake, asking("hi", session_id="a", temperature=0.5))
    assert seen == [asking("hi", session_id="a", temperature=0.5, model="little")]


def test_what_a_function_raises_comes_out_as_it_is_and_stands_in_the_journal():
    def broken(request):
        raise LookupError("no such thing")

    fake = FakeLLM().otherwise(broken)
    with pytest.raises(LookupError, match="no such thing"):
        ask(fake)
    assert [(e.outcome, e.error, e.ended_ns == e.started_ns) for e in fake.journal.exchanges] == [
        ("LookupError", "LookupError", True)
    ]


def test_values_that_json_does_not_know_are_written_as_pydantic_writes_them():
    fake = FakeLLM().otherwise({"day": dt.date(2025, 1, 31), "tags": {"a"}})
    assert ask(fake).text == '{"day": "2025-01-31", "tags": ["a"]}'


def test_a_reply_may_call_tools():
    fake = FakeLLM()
    fake.when(turn=1).reply(tool_calls=[{"name": "weather", "arguments": {"city": "Rome"}}])
    reply = ask(fake)
    [call] = reply.tool_calls
    assert (reply.text, reply.finish_reason) == (None, "tool_calls")
    assert call == ToolCall(call.id, "weather", '{"city": "Rome"}')
    assert call.id == f"call_{reply.id.removeprefix('chatcmpl-')[3:]}_0"


def test_usage_is_what_the_reply_says():
    assert ask(FakeLLM().otherwise(Reply("hi", usage=Usage(7, 3, 2, 1)))).usage == Usage(7, 3, 2, 1)
    assert ask(FakeLLM().otherwise(Reply("hi", usage={"prompt": 7}))).usage == Usage(7)


def test_usage_is_estimated_otherwise():
    """Four bytes are a token, each message costs four more, and the beginning of the reply three."""
    request = asking("eight by", system="four")
    assert ask_all(FakeLLM().otherwise("nine byte"), request)[0].usage == Usage((1 + 4) + (2 + 4) + 3, 3)


def test_without_a_rule_a_reply_is_generated_that_fits_the_schema():
    reply = ask(FakeLLM(), output_schema=SCHEMA, output_mode="schema")
    assert re.fullmatch(r'\{"answer": ".+"\}', reply.text)


def test_faults_alone_leave_generated_replies_in_place():
    fake = FakeLLM()
    fake.fail("rate_limit").times(1)
    assert [type(text) for text in said(fake, "a", "b")] == [type, str]


def test_another_seed_generates_another_reply():
    assert said(FakeLLM(seed=1), "hi") != said(FakeLLM(seed=2), "hi")


def test_what_other_sessions_ask_changes_no_generated_reply():
    one, other = FakeLLM(), FakeLLM()
    [alone] = ask_all(one, asking(session_id="a"))
    replies = ask_all(other, asking(session_id="b"), asking(session_id="b"), asking(session_id="a"))
    assert replies[2] == alone


def test_the_next_attempt_of_the_same_question_has_another_id():
    first, second = ask_all(FakeLLM().otherwise("hi"), asking(), asking())
    assert first.id != second.id


def test_latency_is_to_the_first_token_and_for_each_token():
    fake = FakeLLM(latency=Latency(first=0.5, per_token=0.1))
    fake.script([Reply("eight by", usage=Usage(1, 2)), Reply("quick", latency=0.25), RateLimit(latency=1), RateLimit()])
    ask_all(fake, *[asking()] * 4)
    assert [exchange.seconds for exchange in fake.journal.exchanges] == [0.7, 0.25, 1, 0.5]


def test_reset_forgets_everything():
    fake = FakeLLM()
    fake.when(user="hi").reply("hello")
    said(fake, "hi", "miss")
    fake.when(user="unfinished")
    fake.reset()
    assert (len(fake.journal), misses.take(), said(fake, "hi") == ["hello"]) == (0, (), False)


def test_a_miss_names_what_was_asked_the_nearest_rule_and_the_difference():
    fake = FakeLLM()
    fake.when(user=re.compile("^Bob"), session="b").reply("no")
    fake.when(user="Alice", session="a").reply("hi")
    fake.forgive_misses()
    with pytest.raises(ScriptMiss) as miss:
        ask(fake, "Who am I?", session_id="a")
    assert str(miss.value) == (
        "No rule of the fake is for this request: 'Who am I?' (model 'fake', session 'a', turn 1). Nearest: "
        "when(user='Alice', session='a').reply(…): user='Alice' was wanted, and the last user message is 'Who am I?'. "
        "Add a rule, or say with `otherwise` what comes then."
    )


def test_a_miss_says_that_the_nearest_rule_is_used_up():
    fake = FakeLLM()
    fake.when(user="hi").reply("hello").times(2)
    fake.forgive_misses()
    said(fake, "hi", "hi")
    with pytest.raises(ScriptMiss, match=r"when\(user='hi'\).reply\(…\): used up, it was to be used 2 times\."):
        ask(fake, "hi")


def test_a_miss_is_kept_for_the_test_runner_until_it_is_forgiven():
    fake, other = FakeLLM().script(["only"]), FakeLLM().script([])
    other.when(user="x").reply("y")
    said(fake, "a", "b")
    said(other, "a")
    other.forgive_misses()
    said(other, "b")
    assert [miss.message.partition(" (")[0] for miss in misses.take()] == [
        "No rule of the fake is for this request: 'b'"
    ]
    assert misses.take() == ()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda fake: fake.when().reply(),
            r"\.reply\(\) needs something to say: a text, a dict, a Reply or a function",
        ),
        (lambda fake: fake.when().reply(None), r"not None"),
        (lambda fake: fake.when().reply(3), r"not 3\. For a JSON value that is no object use Reply\(data=…\)"),
        (lambda fake: fake.when().reply(Reply), r"not <class"),
        (lambda fake: fake.when().reply(Refusal()), r"for the fault Refusal use \.fail\(\)"),
        (lambda fake: fake.when().reply(Refusal), r"for the fault Refusal use \.fail\(\)"),
        (
            lambda fake: fake.when().reply("hang"),
            r"given 'hang', .*: for the fault write \.fail\('hang'\), for the text Reply\('hang'\)",
        ),
        (
            lambda fake: fake.script(["a", "rate_limit"]),
            r"\.script\(\)\[1\] was given 'rate_limit', .*: for the fault write RateLimit\(\), for the text Reply",
        ),
        (lambda fake: fake.otherwise("http_status"), r"for the fault write HttpStatus\(status=…\), for the text Reply"),
        (lambda fake: fake.script([HttpStatus]), r"http_status needs status"),
        (lambda fake: fake.when().reply("a").reply("b"), r"\.reply\(…\) stands after a rule that is complete"),
        (lambda fake: fake.when().reply("a").fail("hang"), r"\.fail\(…\) stands after a rule that is complete"),
        (lambda fake: fake.fail("hang").when(user="a"), r"on the fake itself, or after \.times\(n\)"),
        (lambda fake: fake.when().reply({"a": 1}, tool_calls=[{"name": "f"}]), r"takes a text beside the calls"),
        (lambda fake: fake.when().reply({"a": float("nan")}), r"must be a JSON value"),
        (lambda fake: fake.when().reply({"a": object()}), r"must be a JSON value"),
        (lambda fake: fake.when().reply("a").times(0), r"a whole number from 1, not 0"),
        (lambda fake: fake.when().reply("a").times(True), r"not True"),
        (
            lambda fake: fake.when(user="a").times(2),
            r"no rule to use 2 times yet: when\(user='a'\)\.reply\(…\)\.times\(2",
        ),
        (lambda fake: fake.when(usr="a"), r"no matcher 'usr'; did you mean 'user'\? It takes: user, system, model"),
        (lambda fake: fake.when(user=""), r"a part of the last user message, a pattern, or a predicate"),
        (lambda fake: fake.when(user=3), r"not 3"),
        (lambda fake: fake.when(turn=0), r"the number of the user message, from 1, not 0"),
        (lambda fake: fake.when(model=print), r"a model's name or a pattern"),
        (lambda fake: fake.when(predicate="x"), r"a function of the ChatRequest"),
        (lambda fake: fake.script("abc"), r"a list of replies and faults, not 'abc'"),
        (lambda fake: fake.script(["a", None]), r"\.script\(\)\[1\] takes"),
        (lambda fake: fake.otherwise(None), r"\.otherwise\(\) takes"),
        (lambda fake: FakeLLM(latency=-1), r"a number of seconds, 0 or more, not -1"),
        (lambda fake: Latency(first="1"), r"Latency's first takes a number of seconds"),
        (lambda fake: Reply("a", data={}), r"a text or data, not both"),
        (lambda fake: Reply(3), r"A reply's text must be a str, not 3"),
        (
            lambda fake: Reply("a", finish_reason="done"),
            r"one of 'stop', 'length', 'content_filter', 'tool_calls', not",
        ),
        (lambda fake: Reply(tool_calls=[{"nam": "f"}]), r"a mapping with name and arguments"),
        (lambda fake: Reply(tool_calls="f"), r"tool_calls takes a list"),
        (lambda fake: Reply("a", usage=3), r"usage takes a Usage"),
    ],
)
def test_a_script_that_cannot_work_is_refused_where_it_is_written(build, message):
    with pytest.raises(ScriptError, match=message):
        build(FakeLLM())


def test_a_fault_s_name_is_a_text_where_a_reply_or_a_function_says_it():
    assert said(FakeLLM().script([Reply("hang"), lambda request: "rate_limit"]), "a", "b") == ["hang", "rate_limit"]


def test_a_fault_may_be_given_as_its_class_wherever_a_fault_is_taken():
    fake = FakeLLM().script([RateLimit, lambda request: RateLimit]).otherwise(RateLimit)
    assert said(fake, "a", "b", "c") == [RateLimited] * 3


def test_after_a_limited_rule_the_next_one_may_follow_at_once():
    fake = FakeLLM().fail(RateLimit).times(1).when(user="a").reply("b").times(1).otherwise("c")
    assert said(fake, "a", "a", "a") == [RateLimited, "b", "c"]


@pytest.mark.parametrize(
    "go_on",
    [
        lambda fake: fake.when(user="b"),
        lambda fake: fake.fail("hang"),
        lambda fake: fake.script(["a"]),
        lambda fake: fake.otherwise("a"),
        lambda fake: fake.check_script(),
        ask,
        lambda fake: ask(fake, door="sdk"),
    ],
)
def test_a_rule_that_says_nothing_is_refused_at_the_next_step(go_on):
    fake = FakeLLM()
    fake.when(user="a")
    with pytest.raises(
        ScriptError, match=r"^when\(user='a'\) does nothing: end it with \.reply\(…\) or \.fail\(…\)\.$"
    ):
        go_on(fake)
    assert len(fake.journal) == 0


def test_a_rule_may_be_finished_later():
    fake = FakeLLM().otherwise("not mine")
    rule = fake.when(user="a")
    assert said(fake, "a") == ["not mine"]
    rule.reply("mine")
    assert said(fake, "a") == ["mine"]


def test_a_rule_that_was_refused_is_not_unfinished():
    fake = FakeLLM()
    for refused in (lambda: fake.when().reply(None), lambda: fake.when().fail("x"), lambda: fake.when().times(1)):
        with pytest.raises(ScriptError):
            refused()
    fake.check_script()


def test_what_a_function_returns_is_checked_when_it_returns():
    with pytest.raises(ScriptError, match=r"What otherwise returned takes a text"):
        ask(FakeLLM().otherwise(lambda request: None))


@pytest.mark.parametrize("usage", [{"prompt": -3}, Usage(completion=-1), {"prompt": 1.5}, {"prompt": True}])
def test_usage_that_no_provider_could_bill_is_refused(usage):
    with pytest.raises(ScriptError, match="usage counts tokens in whole numbers from 0"):
        Reply("x", usage=usage)


def test_a_pattern_of_bytes_can_never_match_and_is_refused():
    with pytest.raises(ScriptError, match=r"\.when\(user=…\) takes a part of the last user message"):
        FakeLLM().when(user=re.compile(b"x"))


def test_a_dict_that_looks_like_tool_calls_is_refused_with_both_ways_to_write_it():
    with pytest.raises(ScriptError) as caught:
        FakeLLM().otherwise({"tool_calls": [{"name": "look", "arguments": {}}]})
    assert str(caught.value) == (
        ".otherwise() was given a dict with 'tool_calls', which would be said as JSON: to call tools write "
        "Reply(tool_calls=[…]), for that JSON Reply(data={…})."
    )
