"""What was redacted in a recorded request, asked on a machine that redacts less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_asking import chat, json_objects, posted

from kaizen_eval.recording.lookup.key import fits_holes, has_holes
from kaizen_eval.secrets.placeholder import REDACTED

words = st.text(min_size=1, max_size=10)


@given(json_objects)
def test_a_request_without_holes_fits_itself(body):
    assert (has_holes(posted(body)), fits_holes(posted(body), posted(body))) == (False, True)


@given(st.lists(st.text(max_size=6), min_size=2, max_size=5), st.data())
def test_a_hole_fits_whatever_stood_there(kept, data):
    secrets = [data.draw(words) for _ in kept[1:]]
    whole = kept[0] + "".join(secret + part for secret, part in zip(secrets, kept[1:], strict=True))
    recorded = chat(REDACTED.join(kept))
    assert (has_holes(recorded), fits_holes(recorded, chat(whole))) == (True, True)


@given(words, words, words)
def test_a_hole_fits_nothing_else_than_itself(before, secret, after):
    recorded = chat(f"{before}{REDACTED}{after}", "yes", "then?")
    others = [
        chat(f"{before}{after}", "yes", "then?"),
        chat(f"x{before}{secret}{after}", "yes", "then?"),
        chat(f"{before}{secret}{after}x", "yes", "then?"),
        chat(f"{before}{secret}{after}", "no", "then?"),
        chat(f"{before}{secret}{after}", "yes"),
        chat(f"{before}{secret}{after}", "yes", "then?", model="n"),
    ]
    fitting = [fits_holes(recorded, other) for other in others]
    assert fitting[3:] == [False, False, False]
    assert fitting[0] == fits_by_hand(before, after, before + after)
    assert fitting[1] == fits_by_hand(before, after, f"x{before}{secret}{after}")
    assert fitting[2] == fits_by_hand(before, after, f"{before}{secret}{after}x")


def fits_by_hand(before, after, text):
    return text.startswith(before) and text.endswith(after) and len(text) > len(before) + len(after)


@pytest.mark.parametrize(
    ("recorded", "asked", "fits"),
    [
        ({"x": REDACTED}, {"x": 1}, True),
        ({"x": REDACTED}, {"x": 1.5}, True),
        ({"x": REDACTED}, {"x": True}, False),
        ({"x": REDACTED}, {"x": None}, False),
        ({"x": REDACTED}, {"x": ["a"]}, False),
        ({"x": REDACTED}, {"x": ""}, False),
        ({"x": REDACTED}, {}, False),
        ({"x": "a"}, {"x": REDACTED}, False),
        ({"x": 1}, {"x": True}, False),
        ({"id": REDACTED}, {"id": "call_0123456789"}, True),
        ({"x": [REDACTED, "b"]}, {"x": ["b", "b"]}, True),
        ({"x": f"{REDACTED} {REDACTED}"}, {"x": "a b"}, True),
        ({"x": f"{REDACTED} {REDACTED}"}, {"x": "ab"}, False),
        ({"x": f"a{REDACTED}b{REDACTED}c"}, {"x": "abxc"}, False),
        ({"x": f"a{REDACTED}b{REDACTED}c"}, {"x": "axbxc"}, True),
    ],
)
def test_what_a_hole_fits(recorded, asked, fits):
    assert fits_holes(posted(recorded), posted(asked)) == fits


def test_a_hole_in_a_query_a_path_or_a_text():
    recorded = posted(f"key {REDACTED}!".encode(), f"/x/{REDACTED}", query=[("k", REDACTED)], headers=())
    asked = posted(b"key abc!", "/x/abc", query=[("k", "abc")], headers=())
    assert (fits_holes(recorded, asked), has_holes(posted({}, query=[("k", REDACTED)]))) == (True, True)


def test_what_is_ignored_needs_not_fit():
    assert fits_holes(posted({"a": REDACTED, "b": 1}), posted({"a": "x", "b": 2}), ignore=["b"])
