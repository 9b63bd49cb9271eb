"""Cassettes to bytes and back."""

from __future__ import annotations

from typing import Literal

from kaizen_eval.recording.file.content import Recording
from kaizen_eval.recording.file.lines import read_lines, written_lines

__all__ = ["Form", "decode", "encode"]

Form = Literal["yaml", "jsonl"]


def encode(recording: Recording, *, form: Form) -> bytes:  # noqa: ARG001 - so far there is one form
    """The file's bytes, its exchanges sorted by lane and slot."""
    ordered = sorted(recording.exchanges, key=lambda exchange: (exchange.lane, exchange.slot))
    return b"".join(written_lines(Recording(recording.header, tuple(ordered))))


def decode(data: bytes, *, path: str) -> Recording:
    """What a file holds, whatever its form.

    Raises:
        CassetteCorrupt: it is torn, foreign or changed; with the line.
    """
    return read_lines(data, path)
