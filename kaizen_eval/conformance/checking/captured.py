"""What a target does beside its work while it is judged: what it prints and logs, and threads that it leaves."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Literal, get_args

__all__ = ["Aside", "Captured", "Keeping", "flush", "left_threads", "notices"]

Aside = Literal["prints", "writes to stderr", "logs", "leaves threads"]
_MOST = 2_000
"""Characters of one law's output that are looked at."""
_LONGEST = 100
_OURS = ("kaizen_eval", "asyncio")


class Captured:
    """Files in the place of stdout and stderr, from the time on when a process enters them."""

    def __init__(self) -> None:
        self._files: tuple[IO[bytes], ...] = (tempfile.TemporaryFile(), tempfile.TemporaryFile())  # noqa: SIM115 - closed by close()

    def enter(self) -> None:
        """For the rest of this process."""
        for number, file in enumerate(self._files, start=1):
            os.dup2(file.fileno(), number)

    def texts(self) -> Mapping[Aside, str]:
        """What was written so far, from its beginning."""
        return {"prints": self._text(0), "writes to stderr": self._text(1)}

    def _text(self, number: int) -> str:
        file = self._files[number]
        return os.pread(file.fileno(), _MOST, 0).decode("utf-8", "replace")

    def close(self) -> None:
        for file in self._files:
            file.close()


def flush() -> None:
    """What was printed and not yet written."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()


class Keeping(logging.Handler):
    """Keeps warnings and worse of loggers that are not ours, which would else go to stderr."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] not in _OURS:
            self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def left_threads(before: Sequence[threading.Thread]) -> list[str]:
    """Those that are still there, and that we did not start ourselves."""
    others = [thread for thread in threading.enumerate() if thread not in before and not _is_ending(thread)]
    names = Counter(thread.name for thread in others if not type(thread).__module__.startswith(_OURS))
    return [name if count == 1 else f"{name} ({count} times)" for name, count in names.items()]


def _is_ending(thread: threading.Thread) -> bool:
    """A timer that was called off takes a moment to be gone."""
    return isinstance(thread, threading.Timer) and thread.finished.is_set()


def notices(asides: Mapping[str, Mapping[Aside, str]]) -> tuple[str, ...]:
    """One sentence for each kind of aside.

    Args:
        asides: by the id of the law that was judged meanwhile, or what else went on.
    """
    return tuple(_notice(kind, found) for kind in get_args(Aside) if (found := dict(_of(kind, asides))))


def _of(kind: Aside, asides: Mapping[str, Mapping[Aside, str]]) -> Iterator[tuple[str, str]]:
    for where, said in asides.items():
        if said.get(kind, "").strip():
            yield where, said[kind].strip()


def _notice(kind: Aside, found: Mapping[str, str]) -> str:
    where, text = next(iter(found.items()))
    lines = text.splitlines()
    first = _line(lines[0])
    more = f", and {len(lines) - 1} more lines" if len(lines) > 1 else ""
    others = f", and during {len(found) - 1} more" if len(found) > 1 else ""
    return f"It {kind}: {first!r}{more}, during {where}{others}."


def _line(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
