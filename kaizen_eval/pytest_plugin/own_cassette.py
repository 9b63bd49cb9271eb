"""The cassette of one test, opened when it is first needed."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from kaizen_eval.errors import RecordingError
from kaizen_eval.fake import misses
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.cassette import Cassette
from kaizen_eval.recording.settings import CassetteSettings
from kaizen_eval.recording.writing.storage import find

__all__ = ["OwnCassette"]


def _model(body: Body) -> str:
    try:
        return str(json.loads(body.data)["model"])
    except (ValueError, LookupError, TypeError):
        return ""


class OwnCassette:
    """Opened when its test's first request comes: a test that asks nothing needs none."""

    def __init__(self, path: Path, settings: CassetteSettings, *, lane: str = "", command: str) -> None:
        self.path = path
        self.settings = settings
        self.service = ""
        """What is asked where it does not answer itself; empty where the test's own clients know."""
        self._lane = lane
        self._command = command
        self._lock = threading.Lock()
        self._cassette: Cassette | None = None
        self._is_closed = False
        self._is_kept = False

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
            return Cassette.open(self.path, self.settings, lane=self._lane, command=self._command)
        except RecordingError as error:
            misses.record(self, error)  # the agent may swallow it
            raise

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def opened(self) -> Cassette | None:
        return self._cassette

    def model(self) -> str:
        """The one that was recorded; empty where there were several."""
        models = {_model(exchange.request.body) for exchange in self.open().exchanges}
        return models.pop() if len(models) == 1 else ""

    @property
    def has_lost(self) -> bool:
        """Whether something was recorded that has not become the cassette."""
        is_recording = self._cassette is not None and self.settings.mode in {"record", "record-missing"}
        is_lost = self._is_closed and not self._is_kept
        return is_recording and bool(self._cassette.recorded) and is_lost  # type: ignore[union-attr]

    def close(self, *, passed: bool) -> str:
        """Where a recording that is not kept is; empty else. A second time nothing happens.

        Raises:
            RecordingError: what is found only now.
        """
        if self._is_closed:
            return ""
        self._is_closed = True
        if passed and self._cassette is None and self.settings.mode != "live" and find(self.path) is not None:
            self.open()  # nothing of it was asked for, and that is to be told
        if self._cassette is None:
            return ""
        self._cassette.close(passed=passed)
        self._is_kept = passed
        return self._cassette.last_words

    def discard(self) -> None:
        """The test is skipped."""
        self._is_closed = True
        if self._cassette is not None:
            self._cassette.discard()

    def _asked(self, cassette: Cassette) -> int:
        if self.settings.mode == "verify":
            return len(cassette.played)
        return 0 if self.has_lost else len(cassette.recorded)

    def figures(self) -> dict[str, Any]:
        """For the report of its test: exchanges replayed, and those that were asked of the service and count."""
        assert self._cassette is not None  # noqa: S101 - for the type checker
        return {
            "mode": self.settings.mode,
            "played": len(self._cassette.played),
            "asked": self._asked(self._cassette),
            "reworded": self._cassette.reworded,
            "service": self.service,
        }
