"""A JSON object that is still being written: its members in order, each value while it comes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.llm.partial.source import Source, Unreadable, Waiting

__all__ = ["SPACES", "elements", "growing_string", "members", "value_text"]

SPACES = re.compile(r"[ \t\r\n]*+")

_HEX = "[0-9a-fA-F]"
_ESCAPE = rf"""\\(?:["\\/bfnrt]|u(?:(?![dD][89a-fA-F]){_HEX}{{4}}|[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}))"""
_WRITTEN = re.compile(rf'(?:[^"\\\x00-\x1f\ud800-\udfff]++|{_ESCAPE})++')
"""The inside of a string, up to an escape that is not whole."""
_ESCAPE_SO_FAR = re.compile(rf"\\(?:u{_HEX}{{0,4}}(?:\\(?:u{_HEX}{{0,4}})?)?)?\Z")
_IN_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BETWEEN_MARKS = re.compile(r'[^"{}\[\]]*+')
_SCALAR = re.compile(r"[^\s,\]}]*+")


def members(source: Source, read: Callable[[str], Waiting[None]]) -> Waiting[None]:
    """Go through the object that begins here; `read` is given each name, and reads its value."""
    yield from source.expect("{", SPACES)
    if (yield from source.next(SPACES)) == "}":
        source.at += 1
        return
    names: set[str] = set()
    while True:
        name = yield from _name(source)
        if name in names:
            raise Unreadable
        names.add(name)
        yield from source.expect(":", SPACES)
        yield from read(name)
        if (yield from source.next(SPACES)) == "}":
            source.at += 1
            return
        yield from source.expect(",", SPACES)


def elements(source: Source, take: Callable[[str], None]) -> Waiting[None]:
    """Go through the array that begins here; `take` is given the text of each element."""
    yield from source.expect("[", SPACES)
    if (yield from source.next(SPACES)) == "]":
        source.at += 1
        return
    while True:
        take((yield from value_text(source)))
        if (yield from source.next(SPACES)) == "]":
            source.at += 1
            return
        yield from source.expect(",", SPACES)


def growing_string(source: Source, grow: Callable[[str], None]) -> Waiting[None]:
    """Read the string that begins here; `grow` is given each piece of what it says."""
    yield from source.expect('"', SPACES)
    while True:
        written = source.take(_WRITTEN)
        if written:
            grow(json.loads(f'"{written}"') if "\\" in written else written)
        if source.text.startswith('"', source.at):
            source.at += 1
            return
        if source.at < len(source.text) and not _ESCAPE_SO_FAR.match(source.text, source.at):
            raise Unreadable
        yield from source.more()


def value_text(source: Source) -> Waiting[str]:
    """The text of the value that begins here, whole; whether it is JSON is seen when it is decoded."""
    mark = yield from source.next(SPACES)
    if mark == '"':
        return (yield from _quoted(source))
    if mark in "{[":
        return (yield from _nested(source))
    return (yield from _scalar(source))


def _name(source: Source) -> Waiting[str]:
    if (yield from source.next(SPACES)) != '"':
        raise Unreadable
    text = yield from _quoted(source)
    try:
        return str(decode(text))
    except ValueError as error:
        raise Unreadable from error


def _quoted(source: Source) -> Waiting[str]:
    """With its quotes."""
    parts = ['"']
    source.at += 1
    while True:
        parts.append(source.take(_IN_STRING))
        if source.text.startswith('"', source.at):
            source.at += 1
            return "".join([*parts, '"'])
        yield from source.more()


def _nested(source: Source) -> Waiting[str]:
    parts: list[str] = []
    depth = 0
    while True:
        parts.append(source.take(_BETWEEN_MARKS))
        mark = source.text[source.at : source.at + 1]
        if not mark:
            yield from source.more()
        elif mark == '"':
            parts.append((yield from _quoted(source)))
        else:
            source.at += 1
            parts.append(mark)
            depth += 1 if mark in "{[" else -1
            if depth == 0:
                return "".join(parts)


def _scalar(source: Source) -> Waiting[str]:
    """Up to what ends it: `3` may be the beginning of 31."""
    parts: list[str] = []
    while True:
        parts.append(source.take(_SCALAR))
        if source.at < len(source.text):
            return "".join(parts)
        yield from source.more()
