"""An object from text that is almost JSON: what json_repair makes of it, if the text says exactly that."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.llm.parsing.witness import says

__all__ = ["completed", "from_lines", "mended"]

_LONGEST = 65_536
"""Characters; longer text is refused, since a lenient parser looks back and forth in it."""
_DEEPEST = 100
_STRING = re.compile(r'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SELF_CLOSED = ("]", "}", '"', "true", "false", "null")


def mended(text: str) -> Any:
    """The value that the text says with its punctuation repaired; None when that is not certain."""
    if len(text) > _LONGEST or _depth(text) > _DEEPEST:
        return None
    text = _legal_escapes(text)
    try:
        return decode(text)
    except ValueError:
        value = _proposal(text)
    return value if isinstance(value, dict) and says(text, value) else None


def _proposal(text: str) -> Any:
    import json_repair  # noqa: PLC0415 - only a reply that is almost JSON pays for this import

    try:
        return json_repair.loads(text, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError):
        return None


def _depth(text: str) -> int:
    deepest = depth = 0
    for mark in re.findall(r"[{}\[\]]", text):
        depth += 1 if mark in "{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _legal_escapes(text: str) -> str:
    r"""Raw control characters escaped; `\_` and `\'` for what they stand for; `\d` for a backslash and a letter.

    A text with both `\d` and `\n` is left alone: the `\n` may be half of a path.
    """
    letters = {escape for escape in _ESCAPE.findall(text) if escape.isalnum()}
    doubled = bool(letters) and not letters & set("bfnrtu")
    return _STRING.sub(lambda string: _legal_string(string[0], doubled=doubled), text)


def _legal_string(string: str, *, doubled: bool) -> str:
    def legal(escape: re.Match[str]) -> str:
        if escape[1] in "_'":
            return escape[1]
        return "\\" + escape[0] if doubled and escape[1].isalnum() else escape[0]

    return re.sub(r"[\0-\x1f]", lambda control: json.dumps(control[0])[1:-1], _ESCAPE.sub(legal, string))


def completed(text: str, fields: Collection[str]) -> Any:
    """The object that lacks nothing but its last brace; None unless it is complete without any doubt.

    It must hold every field, those with a default too, and end with a value that shows its own end: `3` may be the
    beginning of 31.
    """
    if not text.startswith("{") or not text.endswith(_SELF_CLOSED):
        return None
    try:
        value = decode(text + "}")
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.keys() >= set(fields) else None


_LINE = re.compile(r"(?P<key>[A-Za-z_][\w -]*?)\s*:(?:[ \t]+(?P<value>\S.*?))?\s*")
_ITEM = re.compile(r"\s*-[ \t]+(?P<value>\S.*?)\s*")
_NOT_PLAIN = re.compile(r"[|>&*!%@`{\[\"'#]|\.\.\.$|…$")


def from_lines(text: str, fields: Collection[str]) -> Any:
    """The object that `key: value` lines and `- item` lists say; None unless they are all and only our fields."""
    value: dict[str, Any] = {}
    for line in text.splitlines():
        if line.strip() and not _take_line(line, value, fields):
            return None
    complete = value.keys() == set(fields) and [] not in value.values()
    return value if complete else None


def _take_line(line: str, value: dict[str, Any], fields: Collection[str]) -> bool:
    if item := _ITEM.fullmatch(line):
        last = next(reversed(value.values()), None)
        if not isinstance(last, list) or _NOT_PLAIN.match(item["value"]):
            return False
        last.append(item["value"])
        return True
    pair = _LINE.fullmatch(line)
    if pair is None or pair["key"] not in fields or pair["key"] in value or _NOT_PLAIN.match(pair["value"] or ""):
        return False
    value[pair["key"]] = [] if pair["value"] is None else pair["value"]
    return True
