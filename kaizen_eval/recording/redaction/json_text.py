"""Reads JSON for the places of its values: also several in a row, also one that is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

__all__ = ["Leaf", "NotJson", "Path", "leaves", "looks_like_json"]

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'[ \t\r\n]*+(?:(?P<string>"(?P<inside>[^"\\]*+(?:\\.[^"\\]*+)*+\\?)(?P<closed>")?)|(?P<sign>[{}\[\],:])'
    r"|(?P<bare>[-+.\w]++))",
    re.DOTALL,
)
_BARE = re.compile(r"-?\d[\d.eE+-]*|true|false|null|NaN|-?Infinity|[tfn][a-z]{0,4}$|-$")
_DEEPEST = 200
"""No service takes what is nested deeper; a text like any other."""
_OPENS = re.compile(r'\s*[{\["]')


class NotJson(ValueError):
    """The text is something else."""


class Leaf(NamedTuple):
    """A name or a value in JSON."""

    what: Literal["name", "string", "bare", "text"]
    path: Path
    """A name's own is the last element."""
    start: int
    """Of a string: after its quote."""
    end: int
    document: int = 0
    """Which of the values at the top, from 0."""


class _Frame:
    """One object or array, while it is read."""

    __slots__ = ("element", "is_object", "wants")

    def __init__(self, *, is_object: bool) -> None:
        self.is_object = is_object
        self.element: str | int = "" if is_object else 0
        self.wants = "name or }" if is_object else "value or ]"


def looks_like_json(text: str) -> bool:
    """Whether it begins as JSON with something in it does."""
    return bool(_OPENS.match(text))


def leaves(text: str) -> Iterator[Leaf]:
    """The names, strings, numbers and words of JSON, in their order.

    Raises:
        NotJson: where what follows is none. What ends too early is read as far as it goes.
    """
    return _Reading(text).leaves()


class _Reading:
    """One pass through a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._frames: list[_Frame] = []
        self._document = 0

    def leaves(self) -> Iterator[Leaf]:
        text, position = self._text, 0
        while token := _TOKEN.match(text, position):
            position = token.end()
            if token["sign"]:
                self._take(token["sign"])
            elif token["string"] is not None:
                yield self._string(token)
            else:
                yield self._bare(token)
        if text[position:].strip(" \t\r\n"):
            raise NotJson

    def _take(self, sign: str) -> None:
        if sign in "{[":
            self._begin_value()
            if len(self._frames) >= _DEEPEST:
                raise NotJson
            self._frames.append(_Frame(is_object=sign == "{"))
        elif sign in "}]":
            self._close(sign)
        elif sign == ",":
            self._next()
        else:
            self._colon()

    def _close(self, sign: str) -> None:
        frame = self._top()
        if frame.is_object != (sign == "}") or not (frame.wants == ", or end" or frame.wants.endswith(sign)):
            raise NotJson
        self._frames.pop()
        self._end_value()

    def _next(self) -> None:
        frame = self._top()
        if frame.wants != ", or end":
            raise NotJson
        if isinstance(frame.element, int):
            frame.element += 1
        frame.wants = "name" if frame.is_object else "value"

    def _colon(self) -> None:
        frame = self._top()
        if frame.wants != ":":
            raise NotJson
        frame.wants = "value"

    def _string(self, token: re.Match[str]) -> Leaf:
        start, end = token.span("inside")
        frame = self._frames[-1] if self._frames else None
        if frame and frame.is_object and frame.wants.startswith("name"):
            frame.element, frame.wants = token["inside"], ":"
            return Leaf("name", self._path(), start, end, self._document)
        return self._value("string", start, end)

    def _bare(self, token: re.Match[str]) -> Leaf:
        if not _BARE.fullmatch(token["bare"]):
            raise NotJson
        return self._value("bare", *token.span("bare"))

    def _value(self, what: Literal["string", "bare"], start: int, end: int) -> Leaf:
        self._begin_value()
        leaf = Leaf(what, self._path(), start, end, self._document)
        self._end_value()
        return leaf

    def _begin_value(self) -> None:
        if self._frames and not self._frames[-1].wants.startswith("value"):
            raise NotJson

    def _end_value(self) -> None:
        if self._frames:
            self._frames[-1].wants = ", or end"
        else:
            self._document += 1

    def _path(self) -> Path:
        return tuple([frame.element for frame in self._frames])

    def _top(self) -> _Frame:
        if not self._frames:
            raise NotJson
        return self._frames[-1]
