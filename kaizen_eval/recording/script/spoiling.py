"""Recorded exchanges gone wrong: what a client meets instead of one, before it gets what was recorded."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from kaizen_eval.errors import UsageError
from kaizen_eval.fake import brain
from kaizen_eval.fake.client.reader import Lost, Reader
from kaizen_eval.fake.faults import fault_of
from kaizen_eval.fake.faults.base import Asked, Fault, Spoiler
from kaizen_eval.fake.model.completion import CREATED, Completion
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.timing.latency import NO_LATENCY, Latency
from kaizen_eval.fake.wire import events as wire
from kaizen_eval.fake.wire.course import course
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Failure, Headers, Piece, RecordedResponse
from kaizen_eval.recording.script.scene import scene_of
from kaizen_eval.recording.script.spoken import is_stream, spoken_of
from kaizen_eval.recording.settings import Faults

__all__ = ["Met", "Spoiled", "met", "spoiled", "with_faults"]

_MOST = 1_000
"""Parts of a stream that never ends; then nothing more comes."""
_SILENCE_US = 600_000_000
"""Whoever waits for so long for what never comes gives up, as OpenAI's client does."""
_OF_THE_WIRE = {"connection", "content-length", "transfer-encoding"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled(Exchange):
    """What is met instead of a recorded exchange."""

    fault: str
    """Its name."""


class Met(NamedTuple):
    """What a client knows in the end."""

    response: RecordedResponse | None
    failure: Failure | None


def with_faults(
    exchanges: Sequence[Exchange], faults: Faults, *, lane: str = "", path: str = "the cassette"
) -> tuple[Exchange, ...]:
    """The exchanges, each with its faults before it: asked once more, it is answered as it was recorded.

    Args:
        exchanges: as they were recorded.
        faults: by slot, or by lane and slot.
        lane: of the slots that name none.
        path: for messages.

    Raises:
        UsageError: there is no such exchange, or the fault cannot happen to it.
        ScriptError: there is no such fault, or not with these details.
    """
    wanted = {((lane, key) if isinstance(key, int) else (key[0], key[1])): fault for key, fault in faults.items()}
    known = {(exchange.lane, exchange.slot) for exchange in exchanges}
    for place, slot in wanted:
        if (place, slot) not in known:
            there = f"; it has {_slots(known, place)}"
            raise UsageError(f"faults names exchange {slot!r}{_in(place)}, which {path} does not have{there}.")
    return tuple(one for exchange in exchanges for one in _before(exchange, wanted.get((exchange.lane, exchange.slot))))


def _before(exchange: Exchange, written: object) -> Iterator[Exchange]:
    for number, fault in enumerate(_faults(written)):
        yield spoiled(exchange, fault, number=number)
    yield exchange


def _faults(written: object) -> list[Fault]:
    if written is None:
        return []
    several = written if isinstance(written, list | tuple) else [written]
    return [_fault(one) for one in several]


def _fault(written: object) -> Fault:
    if isinstance(written, Mapping) and len(written) == 1:
        [(name, details)] = written.items()
        return fault_of(name, details)
    return fault_of(written, {})


def spoiled(exchange: Exchange, fault: Fault, *, number: int = 0) -> Spoiled:
    """What a client meets when the exchange goes wrong in this way; always the same.

    Args:
        exchange: as it was recorded.
        fault: what becomes of its answer, or comes instead.
        number: of the fault, where one exchange goes wrong several times.

    Raises:
        UsageError: it cannot go wrong so.
    """
    _check(exchange, fault)
    asked = _asked(exchange, number)
    event = _event(exchange, fault, asked)
    came = met(event, _due_us(exchange, fault, asked))
    named = {field.name: getattr(exchange, field.name) for field in dataclasses.fields(Exchange)}
    was_left = exchange.was_left and fault.spoils and came.failure is None
    return Spoiled(
        **named | {"response": came.response, "failure": came.failure, "was_left": was_left}, fault=fault.name
    )


def _check(exchange: Exchange, fault: Fault) -> None:
    response = exchange.response
    if fault.spoils and (response is None or exchange.failure is not None):
        raise _unfit(exchange, fault, "no whole answer was recorded")
    if fault.is_of_streams and response is not None and not is_stream(response):
        raise _unfit(exchange, fault, "its answer is no stream")


def _unfit(exchange: Exchange, fault: Fault, why: str) -> UsageError:
    return UsageError(f"{fault.name} cannot happen to exchange {exchange.slot}{_in(exchange.lane)}: {why}.")


def _asked(exchange: Exchange, number: int) -> Asked:
    key = f"{exchange.key} {exchange.slot} {number}"
    mark = hashlib.sha256(key.encode()).hexdigest()[:32]
    return Asked(request_id=f"req_{mark}", now=float(CREATED), key=key)


def _event(exchange: Exchange, fault: Fault, asked: Asked) -> wire.WireEvent:
    if not fault.spoils:
        played = fault.play(asked)
        return _said(exchange, fault, fault, asked) if isinstance(played, Reply) else played
    has_words = fault.given() is not None or type(fault).misspeak is not Fault.misspeak
    if not has_words:
        return fault.spoil(_answer(exchange))
    words = fault.given() or _words(exchange, fault)
    return _said(exchange, words, fault, asked)


def _words(exchange: Exchange, fault: Fault) -> Reply:
    said = None if exchange.response is None else spoken_of(exchange.response)
    if said is None:
        raise _unfit(exchange, fault, "no model speaks in its answer")
    return said


def _said(exchange: Exchange, saying: Reply | Fault, fault: Fault, asked: Asked) -> wire.WireEvent:
    """The answer that the fake writes for these words: other words make another body, whatever was recorded."""
    scene = scene_of(exchange.request)
    if scene is None or not scene.inquiry.speaks:
        raise _unfit(exchange, fault, "it is no request to a model that the fake can stand in for")
    spoiler = fault if isinstance(fault, Spoiler) else None
    outcome = brain.outcome(saying, scene.inquiry, asked=asked, latency=NO_LATENCY, fault=spoiler)
    if not isinstance(outcome.event, Completion):
        return outcome.event
    try:
        answer = scene.endpoint.write(outcome.event, scene.inquiry)
    except Rejection as refused:
        raise _unfit(exchange, fault, str(refused)) from refused
    return answer if spoiler is None else spoiler.spoil(answer)


def _answer(exchange: Exchange) -> wire.Answer:
    """What was recorded, as it went over the wire."""
    response = exchange.response
    assert response is not None  # noqa: S101 - checked before
    body: bytes | tuple[wire.Piece, ...] = response.body.data
    if is_stream(response):
        body = tuple(wire.Piece(piece.data, (piece.at_us - response.at_us) / 1e6) for piece in response.pieces())
    return wire.Answer(response.status, response.headers, body)


def _due_us(exchange: Exchange, fault: Fault, asked: Asked) -> int:
    """When the answer begins: as recorded, unless the fault says it, or is another answer."""
    if fault.latency is not None:
        return round(Latency.of(fault.latency).drawn(asked.key).first * 1e6)
    response = exchange.response
    if response is None or not fault.spoils:
        return 0
    return response.at_us if is_stream(response) else max(response.offsets_us, default=response.at_us)


def met(event: wire.WireEvent, due_us: int = 0) -> Met:
    """What becomes of a client that reads to the end."""
    reader, pieces, head_us = Reader(), list[Piece](), due_us
    at_us = due_us
    for arriving in islice(course(event), _MOST):
        at_us = due_us + round(arriving.at * 1e6)
        if arriving.then == "silence":
            break
        was_headless = reader.status is None
        try:
            data = reader.take(arriving)
        except Lost as lost:
            return Met(_response(reader, pieces, head_us), Failure(lost.error, lost.words, at_us))
        head_us = at_us if was_headless else head_us
        pieces += [Piece(data, at_us)] if data else []
        if reader.ended:
            return Met(_response(reader, pieces, head_us), None)
    silence = Failure("ReadTimeout", "nothing more came", at_us + _SILENCE_US)
    return Met(_response(reader, pieces, head_us), silence)


def _response(reader: Reader, pieces: Iterable[Piece], head_us: int) -> RecordedResponse | None:
    if reader.status is None:
        return None
    found = list(pieces)
    return RecordedResponse(
        reader.status,
        _headers(reader.headers),
        Body(b"".join(piece.data for piece in found)),
        tuple(len(piece.data) for piece in found),
        tuple(piece.at_us for piece in found),
        head_us,
    )


def _headers(headers: Iterable[tuple[str, str]]) -> Headers:
    lowered = ((name.lower(), value) for name, value in headers)
    return tuple((name, value) for name, value in lowered if name not in _OF_THE_WIRE)


def _in(lane: str) -> str:
    return f" of lane {lane!r}" if lane else ""


def _slots(known: Iterable[tuple[str, int]], lane: str) -> str:
    slots = sorted(slot for place, slot in known if place == lane)
    return f"{slots[0]} to {slots[-1]}" if len(slots) > 1 else (f"{slots[0]} alone" if slots else "none there")
