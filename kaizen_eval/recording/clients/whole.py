"""Exchanges of clients that take their answers whole: played, recorded, or both."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import NamedTuple, Protocol

from kaizen_eval.recording.exchange import Exchange, Failure, Headers, RawRequest
from kaizen_eval.recording.passing.asked import Asked, Taking
from kaizen_eval.recording.passing.decompression import unpacked
from kaizen_eval.recording.passing.failures import gave_up, unread
from kaizen_eval.recording.passing.teed import tell_failure

__all__ = ["Asked", "Errors", "WholeResponse", "ask", "played", "record_whole"]


class Errors(Protocol):
    """How one client says that no whole answer came."""

    def named(self, error: BaseException) -> str:
        """What a cassette calls it: the class in httpx."""
        ...

    def raised(self, failure: Failure) -> Exception:
        """What the client raises for it."""
        ...


class WholeResponse(NamedTuple):
    status: int
    reason: str
    headers: Headers
    body: bytes
    """Not compressed."""


_OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}


def ask(cassette: Asked, raw: RawRequest, call: Callable[[], WholeResponse], errors: Errors) -> WholeResponse:
    """What the client gets: from the cassette, or from the call, which is recorded."""
    turn = cassette.begin(raw)
    if turn.take is None:
        return played(turn.play, errors, cassette) if turn.play else call()
    if turn.play is None:
        return _recorded(turn.take, call, errors)
    with suppress(Exception):  # what came of it is in the take; the test goes by what was recorded
        _recorded(turn.take, call, errors)
    return played(turn.play, errors, cassette)


def played(exchange: Exchange, errors: Errors, cassette: Asked) -> WholeResponse:
    """Raises:
    CassetteMiss: whoever recorded it did not read it whole; noted by the cassette.
    """
    if exchange.was_left or gave_up(exchange):
        missed = unread(exchange, str(cassette.path))
        cassette.note(missed)
        raise missed
    if exchange.failure is not None or exchange.response is None:
        raise errors.raised(exchange.failure or Failure("RemoteProtocolError", "nothing was recorded"))
    response = exchange.response
    return WholeResponse(response.status, _reason_of(response.status), response.headers, response.body.data)


def record_whole(take: Taking, response: WholeResponse) -> WholeResponse:
    """The response as the client gets it: without what told of the wire alone."""
    plain = _decompressed(response)
    take.head(plain.status, plain.headers)
    if plain.body:
        take.piece(plain.body)
    take.end()
    return plain


def _reason_of(status: int) -> str:
    with suppress(ValueError):
        return HTTPStatus(status).phrase
    return ""


def _recorded(take: Taking, call: Callable[[], WholeResponse], errors: Errors) -> WholeResponse:
    try:
        response = call()
    except BaseException as error:
        tell_failure(take, error, errors.named)
        raise
    return record_whole(take, response)


def _decompressed(response: WholeResponse) -> WholeResponse:
    """A body that its client has decompressed already stays as it is."""
    coding = ", ".join(value for name, value in response.headers if name == "content-encoding")
    headers = tuple((name, value) for name, value in response.headers if name not in _OF_THE_WIRE)
    return response._replace(headers=headers, body=unpacked(response.body, coding))
