"""Finds where a part of a YAML value stands, by reading that value once more: only a mistake needs to know."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import yaml

from kaizen_eval.evals.dataset.written import Path, Spot

__all__ = ["place"]


def place(text: str, begin: int, end: int, spot: Spot, path: Path) -> Spot:
    """Of the part at `path`, or the nearest around it, in the value that stands between two characters of the text.

    Args:
        text: the whole.
        begin: the value's first character.
        end: that behind its last.
        spot: of its first character.
        path: steps into the value; a field stands where its name is written.
    """
    found = _places(text[begin:end], spot.column - 1)
    near = next(
        (found[path[:length]] for length in range(len(path), 0, -1) if path[:length] in found), Spot(1, spot.column)
    )
    return Spot(spot.line + near.line - 1, near.column)


@lru_cache(maxsize=4)
def _places(text: str, column: int) -> dict[Path, Spot]:
    """As if the text stood in the first line, from that column on."""
    loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    walk = _Walk(loader(" " * column + text).get_event)
    with suppress(yaml.YAMLError):  # what was found before stands
        walk.document()
    return walk.found


class _Walk:
    def __init__(self, following: Callable[[], Any]) -> None:
        self._next = following
        self.found: dict[Path, Spot] = {}

    def document(self) -> None:
        self._next()  # the stream begins
        self._next()  # the document begins
        self._value(self._next(), ())

    def _value(self, event: Any, path: Path) -> None:
        self._note(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            self._list(path)
        elif isinstance(event, yaml.MappingStartEvent):
            self._object(path)

    def _list(self, path: Path) -> None:
        number = 0
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            self._value(event, (*path, number))
            number += 1

    def _object(self, path: Path) -> None:
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            here = (*path, key.value) if isinstance(key, yaml.ScalarEvent) else path
            self._note(key, here)
            self._value(self._next(), here)

    def _note(self, event: Any, path: Path) -> None:
        mark = event.start_mark
        self.found.setdefault(path, Spot(mark.line + 1, mark.column + 1))
