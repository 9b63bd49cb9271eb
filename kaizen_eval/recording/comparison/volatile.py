"""What differs from run to run by its nature, such as times and random ids, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kaizen_eval.recording.comparison import Difference

__all__ = ["advice"]

_SHAPES = {
    "a UUID": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    "a time": (
        r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
        r"|\d\d:\d\d:\d\d(?:\.\d+)?|\b1[5-9]\d{8}(?:\.\d+|\d{3}|\d{6}|\d{9})?\b"
    ),
    "a random number": r"\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{12,64}\b|\b0\.\d{12,}\b",
    "a folder for one run": r"/(?:tmp|var/folders)/[\w./-]+",
}
_PATTERNS = {name: re.compile(shape) for name, shape in _SHAPES.items()}
_ANY = re.compile("|".join(_SHAPES.values()))
_PLACE = re.compile(r"\[\d+\]")
_RESULT = re.compile(r"(messages)\[(\d+)\]\.content\b.*|(input)\[(\d+)\]\.output\b.*")
_RESULTS = {
    "messages": ("role", "tool", "messages[role=tool].content"),
    "input": ("type", "function_call_output", "input[type=function_call_output].output"),
}
"""Where what a tool gave stands, by endpoint."""


def advice(differences: Iterable[Difference], asked: Any = None) -> str:
    """What to do about differences that are all of this kind, in one or two sentences; empty if one is not.

    Args:
        differences: from a recorded request.
        asked: what the body of the other says.
    """
    differences = tuple(differences)
    results = {_ignoring_result(one.path, asked) for one in differences}
    if results and all(results):
        return (
            "What differs is what a tool gave. Have it give the same each time, as with a fixed clock or seed. "
            f"If it does not matter, set ignore={sorted(results)!r} for this cassette."
        )
    kinds = {one: _kind(one) for one in differences}
    if not kinds or not all(kinds.values()):
        return ""
    whole = [one for one in kinds if _is_whole(one)]
    inside = [one for one in kinds if not _is_whole(one)]
    return " ".join(filter(None, [_ignoring(whole, kinds), _holding(inside, kinds)]))


def _kind(one: Difference) -> str:
    """What it is: the two are the same but for one such thing; empty where they are not."""
    for name, pattern in _PATTERNS.items():
        if pattern.search(one.recorded) and pattern.sub("*", one.recorded) == pattern.sub("*", one.asked):
            return name
    if _ANY.search(one.recorded) and _ANY.sub("*", one.recorded) == _ANY.sub("*", one.asked):
        return "what is made anew each time"
    return ""


def _is_whole(one: Difference) -> bool:
    return all(_ANY.fullmatch(text.strip('"')) for text in (one.recorded, one.asked))


def _ignoring(whole: list[Difference], kinds: dict[Difference, str]) -> str:
    if not whole:
        return ""
    paths = list(dict.fromkeys(_PLACE.sub("[*]", one.path) for one in whole))
    told = " and ".join(f"{kinds[one]} at {one.path}" for one in whole[:3])
    return f"What differs changes with each run: {told}. If it does not matter, set ignore={paths!r} for this cassette."


def _holding(inside: list[Difference], kinds: dict[Difference, str]) -> str:
    if not inside:
        return ""
    told = " and ".join(f"{kinds[one]} in {one.path}" for one in inside[:3])
    return f"What differs changes with each run: {told}. Make it the same in each: give the agent a fixed one."


def _ignoring_result(path: str, asked: Any) -> str:
    """What ignores the results of tools, if one of them stands at this path; else empty."""
    found = _RESULT.fullmatch(path)
    if found is None or not isinstance(asked, dict):
        return ""
    name, place = found[1] or found[3], int(found[2] or found[4])
    field, kind, ignoring = _RESULTS[name]
    items = asked.get(name)
    item = items[place] if isinstance(items, list) and place < len(items) else None
    return ignoring if isinstance(item, dict) and item.get(field) == kind else ""
