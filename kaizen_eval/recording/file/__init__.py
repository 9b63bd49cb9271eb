"""Cassette files: recordings to bytes and back, byte for byte, readable, and never silently shorter."""

from __future__ import annotations

from kaizen_eval.recording.file.coding import Form, decode, encode
from kaizen_eval.recording.file.content import SCHEMA, Header, Recording, Totals
from kaizen_eval.recording.file.limits import MOST_BYTES, MOST_BYTES_OF_BODY
from kaizen_eval.recording.file.lines import exchange_of, line_of
from kaizen_eval.recording.file.totals import header_for

__all__ = [
    "MOST_BYTES",
    "MOST_BYTES_OF_BODY",
    "SCHEMA",
    "Form",
    "Header",
    "Recording",
    "Totals",
    "decode",
    "encode",
    "exchange_of",
    "header_for",
    "line_of",
]
