"""Cassette files: what is written comes back, and any reader of YAML sees the same."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from cassette_exchanges import BODIES, EXCHANGES, RECORDINGS, answered, recorded
from hypothesis import given, settings

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.file import Form, coding, decode, encode, exchange_of, line_of
from kaizen_eval.recording.file.fields import Fields
from kaizen_eval.recording.file.yaml_reader import read_documents

FORMS = pytest.mark.parametrize("form", ["yaml", "jsonl"])


def plain(value: Any) -> Any:
    """Fields as the objects that they are."""
    if isinstance(value, Fields):
        return {name: plain(inner) for name, inner in value._values.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@FORMS
@settings(deadline=None)
@given(recording=RECORDINGS)
def test_what_is_written_always_comes_back(form: Form, recording: Any):
    assert decode(encode(recording, form=form), path="a.yaml") == recording


@pytest.mark.unmeasured
@FORMS
@settings(deadline=None, max_examples=400)
@given(body=BODIES)
def test_every_body_always_comes_back_byte_for_byte(form: Form, body: bytes):
    exchange = answered(body, body)

    (again,) = decode(encode(recorded(exchange), form=form), path="a.yaml").exchanges

    assert again.response is not None
    assert (again.request.body.data, again.response.body.data) == (body, body)


@settings(deadline=None)
@given(EXCHANGES)
def test_an_exchange_always_comes_back_out_of_its_line(exchange: Any):
    line = line_of(exchange)

    assert exchange_of(line) == exchange
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@settings(deadline=None)
@given(RECORDINGS)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_any_reader_of_yaml_sees_the_same_values(loader: Any, recording: Any):
    text = encode(recording, form="yaml").decode()

    assert list(yaml.load_all(text, loader)) == [plain(fields) for fields in read_documents(text, "a.yaml")]


@pytest.mark.unmeasured
@FORMS
@settings(deadline=None)
@given(recording=RECORDINGS)
def test_what_was_read_is_written_as_the_same_bytes(form: Form, recording: Any):
    data = encode(recording, form=form)

    assert encode(decode(data, path="a.yaml"), form=form) == data


@FORMS
@settings(deadline=None)
@given(recording=RECORDINGS)
def test_a_checkout_with_the_line_ends_of_windows_reads_the_same(form: Form, recording: Any):
    data = encode(recording, form=form).replace(b"\n", b"\r\n")

    assert decode(b"\xef\xbb\xbf" + data, path="a.yaml") == recording


@FORMS
def test_exchanges_are_sorted_by_lane_and_slot(form: Form):
    late, early = answered(b"{}", b"{}", slot=2), answered(b"{}", b"{}", slot=1)
    other = answered(b"{}", b"{}", slot=1, lane="b")
    recording = recorded(other, late, early)
    mixed = encode(recording._replace(exchanges=(other, late, early)), form=form)

    assert mixed == encode(recording, form=form)
    assert decode(mixed, path="a.yaml").exchanges == (early, late, other)


@FORMS
def test_a_text_that_no_file_can_hold_is_written_all_the_same(form: Form):
    exchange = answered(b"{}", b"{}", lane="a\ud800b")

    (again,) = decode(encode(recorded(exchange), form=form), path="a.yaml").exchanges

    assert again.lane == "a\ufffdb"


def test_a_recording_that_is_too_large_for_a_file_is_refused_before_all_of_it_is_written():
    parts = iter([b"12345", b"67890", b"!", b"never asked for"])

    with pytest.raises(RecordingError, match="more than 10 bytes"):
        coding._joined(parts, most=10)
    assert list(parts) == [b"never asked for"]
