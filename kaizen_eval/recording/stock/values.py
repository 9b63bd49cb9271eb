"""Reads the YAML or JSON of a foreign cassette: texts, bytes, lists and objects, and nothing else is ever made."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

import yaml

from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.recording.file import MOST_BYTES

__all__ = ["Plain", "jsonable", "read_value"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it was built in; only its events are used."""
_TAGS = "tag:yaml.org,2002:"
_NOTHING = {"", "~", "null", "Null", "NULL"}
_DEEPEST = 50
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|nan))")
_FLAGS = {"true": True, "false": False}


class Plain(str):
    """A word without quotes: a text, unless somebody knows that numbers may stand there."""

    __slots__ = ()


def jsonable(value: Any) -> Any:
    """The value with the numbers and flags that PyYAML writes as words without quotes."""
    if isinstance(value, dict):
        return {str(name): jsonable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return _typed(value) if isinstance(value, Plain) else value


def _typed(word: Plain) -> Any:
    if _INTEGER.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word):
        return float(word.replace(".inf", "inf").replace(".nan", "nan"))
    return _FLAGS.get(word, str(word))


def read_value(text: str, path: str) -> Any:
    """What the text says; a word without quotes stays a text, whatever it looks like, but for `null`.

    Raises:
        CassetteCorrupt: it is neither YAML nor JSON, says something twice, has tags other than `!!binary`, or grows
            out of bounds.
    """
    if text.lstrip().startswith("{"):
        return _json(text, path)
    try:
        return _Reader(text, path).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _fail(path, mark.line + 1 if mark else None, f"this is no YAML: {error.problem or error.context}.", error)
    except yaml.reader.ReaderError as error:
        _fail(path, text.count("\n", 0, error.position) + 1, f"this is no YAML: {error.reason}.", error)


def _json(text: str, path: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, path))
    except json.JSONDecodeError as error:
        _fail(path, error.lineno, f"this is no JSON: {error.msg}.", error)
    except (RecursionError, ValueError) as error:
        _fail(path, None, f"this JSON cannot be read: {error}.", error)


def _unique(pairs: Sequence[tuple[str, Any]], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            _fail(path, None, f"{name!r} is written twice in one object.")
        found[name] = value
    return found


class _Sized(NamedTuple):
    """A value, and how much it is once every alias is written out."""

    value: Any
    size: int


class _Reader:
    """Turns the events of one text into values, each alias into the value that it repeats."""

    def __init__(self, text: str, path: str) -> None:
        self._path = path
        self._events = _LOADER(text)
        self._known: dict[str, _Sized] = {}
        self._size = 0

    def document(self) -> Any:
        try:
            while type(event := self._next()) is not yaml.DocumentStartEvent:
                if event is None:
                    _fail(self._path, 1, "the file holds nothing.")
            value = self._value(self._next(), 0).value
            self._next()  # its end
            if type(event := self._next()) is yaml.DocumentStartEvent:
                self._fail(event, "a second document begins here; a cassette of vcrpy is one.")
            return value
        finally:
            self._events.dispose()

    def _next(self) -> Any:
        return self._events.get_event()

    def _value(self, event: Any, depth: int) -> _Sized:
        if type(event) is yaml.AliasEvent:
            return self._again(event)
        if depth > _DEEPEST:
            self._fail(event, f"values are nested more than {_DEEPEST} deep.")
        made = self._made(event, depth)
        if event.anchor is not None:
            self._known[event.anchor] = made
        return made

    def _again(self, event: Any) -> _Sized:
        if event.anchor not in self._known:
            self._fail(event, f"the alias *{event.anchor} repeats nothing that is whole before it.")
        made = self._known[event.anchor]
        self._grow(event, made.size)
        return made

    def _made(self, event: Any, depth: int) -> _Sized:
        before = self._size
        self._grow(event, 1)
        match event:
            case yaml.ScalarEvent():
                value: Any = self._scalar(event)
                self._grow(event, len(event.value))
            case yaml.MappingStartEvent():
                value = self._object(event, depth)
            case _:
                value = self._list(event, depth)
        return _Sized(value, self._size - before)

    def _grow(self, event: Any, size: int) -> None:
        self._size += size
        if self._size > MOST_BYTES:
            self._fail(event, f"what it says grows beyond {MOST_BYTES:,} bytes, aliases written out.")

    def _scalar(self, event: Any) -> str | bytes | None:
        tag = event.tag.removeprefix(_TAGS) if event.tag else ""
        if tag == "binary":
            return self._binary(event)
        self._check_tag(event, "str")
        is_plain = not event.style and not tag
        if not is_plain:
            return str(event.value)
        return None if event.value in _NOTHING else Plain(event.value)

    def _binary(self, event: Any) -> bytes:
        try:
            return base64.b64decode("".join(event.value.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            self._fail(event, f"this !!binary is no base64: {error}.")

    def _list(self, start: Any, depth: int) -> list[Any]:
        self._check_tag(start, "seq")
        values = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            values.append(self._value(event, depth + 1).value)
        return values

    def _object(self, start: Any, depth: int) -> dict[str, Any]:
        self._check_tag(start, "map")
        found: dict[str, Any] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            name = self._value(event, depth + 1).value if type(event) is yaml.ScalarEvent else None
            if not isinstance(name, str):
                self._fail(event, "the name of a field is a text.")
            if name in found:
                self._fail(event, f"{name!r} is written twice.")
            found[name] = self._value(self._next(), depth + 1).value
        return found

    def _check_tag(self, event: Any, known: str) -> None:
        if event.tag and event.tag != _TAGS + known:
            tag = event.tag.replace(_TAGS, "!!")
            self._fail(event, f"the tag {tag} is not read: only !!binary is. Record the cassette anew with vcrpy.")

    def _fail(self, event: Any, what: str) -> NoReturn:
        _fail(self._path, event.start_mark.line + 1, what)


def _fail(path: str, line: int | None, what: str, cause: Exception | None = None) -> NoReturn:
    where = path if line is None else f"{path}:{line}"
    raise CassetteCorrupt(f"{where}: {what}", path=path, line=line) from cause
