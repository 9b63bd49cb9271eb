"""Take: one exchange while it is recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from kaizen_eval.errors import UsageError
from kaizen_eval.recording.exchange import (
    Exchange,
    Failure,
    Headers,
    Piece,
    RawRequest,
    RecordedRequest,
    RecordedResponse,
)
from kaizen_eval.recording.file.limits import MOST_BYTES_OF_BODY, too_large

__all__ = ["Place", "Redacts", "Take"]


class Redacts(Protocol):
    """As much of a Redactor as recording needs."""

    def request(self, raw: RawRequest) -> RecordedRequest: ...
    def response(self, status: int, headers: Headers, pieces: Sequence[Piece], at_us: int) -> RecordedResponse: ...
    def text(self, text: str) -> str: ...


class Place(NamedTuple):
    """Where an exchange stands in its cassette, and what it answers."""

    lane: str
    slot: int
    key: str
    request: RecordedRequest
    sent_at_us: int


class Take:
    """Told by whoever calls the real service: a head, pieces, and how it ended.

    The first end counts, and what is told after it is ignored: a client may read on when its cassette is closed.
    """

    def __init__(
        self,
        place: Place,
        keep: Callable[[Take, Exchange | Exception], None],
        *,
        redactor: Redacts,
        clock: Callable[[], int],
        most: int = MOST_BYTES_OF_BODY,
    ) -> None:
        """Args:
        keep: gets what was recorded, once; or why it cannot be kept, which is no business of the client.
        clock: nanoseconds.
        most: bytes of a body that is kept; of a larger one nothing is, and its client gets it all the same.
        """
        self.place = place
        self._keep = keep
        self._redactor = redactor
        self._clock = clock
        self._sent_ns = clock()
        self._mutex = threading.Lock()
        self._is_over = False
        self._head: tuple[int, Headers, int] | None = None
        self._pieces: list[Piece] = []
        self._most = most
        self._size = 0

    def head(self, status: int, headers: Headers) -> None:
        """Raises:
        UsageError: it was told before.
        """
        with self._mutex:
            if self._head is not None:
                raise UsageError(f"The response of {self._name} has two heads; tell the first, after redirects, once.")
            self._head = (status, headers, self._now_us())

    def piece(self, data: bytes) -> None:
        """A part of the body, decompressed, as it came in one read.

        Raises:
            UsageError: the head was not told.
        """
        with self._mutex:
            if self._head is None:
                raise UsageError(f"A piece of the response of {self._name} came before its head: call head() first.")
            if data and not self._is_over:
                self._gather(data)

    def end(self) -> None:
        """It came whole.

        Raises:
            UsageError: the head was not told.
        """
        if self._head is None and not self._is_over:
            raise UsageError(f"The response of {self._name} ended before its head: call head() first, or fail().")
        self._finish()

    def fail(self, error: str, message: str) -> None:
        """The HTTP client raised.

        Args:
            error: the name of its class in httpx.
            message: its text, secrets included.
        """
        self._finish(failure=Failure(error, message, self._now_us()))

    def leave(self) -> None:
        """The client stopped reading, or waiting."""
        self._finish(was_left=True)

    def _gather(self, data: bytes) -> None:
        """Nothing of a body that has become too large stays in memory."""
        self._size += len(data)
        if self._size <= self._most:
            self._pieces.append(Piece(bytes(data), self._now_us()))
        else:
            self._pieces.clear()

    @property
    def _name(self) -> str:
        return f"{self.place.request.method} {self.place.request.path}"

    def _now_us(self) -> int:
        return max(0, self._clock() - self._sent_ns) // 1000

    def _finish(self, *, failure: Failure | None = None, was_left: bool = False) -> None:
        with self._mutex:
            if self._is_over:
                return
            self._is_over = True
        try:
            exchange = self._exchange(failure, was_left=was_left)
        except Exception as error:  # noqa: BLE001 - the closing raises it
            self._keep(self, error)
        else:
            self._keep(self, exchange)

    def _exchange(self, failure: Failure | None, *, was_left: bool) -> Exchange:
        lane, slot, key, request, sent_at_us = self.place
        if failure is not None:
            failure = replace(failure, message=self._redactor.text(failure.message))
        return Exchange(
            lane=lane,
            slot=slot,
            key=key,
            request=request,
            response=self._response(),
            failure=failure,
            was_left=was_left,
            sent_at_us=sent_at_us,
        )

    def _response(self) -> RecordedResponse | None:
        if self._head is None:
            return None
        if self._size > self._most:
            raise too_large(self._size, most=self._most)
        status, headers, at_us = self._head
        return self._redactor.response(status, headers, self._pieces, at_us)
