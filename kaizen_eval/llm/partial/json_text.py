"""A JSON object that is still being written: its members in order, each value while it comes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.llm.partial.coming_text import ComingText, Unreadable, Waiting

__all__ = ["elements", "growing_string", "members", "value_text"]

_HEX = "[0-9a-fA-F]"
_ESCAPE = rf"""\\(?:["\\/bfnrt]|u(?:(?![dD][89a-fA-F]){_HEX}{{4}}|[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}))"""
_WRITTEN = re.compile(rf'(?:[^"\\\x00-\x1f\ud800-\udfff]++|{_ESCAPE})++')
"""The inside of a string, up to an escape that is not whole."""
_ESCAPE_SO_FAR = re.compile(rf"\\(?:u{_HEX}{{0,4}}(?:\\(?:u{_HEX}{{0,4}})?)?)?\Z")
_IN_STRING = re.compile(r'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BETWEEN_MARKS = re.compile(r'[^"{}\[\]]*+')
_SCALAR = re.compile(r"[^\s,\]}]*+")


def members(coming: ComingText, read: Callable[[str], Waiting[None]]) -> Waiting[None]:
    """Go through the object that begins here; `read` is given each name, and reads its value."""
    yield from coming.expect("{")
    if (yield from coming.next()) == "}":
        coming.at += 1
        return
    names: set[str] = set()
    while True:
        name = yield from _name(coming)
        if name in names:
            raise Unreadable
        names.add(name)
        yield from coming.expect(":")
        yield from read(name)
        if (yield from coming.next()) == "}":
            coming.at += 1
            return
        yield from coming.expect(",")


def elements(coming: ComingText, take: Callable[[str], None]) -> Waiting[None]:
    """Go through the array that begins here; `take` is given the text of each element."""
    yield from coming.expect("[")
    if (yield from coming.next()) == "]":
        coming.at += 1
        return
    while True:
        take((yield from value_text(coming)))
        if (yield from coming.next()) == "]":
            coming.at += 1
            return
        yield from coming.expect(",")


def growing_string(coming: ComingText, grow: Callable[[str], None]) -> Waiting[None]:
    """Read the string that begins here; `grow` is given each piece of what it says."""
    yield from coming.expect('"')
    while True:
        written = coming.take(_WRITTEN)
        if written:
            grow(json.loads(f'"{written}"') if "\\" in written else written)
        if coming.text.startswith('"', coming.at):
            coming.at += 1
            return
        if coming.at < len(coming.text) and not _ESCAPE_SO_FAR.match(coming.text, coming.at):
            raise Unreadable
        yield from coming.more()


def value_text(coming: ComingText) -> Waiting[str]:
    """The text of the value that begins here, whole; whether it is JSON is seen when it is decoded."""
    mark = yield from coming.next()
    if mark == '"':
        return (yield from _quoted(coming))
    if mark in "{[":
        return (yield from _nested(coming))
    return (yield from _scalar(coming))


def _name(coming: ComingText) -> Waiting[str]:
    if (yield from coming.next()) != '"':
        raise Unreadable
    text = yield from _quoted(coming)
    try:
        return str(decode(text))
    except ValueError as error:
        raise Unreadable from error


def _quoted(coming: ComingText) -> Waiting[str]:
    """With its quotes."""
    parts = ['"']
    coming.at += 1
    while True:
        parts.append(coming.take(_IN_STRING))
        if coming.text.startswith('"', coming.at):
            coming.at += 1
            return "".join([*parts, '"'])
        yield from coming.more()


def _nested(coming: ComingText) -> Waiting[str]:
    parts: list[str] = []
    depth = 0
    while True:
        parts.append(coming.take(_BETWEEN_MARKS))
        mark = coming.text[coming.at : coming.at + 1]
        if not mark:
            yield from coming.more()
        elif mark == '"':
            parts.append((yield from _quoted(coming)))
        else:
            coming.at += 1
            parts.append(mark)
            depth += 1 if mark in "{[" else -1
            if depth == 0:
                return "".join(parts)


def _scalar(coming: ComingText) -> Waiting[str]:
    """Up to what ends it: `3` may be the beginning of 31."""
    parts: list[str] = []
    while True:
        parts.append(coming.take(_SCALAR))
        if coming.at < len(coming.text):
            return "".join(parts)
        yield from coming.more()
