"""PartialReading: the outputs that a reply states so far."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_jsonable_python

from kaizen_eval.llm.partial.coming_text import ComingText, Unreadable, Waiting
from kaizen_eval.llm.partial.growth import Growth, growths
from kaizen_eval.llm.partial.json_text import elements, growing_string, members, value_text
from kaizen_eval.llm.partial.lead import lead
from kaizen_eval.signatures import Signature

__all__ = ["PartialReading"]

_MAY_BE_THE_END = re.compile(r"(?:[\ufeff\u200b\u2060\x00-\x20]|<[^<>\s]{0,44}>?|\[[A-Z_]{0,10}\]?)*+\Z")
"""What is taken off the end of an answer after thinking: spaces and special tokens."""
_END = 200
"""Characters; the longest end that is looked at."""


class PartialReading:
    """Reads one reply while it comes.

    What it tells is a beginning of what the whole reply states: a text is a beginning of the text, a list holds the
    first elements of the list, and any other value is whole. Each fits its field, and so far as it was told. It tells
    of one object that stands first, or after thinking, and of plain text; not of a reply that has to be repaired.
    """

    def __init__(self, signature: type[Signature]) -> None:
        self._growths = growths(signature)
        self._free_text = signature.free_text
        self._coming = ComingText()
        self._told: dict[str, Any] = {}
        self._has_news = False
        self._reading: Waiting[None] | None = self._read()

    def feed(self, text: str) -> dict[str, Any] | None:
        """The outputs so far, in the order of their fields, when the next piece adds to them."""
        if self._reading is None:
            return None
        self._coming.add(text)
        try:
            next(self._reading)
        except (StopIteration, Unreadable):
            self._reading = None
        return self._news()

    def contradicted(self, values: Mapping[str, Any]) -> str | None:
        """The name of an output that does not go on from what has been told of it."""
        return next((name for name, told in self._told.items() if not _goes_on(told, values[name])), None)

    def _news(self) -> dict[str, Any] | None:
        if not self._has_news:
            return None
        self._has_news = False
        told = self._told
        return {name: _copy(told[name]) for name in self._growths if name in told}

    def _tell(self, name: str, value: Any) -> None:
        self._told[name] = value
        self._has_news = True

    def _read(self) -> Waiting[None]:
        kind = yield from lead(self._coming, free_text=self._free_text)
        if kind == "object":
            yield from members(self._coming, self._member)
        elif kind == "prose":
            yield from self._prose()
        elif kind == "answer":
            yield from self._answer()

    def _prose(self) -> Waiting[None]:
        while True:
            self._tell("response", self._coming.text)
            yield

    def _answer(self) -> Waiting[None]:
        """What follows the thinking, as long as it is not its end."""
        while True:
            text = self._coming.text[self._coming.begin :].lstrip()
            end = _MAY_BE_THE_END.search(text, max(0, len(text) - _END))
            certain = text if end is None else text[: end.start()].rstrip()
            if len(certain) > len(self._told.get("response", "")):
                self._tell("response", certain)
            yield

    def _member(self, name: str) -> Waiting[None]:
        growth = self._growths.get(name)
        if growth is None:
            yield from value_text(self._coming)
            return
        mark = yield from self._coming.next()
        if growth.is_text and mark == '"':
            yield from self._text(growth)
        elif growth.is_list and mark == "[":
            yield from self._list(growth)
        else:
            text = yield from value_text(self._coming)
            self._tell_fitting(growth, text)

    def _text(self, growth: Growth) -> Waiting[None]:
        so_far = ""

        def grow(piece: str) -> None:
            nonlocal so_far
            so_far += piece
            if growth.is_long_enough(so_far):
                self._tell(growth.name, so_far)

        yield from growing_string(self._coming, grow)
        if not so_far and growth.is_long_enough(so_far):
            self._tell(growth.name, so_far)

    def _list(self, growth: Growth) -> Waiting[None]:
        so_far: list[Any] = []
        fits = True

        def take(text: str) -> None:
            nonlocal fits
            try:
                so_far.append(growth.element(text))
            except ValueError:
                fits = False
            if fits and growth.is_long_enough(so_far):
                self._tell(growth.name, so_far)

        yield from elements(self._coming, take)
        if not so_far and fits and growth.is_long_enough(so_far):
            self._tell(growth.name, so_far)

    def _tell_fitting(self, growth: Growth, text: str) -> None:
        try:
            self._tell(growth.name, growth.whole(text))
        except ValueError:  # it does not fit: what comes of that is seen when the reply is whole
            return


def _copy(value: Any) -> Any:
    """Lists grow on."""
    return list(value) if isinstance(value, list) else value


def _goes_on(told: Any, value: Any) -> bool:
    told, value = _json(told), _json(value)
    if isinstance(told, str) and isinstance(value, str):
        return value.startswith(told)
    if isinstance(told, list) and isinstance(value, list):
        return bool(value[: len(told)] == told)
    return bool(told == value)


def _json(value: Any) -> Any:
    """Values may be of classes that know no equality; those that have no JSON form are taken at their word."""
    try:
        return to_jsonable_python(value)
    except PydanticSerializationError:
        return None
