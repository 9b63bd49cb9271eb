"""The end of a recording: its cassette is written, or what was recorded is kept elsewhere and why is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kaizen_eval.errors import RecordingError, SecretFound
from kaizen_eval.recording import verdict
from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.writing.keeping import REJECTED, found_in, keep, reject
from kaizen_eval.recording.writing.masking import Scans
from kaizen_eval.recording.writing.partial import Partial
from kaizen_eval.recording.writing.recorder import Lost
from kaizen_eval.recording.writing.storage import beside, real, remove

__all__ = ["Finish", "lost_error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """A recording that is over; its partial file is removed once everything is elsewhere."""

    path: Path
    """Of the cassette, as its user names it."""
    exchanges: tuple[Exchange, ...]
    """All that the cassette is to hold."""
    lost: Sequence[Lost]
    recorded_at: datetime
    redactor: Scans
    partial: Partial

    def passed(self) -> RecordingError | None:
        """Write the cassette; what went wrong, if anything did."""
        try:
            return self._written()
        except Exception as error:  # noqa: BLE001 - whatever it was: what was paid for is told
            text = error if isinstance(error, RecordingError) else f"{self.path} was not written: {error!r}."
            told = RecordingError(f"{text} {self._still_partial()}", path=str(self.path))
            told.__cause__ = error
            return told

    def failed(self) -> str:
        """Keep what was recorded beside the cassette, masked; where it is now, and how it becomes the cassette."""
        try:
            return verdict.rejected(self._rejected())
        except Exception as error:  # noqa: BLE001 - the test has failed already, and its error is the one to see
            return f"{error}\n{self._still_partial()}"

    def _written(self) -> RecordingError | None:
        if self.lost:
            return lost_error(self.path, self.lost, self._rejected())
        if found := found_in(self.exchanges, self.redactor):
            return SecretFound(verdict.secrets(self.path, found, self._rejected()), path=str(self.path))
        keep(real(self.path), self.exchanges, self.recorded_at)
        self.partial.remove()
        remove(beside(real(self.path), REJECTED))
        return None

    def _rejected(self) -> Path:
        kept = reject(real(self.path), self.exchanges, self.recorded_at, self.redactor)
        self.partial.remove()
        return kept

    def _still_partial(self) -> str:
        return verdict.still_partial(self.partial.path, self.partial.error)


def lost_error(path: Path, lost: Sequence[Lost], kept: Path | None = None) -> RecordingError:
    """For the first that cannot be kept; `kept` is where the others are."""
    place, cause = lost[0]
    error = RecordingError(verdict.lost(path, place.slot, cause, kept), path=str(path))
    error.__cause__ = cause
    return error
