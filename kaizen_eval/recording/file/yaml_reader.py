"""Reads the YAML of a cassette into fields: values alone, without anchors, aliases, tags and anything twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from kaizen_eval.recording.file.fields import Fields, corrupt

__all__ = ["read_documents"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it was built in: it takes a tenth of the time."""
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_DEEPEST = 8


def read_documents(text: str, path: str) -> Iterator[Fields]:
    """Each document's fields.

    Raises:
        CassetteCorrupt: it is no YAML, or more of it than a cassette needs.
    """
    return _Reader(text, path).documents()


class _Reader:
    """Turns the events of one text into values."""

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self._events = _LOADER(text)

    def documents(self) -> Iterator[Fields]:
        try:
            yield from self._documents()
        except yaml.MarkedYAMLError as error:
            self._fail_marked(error)
        except yaml.reader.ReaderError as error:
            line = self._text.count("\n", 0, error.position) + 1
            raise corrupt(self._path, line, f"this is no YAML: {error.reason}.") from error
        finally:
            self._events.dispose()

    def _documents(self) -> Iterator[Fields]:
        next_event = self._events.get_event
        while (event := next_event()) is not None:
            if type(event) is yaml.DocumentStartEvent:
                yield self._document(next_event())

    def _document(self, event: Any) -> Fields:
        value = self._value(event, 0)
        if type(value) is not Fields:
            self._fail(event, f"here is {value!r}; expected the fields of the header, or of an exchange.")
        return value

    def _value(self, event: Any, depth: int) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent or event.anchor is not None:
            self._fail(event, "a cassette has no anchors (&) and aliases (*): write the value itself.")
        if event.tag is not None:
            self._fail(event, f"a cassette has no tags, and here is {event.tag!r}: write the plain value.")
        if kind is yaml.ScalarEvent:
            return event.value if event.style else _plain(event.value)
        if depth >= _DEEPEST:
            self._fail(event, "values are nested deeper than in any cassette.")
        return self._fields(event, depth) if kind is yaml.MappingStartEvent else self._list(depth)

    def _list(self, depth: int) -> list[Any]:
        values = []
        next_event = self._events.get_event
        while type(event := next_event()) is not yaml.SequenceEndEvent:
            values.append(self._value(event, depth + 1))
        return values

    def _fields(self, start: Any, depth: int) -> Fields:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        next_event = self._events.get_event
        while type(event := next_event()) is not yaml.MappingEndEvent:
            name = self._name(event, lines)
            lines[name] = event.start_mark.line + 1
            values[name] = self._value(next_event(), depth + 1)
        return Fields(values, lines, path=self._path, line=start.start_mark.line + 1)

    def _name(self, event: Any, lines: dict[str, int]) -> str:
        if type(event) is not yaml.ScalarEvent or event.anchor is not None or event.tag is not None:
            self._fail(event, "the name of a field is a plain word.")
        name: str = event.value
        if name in lines:
            self._fail(event, f"{name!r} is written twice; first in line {lines[name]}.")
        return name

    def _fail(self, event: Any, what: str) -> NoReturn:
        raise corrupt(self._path, event.start_mark.line + 1, what)

    def _fail_marked(self, error: yaml.MarkedYAMLError) -> NoReturn:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, (error.context, error.problem)))
        raise corrupt(self._path, mark.line + 1 if mark else None, f"this is no YAML: {what}.") from error


def _plain(text: str) -> Any:
    """What a word without quotes stands for."""
    if _NUMBER.fullmatch(text):
        return int(text)
    return _WORDS.get(text, text)
