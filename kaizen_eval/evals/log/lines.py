"""Lines of a log: a JSON object each, with a sum that tells whether it is still as it was written."""

from __future__ import annotations

import json
from typing import Any
from zlib import crc32

import jiter

from kaizen_eval.evals.log.values import restored

__all__ = ["Garbled", "line_of", "object_of", "parsed"]

_SUM = b',"crc":"%08x"}\n'
_SUM_LENGTH = len(_SUM % 0)
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":")).encode
_TAGGED = b'{"$'


class Garbled(Exception):
    """The line is not as it was written; the message says why."""


def line_of(kind: str, fields: dict[str, Any]) -> bytes:
    """The line, with its end; of fields that `plain` has made plain."""
    document = {"kind": kind, **fields}
    try:
        body = _encode(document).encode()
    except UnicodeEncodeError:  # surrogates, which UTF-8 cannot hold
        body = _encode_ascii(document).encode()
    return body[:-1] + _SUM % crc32(body[:-1])


def object_of(line: bytes) -> dict[str, Any]:
    """What the line holds, restored, under "kind" what it is.

    Raises:
        Garbled: the sum does not fit, or it is no line of a log.
    """
    body, written = line[:-_SUM_LENGTH], line[-_SUM_LENGTH:]
    if written != _SUM % crc32(body):
        raise Garbled(_why(line))
    document = parsed(body + b"}")
    if _TAGGED in line:
        return {name: restored(inner) for name, inner in document.items()}
    return document


def parsed(data: bytes) -> dict[str, Any]:
    """Raises:
    Garbled: it is no JSON object.
    """
    try:
        document = jiter.from_json(data)
    except ValueError:
        document = _leniently(data)
    if not isinstance(document, dict):
        raise Garbled("it is no JSON object")
    return document


def _leniently(data: bytes) -> Any:
    """Lone surrogates and deep nesting, which jiter refuses."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Garbled(f"it is no JSON ({error})") from None


def _why(line: bytes) -> str:
    document = parsed(line)
    if "crc" not in document:
        return 'it has no "crc", which every line of a log has at its end'
    return "it was changed after it was written: its crc does not fit"
