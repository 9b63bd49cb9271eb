"""What requests on their way ask of a cassette, of a turn and of a take."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.exchange import Exchange, Headers, RawRequest
from kaizen_eval.recording.settings import CassetteSettings

__all__ = ["Asked", "Paced", "Taking", "Turned"]


class Taking(Protocol):
    """As much of a Take as this needs."""

    def head(self, status: int, headers: Headers) -> None: ...
    def piece(self, data: bytes) -> object: ...
    def end(self) -> None: ...
    def fail(self, error: str, message: str) -> None: ...
    def leave(self) -> None: ...


class Turned(Protocol):
    """As much of a Turn."""

    @property
    def play(self) -> Exchange | None: ...

    @property
    def take(self) -> Taking | None: ...


class Asked(Protocol):
    """As much of a cassette."""

    @property
    def path(self) -> Path: ...

    def begin(self, raw: RawRequest) -> Turned: ...
    def note(self, error: RecordingError) -> None: ...


class Paced(Asked, Protocol):
    """As much of one whose answers may take the time that they took."""

    @property
    def settings(self) -> CassetteSettings: ...
