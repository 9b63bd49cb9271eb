"""One request of a client, as the cassette that vcrpy's stubs ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.clients.vcr_access import raw_request, response_dict, whole_response
from kaizen_eval.recording.clients.whole import Errors, played, record_whole
from kaizen_eval.recording.exchange import Exchange, RawRequest
from kaizen_eval.recording.passing.asked import Asked, Turned
from kaizen_eval.recording.passing.failures import gave_up, unread
from kaizen_eval.recording.passing.teed import tell_failure

if TYPE_CHECKING:
    from vcr.request import Request

__all__ = ["OneRequest"]


class _Played(NamedTuple):
    play: Exchange | None
    take: None = None


class _Recorded:
    """A cassette that holds one request's exchanges."""

    def __init__(self, exchanges: list[Exchange], cassette: Asked) -> None:
        self._exchanges = iter(exchanges)
        self.path = cassette.path
        self.note = cassette.note

    def begin(self, _raw: RawRequest) -> _Played:
        return _Played(next(self._exchanges, None))


class OneRequest:
    """Plays what is recorded, and takes what a call brings, for one request with its redirects."""

    write_protected = False

    def __init__(self, cassette: Asked, errors_for: Callable[[str], Errors], *, outlasts: bool = False) -> None:
        """Args:
        errors_for: the client's own errors, for a URL.
        outlasts: whether `given_up` is looked at: whoever plays waits for the client to give up again.
        """
        self._cassette = cassette
        self._errors_for = errors_for
        self._outlasts = outlasts
        self._turns: list[Turned] = []  # begun, and neither played nor taken
        self._compared: list[Exchange] = []
        self._errors: Errors = errors_for("")
        self.given_up: Exchange | None = None
        """What was played, and brings nothing: the client that recorded it gave up on it, and this one may, too."""

    def can_play_response_for(self, request: Request) -> bool:
        turn = self._begin(request)
        self._turns.append(turn)
        return turn.play is not None and turn.take is None

    def play_response(self, request: Request) -> dict[str, Any]:
        turn = self._next(request)
        if turn.play is None:
            raise LookupError(f"A redirect was answered from a cassette, and {request.uri!r} behind it is not in it.")
        if self._outlasts and gave_up(turn.play):
            self.given_up = turn.play
            raise unread(turn.play, str(self._cassette.path))
        return response_dict(played(turn.play, self._errors, self._cassette))

    def append(self, request: Request, response: Mapping[str, Any]) -> None:
        take = self._next(request).take
        if take is not None:
            record_whole(take, whole_response(response))

    def owed(self) -> OneRequest | None:
        """What plays what was recorded, where a call was made only to compare; None where the call was all."""
        if not self._compared:
            return None
        return OneRequest(_Recorded(self._compared, self._cassette), self._errors_for, outlasts=self._outlasts)

    def fail(self, error: BaseException) -> None:
        """The call brought nothing."""
        for turn in self._turns:
            if turn.take is not None:
                tell_failure(turn.take, error, self._errors.named)
        self._turns.clear()

    def note(self, error: RecordingError) -> None:
        """The client did not give up."""
        self._cassette.note(error)

    def filter_request(self, request: Request) -> Request:
        return request

    def find_requests_with_most_matches(self, _request: Request) -> list[Any]:
        """None: the stub goes on with the request that follows from the redirect."""
        return []

    def _begin(self, request: Request) -> Turned:
        self._errors = self._errors_for(request.uri)
        turn = self._cassette.begin(raw_request(request))
        if turn.play is not None and turn.take is not None:
            self._compared.append(turn.play)
        return turn

    def _next(self, request: Request) -> Turned:
        return self._turns.pop(0) if self._turns else self._begin(request)
