"""The key of a request: what two requests share when one's answer is good for the other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from json.encoder import encode_basestring as quoted
from math import nan
from typing import Any

from kaizen_eval.recording.exchange import RecordedRequest
from kaizen_eval.recording.lookup.holes import fits_holes, has_holes
from kaizen_eval.recording.lookup.reduction import reduced
from kaizen_eval.recording.lookup.reduction.endpoint_path import recorded_path

__all__ = ["canonical", "fits_holes", "has_holes", "key_of", "recorded_path", "text_of"]

_LENGTH = 32
"""Hexadecimal digits: 128 bits, so that no two requests ever share them by chance."""


def key_of(request: RecordedRequest, *, lane: str = "", ignore: Sequence[str] = ()) -> str:
    """32 hexadecimal digits, the same for requests that differ only in what `canonical` leaves out.

    Args:
        request: redacted, so that the key is the same on every machine.
        lane: which of several that run side by side asks.
        ignore: paths as `reduction.ignored_paths` reads them.

    Raises:
        ConfigError: a path of `ignore` is none.
    """
    text = f"{quoted(lane)}\n{canonical(request, ignore=ignore)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def canonical(request: RecordedRequest, *, ignore: Sequence[str] = ()) -> str:
    """The request as one text: without headers, fields sorted, no blanks, numbers as written, generated ids numbered.

    Two requests have the same text only if they differ in nothing but the order of fields, blanks, escapes, boundaries,
    what is ignored, and which ids were generated.
    """
    method, path, query, is_streamed, kind, value = reduced(request, ignore)
    asked = "&".join(f"{quoted(name)}={text_of(held)}" for name, held in query)
    stream = "stream" if is_streamed else "whole"
    return f"{quoted(method)} {quoted(path)}?{asked}\n{stream}\n{kind} {text_of(value)}"


def text_of(value: Any) -> str:
    """A reduced value as JSON without blanks, fields sorted.

    What JSON has no exact form for stands behind a NaN, which no request can hold: `[NaN,"Number","1.0"]`.
    """
    return _WRITER.encode(value)


def _marked(value: object) -> tuple[float, str, str]:
    return nan, type(value).__name__, str(value)


_WRITER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"), default=_marked
)
