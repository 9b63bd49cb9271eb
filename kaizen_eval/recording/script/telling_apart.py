"""Which fields tell several requests apart: as few of them as are needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["fields_apart", "text_match"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IDS = {"call_id", "id", "item_id", "previous_response_id", "tool_call_id"}
"""Fields that another run fills otherwise."""
_ABSENT = object()


class _Held(NamedTuple):
    """An object or a list, which is known by the first thing that it holds."""

    first: str
    """Its path."""


_Leaves = Mapping[str, Any]
_MOST_FIELDS = 24
"""Whose requests differ in still more is answered in the order sent."""


def fields_apart(bodies: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """For each request the JSON paths, and what is wanted there, that hold for none of the others with another key.

    Args:
        bodies: of the requests.
        keys: the same for requests that need not be told apart.
    """
    leaves = [dict(_leaves(body, "$")) for body in bodies]
    paths = _chosen(leaves, keys)
    return [_all_wanted(one, paths) for one in leaves]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each value by its path."""
    below = _below(value, path)
    yield path, value if below is None else _Held(below[0][0] if below else path)
    for place, item in below or ():
        yield from _leaves(item, place)


def _below(value: Any, path: str) -> list[tuple[str, Any]] | None:
    """What an object or a list holds; None for what is neither."""
    if isinstance(value, Mapping):
        return [(f"{path}{_step(name)}", item) for name, item in value.items() if name not in _IDS]
    return [(f"{path}[{place}]", item) for place, item in enumerate(value)] if isinstance(value, list) else None


def _step(name: str) -> str:
    if _NAME.fullmatch(name):
        return f".{name}"
    quoted = json.dumps(name)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"['{quoted}']"


def _chosen(leaves: Sequence[_Leaves], keys: Sequence[str]) -> list[str]:
    """One path after the other, the one that tells most apart first."""
    paths = sorted({path for one in leaves for path in one}, key=lambda path: (path.count("[") + path.count("."), path))
    chosen: list[str] = []
    parts = [0] * len(leaves)
    while len(chosen) < _MOST_FIELDS and _is_mixed(parts, keys):
        best = max(paths, key=lambda path: len(set(_parted(parts, leaves, path))), default=None)
        finer = parts if best is None else _parted(parts, leaves, best)
        if best is None or len(set(finer)) == len(set(parts)):
            break
        chosen.append(best)
        parts = finer
    return chosen


def _is_mixed(parts: Sequence[int], keys: Sequence[str]) -> bool:
    return len(set(parts)) < len(set(zip(parts, keys, strict=True)))


def _parted(parts: Sequence[int], leaves: Sequence[_Leaves], path: str) -> list[int]:
    known: dict[tuple[int, str], int] = {}
    told = ((part, _told(one.get(path, _ABSENT))) for part, one in zip(parts, leaves, strict=True))
    return [known.setdefault(one, len(known)) for one in told]


def _told(value: Any) -> str:
    """1 and 1.0 are the same to a script, and so they are told apart by nothing."""
    if value is _ABSENT or isinstance(value, _Held):
        return "absent" if value is _ABSENT else "held"
    is_whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if is_whole else value)


def _all_wanted(one: _Leaves, paths: Sequence[str]) -> dict[str, Any]:
    found = {path: one.get(path, _ABSENT) for path in paths}
    wanted = {path: _wanted(value) for path, value in found.items() if not isinstance(value, _Held)}
    held = {value.first: {"exists": True} for value in found.values() if isinstance(value, _Held)}
    return {**held, **wanted}


def _wanted(value: Any) -> dict[str, Any]:
    if value is _ABSENT:
        return {"exists": False}
    return text_match(value) if isinstance(value, str) else {"exact": value}


def text_match(text: str) -> dict[str, str]:
    """All of a text; what was redacted in it may have been anything."""
    if REDACTED not in text:
        return {"exact": text}
    parts = (re.escape(part) for part in text.split(REDACTED))
    return {"regex": rf"\A{'(?s:.+)'.join(parts)}\Z"}
