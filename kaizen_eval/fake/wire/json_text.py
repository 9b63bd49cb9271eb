"""JSON in raw UTF-8, as the service writes it: text for text what `json.dumps(…, ensure_ascii=False)` gives."""

from __future__ import annotations

import json
from json.encoder import encode_basestring as quoted

__all__ = ["quoted", "quoted_or_null", "utf8", "written"]

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def written(value: object) -> str:
    """Without spaces."""
    return _compact(value)


def quoted_or_null(text: str | None) -> str:
    return "null" if text is None else quoted(text)


def utf8(json_text: str) -> bytes:
    """A lone surrogate, which UTF-8 cannot hold, as JSON's escape for it."""
    try:
        return json_text.encode()
    except UnicodeEncodeError:
        return json_text.encode("utf-8", "backslashreplace")
