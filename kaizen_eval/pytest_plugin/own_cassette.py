"""The cassette of one test, opened when it is first needed."""

from __future__ import annotations

import threading
from pathlib import Path

from kaizen_eval.errors import RecordingError
from kaizen_eval.fake import misses
from kaizen_eval.recording.cassette import Cassette
from kaizen_eval.recording.settings import CassetteSettings
from kaizen_eval.recording.writing.storage import find

__all__ = ["OwnCassette"]


class OwnCassette:
    """Opened when its test's first request comes: a test that asks nothing needs none."""

    def __init__(self, path: Path, settings: CassetteSettings, *, command: str) -> None:
        self.path = path
        self.settings = settings
        self._command = command
        self._lock = threading.Lock()
        self._cassette: Cassette | None = None

    def open(self) -> Cassette:
        """The same one each time.

        Raises:
            RecordingError: there is none, it cannot be read, or somebody else records it.
        """
        with self._lock:
            if self._cassette is None:
                self._cassette = self._opened()
            return self._cassette

    def _opened(self) -> Cassette:
        try:
            return Cassette.open(self.path, self.settings, command=self._command)
        except RecordingError as error:
            misses.record(self, error)  # the agent may swallow it
            raise

    @property
    def opened(self) -> Cassette | None:
        return self._cassette

    def close(self, *, passed: bool) -> None:
        """What is found only now is raised as a RecordingError; a second time nothing happens."""
        if passed and self._cassette is None and self.settings.mode != "live" and find(self.path) is not None:
            self.open()  # nothing of it was asked for, and that is to be told
        if self._cassette is not None:
            self._cassette.close(passed=passed)

    def discard(self) -> None:
        """The test is skipped."""
        if self._cassette is not None:
            self._cassette.discard()
