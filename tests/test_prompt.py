"""The prompt is a function of the signature, the inputs and the session's turns."""

from __future__ import annotations

import enum
import json

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.config import AgentConfig
from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.llm import prompt
from kaizen_eval.memory import Turn
from kaizen_eval.messages import Message
from kaizen_eval.signatures import AnySignature, InputField, OutputField, Signature


class Mood(enum.Enum):
    GOOD = "good"


class Person(pydantic.BaseModel):
    name: str


class Rich(Signature):
    person: Person = InputField()
    mood: Mood = InputField()
    tags: list[str] = InputField()
    answer: str = OutputField()


class OpenDict(Signature):
    """Count words."""

    text: str = InputField()
    counts: dict[str, int] = OutputField()


class Greeting(Signature):
    """Greet."""

    name: str = InputField()


def build(signature, inputs, history=(), **config):
    return prompt.build(signature, inputs, history, config=AgentConfig(**config))


def test_every_kind_of_input_is_shown_as_text_or_json():
    request = build(Rich, {"person": Person(name="Ada"), "mood": Mood.GOOD, "tags": ["a", "é"]})
    assert request.messages[-1] == Message("user", 'person: {"name": "Ada"}\nmood: good\ntags: ["a", "é"]')


@given(st.text(), st.lists(st.text(min_size=1)))
def test_every_input_always_reaches_the_prompt(text, tags):
    request = build(Rich, {"person": Person(name=text), "mood": Mood.GOOD, "tags": tags})
    said = request.messages[-1].content
    assert json.dumps(text, ensure_ascii=False) in said
    assert json.dumps(tags, ensure_ascii=False) in said


def test_strict_schema_is_used_where_the_signature_allows_it():
    request = build(Rich, {"person": Person(name="Ada"), "mood": Mood.GOOD, "tags": []})
    assert (request.output_mode, request.output_schema) == ("schema", Rich.strict_output_schema())


def test_where_strict_mode_cannot_say_it_the_schema_stands_in_the_prompt():
    request = build(OpenDict, {"text": "a b"})
    schema = json.dumps(OpenDict.output_schema(), indent=2, ensure_ascii=False)
    assert (request.output_mode, request.output_schema) == ("json", None)
    assert request.messages[0].content == (
        f"Count words.\n\nReply with one JSON object that fits this JSON Schema:\n```json\n{schema}\n```"
    )


@pytest.mark.parametrize(("structured_output", "mode"), [("json", "json"), ("prompt", "text"), ("schema", "schema")])
def test_the_config_may_choose_how_structure_is_asked_for(structured_output, mode):
    inputs = {"person": Person(name="Ada"), "mood": Mood.GOOD, "tags": []}
    request = build(Rich, inputs, structured_output=structured_output)
    assert (request.output_mode, prompt.SCHEMA_LINE in request.messages[0].content) == (mode, mode != "schema")


def test_insisting_on_a_schema_that_strict_mode_cannot_say_is_refused():
    with pytest.raises(SignatureDefinitionError, match="counts"):
        build(OpenDict, {"text": "a"}, structured_output="schema")


class Scored(Signature):
    """Score."""

    text: str = InputField(examples=["a text"])
    mood: Mood = OutputField(description="Its mood", examples=[Mood.GOOD])
    score: float = OutputField(examples=[0.5, 1])


@pytest.mark.parametrize("structured_output", ["schema", "json", "prompt"])
def test_examples_of_outputs_reach_the_model_however_structure_is_asked_for(structured_output):
    system = build(Scored, {"text": "a"}, structured_output=structured_output).messages[0].content
    assert '\n\nAnswer with:\n- mood: Its mood (for example "good")\n- score: (for example 0.5, 1)\n\n' in system
    assert "You are given" not in system


def test_a_signature_without_outputs_asks_for_plain_text():
    request = build(Greeting, {"name": "Ada"})
    assert request.messages == (Message("system", "Greet."), Message("user", "name: Ada"))
    assert (request.output_mode, request.output_schema) == ("text", None)


def test_with_nothing_to_say_there_is_no_system_message():
    assert build(AnySignature, {"name": "Ada"}).messages == (Message("user", "name: Ada"),)


@given(st.lists(st.text(), max_size=5))
def test_history_always_stands_between_the_system_message_and_the_new_input(said):
    history = [Turn((Message("user", text), Message("assistant", "ok"))) for text in said]
    first, *middle, last = build(Greeting, {"name": "Ada"}, history).messages
    assert (first.role, last.content) == ("system", "name: Ada")
    assert middle == [message for turn in history for message in turn.messages]


def test_a_turn_repeats_the_input_and_the_outputs_in_the_form_that_was_asked_for():
    assert prompt.turn(OpenDict, {"text": "a"}, {"counts": {"a": 1}}) == Turn(
        (Message("user", "text: a"), Message("assistant", '{"counts": {"a": 1}}'))
    )
    assert prompt.turn(Greeting, {"name": "Ada"}, {"response": "Hi!"}).messages[1] == Message("assistant", "Hi!")


def test_settings_that_are_set_travel_with_the_request():
    request = build(Greeting, {"name": "Ada"}, model="m", temperature=0.1, top_p=0.2, max_tokens=3, seed=4, stop="x")
    assert (request.model, request.temperature, request.top_p, request.max_tokens, request.seed, request.stop) == (
        "m",
        0.1,
        0.2,
        3,
        4,
        ("x",),
    )
