"""Requests that found no answer in a cassette: they fail its test, unless somebody says that they are meant."""

from __future__ import annotations

from pathlib import Path

from kaizen_eval.errors import RecordingError
from kaizen_eval.fake import misses

__all__ = ["Missed"]


class Missed:
    """The misses of one cassette, which `kaizen_eval.fake.misses` knows by its owner."""

    def __init__(self, owner: object) -> None:
        self._owner = owner
        self._errors: list[RecordingError] = []
        self._is_forgiving = False

    def note(self, error: RecordingError) -> None:
        """The agent may swallow it: its test is to fail all the same."""
        if not self._is_forgiving:
            self._errors.append(error)
            misses.record(self._owner, error)

    def forgive(self) -> None:
        """The ones so far, and those to come."""
        self._is_forgiving = True
        self._errors.clear()
        misses.forgive(self._owner)

    def error(self, path: Path) -> RecordingError | None:
        """One for all so far; whoever asks `kaizen_eval.fake.misses` is not told again."""
        if not self._errors:
            return None
        misses.forgive(self._owner)
        texts = dict.fromkeys(str(error) for error in self._errors)
        counted = "A request" if len(self._errors) == 1 else f"{len(self._errors)} requests"
        head = f"{counted} found no answer in {path}, and the error did not reach the test:"
        tail = "Or, if that is meant, call forgive_misses() on the cassette."
        return type(self._errors[0])("\n\n".join([head, *texts, tail]), path=str(path))
