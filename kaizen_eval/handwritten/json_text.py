"""Reads JSON into nodes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from kaizen_eval.handwritten.nodes import Node, Spot
from kaizen_eval.handwritten.numbers import number_of
from kaizen_eval.handwritten.problems import Problems

__all__ = ["read_json"]

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS: tuple[tuple[str, bool | None], ...] = (("true", True), ("false", False), ("null", None))
_DEEPEST = 100
_DECODER: Any = json.JSONDecoder()
"""Its reader of strings is not known to type checkers."""


def read_json(text: str, problems: Problems) -> Node:
    """The value in the text; what is written twice is a problem.

    Raises:
        UsageError: it is no JSON.
    """
    return _Reader(text, problems).document()


class _Reader:
    """One text, read from its beginning to its end."""

    def __init__(self, text: str, problems: Problems) -> None:
        self._text = text
        self._problems = problems
        self._at = 0
        self._depth = 0
        self._line, self._begin, self._counted = 1, 0, 0

    def document(self) -> Node:
        node = self._value()
        self._skip()
        if self._at < len(self._text):
            self._fail("the end of the file")
        return node

    def _spot(self) -> Spot:
        """Where the reader stands; what was counted before is not counted again."""
        if self._at < self._counted:
            self._line, self._begin, self._counted = 1, 0, 0
        self._line += self._text.count("\n", self._counted, self._at)
        self._begin = max(self._begin, self._text.rfind("\n", self._counted, self._at) + 1)
        self._counted = self._at
        return Spot(self._line, self._at - self._begin + 1)

    def _skip(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def _next(self) -> str:
        self._skip()
        return self._text[self._at : self._at + 1]

    def _fail(self, expected: str) -> NoReturn:
        came = repr(self._text[self._at]) if self._at < len(self._text) else "the end of the file"
        self._problems.stop(self._spot(), f"this is no JSON: expected {expected}, not {came}.")

    def _value(self) -> Node:
        sign = self._next()
        spot = self._spot()
        if sign in {"{", "["}:
            self._depth += 1
            if self._depth > _DEEPEST:
                self._problems.stop(spot, f"values are nested more than {_DEEPEST} deep.")
            node = self._object(spot) if sign == "{" else self._list(spot)
            self._depth -= 1
            return node
        return Node(spot, self._string()) if sign == '"' else self._plain(spot)

    def _object(self, spot: Spot) -> Node:
        fields: dict[str, Node] = {}
        keys: dict[str, Spot] = {}
        for _ in self._items("}"):
            if self._next() != '"':
                self._fail("the name of a field, in double quotes")
            here = self._spot()
            name = self._string()
            if name in keys:
                self._problems.add(here, f"{name!r} is written twice; first in line {keys[name].line}.")
            if self._next() != ":":
                self._fail("':'")
            self._at += 1
            keys.setdefault(name, here)
            fields.setdefault(name, self._value())
        return Node(spot, fields=fields, keys=keys)

    def _list(self, spot: Spot) -> Node:
        return Node(spot, items=tuple(self._value() for _ in self._items("]")))

    def _items(self, end: str) -> Iterator[None]:
        """Once for each item, with the text standing before it."""
        self._at += 1
        if self._next() != end:
            yield
            while self._next() == ",":
                self._at += 1
                yield
        if self._next() != end:
            self._fail(f"',' or {end!r}")
        self._at += 1

    def _string(self) -> str:
        try:
            value, self._at = _DECODER.parse_string(self._text, self._at + 1, True)
        except json.JSONDecodeError as error:
            self._at = error.pos
            self._problems.stop(self._spot(), f"this is no JSON: {error.msg}.")
        return str(value)

    def _plain(self, spot: Spot) -> Node:
        for word, value in _WORDS:
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return Node(spot, value, written=word)
        number = _NUMBER.match(self._text, self._at)
        if number is None:
            self._fail("a value")
        self._at = number.end()
        return Node(spot, number_of(number[0], spot, self._problems), written=number[0])
