"""Values in few words; of two long texts, the place where they part."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from kaizen_eval.recording.lookup.reduction.content import Bytes
from kaizen_eval.recording.lookup.reduction.exact_json import Number
from kaizen_eval.recording.lookup.reduction.generated_ids import GeneratedId

__all__ = ["ABSENT", "common_end", "common_start", "parted", "shown", "shown_at"]

ABSENT = "absent"
"""Stands without quotes where there is nothing."""
_LONGEST = 72
"""Characters of a value that are shown."""
_BEFORE = 28
"""Characters of a long text that are shown before the place where it parts from another."""
_INVISIBLE = re.compile(r"[^\S ]|[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def shown(value: Any) -> str:
    """As JSON, cut where it is long."""
    text = _written(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def shown_at(values: dict[str, Any] | list[Any], step: str | int) -> str:
    """What stands in a field or at a place, if anything does."""
    if isinstance(values, dict):
        return shown(values[str(step)]) if step in values else ABSENT
    return shown(values[int(step)]) if int(step) < len(values) else ABSENT


def parted(one: str, other: str) -> tuple[str, str]:
    """Two different texts: whole where they are short, else around the place from which on they differ."""
    place = common_start(one, other)
    begin = 0 if max(len(one), len(other)) <= _LONGEST else max(place - _BEFORE, 0)
    first, second = (_cut(text, begin) for text in (one, other))
    if unicodedata.normalize("NFKC", first) == unicodedata.normalize("NFKC", second):
        first, second = (text.encode("ascii", "backslashreplace").decode() for text in (first, second))
    return first, second


def common_start(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_end(one: str, other: str) -> int:
    """How many characters two texts end with in common."""
    return common_start(one[::-1], other[::-1])


def _cut(text: str, begin: int) -> str:
    end = begin + _LONGEST
    return f"{'…' if begin else ''}{_quoted(text[begin:end])}{'…' if end < len(text) else ''}"


def _quoted(text: str) -> str:
    return _INVISIBLE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(name)}: {_written(inner)}" for name, inner in value.items()) + "}"
    return "[" + ", ".join(map(_written, value)) + "]" if isinstance(value, list) else _plain(value)


def _plain(value: Any) -> str:
    match value:
        case str():
            return _quoted(value)
        case Number(text):
            return text
        case GeneratedId(_, number, text):
            return f"{_quoted(text)} (id {number} of its request)"
        case Bytes(digest, size):
            return f"{size:,} byte{'' if size == 1 else 's'} ({digest[:8]})"
        case _:
            return json.dumps(value)
