"""How an answer of now differs from the recorded one: in what it is made of, or in its words alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_asking import json_objects

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.comparison.difference import response_differences
from kaizen_eval.recording.exchange import RecordedResponse

EVENTS = "text/event-stream"


def answered(body, status=200, kind="application/json"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")
    return RecordedResponse(status, (("content-type", kind),), Body(data))


def streamed(*events, end=True):
    told = [f"data: {json.dumps(event)}\n\n" for event in events]
    return answered("".join([*told, "data: [DONE]\n\n" if end else ""]).encode(), kind=EVENTS)


def completion(content="Sunny.", finish="stop", **fields):
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **fields}


def calling(name="get_weather", arguments='{"city": "Rome"}', number=1):
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    message = {"role": "assistant", "content": None, "tool_calls": [call] * number}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}


def chunk(delta, finish=None, **fields):
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "choices": choices, **fields}


def saying(*texts, finish="stop"):
    return [chunk({"role": "assistant"}), *(chunk({"content": text}) for text in texts), chunk({}, finish)]


def shapes(one, other, **settings):
    return [tuple(found[:3]) for found in response_differences(one, other, **settings)]


def words(one, other):
    return [tuple(found[:3]) for found in response_differences(one, other, words=True) if found.is_words]


@given(json_objects)
def test_an_answer_never_differs_from_itself(body):
    assert response_differences(answered(body), answered(body), words=True) == ()


@given(st.text(), st.text())
def test_other_words_are_never_another_shape(one, other):
    assert shapes(answered(completion(f"a{one}")), answered(completion(f"a{other}"))) == []


@given(st.text(), st.text())
def test_other_words_are_told_when_asked_for(one, other):
    told = words(answered(completion(f"a{one}")), answered(completion(f"a{other}")))
    assert [path for path, _, _ in told] == ([] if one == other else ["choices[0].message.content"])


@given(st.lists(st.text(min_size=1), min_size=1), st.lists(st.text(min_size=1), min_size=1))
def test_however_a_stream_is_cut_its_shape_is_the_same(one, other):
    assert shapes(streamed(*saying(*one)), streamed(*saying(*other))) == []


@pytest.mark.parametrize(
    ("recorded", "now"),
    [
        (completion(id="a", created=1, system_fingerprint="x"), completion(id="b", created=2, system_fingerprint=None)),
        (completion(service_tier="default"), completion()),
        (completion(usage={"prompt_tokens": 3}), completion(usage={"prompt_tokens": 4})),
        ({"data": [{"embedding": [0.1, 0.2]}]}, {"data": [{"embedding": [0.3, 1]}]}),
        (calling(), calling(arguments='{"city": "Oslo"}')),
        (completion('{"tips": ["a"]}'), completion('{"tips": ["a", "b"]}')),
        (completion('{"tips": [1.5]}'), completion('{"tips": []}')),
        ({"logprobs": {"content": [{"token": "a"}]}}, {"logprobs": {"content": [{"token": "b"}, {"token": "c"}]}}),
        ({"results": [{"flagged": True}]}, {"results": [{"flagged": False}]}),
    ],
)
def test_what_differs_each_time_is_no_drift(recorded, now):
    assert shapes(answered(recorded), answered(now)) == []


@pytest.mark.parametrize(
    ("recorded", "now", "told"),
    [
        (completion(), completion(finish="length"), ("choices[0].finish_reason", '"stop"', '"length"')),
        (completion(), completion(None), ("choices[0].message.content", '"Sunny."', "null")),
        (completion(usage={"a": 1}), completion(), ("usage", '{"a": 1}', "absent")),
        (completion(), completion(usage={"a": 1}), ("usage", "absent", '{"a": 1}')),
        (completion(usage={"a": 1}), completion(usage={"a": "1"}), ("usage.a", "1", '"1"')),
        (completion(), completion(model="n"), ("model", '"m"', '"n"')),
        (
            calling(),
            calling("get_time"),
            ("choices[0].message.tool_calls[0].function.name", '"get_weather"', '"get_time"'),
        ),
        (
            calling(),
            calling(arguments='{"town": "Rome", "city": "x"}'),
            ("choices[0].message.tool_calls[0].function.arguments.town", "absent", '"Rome"'),
        ),
        (
            calling(),
            calling(arguments='{"city": 3}'),
            ("choices[0].message.tool_calls[0].function.arguments.city", '"Rome"', "3"),
        ),
        (
            completion('{"a": 1}'),
            completion("It is one."),
            ("choices[0].message.content", '"{\\"a\\": 1}"', '"It is one."'),
        ),
        (
            {"data": [{"embedding": [0.1, 0.2]}]},
            {"data": [{"embedding": [0.1]}]},
            ("data[0].embedding", "a list of 2", "a list of 1"),
        ),
        ({"choices": [{"index": 0}]}, {"choices": [{"index": 1}]}, ("choices[0].index", "0", "1")),
        ({"data": [{"x": 1}]}, {"data": []}, ("data[0]", '{"x": 1}', "absent")),
    ],
)
def test_what_programs_act_on_is_a_drift(recorded, now, told):
    assert shapes(answered(recorded), answered(now)) == [told]


def test_a_second_call_is_a_drift():
    told = shapes(answered(calling()), answered(calling(number=2)))
    assert [(path, recorded) for path, recorded, _ in told] == [("choices[0].message.tool_calls[1]", "absent")]


def test_of_another_status_the_error_is_told():
    refused = answered({"error": {"message": "No such key.", "code": "invalid_api_key"}}, status=401)
    assert shapes(answered(completion()), refused) == [("status", "200", '401: "No such key."')]


def test_another_kind_of_body_is_a_drift():
    assert shapes(answered(completion()), streamed()) == [("content-type", "application/json", EVENTS)]


@pytest.mark.parametrize(
    ("recorded", "now", "told"),
    [
        (None, None, []),
        (None, answered(b""), [("response", "absent", "200")]),
        (answered(b"", 500), None, [("response", "500", "absent")]),
        (answered(b"{}"), answered(b"{"), [("body", "{}", '"{"')]),
        (answered(b"a"), answered(b"b"), []),
    ],
)
def test_what_is_no_answer(recorded, now, told):
    assert shapes(recorded, now) == told


def test_texts_and_bytes_that_differ_are_words():
    told = words(answered(b"a"), answered(b"b")), words(answered(b"\xff"), answered(b"\xfe\xff"))
    assert told == ([("body", '"a"', '"b"')], [("body", "1 byte (a8100ae6)", "2 bytes (f1976928)")])


def test_a_field_that_a_stream_has_no_longer_is_told_once():
    one, other = streamed(chunk({"content": "a", "x": {"y": [1]}})), streamed(chunk({"content": "a"}))
    assert shapes(one, other) == [('events["chat.completion.chunk"].choices[*].delta.x', "dict", "absent")]


def test_a_type_that_changed_in_a_stream_is_told():
    one, other = streamed(chunk({"content": "a"})), streamed(chunk({"content": None}))
    assert shapes(one, other)[0] == ('events["chat.completion.chunk"].choices[*].delta.content', "str", "null")


def test_a_stream_that_ends_for_another_reason_is_a_drift():
    assert shapes(streamed(*saying("a")), streamed(*saying("a", finish="length"))) == [
        ("choices[0].finish_reason", '"stop"', '"length"')
    ]


def test_a_stream_without_its_end_is_a_drift():
    assert shapes(streamed(*saying("a")), streamed(*saying("a"), end=False)) == [("events", "[DONE]", "absent")]


def test_a_stream_that_was_left_lacks_nothing():
    assert shapes(streamed(*saying("a")), streamed(*saying("a")[:2], end=False), was_left=True) == []


def test_a_stream_that_was_left_is_still_held_to_its_types():
    one, other = streamed(chunk({"content": "a"})), streamed(chunk({"content": 1}), end=False)
    assert shapes(one, other, was_left=True) == [
        ('events["chat.completion.chunk"].choices[*].delta.content', "str", "number")
    ]


def test_a_body_that_was_left_is_not_held_to_anything():
    assert shapes(answered(b'{"a": 1}'), answered(b'{"a"'), was_left=True) == []


def test_the_words_of_a_stream_are_those_of_all_its_events():
    assert words(streamed(*saying("Sun", "ny")), streamed(*saying("S", "unny."))) == [
        ("choices[0].message.content", '"Sunny"', '"Sunny."')
    ]


def test_a_new_kind_of_event_is_told_and_a_ping_is_not():
    one = streamed({"type": "response.created"})
    other = streamed({"type": "ping"}, {"type": "response.created"}, {"type": "response.queued", "x": 1})
    assert shapes(one, other) == [('events["response.queued"]', "absent", "sent")]


def test_events_that_are_no_json_are_events():
    assert shapes(answered(b"data: a\n\n", kind=EVENTS), answered(b"data: b\n\ndata: c\n\n", kind=EVENTS)) == []
