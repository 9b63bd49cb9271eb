"""Reading: one stream under the head that came before it; what goes wrong is told without secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from kaizen_eval.errors import AttemptTimeout, BadResponse, ConnectionLost, ProviderError
from kaizen_eval.llm.streaming.decoder import Decoder
from kaizen_eval.llm.translate import in_context, stream_lost
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
        try:
            yield from self._decoder.feed(part)
        except ProviderError as error:
            raise self._told(error) from error.__cause__

    def finish(self) -> Iterator[ChatDelta]:
        """As `Decoder.finish`."""
        try:
            yield from self._decoder.finish()
        except ProviderError as error:
            raise self._told(error) from error.__cause__

    def lost(self, reason: str) -> ConnectionLost:
        """The error for a connection that is no more."""
        return self._told(stream_lost(self._place, reason, self._decoder.so_far.text))

    def late(self, reason: str) -> AttemptTimeout:
        """The error where the HTTP client has lost its patience."""
        received = self._decoder.so_far.text
        words = f"{self._place} did not go on in time, after {len(received)} characters of the reply ({reason})."
        return self._told(AttemptTimeout(words, received=received))

    def unreadable(self, reason: str) -> BadResponse:
        """The error for bytes that cannot be decompressed."""
        received = self._decoder.so_far.text
        return self._told(BadResponse(f"The stream of {self._place} cannot be read ({reason}).", received=received))

    def _told(self, error: _Error) -> _Error:
        return in_context(error, self._status, self._headers, secrets=self._secrets)
