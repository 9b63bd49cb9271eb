"""What becomes of a recording: its cassette, or a masked file beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.exchange import Exchange, in_order
from kaizen_eval.recording.file import Form, Recording, encode, header_for
from kaizen_eval.recording.verdict import Found
from kaizen_eval.recording.writing.masking import Scans, masked
from kaizen_eval.recording.writing.storage import beside, remove, write

__all__ = ["MOST_IN_YAML", "REJECTED", "Writes", "found_in", "keep", "reject"]

MOST_IN_YAML = 500
"""Exchanges; a cassette of more is JSON lines."""
REJECTED = "rejected"


class Writes(Protocol):
    """Replaces a file whole, or raises and leaves it as it was."""

    def __call__(self, path: Path, data: bytes) -> None: ...


def found_in(exchanges: Sequence[Exchange], redactor: Scans) -> tuple[Found, ...]:
    """The secrets that redaction has left."""
    return tuple(Found(exchange, *finding) for exchange in exchanges for finding in redactor.scan(exchange))


def keep(path: Path, exchanges: Sequence[Exchange], recorded_at: datetime, *, write: Writes = write) -> Path:
    """Write the cassette, in the form that its size asks for; where it is.

    Raises:
        RecordingError: it cannot be written; the old one is as it was.
    """
    lines = path.with_suffix(".jsonl")
    form: Form = "jsonl" if len(exchanges) > MOST_IN_YAML or path == lines else "yaml"
    place = lines if form == "jsonl" else path
    _write(place, _encoded(exchanges, recorded_at, form), write)
    for old in {path, lines} - {place}:
        remove(old)
    return place


def reject(
    path: Path, exchanges: Sequence[Exchange], recorded_at: datetime, redactor: Scans, *, write: Writes = write
) -> Path:
    """Write what was recorded beside the cassette, with whatever still scans as a secret masked; where it is.

    Raises:
        RecordingError: it cannot be written.
    """
    place = beside(path, REJECTED)
    safe = [masked(exchange, redactor) for exchange in exchanges]
    form: Form = "jsonl" if len(exchanges) > MOST_IN_YAML else "yaml"
    _write(place, _encoded(safe, recorded_at, form), write)
    return place


def _encoded(exchanges: Sequence[Exchange], recorded_at: datetime, form: Form) -> bytes:
    ordered = in_order(exchanges)
    return encode(Recording(header_for(ordered, recorded_at=recorded_at), ordered), form=form)


def _write(place: Path, data: bytes, write: Writes) -> None:
    try:
        write(place, data)
    except OSError as error:
        raise RecordingError(
            f"{place} could not be written: {error.strerror or error}. What stood there before is as it was.",
            path=str(place),
        ) from error
