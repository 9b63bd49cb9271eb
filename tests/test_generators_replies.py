"""Replies that models send, and what our runtime makes of each."""

from __future__ import annotations

import json

import pytest
from hypothesis import find, given, settings
from malformed_replies import MEANT, QASignature

from kaizen_eval import BaseAgent, FakeLLM, OutputField, Signature, virtual_time
from kaizen_eval.errors import RunError, ScriptError
from kaizen_eval.fake.faults.malformed import malformed
from kaizen_eval.generators.corruptions import CORRUPTIONS, corrupt
from kaizen_eval.generators.random_signatures import signatures
from kaizen_eval.generators.replied import _possible, replies

SCHEMA = QASignature.output_schema()


def came_of(signature, made, *, is_read=False):
    """The outputs as JSON; None where the run fails."""
    llm = FakeLLM().otherwise(made.reply)
    agent = BaseAgent({"output_retries": 0}, provider=llm, signature=signature)
    inputs = dict.fromkeys(signature.input_fields, "x")
    try:
        with virtual_time():
            result = [*agent.run_stream(**inputs)][-1] if is_read else agent.run(**inputs)
    except RunError:
        return None
    return signature.outputs_to_json(result.outputs)


def is_as_owed(made, got):
    if got is None:
        return made.owed != "the value"
    return made.owed != "an error" and {**got, **made.meant} == got


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_each_kind_gets_what_it_is_owed(kind):
    made = corrupt(kind, MEANT, schema=SCHEMA)
    assert made.owed == CORRUPTIONS[kind]
    assert is_as_owed(made, came_of(QASignature, made))


@pytest.mark.unmeasured
@settings(max_examples=60, deadline=None)
@given(replies(QASignature))
def test_whatever_is_meant_our_runtime_gives_each_reply_what_it_is_owed(made):
    assert is_as_owed(made, came_of(QASignature, made))


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_each_kind_gets_what_it_is_owed_in_pieces_too(kind):
    made = corrupt(kind, MEANT, schema=SCHEMA)
    got = came_of(QASignature, made, is_read=True)
    if kind == "draft_first":  # its reader was told the draft, and no answer can take that back
        assert got is None
    else:
        assert is_as_owed(made, got)


@settings(max_examples=60, deadline=None)
@given(signatures().flatmap(lambda signature: replies(signature).map(lambda made: (signature, made))))
def test_replies_are_made_for_any_signature(pair):
    signature, made = pair
    assert made.kind in CORRUPTIONS
    assert made.meant is None or signature.free_text or made.meant.keys() <= signature.output_fields.keys()


def test_every_kind_is_among_the_replies():
    assert [made.kind for made in _possible(QASignature, MEANT)] == list(CORRUPTIONS)


def test_what_fits_as_it_is_is_no_wrong_reply():
    class Optional(Signature):
        note: str = OutputField(default="none")

    kinds = {made.kind for made in _possible(Optional, {"note": "a b"})}
    assert kinds.isdisjoint({"empty_object", "missing_field"})


def test_the_simplest_reply_is_a_clean_one():
    made = find(replies(QASignature), lambda _: True, settings=settings(max_examples=10, deadline=None, database=None))
    assert (made.kind, made.owed, json.loads(made.reply.text)) == ("clean", "the value", made.meant)


def test_the_text_is_that_of_the_catalogue():
    assert corrupt("fence_json", MEANT).reply.text == malformed("fence_json", json.dumps(MEANT), None)


def test_a_text_that_no_parser_can_tell_from_quotes_is_owed_the_value_or_an_error():
    assert corrupt("single_quotes", MEANT | {"answer": "it's, 'so'"}, schema=SCHEMA).owed == "either"


def test_signs_of_json_beside_a_raw_line_break_are_part_of_the_text():
    made = corrupt("raw_newline", MEANT | {"answer": 'a "b" \\ c'}, schema=SCHEMA)
    assert came_of(QASignature, made) == made.meant


def test_a_fence_in_a_text_is_part_of_the_text():
    meant = MEANT | {"answer": f"```json\n{json.dumps(MEANT)}\n```"}
    assert came_of(QASignature, corrupt("unclosed_fence", meant, schema=SCHEMA)) == meant


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("fence_jsn", MEANT, "There is no kind of reply 'fence_jsn'; did you mean 'fence_json'?"),
        ("nan", {"answer": "a"}, "malformed(kind='nan') needs a reply with a number that need not be whole in it"),
    ],
)
def test_what_cannot_be_corrupted_is_refused(kind, value, text):
    with pytest.raises(ScriptError) as caught:
        corrupt(kind, value)
    assert str(caught.value).startswith(text)
