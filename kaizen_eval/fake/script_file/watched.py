"""Watched: a script file that is read again when it changes."""

from __future__ import annotations

from pathlib import Path

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script_file.loading import ScriptFile, language_of, read
from kaizen_eval.handwritten.decoded import LARGEST

__all__ = ["Watched"]


class Watched:
    """A file that somebody polls; what it last said in full stays while it cannot be read.

    Raises:
        ScriptError: it cannot be used as it is now.
        OSError: there is no such file, or it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._language = language_of(self.path)
        self._content: bytes | None = self._look()
        self.current: ScriptFile = self._read()
        """The last that could be used."""

    def changed(self) -> bool:
        """Whether the file holds something else than when it was last read.

        Its time does not tell: it is the same for two changes within one tick of the system's clock.
        """
        try:
            return self._look() != self._content
        except OSError:
            return self._content is not None

    def reload(self) -> str | None:
        """Read it again: None, and `current` is what it says; or what is wrong, and `current` stays."""
        try:
            self._content = self._look()
            self.current = self._read()
        except OSError as error:
            self._content = None
            return f"{self.path.name} cannot be read: {error.strerror or error}."
        except ScriptError as error:
            return str(error)
        return None

    def _look(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(LARGEST + 1)

    def _read(self) -> ScriptFile:
        return read(self._content or b"", language=self._language, name=self.path.name)
