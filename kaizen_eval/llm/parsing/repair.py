"""An object from text that is almost JSON: what json_repair makes of it, if the text says exactly that."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.llm.parsing.witness import says

__all__ = ["completed", "mended"]

_LONGEST = 65_536
"""Characters; longer text is refused, since a lenient parser looks back and forth in it."""
_DEEPEST = 100
_STRING = re.compile(r'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LEGAL = frozenset('"\\/bfnrtu')
_ELSEWHERE = frozenset("avxNU")
"""Letters that are escapes in Python or JavaScript."""
_COLON = re.compile(r"\s*+:")
_CONTROL = re.compile(r"[\0-\x1f]")
_SHOWS_ITS_END = re.compile(r'(?:[\]}]|[^\s"(\[{]"|true|false|null)\Z')
"""A quote after a space may as well open a quotation inside the string."""


def mended(text: str) -> Any:
    """The value that the text says with its punctuation repaired; None when that is not certain."""
    if len(text) > _LONGEST or _depth(text) > _DEEPEST:
        return None
    legal = _legal_escapes(text)
    if legal is None:
        return None
    try:
        return decode(legal)
    except UnicodeEncodeError:
        return None
    except ValueError:
        value = _proposal(legal)
    return value if isinstance(value, dict) and says(legal, value) else None


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


def _legal_escapes(text: str) -> str | None:
    r"""Raw control characters escaped; `\_` and `\'` for what they stand for; `\d` for a backslash and a letter.

    None for escapes that mean nothing, or something in another language (`\x41`), and for a mixture of kinds: beside
    `\d`, a `\n` may be half of a path.
    """
    escapes = set(_ESCAPE.findall(text))
    letters = {escape for escape in escapes if escape.isalpha()} - _LEGAL - _ELSEWHERE
    if escapes - letters - _LEGAL - {"_", "'"} or (letters and escapes - letters - {'"'}):
        return None
    return _STRING.sub(lambda string: _legal_string(string, letters), text)


def _legal_string(string: re.Match[str], letters: set[str]) -> str:
    if _COLON.match(string.string, string.end()):
        return string[0]

    def legal(escape: re.Match[str]) -> str:
        if escape[1] in "_'":
            return escape[1]
        return "\\" + escape[0] if escape[1] in letters else escape[0]

    return _CONTROL.sub(lambda control: json.dumps(control[0])[1:-1], _ESCAPE.sub(legal, string[0]))


def completed(text: str, fields: Collection[str]) -> Any:
    """The object that lacks nothing but its last brace; None unless it is complete without any doubt.

    It must hold every field, those with a default too, and end with a value that shows its own end: `3` may be the
    beginning of 31.
    """
    if not text.startswith("{") or not _SHOWS_ITS_END.search(text, max(0, len(text) - 20)):
        return None
    try:
        value = decode(text + "}")
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.keys() >= set(fields) else None
