"""What differs between what a run was begun with and what it is to be gone on with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.secrets.shapes import shape_spans
from kaizen_eval.secrets.spans import merged, without

__all__ = ["differences"]

_LONGEST = 60
"""Characters of a value that are shown."""


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence each, without its full stop, of two results of `described`."""
    inputs = _entries("the input", before["inputs"], now["inputs"])
    return (*_workflows("", before["workflow"], now["workflow"]), *inputs)


def _workflows(around: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    of = f" of {around[:-1]!r}" if around else ""
    yield from _changed(f"the workflow's name{of}", before["name"], now["name"])
    old, new = before["nodes"], now["nodes"]
    yield from (f"the node {around + name!r} is gone" for name in old if name not in new)
    yield from (f"the node {around + name!r} is new" for name in new if name not in old)
    for name in old:
        if name in new:
            yield from _nodes(around + name, old[name], new[name])
    yield from _edges(of, before["edges"], now["edges"])


def _nodes(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    yield from _changed(f"the type of {name!r}", before["type"], now["type"])
    yield from _changed(f"`each` of {name!r}", before["each"], now["each"])
    yield from _entries(f"in the config of {name!r}", before["config"], now["config"])
    if "workflow" in before and "workflow" in now:
        yield from _workflows(f"{name}/", before["workflow"], now["workflow"])


def _edges(of: str, before: list[Any], now: list[Any]) -> Iterator[str]:
    gone = [edge for edge in before if edge not in now]
    new = [edge for edge in now if edge not in before]
    yield from (f"the edge {_arrow(edge)}{of} is gone or another" for edge in gone)
    yield from (f"the edge {_arrow(edge)}{of} is new" for edge in new if _arrow(edge) not in map(_arrow, gone))
    if not gone and not new and before != now:
        yield f"the edges{of} stand in another order"


def _arrow(edge: Mapping[str, Any]) -> str:
    return f"{edge['from']!r} → {edge['to']!r}"


def _entries(what: str, before: Any, now: Any) -> Iterator[str]:
    if not isinstance(before, dict) or not isinstance(now, dict):
        yield from _changed(what, before, now)
        return
    yield from (f"{what} {key!r} is gone" for key in before if key not in now)
    yield from (f"{what} {key!r} is new" for key in now if key not in before)
    for key in before:
        if key in now:
            yield from _changed(f"{what} {key!r}", before[key], now[key])


def _changed(what: str, before: Any, now: Any) -> Iterator[str]:
    if json.dumps(before, sort_keys=True) != json.dumps(now, sort_keys=True):
        yield f"{what} was {_shown(before)}, and is {_shown(now)}"


def _shown(value: Any) -> str:
    """Without what looks like a secret: it may come into a log."""
    text = repr(value)
    text = without(text, merged(shape_spans(text)))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"
