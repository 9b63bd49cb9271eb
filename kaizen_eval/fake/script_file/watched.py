"""Watched: a script file that is read again when it changes."""

from __future__ import annotations

import os
from pathlib import Path

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script_file.loading import LARGEST, ScriptFile, language_of, read

__all__ = ["Watched"]

_Stamp = tuple[int, int, int]


class Watched:
    """A file that somebody polls; what it last said in full stays while it cannot be read.

    Raises:
        ScriptError: it cannot be used as it is now.
        OSError: there is no such file, or it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._language = language_of(self.path)
        self._stamp, self._content = self._look()
        self.current: ScriptFile = self._read()
        """The last that could be used."""

    def changed(self) -> bool:
        """Whether the file holds something else than when it was last read; the content decides, not the time."""
        try:
            if _stamp(self.path) == self._stamp:
                return False
            stamp, content = self._look()
        except OSError:
            return self._content is not None
        if content == self._content:
            self._stamp = stamp
            return False
        return True

    def reload(self) -> str | None:
        """Read it again: None, and `current` is what it says; or what is wrong, and `current` stays."""
        try:
            self._stamp, self._content = self._look()
            self.current = self._read()
        except OSError as error:
            self._stamp, self._content = None, None
            return f"{self.path.name} cannot be read: {error.strerror or error}."
        except ScriptError as error:
            return str(error)
        return None

    def _look(self) -> tuple[_Stamp | None, bytes | None]:
        with self.path.open("rb") as file:
            found = os.fstat(file.fileno())
            return (found.st_mtime_ns, found.st_size, found.st_ino), file.read(LARGEST + 1)

    def _read(self) -> ScriptFile:
        return read(self._content or b"", language=self._language, name=self.path.name)


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino
