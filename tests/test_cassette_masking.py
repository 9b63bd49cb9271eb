"""What is kept for a while holds no secret that is looked for, wherever one was."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest, RecordedResponse
from kaizen_eval.recording.redaction import Finding, Redactor
from kaizen_eval.recording.writing.masking import masked

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
WRITINGS = {
    "plain": KEY,
    "twice in base64": base64.b64encode(base64.b64encode(KEY.encode())).decode(),
    "twice percent-encoded": KEY.replace("-", "%252D"),
    "escaped twice": KEY.replace("-", r"\\u002d"),
}
PLACES = ("request.body", "request.query", "request.headers", "response.body", "response.headers", "failure", "lane")


def holding(place: str, text: str) -> Exchange:
    def at(name: str) -> str:
        return text if place == name else "harmless"

    body, answer = (json.dumps({"said": at(name)}).encode() for name in ("request.body", "response.body"))
    request = RecordedRequest(
        "POST", "/x", (("q", at("request.query")),), (("accept", at("request.headers")),), Body(body)
    )
    response = RecordedResponse(200, (("x-told", at("response.headers")),), Body(answer), (4, len(answer) - 4), (1, 2))
    failure = Failure("ReadError", at("failure"))
    return Exchange(slot=1, key="0" * 32, lane=at("lane"), request=request, response=response, failure=failure)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("writing", WRITINGS)
def test_what_is_masked_scans_clean(place, writing):
    redactor = Redactor(environment={})
    assert redactor.scan(masked(holding(place, f"look: {WRITINGS[writing]} there"), redactor)) == ()


@given(st.sampled_from(PLACES), st.sampled_from(sorted(WRITINGS)), st.text(max_size=30), st.text(max_size=30))
@settings(deadline=None)
def test_whatever_stands_around_it_the_pieces_still_add_up_and_nothing_scans(place, writing, before, behind):
    redactor = Redactor(environment={})
    safe = masked(holding(place, f"{before} {WRITINGS[writing]} {behind}"), redactor)
    assert safe.response is not None
    assert b"".join(piece.data for piece in safe.response.pieces()) == safe.response.body.data
    assert redactor.scan(safe) == ()


def test_what_holds_no_secret_is_left_as_it_is():
    exchange = holding("nowhere", "")
    assert masked(exchange, Redactor(environment={})) is exchange


def test_the_words_around_a_secret_are_left():
    redactor = Redactor(environment={})
    safe = masked(holding("response.body", f"look: {WRITINGS['twice in base64']} there"), redactor)
    assert safe.response is not None
    assert safe.response.body.data == b'{"said": "look: [REDACTED] there"}'


class Suspicious:
    """Finds a secret in the response, whatever its words are."""

    def scan(self, exchange: Exchange) -> tuple[Finding, ...]:
        held = exchange.response is not None and exchange.response.body.data != b"[REDACTED]"
        return (Finding("response.body", "own rule"),) if held else ()

    def scan_text(self, text: str) -> tuple[Finding, ...]:
        return ()


def test_where_no_word_alone_is_secret_the_whole_body_goes():
    safe = masked(holding("nowhere", ""), Suspicious())
    assert safe.response == RecordedResponse(200, (), Body(b"[REDACTED]"), (10,), (2,))
