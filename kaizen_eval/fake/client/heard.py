"""What a client of ours makes of a stream, as far as it has come."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeGuard

from kaizen_eval.errors import BadResponse, ProviderError
from kaizen_eval.fake.client.reader import Lost, Reader
from kaizen_eval.fake.client.unpacking import Unpacking
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.course import course
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.decoder import Decoder

__all__ = ["Heard", "bodies", "heard", "is_stream"]


class Heard(NamedTuple):
    """A reply as far as it has come."""

    so_far: Accumulator
    is_whole: bool
    """Whether the client reads no further, because it has all."""
    error: str | None = None
    """The class of what our provider raises for what it has read; None while nothing is wrong with that."""


def is_stream(event: WireEvent, inquiry: Inquiry) -> TypeGuard[Answer]:
    """Whether it is read as a stream of a chat completion."""
    is_asked = inquiry.request.stream and inquiry.endpoint == "chat"
    return is_asked and isinstance(event, Answer) and 200 <= event.status < 300


def heard(parts: Iterable[bytes], headers: Iterable[tuple[str, str]], *, has_ended: bool) -> Heard:
    """What is heard in the parts of a body; `parts` may raise Lost, where the connection is."""
    decoder = Decoder()
    try:
        _listen(decoder, parts, Unpacking(headers))
        if has_ended:
            _go_through(decoder.finish())
    except Lost:
        return Heard(decoder.so_far, decoder.is_done, None if decoder.is_done else "ConnectionLost")
    except ProviderError as error:
        return Heard(decoder.so_far, is_whole=False, error=type(error).__name__)
    except zlib.error:
        return Heard(decoder.so_far, is_whole=False, error=BadResponse.__name__)
    return Heard(decoder.so_far, decoder.is_done)


def bodies(event: WireEvent, *, arrivals: int | None = None) -> Iterator[bytes]:
    """The body as an HTTP client reads it out of so many arrivals, or of all.

    Raises:
        Lost: the connection is.
    """
    reader = Reader()
    for arriving in islice(course(event), arrivals):
        if arriving.then == "silence" or reader.ended:
            return
        yield reader.take(arriving)


def _listen(decoder: Decoder, parts: Iterable[bytes], unpacking: Unpacking) -> None:
    for part in parts:
        _go_through(decoder.feed(unpacking(part)))
        if decoder.is_done:
            return


def _go_through(deltas: Iterable[object]) -> None:
    for _ in deltas:
        pass
