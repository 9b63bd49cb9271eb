"""Reading: one stream under the head that came before it; what goes wrong is told without secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from kaizen_eval.errors import AttemptTimeout, BadResponse, ConnectionLost, ProviderError
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.decoder import Decoder
from kaizen_eval.llm.translate import in_context
from kaizen_eval.messages import ChatDelta

__all__ = ["Reading"]

_Error = TypeVar("_Error", bound=ProviderError)


class Reading:
    """Reads the body of a response with a success status.

    Args:
        place: where the service is, for messages.
        status: of the response.
        headers: of the response; names in any case.
        secrets: what no part of an error may hold.
    """

    def __init__(self, place: str, status: int, headers: Mapping[str, str], *, secrets: Collection[str] = ()) -> None:
        self._place = place
        self._status = status
        self._headers = headers
        self._secrets = secrets
        self._decoder = Decoder()

    @property
    def is_done(self) -> bool:
        """Whether all that is to be read has come."""
        return self._decoder.is_done

    def feed(self, part: bytes) -> Iterator[ChatDelta]:
        """As `Decoder.feed`."""
        return self._telling(self._decoder.feed(part))

    def finish(self) -> Iterator[ChatDelta]:
        """As `Decoder.finish`."""
        return self._telling(self._decoder.finish())

    def lost(self, reason: str) -> ConnectionLost:
        """The error for a connection that is no more."""
        words = f"The connection to {self._place} was lost {self._where()} ({reason})."
        return self._told(ConnectionLost(words, received=self._so_far.received))

    def late(self, reason: str) -> AttemptTimeout:
        """The error where the HTTP client has lost its patience."""
        words = f"{self._place} did not go on in time, {self._where()} ({reason})."
        return self._told(AttemptTimeout(words, received=self._so_far.received))

    def unreadable(self, reason: str) -> BadResponse:
        """The error for bytes that cannot be decompressed."""
        words = f"The stream of {self._place} cannot be read any further, {self._where()} ({reason})."
        return self._told(BadResponse(words, received=self._so_far.received))

    @property
    def _so_far(self) -> Accumulator:
        return self._decoder.so_far

    def _where(self) -> str:
        return f"after {len(self._so_far.text)} characters of the reply"

    def _telling(self, deltas: Iterator[ChatDelta]) -> Iterator[ChatDelta]:
        raised = None
        try:
            yield from deltas
        except ProviderError as error:
            raised = error
        if raised is not None:  # out here, it is not behind the error that is told in its place
            raise self._told(raised) from raised.__cause__

    def _told(self, error: _Error) -> _Error:
        return in_context(error, self._status, self._headers, secrets=self._secrets)
