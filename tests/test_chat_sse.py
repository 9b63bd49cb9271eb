"""Server-sent events: laws of writing, reading and taking apart, and the odd lines that the format allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake.wire.events import Piece
from kaizen_eval.fake.wire.sse import Event, apart, event, read, split, together

lines = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)
events = st.builds(
    Event, st.lists(lines, min_size=1, max_size=3).map("\n".join), st.none() | st.sampled_from(["response.created"])
)
noise = st.lists(st.sampled_from([b"data: a", b": ping", b"\r", b"\n", b"\r\n", b"event: b", "é".encode(), b""]))


@given(st.lists(events))
def test_events_are_always_read_as_they_were_written(written):
    body = b"".join(event(each.data, each.name) for each in written)
    assert [*read(body)] == written
    assert len(split(body)) == len(written)


@given(noise.map(b"".join))
def test_a_body_always_falls_into_parts_that_are_the_body(body):
    assert b"".join(split(body)) == body
    assert b"" not in split(body)


@given(st.lists(st.tuples(st.lists(events, min_size=1), st.integers(0, 3)), max_size=4))
def test_what_is_taken_apart_and_put_together_is_always_what_it_was(due):
    pieces = [Piece(b"".join(event(*each) for each in some), at) for some, at in due]
    singles = [*apart(pieces)]
    assert [piece.data for piece in singles] == [event(*each) for some, _ in due for each in some]
    assert [*together(singles)] == [*together(pieces)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", [Event("a"), Event("b"), Event("c")]),
        (b"event: x\r\ndata: a\r\n\r\n", [Event("a", "x")]),
        (b": keep-alive\n\ndata: a\n\n", [Event("a")]),
        (b"event: x\ndata:a\nid: 3\n\n", [Event("a", "x")]),
        (b"event: x\n\n", []),
        (b"data: a\ndata: b\n\n", [Event("a\nb")]),
        (b"data: a\n\ndata: cut", [Event("a")]),
        (b"data\n\n", [Event("")]),
    ],
)
def test_the_format_is_read_as_clients_read_it(body, expected):
    assert [*read(body)] == expected


def test_what_utf8_cannot_hold_is_written_as_an_escape():
    assert event('"\ud83d"') == b'data: "\\ud83d"\n\n'
