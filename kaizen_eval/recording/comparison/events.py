"""Two streams by what their events are made of, however many there are and whatever each says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kaizen_eval.recording.comparison.answers import NOISE, kind_of
from kaizen_eval.recording.comparison.showing import ABSENT
from kaizen_eval.recording.comparison.values import Difference
from kaizen_eval.recording.lookup.reduction.ignored_paths import joined

__all__ = ["event_differences"]

_Shape = dict[str, set[str]]
"""Which types stand at a path, in any event of a kind."""
_MEANINGLESS = frozenset({"ping", "keepalive"})
_AS_WORDS_HAVE_IT = frozenset({"annotations", "logprobs"})
"""Fields within which the shape depends on what is said."""


def event_differences(recorded: Iterable[Any], now: Iterable[Any], *, was_left: bool = False) -> Iterator[Difference]:
    """Kinds of events, fields and types that only one of the streams has.

    Of a stream that was left, the rest is not known: told is only what has no type in common.
    """
    one, other = _shapes(recorded), _shapes(now)
    for kind in dict.fromkeys([*one, *other]):
        path = joined("events", kind) if kind else "events"
        if was_left:
            yield from _contradictions(one.get(kind, {}), other.get(kind, {}), path)
        elif kind not in one or kind not in other:
            yield Difference(path, _sent(kind, one), _sent(kind, other))
        else:
            yield from _changes(one[kind], other[kind], path)


def _contradictions(one: _Shape, other: _Shape, path: str) -> Iterator[Difference]:
    for below in one:
        if below in other and one[below].isdisjoint(other[below]):
            yield Difference(f"{path}.{below}", _types(one[below]), _types(other[below]))


def _changes(one: _Shape, other: _Shape, path: str) -> Iterator[Difference]:
    gone: list[str] = []
    for below in dict.fromkeys([*one, *other]):
        if one.get(below) != other.get(below) and not any(below.startswith(start) for start in gone):
            gone += [] if below in one and below in other else [f"{below}.", f"{below}["]
            yield Difference(f"{path}.{below}", _types(one.get(below)), _types(other.get(below)))


def _sent(kind: str, shapes: dict[str, _Shape]) -> str:
    return "sent" if kind in shapes else ABSENT


def _types(types: set[str] | None) -> str:
    return " or ".join(sorted(types)) if types else ABSENT


def _shapes(events: Iterable[Any]) -> dict[str, _Shape]:
    shapes: dict[str, _Shape] = {}
    for event in events:
        kind = _kind(event)
        if kind not in _MEANINGLESS:
            _add(event, "", shapes.setdefault(kind, {}))
    return shapes


def _kind(event: Any) -> str:
    told = (event.get("type") or event.get("object")) if isinstance(event, dict) else None
    return told if isinstance(told, str) else ""


def _add(value: Any, path: str, shape: _Shape) -> None:
    if path:
        shape.setdefault(path, set()).add(kind_of(value))
    if isinstance(value, dict):
        for name in value:
            if name not in NOISE and name not in _AS_WORDS_HAVE_IT:
                _add(value[name], joined(path, name), shape)
    elif isinstance(value, list):
        for item in value:
            _add(item, f"{path}[*]", shape)
