"""Which fields tell several requests apart: as few of them as are needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kaizen_eval.recording.placeholder import REDACTED

__all__ = ["fields_apart"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IDS = {"call_id", "id", "item_id", "previous_response_id", "tool_call_id"}
"""Fields that another run fills otherwise."""
_ABSENT = object()
_Leaves = Mapping[str, Any]
_MOST_TO_FIX = 24
"""Fields that are tried; who asks more alike than that is answered in the order sent."""


def fields_apart(bodies: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """For each request the JSON paths, and what is wanted there, that hold for none of the others with another key.

    Args:
        bodies: of the requests.
        keys: the same for requests that need not be told apart.
    """
    leaves = [dict(_leaves(body, "$")) for body in bodies]
    paths = _chosen(leaves, keys)
    return [{path: _wanted(one.get(path, _ABSENT)) for path in paths} for one in leaves]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            if name not in _IDS:
                yield from _leaves(item, f"{path}{_step(name)}")
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from _leaves(item, f"{path}[{place}]")
    elif not isinstance(value, str) or REDACTED not in value:
        yield path, value


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
    while len(chosen) < _MOST_TO_FIX and _is_mixed(parts, keys):
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
    if value is _ABSENT:
        return "absent"
    is_whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value) if is_whole else value)


def _wanted(value: Any) -> dict[str, Any]:
    return {"exists": False} if value is _ABSENT else {"exact": value}
