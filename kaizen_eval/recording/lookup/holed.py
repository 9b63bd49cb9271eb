"""Holed: recorded requests with holes, each found by what stands around its holes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kaizen_eval.recording.exchange import RecordedRequest
from kaizen_eval.recording.lookup.holes import fits
from kaizen_eval.recording.lookup.reduction import Reduced, reduced
from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["Holed"]

_Path = tuple[str | int, ...]


class _Hole(NamedTuple):
    """Where in a request something is missing."""

    path: _Path
    before: int
    """Characters of the same text that stand before the first placeholder in it."""
    after: int
    """Likewise behind the last."""


_Holes = tuple[_Hole, ...]
_Around = tuple[int, tuple[str, ...]]
"""A sum over all that has no holes; and what stands before and behind the holes of the rest."""


class Holed:
    """Requests mostly have their holes in the same few places: each set of places is looked at once."""

    def __init__(self, *, ignore: Sequence[str] = ()) -> None:
        self._ignore = ignore
        self._places: dict[_Holes, dict[_Around, dict[int, Reduced]]] = {}
        self._homes: dict[int, tuple[_Holes, _Around]] = {}

    def add(self, place: int, request: RecordedRequest) -> None:
        """Later places are added later."""
        value = reduced(request, self._ignore)
        leaves = dict(_leaves(value))
        holes = tuple(_hole(path, leaf) for path, leaf in leaves.items() if isinstance(leaf, str) and REDACTED in leaf)
        around = _around(leaves, _sum(leaves), holes)
        assert around is not None  # noqa: S101 - the holes are its own
        self._places.setdefault(holes, {}).setdefault(around, {})[place] = value
        self._homes[place] = holes, around

    def remove(self, place: int) -> None:
        """Where it was added, and not removed yet."""
        if place not in self._homes:
            return
        holes, around = self._homes.pop(place)
        same = self._places[holes]
        del same[around][place]
        if not same[around]:
            del same[around]
        if not same:
            del self._places[holes]

    def first_for(self, request: RecordedRequest) -> int | None:
        """The first place whose request is what is asked, but for its holes."""
        asked = reduced(request, self._ignore)
        return min(self._fitting(asked), default=None)

    def _fitting(self, asked: Reduced) -> Iterator[int]:
        leaves = dict(_leaves(asked))
        total = _sum(leaves)
        for holes, same in self._places.items():
            around = _around(leaves, total, holes)
            near = {} if around is None else same.get(around, {})
            yield from [place for place, recorded in near.items() if fits(recorded, asked)][:1]


def _leaves(value: Reduced) -> Iterator[tuple[_Path, Any]]:
    """All that it says, each by its path; all can be hashed."""
    query = [[*pair] for pair in value.query]
    yield from _within((), [value.method, value.path, value.is_streamed, value.kind, query, value.value])


def _within(path: _Path, value: Any) -> Iterator[tuple[_Path, Any]]:
    if type(value) is dict:
        for name, inner in value.items():
            yield from _within((*path, name), inner)
    elif type(value) is list:
        for place, inner in enumerate(value):
            yield from _within((*path, place), inner)
    else:
        yield path, value


def _sum(leaves: Mapping[_Path, Any]) -> int:
    """The same in any order, and without one leaf once that is taken off: it tells apart, and proves nothing."""
    return sum(map(hash, leaves.items()))


def _hole(path: _Path, leaf: str) -> _Hole:
    return _Hole(path, leaf.index(REDACTED), len(leaf) - leaf.rindex(REDACTED) - len(REDACTED))


def _around(leaves: Mapping[_Path, Any], total: int, holes: _Holes) -> _Around | None:
    """What stands around these holes; None where there is no room for one."""
    edges: list[str] = []
    for path, before, after in holes:
        if path not in leaves:
            return None
        leaf = leaves[path]
        total -= hash((path, leaf))
        if before or after:
            if not isinstance(leaf, str) or len(leaf) <= before + after:
                return None
            edges += [leaf[:before], leaf[len(leaf) - after :]]
    return total, tuple(edges)
