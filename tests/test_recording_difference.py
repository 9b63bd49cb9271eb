"""What differs between two requests: by field path, in words that can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_asking import chat, json_objects, json_values, posted

from kaizen_eval.recording.comparison.alignment import aligned
from kaizen_eval.recording.comparison.difference import Difference, differences
from kaizen_eval.recording.comparison.showing import parted
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.secrets.placeholder import REDACTED

LONG = "The quick brown fox jumps over the lazy dog. " * 20


def told(recorded, asked, **settings):
    return [tuple(one[:3]) for one in differences(posted(recorded), posted(asked), **settings)]


@given(json_objects, json_objects)
def test_requests_differ_in_something_exactly_if_their_keys_do(one, other):
    requests = posted(one), posted(other)
    assert bool(differences(*requests)) == (key_of(requests[0]) != key_of(requests[1]))


@given(json_objects, json_objects)
def test_what_is_shown_of_both_sides_is_never_the_same(one, other):
    assert [difference for difference in told(one, other) if difference[1] == difference[2]] == []


@given(json_objects, json_objects)
def test_paths_that_differ_can_be_ignored_one_and_all(one, other):
    paths = [path for path, _, _ in told(one, other)]
    while paths:
        left = [path for path, _, _ in told(one, other, ignore=paths)]
        assert not set(left) & set(paths) or any("[" in path for path in left)
        if set(left) <= set(paths):
            return
        paths += left


@given(st.text(), st.text())
def test_two_texts_that_differ_never_look_alike(one, other):
    shown = parted(one, other)
    assert (shown[0] == shown[1]) == (one == other)


@given(st.lists(st.integers(0, 3), max_size=8), st.lists(st.integers(0, 3), max_size=8))
def test_each_element_of_both_lists_is_aligned_once_and_in_order(one, other):
    pairs = list(aligned(one, other, ([*map(str, one)], [*map(str, other)])))
    firsts, seconds = (
        ([place for place in places if place is not None] for places in zip(*pairs, strict=True))
        if (pairs)
        else ([], [])
    )
    assert (firsts, seconds) == (list(range(len(one))), list(range(len(other))))


@given(st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=6), st.data())
def test_a_turn_that_was_put_in_is_one_difference(texts, data):
    place = data.draw(st.integers(0, len(texts)))
    new = {"role": "system", "content": "\x00new"}
    recorded = [{"role": "user", "content": text} for text in texts]
    asked = [*recorded[:place], new, *recorded[place:]]
    found = told({"messages": recorded}, {"messages": asked})
    assert [(path, one) for path, one, _ in found] == [(f"messages[{place}]", "absent")]


@pytest.mark.parametrize(
    ("recorded", "asked", "found"),
    [
        ({"t": 1}, {"t": True}, [("t", "1", "true")]),
        ({"t": 1}, {"t": "1"}, [("t", "1", '"1"')]),
        ({"t": 0.20}, {"t": 0.2}, []),
        ({"t": 1}, {"t": 1.0}, [("t", "1", "1.0")]),
        ({"t": None}, {}, [("t", "null", "absent")]),
        ({}, {"t": None}, [("t", "absent", "null")]),
        ({"t": "absent"}, {}, [("t", '"absent"', "absent")]),
        ({"a": {"b c": [1, 2]}}, {"a": {"b c": [1, 3]}}, [('a["b c"][1]', "2", "3")]),
        ({"a": {"b": 1}}, {"a": [1]}, [("a", '{"b": 1}', "[1]")]),
        ({"a": [1, 2, 3]}, {"a": [1, 3]}, [("a[1]", "2", "absent")]),
        ({"a": "x\u200by"}, {"a": "xy"}, [("a", '"x\\u200by"', '"xy"')]),
        ({"a": "é"}, {"a": "e\u0301"}, [("a", '"\\xe9"', '"e\\u0301"')]),
        ({"a": f"x {REDACTED}"}, {"a": "x abc"}, []),
        ({"a": f"x {REDACTED}"}, {"a": "y abc"}, [("a", '"x [REDACTED]"', '"y abc"')]),
        (
            {"a": f"{LONG}in Paris?{LONG}"},
            {"a": f"{LONG}in Rome?{LONG}"},
            [
                (
                    "a",
                    '…"jumps over the lazy dog. in Paris?The quick brown fox jumps over the laz"…',
                    '…"jumps over the lazy dog. in Rome?The quick brown fox jumps over the lazy"…',
                )
            ],
        ),
        ({"a": 1}, {"a": LONG}, [("a", "1", f'"{LONG[:71]}…')]),
    ],
)
def test_what_differs(recorded, asked, found):
    assert told(recorded, asked) == found


def test_a_changed_turn_among_new_ones_is_told_as_changed():
    recorded = chat("What is the weather in Paris?", "Sunny.")
    asked = chat("Hello!", "Hi.", "What is the weather in Rome?", "Sunny.")
    assert [one[:1] for one in differences(recorded, asked)] == [
        ("messages[0]",),
        ("messages[1]",),
        ("messages[2].content",),
    ]


def test_turns_that_were_put_in_at_two_places_of_a_long_conversation_are_two_differences():
    recorded, asked = (chat(*texts) for texts in ("abcdefghijklmnopqrst", "aXYbcdefghijklmnopqrXYst"))
    assert [one[:2] for one in differences(recorded, asked)] == [
        (f"messages[{place}]", "absent") for place in (1, 2, 20, 21)
    ]


def test_ids_that_were_swapped_are_shown_as_they_came():
    recorded = {"input": [{"call_id": "call_aaaa1"}, {"call_id": "call_bbbb2"}, {"call_id": "call_aaaa1", "x": 1}]}
    asked = {"input": [{"call_id": "call_cccc3"}, {"call_id": "call_dddd4"}, {"call_id": "call_dddd4", "x": 1}]}
    assert told(recorded, asked) == [
        ("input[2].call_id", '"call_aaaa1" (id 1 of its request)', '"call_dddd4" (id 2 of its request)')
    ]


def test_method_path_and_query_are_told_before_the_body():
    one = posted({"a": 1}, "/a", query=[("v", "1"), ("w", "1"), ("x", "1"), ("x", "2")])
    other = posted({"a": 2}, "/b", method="PUT", query=[("v", "2"), ("x", "1"), ("x", "3"), ("y", "1")])
    assert differences(one, other) == (
        Difference("method", "POST", "PUT"),
        Difference("path", "/a", "/b"),
        Difference("?v", '"1"', '"2"'),
        Difference("?w", '"1"', "absent"),
        Difference("?x[1]", '"2"', '"3"'),
        Difference("?y", "absent", '"1"'),
        Difference("a", "1", "2"),
    )


def test_headers_are_no_difference():
    assert differences(posted({}, headers=()), posted({})) == ()


def test_the_stream_flag_is_told_also_where_it_is_ignored():
    assert told({"stream": True}, {}, ignore=["stream"]) == [("stream", "true", "false")]


@pytest.mark.parametrize(
    ("recorded", "asked", "found"),
    [
        (b"hello there", b"hello you", ("body", '"hello there"', '"hello you"')),
        (b"\xff\xfe", b"\xff", ("body", "2 bytes (b3d510ef)", "1 byte (a8100ae6)")),
        (b"", b"{}", ("body", "nothing", "JSON: {}")),
        (b'{"a": 1}', b'{"a": 1, "a": 1}', ("body", 'JSON: {"a": 1}', 'text: "{\\"a\\": 1, \\"a\\": 1}"')),
        (b"[1]", b"[2]", ("[0]", "1", "2")),
        (b"1", b"2", ("body", "1", "2")),
    ],
)
def test_other_bodies(recorded, asked, found):
    assert [one[:3] for one in differences(posted(recorded), posted(asked))] == [found]


@pytest.mark.unmeasured
@given(json_values)
def test_long_lists_are_compared_place_by_place(value):
    recorded, asked = [value] * 300 + [1] * 3, [[value, 0]] * 300 + [2] * 2
    assert len(told({"a": recorded}, {"a": asked})) >= 302
