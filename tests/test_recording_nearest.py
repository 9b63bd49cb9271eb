"""What is said of a request that no recorded exchange is for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_asking import chat, exchanges, json_objects, posted

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.comparison import Difference
from kaizen_eval.recording.comparison.nearest import miss_message
from kaizen_eval.recording.comparison.volatile import advice
from kaizen_eval.recording.exchange import Exchange, RecordedRequest

UUIDS = "9b2d1c1e-0000-4a3b-8c7d-000000000001", "9b2d1c1e-0000-4a3b-8c7d-000000000002"


def said(asked, recorded=(), used=(), **settings):
    """The message, without its lines on what was asked and how to record it."""
    lines = miss_message(
        asked, path="a.yaml", exchanges=recorded, used={("", slot) for slot in used}, command="pytest a", **settings
    ).splitlines()
    assert lines[-1].endswith("pytest a")
    return "\n".join([lines[0], *lines[2:-1]])


def test_a_miss_names_the_nearest_where_they_part_and_the_command():
    recorded = exchanges(
        chat("Weather in Rome?"), chat("Weather in Rome?", "Rain.", "And tomorrow?"), chat("Hello"), chat("Bye")
    )
    asked = chat("Weather in Rome?", "Sunny.", "And tomorrow?")
    message = miss_message(asked, path="a.yaml", exchanges=recorded, used={("", 1)}, command="pytest a")
    assert message == (
        "a.yaml holds nothing for this request:\n"
        '  POST /chat/completions, model "m", 3 turns, the last by user: "And tomorrow?"\n'
        "Nearest of 4 recorded requests:\n"
        "  1. exchange 2 (not used yet)\n"
        "     messages[1].content\n"
        '       recorded  "Rain."\n'
        '       asked     "Sunny."\n'
        '     The first turn that differs is messages[1], turn 2 of 3, by assistant: "Sunny.".\n'
        "  2. exchange 1 (used already)\n"
        "     messages[1]\n"
        "       recorded  absent\n"
        '       asked     {"role": "assistant", "content": "Sunny."}\n'
        "     messages[2]\n"
        "       recorded  absent\n"
        '       asked     {"role": "user", "content": "And tomorrow?"}\n'
        "  3. exchange 3 (not used yet)\n"
        "     messages[0].content\n"
        '       recorded  "Hello"\n'
        '       asked     "Weather in Rome?"\n'
        "     messages[1]\n"
        "       recorded  absent\n"
        '       asked     {"role": "assistant", "content": "Sunny."}\n'
        "     messages[2]\n"
        "       recorded  absent\n"
        '       asked     {"role": "user", "content": "And tomorrow?"}\n'
        "If the request is as it should be, record again: pytest a"
    )


def test_an_empty_cassette_is_called_empty():
    assert miss_message(chat("Hi"), path="a.yaml", exchanges=(), used=(), command="pytest a") == (
        "a.yaml is empty: it holds nothing for this request:\n"
        '  POST /chat/completions, model "m", 1 turn, the last by user: "Hi"\n'
        "Record it: pytest a"
    )


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (1, "once (exchange 1)"),
        (2, "twice (exchanges 1 and 2)"),
        (3, "3 times (exchanges 1, 2 and 3)"),
        (9, "9 times (exchanges 1, 2, 3, 4 and 5 more)"),
    ],
)
def test_what_is_asked_more_often_than_recorded_is_told_as_that(times, told):
    recorded = exchanges(*[chat("Hi")] * times)
    assert said(chat("Hi"), recorded, range(times + 1)) == (
        f"a.yaml has nothing left for this request:\nIt was recorded {told}, and is asked once more than that."
    )


def test_the_same_request_in_another_lane_is_told_as_that():
    assert said(chat("Hi"), exchanges(chat("Hi"), lane="b"), lane="a") == (
        "a.yaml holds nothing for this request in lane 'a':\n"
        "The same request was recorded as exchange 1 in lane 'b', and is asked in lane 'a': see where lanes are set."
    )


def test_the_same_request_in_no_lane_is_told_as_that():
    assert said(chat("Hi"), exchanges(chat("Hi"), lane="b")).endswith(
        "and is asked in no lane: see where lanes are set."
    )


def test_of_another_endpoint_only_its_path_is_told():
    assert said(posted({"input": "x"}, "/embeddings"), exchanges(chat("Hi"))) == (
        "a.yaml holds nothing for this request:\n"
        "Nearest of 1 recorded request:\n"
        "  1. exchange 1 (not used yet)\n"
        "     path\n"
        "       recorded  /chat/completions\n"
        "       asked     /embeddings"
    )


def test_identical_recorded_requests_are_told_once():
    recorded = exchanges(chat("Hi"), chat("Hi"), chat("Hi"))
    assert "  1. exchanges 1, 2 and 3 (1 of 3 used already)\n" in said(chat("Ho"), recorded, [1])


@pytest.mark.parametrize(
    ("recorded", "asked", "told"),
    [
        (
            chat("a"),
            chat("a", "b", "c"),
            'The recorded conversation ends before messages[1], which is by assistant: "b".',
        ),
        (
            chat("a", "b", "c"),
            chat("a"),
            'The recorded conversation goes on with messages[1], by assistant: "b", where the asked one ends.',
        ),
        (
            posted({"input": "a"}, "/responses"),
            posted({"input": "b"}, "/responses"),
            'The first turn that differs is input[0], turn 1 of 1, by user: "b".',
        ),
        (
            posted({"input": [1, 2]}),
            posted({"input": [1, 3]}),
            "The first turn that differs is input[1], turn 2 of 2, 3.",
        ),
        (
            posted({"contents": [{"role": "user", "parts": [1]}]}),
            posted({"contents": [{"role": "user", "parts": [2]}]}),
            "The first turn that differs is contents[0], turn 1 of 1, by user: [2].",
        ),
    ],
)
def test_where_two_conversations_part(recorded, asked, told):
    assert said(asked, exchanges(recorded)).split("\n")[-1].strip() == told


def test_where_the_conversation_is_the_same_no_turn_is_named():
    assert "turn" not in said(chat("a", temperature=1), exchanges(chat("a", temperature=0)))


def test_many_differences_are_cut():
    message = said(chat("a", **{f"f{n}": 1 for n in range(9)}), exchanges(chat("a")))
    assert message.endswith("     f5\n       recorded  absent\n       asked     1\n     … and 3 more")


def test_an_id_of_the_run_is_told_with_what_ignores_it():
    recorded, asked = (chat("Hi", metadata={"spans": [{"id": text}]}) for text in UUIDS)
    told = said(asked, exchanges(recorded)).split("\n")[-1]
    assert told == (
        "What differs changes with each run: a UUID at metadata.spans[0].id. "
        "If it does not matter, set ignore=['metadata.spans[*].id'] for this cassette."
    )
    assert said(asked, exchanges(recorded, ignore=["metadata.spans[*].id"]), ignore=["metadata.spans[*].id"]).endswith(
        "once more than that."
    )


def after_a_tool(result, endpoint="chat"):
    """A request that says what a tool gave."""
    if endpoint == "responses":
        call = {"type": "function_call", "call_id": "call_abcd", "name": "now", "arguments": "{}"}
        given = {"type": "function_call_output", "call_id": "call_abcd", "output": result}
        return posted({"model": "m", "input": [{"role": "user", "content": "Hi"}, call, given]}, "/responses")
    call = {"id": "call_abcd", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    called = {"role": "assistant", "content": "", "tool_calls": [call]}
    told = {"role": "tool", "tool_call_id": "call_abcd", "content": result}
    return posted({"model": "m", "messages": [{"role": "user", "content": "Hi"}, called, told]})


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [("chat", "messages[role=tool].content"), ("responses", "input[type=function_call_output].output")],
)
@pytest.mark.parametrize(("one", "other"), [("10:00:00", "10:00:01"), ('{"left": 3}', '{"left": 2}')])
def test_what_a_tool_gave_otherwise_is_told_with_what_ignores_it_alone(endpoint, path, one, other):
    recorded, asked = after_a_tool(one, endpoint), after_a_tool(other, endpoint)
    assert said(asked, exchanges(recorded)).split("\n")[-1] == (
        "What differs is what a tool gave. Have it give the same each time, as with a fixed clock or seed. "
        f"If it does not matter, set ignore=[{path!r}] for this cassette."
    )
    told = said(asked, exchanges(recorded, ignore=[path]), ignore=[path])
    assert told.endswith("It was recorded once (exchange 1), and is asked once more than that.")


def test_what_a_user_said_otherwise_is_no_result_of_a_tool():
    assert "a tool gave" not in said(chat("Hi"), exchanges(chat("Ho")))


@pytest.mark.parametrize(
    ("recorded", "asked", "told"),
    [
        ({"stream": True}, {}, "as a stream, and is asked for whole"),
        ({}, {"stream": True}, "whole, and is asked for as a stream"),
    ],
)
def test_a_whole_answer_is_no_stream_and_the_reverse(recorded, asked, told):
    ending = ": run and run_stream are recorded each for itself."
    message = said(chat("Hi", **asked), exchanges(chat("Hi", **recorded)))
    assert message.split("\n")[-1] == f"It was answered {told}{ending}"
    assert ending not in said(chat("Ho", **asked), exchanges(chat("Hi", **recorded)))


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ('"1700000000"', '"1700000001"', "a time at x"),
        ("1700000000.25", "1700000001.5", "a time at x"),
        ('"2026-11-22T10:00:00Z"', '"2026-11-23T11:00:00+01:00"', "a time at x"),
        ('"It is 2026-11-22."', '"It is 2026-11-23."', "a time in x"),
        ('"5f2a9c0b1d3e4f56"', '"0a1b2c3d4e5f6a7b"', "a random number at x"),
        ('"/tmp/pytest-1/a"', '"/tmp/pytest-2/a"', "a folder for one run at x"),
        (f'"{UUIDS[0]} at 10:00:00"', f'"{UUIDS[1]} at 10:00:01"', "what is made anew each time in x"),
    ],
)  # fmt: skip
def test_what_changes_with_each_run_is_recognised(one, other, told):
    assert advice([Difference("x", one, other)]).partition(". ")[0] == f"What differs changes with each run: {told}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"a"', '"b"'),
        ("1", "2"),
        ('"10:00:00 Paris"', '"10:00:01 Rome"'),
        ('"2026-11-22"', "absent"),
        ("12", "1700000000"),
    ],
)
def test_what_differs_otherwise_is_not_explained_away(one, other):
    assert advice([Difference("x", one, other)]) == ""


def test_one_difference_of_another_kind_makes_no_advice():
    assert advice([Difference("x", f'"{UUIDS[0]}"', f'"{UUIDS[1]}"'), Difference("y", "1", "2")]) == ""


@given(json_objects, st.lists(json_objects, max_size=4))
def test_any_request_can_be_missed(asked, recorded):
    message = miss_message(
        posted(asked), path="a.yaml", exchanges=exchanges(*map(posted, recorded)), used=(), command="pytest a"
    )
    assert message.split("\n")[-1].endswith("pytest a")


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"text", b"[1]", b'"x"', b'{"messages": 3}', b'{"messages": [3, null]}']
)
def test_any_body_can_be_missed(body):
    assert "Nearest of 1 recorded request:" in said(posted(body), exchanges(chat("Hi")))


def test_the_one_that_differs_least_is_found_among_a_thousand():
    texts = [f"Tell me about place{n} and item{n * 7 % 1000}" for n in range(1000)]
    recorded = exchanges(*map(chat, texts))
    assert "  1. exchange 701 (not used yet)" in said(chat("Tell me all about place700 and item900"), recorded)


def test_bodies_are_not_decoded_but_for_the_few_that_are_looked_at_closely():
    decoded = []

    def lazily(exchange):
        data = exchange.request.body.data
        text = json.dumps(json.loads(data), indent=2)

        def make():
            decoded.append(exchange.slot)
            return data

        request = RecordedRequest(
            "POST", "/chat/completions", body=Body.later(exchange.request.body.digest, make, text=text)
        )
        return Exchange(slot=exchange.slot, key=exchange.key, request=request)

    recorded = [lazily(one) for one in exchanges(*[chat(f"Tell me about place{n}") for n in range(200)])]
    assert "  1. exchange 51 (" in said(chat("Tell me all about place50"), recorded)
    assert len(decoded) <= 10
