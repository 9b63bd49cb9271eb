"""A file that may be a cassette, opened: what it holds, or why it cannot be told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kaizen_eval.cli.cassettes.places import STDIN, cassettes
from kaizen_eval.errors import CassetteCorrupt, RecordingError
from kaizen_eval.recording.file import MOST_BYTES, Form, Recording, decode, encode
from kaizen_eval.recording.maintenance.lint import whole

__all__ = ["Opened", "encoded_as", "form_of", "is_stock", "opened", "opened_all", "read", "recording_at"]

_HEAD = 4_000


@dataclass(frozen=True, slots=True)
class Opened:
    """One of several files that were looked for."""

    path: Path
    data: bytes
    recording: Recording | None = None
    problem: str = ""
    """Why there is no recording, without the path."""
    line: int | None = None
    is_stock: bool = False
    """Whether vcrpy wrote it."""


def read(path: Path) -> bytes:
    """Raises OSError, or RecordingError for what is too large to be a cassette."""
    if path == STDIN:
        return sys.stdin.buffer.read(MOST_BYTES)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise RecordingError(f"{path} has {size:,} bytes; a cassette has {MOST_BYTES:,} at most.", path=str(path))
    return path.read_bytes()


def recording_at(path: Path) -> Recording:
    """What the cassette holds, all bodies looked at.

    Raises:
        CassetteCorrupt: it is none, or torn, or changed.
    """
    data = read(path)
    if is_stock(data):
        raise RecordingError(
            f"{path} is a cassette of vcrpy; make one of ours: kaizen-eval cassettes convert {path}", path=str(path)
        )
    return whole(decode(data, path=str(path)))


def opened_all(given: Sequence[str]) -> list[Opened]:
    return [opened(path) for path in cassettes(given)]


def opened(path: Path) -> Opened:
    """Never raises for what the file is, or is not: that is what a row of a table tells."""
    data = b""
    try:
        data = read(path)
        if is_stock(data):
            return Opened(path, data, is_stock=True)
        return Opened(path, data, whole(decode(data, path=str(path))))
    except CassetteCorrupt as error:
        return Opened(path, data, problem=_bare(str(error), path, error.line), line=error.line)
    except RecordingError as error:
        return Opened(path, data, problem=_bare(str(error), path, None))
    except OSError as error:
        return Opened(path, data, problem=error.strerror or str(error))


def is_stock(data: bytes) -> bool:
    """Whether it begins as vcrpy begins, maybe after comments and a version: YAML or JSON with `interactions`."""
    head = data[:_HEAD].lstrip()
    return b"\ninteractions:" in b"\n" + head or (head.startswith(b"{") and b'"interactions"' in data)


def form_of(path: Path) -> Form:
    return "jsonl" if path.suffix == ".jsonl" else "yaml"


def encoded_as(recording: Recording, path: Path) -> bytes:
    return encode(recording, form=form_of(path))


def _bare(message: str, path: Path, line: int | None) -> str:
    return message.removeprefix(f"{path}:{line}: " if line else f"{path}: ")
