"""Cassette files that a person has edited on purpose."""

from __future__ import annotations

import pytest
from cassette_exchanges import RECORDINGS, answered, recorded
from hypothesis import given, settings

from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.recording.exchange import Exchange, RecordedResponse
from kaizen_eval.recording.file import Form, Recording, decode, encode

STREAM = b"data: one\n\ndata: two\n\n"
EXCHANGES = (
    answered(b'{"a":1}', b'{"text": "Hel\\u006co"}'),
    answered(b"{}", b"\xff\xfe", slot=2),
    answered(b"{}", STREAM, slot=3),
)
TEXT = encode(recorded(*EXCHANGES), form="yaml").decode()


def accepted(text: str) -> tuple[Exchange, ...]:
    return decode(text.encode(), path="a.yaml", accept_edits=True).exchanges


def answer(text: str, number: int = 0) -> RecordedResponse:
    response = accepted(text)[number].response
    assert response is not None
    return response


@pytest.mark.parametrize("form", ["yaml", "jsonl"])
@settings(deadline=None)
@given(recording=RECORDINGS)
def test_a_file_that_nobody_edited_is_accepted_as_it_is(form: Form, recording: Recording):
    assert decode(encode(recording, form=form), path="a.yaml", accept_edits=True) == recording


def test_an_edited_stream_is_one_piece_that_came_with_the_last():
    edited = answer(TEXT.replace("data: two", "data: zwei"), 2)

    assert (edited.body.data, edited.sizes, edited.offsets_us) == (STREAM.replace(b"two", b"zwei"), (23,), (1500,))


def test_an_edited_json_body_has_the_spaces_of_the_recorded_one():
    assert accepted(TEXT.replace('"a": 1', '"a":   2,\n        "b": [3]'))[0].request.body.data == b'{"a":2,"b":[3]}'
    assert answer(TEXT.replace('"Hel', '"Well, hel')).body.data == b'{"text": "Well, hel\\u006co"}'


def test_a_body_that_was_emptied_has_no_pieces():
    edited = answer(TEXT.replace("      data: one\n\n      data: two\n\n", ""), 2)

    assert (edited.body.data, edited.sizes, edited.offsets_us) == (b"", (), ())


def test_exchanges_may_have_been_taken_out():
    begin = TEXT.index("---\nslot: 2")

    assert accepted(TEXT[:begin] + TEXT[TEXT.index("---\nslot: 3") :]) == (EXCHANGES[0], EXCHANGES[2])


def test_what_was_edited_is_written_with_digests_that_fit():
    again = recorded(*accepted(TEXT.replace("data: two", "data: zwei")))

    assert decode(encode(again, form="yaml"), path="a.yaml") == again


@pytest.mark.parametrize(
    ("was", "is_now", "message"),
    [
        ('"a": 1', '"a": 1,', "26: the body is no JSON: "),
        ("slot: 2", "slot: 1", "46: slot 1 is there twice; first in line 14."),
        ("status: 200", "status: fine", "31: 'status' is 'fine'; expected a whole number from 0."),
    ],
)
def test_an_edit_that_makes_no_cassette_is_refused_with_its_line(was: str, is_now: str, message: str):
    assert was in TEXT

    with pytest.raises(CassetteCorrupt) as error:
        accepted(TEXT.replace(was, is_now))

    assert str(error.value).startswith(f"a.yaml:{message}")
