"""Masks what redaction has left in an exchange, so that it can be kept for a while."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Headers, RecordedRequest, RecordedResponse
from kaizen_eval.recording.redaction import Finding
from kaizen_eval.secrets.placeholder import REDACTED
from kaizen_eval.secrets.spans import Span, bytes_of, sizes_without, text_of, without

__all__ = ["Scans", "masked"]

_WORD = re.compile(r'[^\s"\',;<>(){}\[\]]{6,}')


class Scans(Protocol):
    """As much of a Redactor as masking needs."""

    def scan(self, exchange: Exchange) -> tuple[Finding, ...]: ...
    def scan_text(self, text: str) -> tuple[Finding, ...]: ...


def masked(exchange: Exchange, redactor: Scans) -> Exchange:
    """The exchange itself where nothing is left in it; else without the words that are secret or, where no word alone
    is, without the whole part that holds them.
    """
    if not redactor.scan(exchange):
        return exchange
    words = _without_words(exchange, redactor)
    left = {finding.where for finding in redactor.scan(words)}
    return _without_parts(words, left) if left else words


def _without_words(exchange: Exchange, redactor: Scans) -> Exchange:
    request, response = exchange.request, exchange.response
    body, _ = _masked_body(request.body, (), redactor)
    return replace(
        exchange,
        request=replace(request, body=body, headers=_masked_headers(request.headers, redactor)),
        response=None if response is None else _masked_response(response, redactor),
        failure=exchange.failure
        and replace(exchange.failure, message=_masked_text(exchange.failure.message, redactor)),
    )


def _masked_response(response: RecordedResponse, redactor: Scans) -> RecordedResponse:
    body, sizes = _masked_body(response.body, response.sizes, redactor)
    return replace(response, body=body, sizes=sizes, headers=_masked_headers(response.headers, redactor))


def _masked_headers(headers: Headers, redactor: Scans) -> Headers:
    return tuple((name, _masked_text(value, redactor)) for name, value in headers)


def _masked_text(text: str, redactor: Scans) -> str:
    return without(text, _secret_words(text, redactor))


def _masked_body(body: Body, sizes: tuple[int, ...], redactor: Scans) -> tuple[Body, tuple[int, ...]]:
    text = text_of(body.data)
    spans = _secret_words(text, redactor)
    if not spans:
        return body, sizes
    return Body(bytes_of(without(text, spans))), sizes_without(text, spans, sizes) if sizes else sizes


def _secret_words(text: str, redactor: Scans) -> list[Span]:
    """Each word is looked at once, however often it is there."""
    known: dict[str, bool] = {}
    spans = []
    for word in _WORD.finditer(text):
        if word[0] not in known:
            known[word[0]] = bool(redactor.scan_text(word[0]))
        if known[word[0]]:
            spans.append(Span(word.start(), word.end(), ""))
    return spans


def _without_parts(exchange: Exchange, places: set[str]) -> Exchange:
    """Without the request's query, body and headers, or the response's, that the places name."""
    request, response, failure = exchange.request, exchange.response, exchange.failure
    if any(place.startswith("request.") for place in places):
        request = RecordedRequest(request.method, REDACTED, (), (), Body(REDACTED.encode()))
    if response is not None and any(place.startswith("response.") for place in places):
        response = _emptied(response)
    if failure is not None and any(place.startswith("failure.") for place in places):
        failure = replace(failure, message=REDACTED)
    lane = REDACTED if any(place.startswith("lane") for place in places) else exchange.lane
    return replace(exchange, lane=lane, request=request, response=response, failure=failure)


def _emptied(response: RecordedResponse) -> RecordedResponse:
    """One piece, when the last came."""
    at_us = response.offsets_us[-1] if response.offsets_us else response.at_us
    data = REDACTED.encode()
    return replace(response, headers=(), body=Body(data), sizes=(len(data),), offsets_us=(at_us,))
