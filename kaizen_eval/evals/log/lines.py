"""Lines of a log: a JSON object each, with a sum that tells whether it is still as it was written."""

from __future__ import annotations

import json
import re
from collections.abc import Container
from typing import Any
from zlib import crc32

import jiter

from kaizen_eval.evals.log.values import restored

__all__ = ["Garbled", "begun_of", "line_of", "names_one_of", "object_of", "parsed"]

_SUM = b',"crc":"%08x"}\n'
_SUM_LENGTH = len(_SUM % 0)
_encode_ascii = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":")).encode
_TAGGED = b'{"$'
_ID = rb'"[^"\\]*"'
_TRIAL = re.compile(rb'(\{"kind":"trial","trial":\[' + _ID + rb',\d+\],"outcome":"\w+")[,}]')
_NAMED = re.compile(rb'\{"kind":(?:"trial","trial":\[|"case","id":)(' + _ID + rb")[,}]")


class Garbled(Exception):
    """The line is not as it was written; the message says why."""


def line_of(kind: str, fields: dict[str, Any]) -> bytes:
    """The line, with its end; of fields that `plain` has made plain."""
    from pydantic_core import to_json  # noqa: PLC0415 - who only reads logs does without it

    document = {"kind": kind, **fields}
    try:
        body = to_json(document)  # in a third of json's time
    except ValueError:  # surrogates, which UTF-8 cannot hold; deep nesting
        body = _encode_ascii(document).encode()
    return body[:-1] + _SUM % crc32(body[:-1])


def object_of(line: bytes) -> dict[str, Any]:
    """What the line holds, restored, under "kind" what it is.

    Raises:
        Garbled: the sum does not fit, or it is no line of a log.
    """
    document = parsed(_whole(line) + b"}")
    if _TAGGED in line:
        return {name: restored(inner) for name, inner in document.items()}
    return document


def begun_of(line: bytes) -> dict[str, Any]:
    """Of a trial's line its first fields, without what was said in it; else, what `object_of` gives.

    Raises:
        Garbled: as there.
    """
    found = _TRIAL.match(line)
    if found is None:
        return object_of(line)
    _whole(line)
    return parsed(found[1] + b"}")


def names_one_of(line: bytes, ids: Container[str]) -> bool:
    """Whether it is a line of one of these cases; True also of a line that does not begin as lines do."""
    found = _NAMED.match(line)
    return found is None or jiter.from_json(found[1]) in ids


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


def _whole(line: bytes) -> bytes:
    """What its sum is of."""
    body, written = line[:-_SUM_LENGTH], line[-_SUM_LENGTH:]
    if written != _SUM % crc32(body):
        raise Garbled(_why(line))
    return body


def _why(line: bytes) -> str:
    document = parsed(line)
    if "crc" not in document:
        return 'it has no "crc", which every line of a log has at its end'
    return "it was changed after it was written: its crc does not fit"
