"""Bodies that no cassette can keep: their clients get them, and the cassette says so."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording_doubles import opened, raw

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording import CassetteTransport
from kaizen_eval.recording.exchange import Exchange, RecordedRequest
from kaizen_eval.recording.file.limits import MOST_BYTES_OF_BODY
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.writing.take import Place, Take

PART = b"\0" * 2**20


def kept_of(pieces: list[bytes], most: int) -> Exchange | Exception:
    """What a take hands on that keeps bodies of so many bytes at most."""
    kept: list[Exchange | Exception] = []
    place = Place("", 1, "", RecordedRequest("GET", "/"), 0)
    redactor = Redactor(environment={})
    take = Take(place, lambda _, end: kept.append(end), redactor=redactor, clock=lambda: 0, most=most)
    take.head(200, ())
    for piece in pieces:
        take.piece(piece)
    take.end()
    (end,) = kept
    return end


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9).map(lambda data: b"-" * len(data)), max_size=9), st.integers(0, 40))
def test_a_body_is_kept_whole_or_not_at_all(pieces, most):
    whole, end = b"".join(pieces), kept_of(pieces, most)
    if len(whole) <= most:
        assert end.response.body.data == whole
    else:
        assert str(end).startswith(f"A body has {len(whole)} bytes; a cassette keeps bodies of up to {most}.")


def test_a_body_that_grows_too_large_reaches_its_client_and_fails_the_closing(tmp_path):
    count = MOST_BYTES_OF_BODY // len(PART) + 1
    inner = httpx2.MockTransport(lambda _: httpx2.Response(200, content=iter([PART] * count)))
    transport = CassetteTransport(tmp_path / "a.yaml", "record", inner)
    with httpx2.Client(transport=transport).stream("GET", "https://api.example.com/v1/x") as response:
        assert sum(map(len, response.iter_raw())) == count * len(PART)
    with pytest.raises(RecordingError, match=r"slot 1 .* cannot be kept: .*A body has 135,266,304 bytes"):
        transport.close()
    assert not (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize("mode", ["record", "record-missing"])
def test_a_request_that_is_too_large_is_refused_before_it_is_sent_and_told_again_at_the_end(tmp_path, mode):
    cassette = opened(tmp_path / "a.yaml", mode)
    with pytest.raises(RecordingError, match="A body has 134,217,729 bytes"):
        cassette.begin(raw()._replace(body=bytes(MOST_BYTES_OF_BODY + 1)))
    with pytest.raises(RecordingError, match="leave this request to mode 'live'"):
        cassette.close()


def test_live_lets_requests_of_any_size_through(tmp_path):
    cassette = opened(tmp_path / "a.yaml", "live")
    assert cassette.begin(raw()._replace(body=bytes(MOST_BYTES_OF_BODY + 1))) == (None, None)
