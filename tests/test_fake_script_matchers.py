"""The matchers of `.when(…)`: which requests each takes, and what a miss says of it."""

from __future__ import annotations

import re

import pytest
from fake_asking import ask_all, asking
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptError, ScriptMiss
from kaizen_eval.fake import ABSENT, PRESENT, Contains, Exactly, FakeLLM, brain, misses
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.script.matching import conditions
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.handwritten.equality import json_equal
from kaizen_eval.messages import Message, ToolCall

TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
CALL = Message("assistant", "", (ToolCall("c", "get_weather", "{}"),))
RESULT = Message("tool", "22 degrees", (), "c")
BODY = {"model": "m", "metadata": {"tier": "gold"}, "n": 1, "tags": ["a", "b"], "messages": []}


@pytest.fixture(autouse=True)
def no_misses_are_left():
    yield
    misses.take()


def inquiry(text="hello", *earlier, endpoint="chat", body=None, headers=None, **fields):
    return Inquiry(request=asking(text, *earlier, **fields), endpoint=endpoint, body=body, headers=headers or {})


def after_tools(text="weather?"):
    request = asking(text)
    return Inquiry(
        request=type(request)(model="m", messages=(*request.messages, CALL, RESULT)),
    )


def differed(wanted, came):
    """What a rule with these matchers says of a request that it does not take; nothing when it takes it."""
    return list(conditions(wanted).failing(Seen(came)))


@pytest.mark.parametrize(
    ("wanted", "came"),
    [
        ({"user": Exactly("hello")}, inquiry()),
        ({"user": Contains("ell")}, inquiry()),
        ({"system": Exactly("Be terse.")}, inquiry(system="Be terse.")),
        ({"model": Contains("4o")}, inquiry(model="gpt-4o-mini")),
        ({"model": Exactly("gpt-4o")}, inquiry(model="gpt-4o")),
        ({"endpoint": "embeddings"}, inquiry(endpoint="embeddings")),
        ({"tool": re.compile("^get_")}, inquiry(tools=(TOOL,))),
        ({"session": re.compile("^user-")}, inquiry(session_id="user-1")),
        ({"stream": True}, inquiry(stream=True)),
        ({"stream": False}, inquiry()),
        ({"header": {"X-Team": "red"}}, inquiry(headers={"x-team": "red"})),
        ({"header": {"x-team": re.compile("^r")}}, inquiry(headers={"x-team": "red"})),
        ({"header": {"x-team": ""}}, inquiry(headers={"x-team": ""})),
        ({"tool_result": "22"}, after_tools()),
        ({"tool_result": re.compile(r"\d+ degrees")}, after_tools()),
        ({"json": {"$.metadata.tier": "gold"}}, inquiry(body=BODY)),
        ({"json": {"$.metadata.tier": re.compile("^go"), "$.n": 1}}, inquiry(body=BODY)),
        ({"json": {"$.metadata": {"tier": "gold"}}}, inquiry(body=BODY)),
        ({"json": {"$.tags": ["a", "b"], "$.tags[*]": "b"}}, inquiry(body=BODY)),
        ({"json": {"$.metadata.tier": Contains("ol")}}, inquiry(body=BODY)),
        ({"json": {"$.metadata": Exactly({"tier": "gold"})}}, inquiry(body=BODY)),
        ({"json": {"$.n": lambda n: n > 0}}, inquiry(body=BODY)),
        ({"json": {"$.temperature": ABSENT, "$.n": PRESENT}}, inquiry(body=BODY)),
        ({"json": "$.metadata"}, inquiry(body=BODY)),
        ({"json": {"$.messages[0].content": "hello", "$.temperature": 0.5}}, inquiry(temperature=0.5)),
        ({"json": {"$.messages[?@.role == 'user'].content": "hello"}}, inquiry(system="x")),
        ({"state": "start"}, inquiry()),
        ({"probability": 1}, inquiry()),
    ],
)
def test_each_matcher_takes_what_it_is_for(wanted, came):
    assert differed(wanted, came) == []


@pytest.mark.parametrize(
    ("wanted", "came", "told"),
    [
        ({"user": Exactly("hell")}, inquiry(), "user=Exactly('hell') was wanted, and the last user message is 'hello'"),
        ({"model": "gpt"}, inquiry(model="gpt-4o"), "model='gpt' was wanted, and the model is 'gpt-4o'"),
        ({"endpoint": "chat"}, inquiry(endpoint="models"), "endpoint='chat' was wanted, and the endpoint is 'models'"),
        ({"tool": "f"}, inquiry(tools=(TOOL,)), "tool='f' was wanted, and the tools are get_weather"),
        ({"session": "a"}, inquiry(), "session='a' was wanted, and the session is None"),
        ({"stream": True}, inquiry(), "stream=True was wanted, and no stream is asked for"),
        ({"stream": False}, inquiry(stream=True), "stream=False was wanted, and a stream is asked for"),
        (
            {"header": {"X-Team": "red"}},
            inquiry(),
            "header={'X-Team': 'red'} was wanted, and there is no header x-team",
        ),
        (
            {"header": {"a": "1", "x-team": "red"}},
            inquiry(headers={"a": "1", "x-team": "blue"}),
            "header={'a': '1', 'x-team': 'red'} was wanted, and the header x-team is 'blue'",
        ),
        ({"tool_result": "22"}, inquiry(), "tool_result='22' was wanted, and the last message is no tool's"),
        ({"tool_result": "23"}, after_tools(), "tool_result='23' was wanted, and the tool answered '22 degrees'"),
        (
            {"json": {"$.n": 1, "$.metadata.tier": "tin"}},
            inquiry(body=BODY),
            "json={'$.n': 1, '$.metadata.tier': 'tin'} was wanted, and $.metadata.tier is 'gold'",
        ),
        ({"json": "$.user"}, inquiry(body=BODY), "json='$.user' was wanted, and there is nothing at $.user"),
        (
            {"json": {"$.n": ABSENT}},
            inquiry(body=BODY),
            "json={'$.n': ABSENT} was wanted, and $.n is 1",
        ),
        ({"json": {"$.n": True}}, inquiry(body=BODY), "json={'$.n': True} was wanted, and $.n is 1"),
        (
            {"json": {"$.n": re.compile("1")}},
            inquiry(body=BODY),
            "json={'$.n': re.compile('1')} was wanted, and $.n is 1",
        ),
        ({"state": "paid"}, inquiry(), "state='paid' was wanted, and the conversation is in state 'start'"),
    ],
)
def test_what_a_matcher_does_not_take_is_told(wanted, came, told):
    assert differed(wanted, came) == [told]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"usr": "a"}, r"no matcher 'usr'; did you mean 'user'\?"),
        ({"endpoint": "chats"}, r"endpoint=…\) takes the name of an endpoint \(chat, responses, embeddings, mod"),
        ({"nth": 0}, "from 1, not 0"),
        ({"nth": True}, "from 1, not True"),
        ({"stream": 1}, "True or False, not 1"),
        ({"probability": 0}, "a number above 0 and up to 1, not 0"),
        ({"probability": 1.5}, "not 1.5"),
        ({"probability": True}, "not True"),
        ({"header": {}}, "headers by name"),
        ({"header": {"a": 1}}, "headers by name"),
        ({"json": {}}, "a JSON path, or JSON paths"),
        ({"json": "metadata"}, r"'metadata' is no JSON path: .*begins with \$"),
        ({"json": ""}, "a JSON path"),
        ({"json": {"$[": 1}}, r"'\$\[' is no JSON path"),
        ({"user": Exactly(3)}, "a part of the last user message"),
        ({"user": Contains("")}, "a part of the last user message"),
        ({"model": str.isupper}, "a model's name"),
        ({"state": ""}, "the name of a state"),
    ],
)
def test_what_can_never_match_is_refused(wanted, message):
    with pytest.raises(ScriptError, match=message):
        FakeLLM().when(**wanted)


def test_none_stands_for_a_matcher_that_is_left_out():
    assert str(conditions({"user": None, "model": "m"})) == "when(model='m')"


def test_a_label_names_no_address():
    wanted = {"header": {"a": re.compile("x")}, "json": {"$.n": str.isupper}, "predicate": len}
    text = "when(header={'a': re.compile('x')}, json={'$.n': isupper}, predicate=len)"
    assert str(conditions(wanted)) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, 0.5, "", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(JSON, JSON)
def test_json_values_are_equal_when_their_canonical_texts_are(one, other):
    def canonical(value):
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return (type(value).__name__, value)
        if isinstance(value, dict):
            return ("object", frozenset((name, canonical(item)) for name, item in value.items()))
        return ("list", tuple(map(canonical, value))) if isinstance(value, list) else ("number", float(value))

    assert json_equal(one, other) == (canonical(one) == canonical(other))


def test_a_rule_for_another_endpoint_speaks_there_alone():
    fake = FakeLLM()
    fake.when(endpoint="embeddings").fail("rate_limit")
    fake.when(endpoint="responses").reply("mine")
    script = fake._desk.script
    labels = [
        (choice := brain.decide(Seen(inquiry(endpoint=endpoint)), script)) and choice.label
        for endpoint in ("chat", "responses", "embeddings", "moderations", "models")
    ]
    assert labels == [
        None,
        "when(endpoint='responses').reply(…)",
        "when(endpoint='embeddings').fail('rate_limit')",
        "generated",
        "generated",
    ]


def test_a_reply_without_endpoint_is_for_conversations_and_a_fault_for_anything():
    fake = FakeLLM()
    fake.when(user="x").fail("rate_limit")
    fake.when().reply("mine")
    script = fake._desk.script
    assert brain.decide(Seen(inquiry(endpoint="embeddings")), script).label == "generated"
    assert brain.decide(Seen(inquiry("x", endpoint="embeddings")), script).label == "when(user='x').fail('rate_limit')"


def test_what_is_asked_of_an_endpoint_beside_creating_is_no_miss_and_gets_no_reply():
    fake = FakeLLM()
    fake.when().reply("mine")
    retrieved = Inquiry(request=asking(), endpoint="responses", operation="retrieve")
    assert brain.decide(Seen(retrieved), fake._desk.script).label == "generated"


def test_a_miss_names_the_rule_whose_words_are_nearest():
    fake = FakeLLM()
    fake.when(user="the capital of Spain").reply("Madrid")
    fake.when(user=re.compile("weather in Rome")).reply("Sunny.")
    fake.when(user="a train to Rome").reply("At nine.")
    fake.forgive_misses()
    [miss] = ask_all(fake, asking("How is the weather in Oslo?"))
    assert (type(miss), miss.nearest, miss.differed) == (
        ScriptMiss,
        "when(user=re.compile('weather in Rome')).reply(…)",
        "user=re.compile('weather in Rome') was wanted, and the last user message is 'How is the weather in Oslo?'",
    )


def test_near_misses_are_the_three_nearest_rules_that_did_not_take_it():
    fake = FakeLLM()
    for model in ("a", "b", "c", "d"):
        fake.when(user="far away", model=model).reply("no")
    fake.when(user="hello", model="x").reply("no")
    fake.when(user="hello").reply("yes")
    near = brain.near_misses(inquiry(model="y"), fake._desk.script)
    assert [label for label, _ in near] == [
        "when(user='hello', model='x').reply(…)",
        "when(user='far away', model='a').reply(…)",
        "when(user='far away', model='b').reply(…)",
    ]
    assert near[0].differed == "model='x' was wanted, and the model is 'y'"


def test_a_rule_that_only_streams_can_meet_is_told_so():
    fake = FakeLLM()
    fake.when(endpoint="embeddings").reply("x")
    [near] = brain.near_misses(inquiry(), fake._desk.script)
    assert near.differed == "endpoint='embeddings' was wanted, and the endpoint is 'chat'"
    fake.reset()
    fake.when().reply("x")
    [near] = brain.near_misses(inquiry(endpoint="embeddings"), fake._desk.script)
    assert near.differed == "it replies at chat and responses, and this is embeddings"


def test_an_exhausted_rule_says_whose_uses_were_counted():
    fake = FakeLLM()
    fake.when(user="hi").reply("hello").times(1, per="conversation")
    fake.forgive_misses()
    *_, miss = ask_all(fake, asking("hi", session_id="a"), asking("hi", session_id="b"), asking("hi", session_id="a"))
    assert miss.differed == "used up, it was to be used once in each conversation"
