"""Templates: texts filled in from the request, never evaluated."""

from __future__ import annotations

import json
import re

import pytest
from fake_asking import ask, ask_all, asking, said
from hypothesis import example, given
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import FakeLLM, Pick, Reply, Template, misses
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.script.making import Occasion
from kaizen_eval.fake.script.matching import ANY, conditions
from kaizen_eval.fake.script.placeholders import NAMES
from kaizen_eval.fake.script.progress import Progress
from kaizen_eval.fake.script.seen import Seen
from kaizen_eval.messages import Message, ToolCall, Usage

BODY = {"model": "m", "n": 2, "tags": ["a", {"b": None}], "user-id": "u1", "on": True}
TOOL_ROUND = (Message("assistant", "", (ToolCall("c", "f", "{}"),)), Message("tool", "22 degrees", (), "c"))


@pytest.fixture(autouse=True)
def no_misses_are_left():
    yield
    misses.take()


def made(template, text="hello", *, wanted=None, state="start", **fields):
    """The reply to one request."""
    headers = {"x-team": "red"}
    request = asking(text, system="Be terse.", model="m", session_id="s")
    request = type(request)(model="m", messages=(*request.messages, *TOOL_ROUND), session_id="s")
    inquiry = Inquiry(request=request, body=BODY, headers=headers, **fields)
    met = ANY if wanted is None else conditions(wanted)
    return template.make(Occasion(Seen(inquiry, progress=Progress(state)), met))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ user }}", "hello"),
        ("{{user}} {{  system  }}", "hello Be terse."),
        ("{{ model }} at {{ endpoint }}", "m at responses"),
        ("turn {{ turn }}, step {{ step }}", "turn 1, step 2"),
        ("{{ session }} in {{ state }}", "s in paid"),
        ("{{ tool_result }}", "22 degrees"),
        ("{{ header.x-team }} {{ header.X-Team }}", "red red"),
        ("{{ match.0 }} {{ match.1 }} {{ match.end }}", "hello e o"),
        ("{{ body.model }} {{ body.n }} {{ body.on }} {{ body.user-id }}", "m 2 true u1"),
        ("{{ body.tags.0 }} {{ body.tags.1 }} [{{ body.tags.1.b }}]", 'a {"b": null} []'),
        ("{{ '{{' }} user }} {{ \"}\" }}", "{{ user }} }"),
        ("no places } } {", "no places } } {"),
        ("", ""),
    ],
)
def test_a_place_is_filled_in_from_the_request(text, said):
    wanted = {"user": re.compile(r"h(e)(?P<none>x)?ll(?P<end>o)")}
    assert made(Template(text), endpoint="responses", state="paid", wanted=wanted).text == said


def test_a_group_that_took_no_part_is_nothing():
    wanted = {"user": re.compile("hello(?P<more> world)?")}
    assert made(Template("[{{ match.more }}]"), wanted=wanted).text == "[]"


def test_in_json_a_text_that_is_one_place_takes_its_value_and_others_are_texts():
    template = Template(data={"n": "{{ body.n }}", "all": ["{{ body.tags }}", "n={{ body.n }}"], "{{ user }}": 1})
    assert json.loads(made(template).text) == {"n": 2, "all": [["a", {"b": None}], "n=2"], "{{ user }}": 1}


def test_tool_calls_are_filled_in():
    template = Template(
        "Looking for {{ user }}.",
        tool_calls=[
            {"name": "{{ model }}", "arguments": {"q": "{{ user }}"}},
            ToolCall("1", "f", '{"q": "{{ user }}"}'),
        ],
        usage={"prompt": 3},
        latency=2,
    )
    reply = made(template)
    assert (reply.text, reply.tool_calls, reply.usage, reply.latency.first) == (
        "Looking for hello.",
        (ToolCall("", "m", '{"q": "hello"}'), ToolCall("1", "f", '{"q": "hello"}')),
        Usage(3),
        2,
    )


def test_a_refusal_is_filled_in():
    assert made(Template(refusal="I will not say {{ user }}.")).refusal == "I will not say hello."


@given(st.text(st.characters(codec="utf-8")))
def test_what_the_user_says_always_arrives_as_it_is(text):
    """Whatever it holds: braces, quotes, the names of other places."""
    assert made(Template("<{{ user }}>"), text).text == f"<{text}>"
    assert json.loads(made(Template(data={"a": "<{{ user }}>"}), text).text) == {"a": f"<{text}>"}


@given(st.text("{}'\"ab._ ()[]|%+", max_size=12))
@example("'['}")
def test_a_template_is_refused_or_filled_in_by_names_and_never_evaluated(inside):
    try:
        template = Template("{{" + inside + "}}")
    except ScriptError:
        return
    assert re.sub(r"[{}'\"\s]", "", made(template).text) in re.sub(r"[{}'\"\s]", "", inside)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ usr }}", r"A template has no 'usr'; did you mean 'user'\? There are: user, system, model"),
        ("{{ ''.__class__ }}", "is no name: .* evaluates nothing"),
        ("{{ user.__class__ }}", r"\{\{ user \}\} has no parts, and '__class__' is asked"),
        ("{{ user | upper }}", "is no name"),
        ("{{ 1 + 1 }}", "is no name"),
        ("{{ }}", "is no name"),
        ("{{ body..a }}", "is no name"),
        ("{{ user", r"'\{\{ user' is opened and not closed by '\}\}'\. For the braces themselves"),
        ("{{ match }}", r"needs to say which: \{\{ match\.1 \}\}"),
        ("{{ header }}", r"needs to say which: \{\{ header\.x-team"),
    ],
)
def test_what_is_no_name_is_refused_where_it_is_written(text, message):
    for write in (Template, lambda text: Template(data=[{"a": text}]), lambda text: Template(refusal=text)):
        with pytest.raises(ScriptError, match=message):
            write(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ body.messages.0 }}", r"body has no 'messages'\. It has: model, n, tags, user-id, on\."),
        ("{{ body.tags.2 }}", r"body\.tags has no '2'\. It has 2 items\."),
        ("{{ body.tags.x }}", r"body\.tags has no 'x'\. It has 2 items\."),
        ("{{ body.tags.0.x }}", r"body\.tags\.0 has no 'x'\. It is 'a'\."),
        ("{{ body.n.__class__ }}", r"body\.n has no '__class__'\. It is 2\."),
        ("{{ body.model.upper }}", r"body\.model has no 'upper'\. It is 'm'\."),
        ("{{ header.x-tea }}", r"no header 'x-tea'\. It has: x-team\."),
    ],
)
def test_what_the_request_does_not_have_is_told_with_what_it_has(text, message):
    with pytest.raises(ScriptError, match=message):
        made(Template(text))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda fake: fake.when(user="a").reply(Template("{{ match.1 }}")), "needs a rule whose `user` is a pattern"),
        (
            lambda fake: fake.when(user=re.compile("(a)(?P<b>b)")).reply(Template("{{ match.c }}")),
            r"the pattern '\(a\)\(\?P<b>b\)' has no group 'c'\. It has: 0, 1, 2, b\.",
        ),
        (lambda fake: fake.when(user=re.compile("a")).reply(Template("{{ match.1 }}")), r"no group '1'\. It has: 0\."),
        (lambda fake: fake.when(user="a").steps(["x", Template("{{ match.1 }}")]), "needs a rule whose"),
        (lambda fake: fake.otherwise(Pick(["x", Template("{{ match.1 }}")])), "needs a rule whose"),
        (lambda fake: Template("a", data={}), "a text or data, not both"),
        (lambda fake: Template(tool_calls=["f"]), "A tool call is a ToolCall or a mapping"),
    ],
)
def test_a_template_that_cannot_work_is_refused_where_it_is_written(build, message):
    with pytest.raises(ScriptError, match=message):
        build(FakeLLM())


def test_a_rules_match_is_filled_in():
    fake = FakeLLM()
    fake.when(user=re.compile(r"weather in (?P<city>\w+)")).reply(Template("It is sunny in {{ match.city }}."))
    questions = ("How is the weather in Rome?", "weather in Oslo")
    assert said(fake, *questions) == ["It is sunny in Rome.", "It is sunny in Oslo."]


def test_at_the_direct_door_the_body_is_what_our_client_would_send():
    fake = FakeLLM().otherwise(Template("{{ body.messages.0.content }} {{ body.temperature }}"))
    assert ask(fake, "hi", temperature=0.5).text == "hi 0.5"
    assert ask(fake, "hi", temperature=0.5, door="sdk").text == "hi 0.5"


def test_a_plain_text_is_no_template():
    assert said(FakeLLM().otherwise("{{ user }}"), "hi") == ["{{ user }}"]


def test_a_function_may_return_a_template():
    assert said(FakeLLM().otherwise(lambda request: Template("you said {{ user }}")), "hi") == ["you said hi"]


def test_what_is_filled_in_is_not_filled_in_again():
    assert said(FakeLLM().otherwise(Template("{{ user }}")), "{{ model }}") == ["{{ model }}"]


def test_an_error_in_a_template_comes_out_as_it_is_and_fails_the_test_when_swallowed():
    fake = FakeLLM().otherwise(Template("{{ header.x }}"))
    [error] = ask_all(fake, asking())
    assert (type(error), str(error)) == (
        ScriptError,
        "{{ header.x }}: the request has no header 'x'. It has: none.",
    )
    assert [miss.message for miss in misses.take()] == [str(error)]


def test_a_template_without_places_is_a_reply():
    assert Template("a", usage=Usage(1)).settled() == Reply("a", usage=Usage(1))
    assert Template("{{ user }}").settled() == Template("{{ user }}")


def test_the_names_are_these():
    names = "user system model endpoint turn step session state tool_result match header body"
    assert [*NAMES] == names.split()
