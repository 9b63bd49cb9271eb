"""JSON paths (RFC 9535) over the body of a request, and what is wanted where they lead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.script.text_match import Contains, Exactly, named, text_holds
from kaizen_eval.handwritten.equality import json_equal

__all__ = ["ABSENT", "PRESENT", "JsonMatcher", "JsonTests", "compiled", "finder", "value_holds"]

JsonMatcher = Any
"""A JSON value that is wanted, a pattern or `Contains` for texts, a predicate on the value, `PRESENT` or `ABSENT`."""
_Finder = Callable[[Any], list[Any]]


@dataclass(frozen=True, slots=True, repr=False)
class _Presence:
    is_wanted: bool

    def __repr__(self) -> str:
        return "PRESENT" if self.is_wanted else "ABSENT"


PRESENT = _Presence(True)
"""Wanted of a path: that there is something."""
ABSENT = _Presence(False)
"""Wanted of a path: that there is nothing."""


@dataclass(frozen=True, slots=True)
class JsonTests:
    """Paths with what is wanted of each; all must hold."""

    tests: tuple[tuple[str, _Finder, JsonMatcher], ...]

    def hold(self, body: Mapping[str, Any]) -> bool:
        return all(_holds(wanted, find(body)) for _, find, wanted in self.tests)

    def came(self, body: Mapping[str, Any]) -> str:
        """What there is at the first path that does not hold."""
        for path, find, wanted in self.tests:
            found = find(body)
            if not _holds(wanted, found):
                return f"{path} is {', '.join(map(_shown, found))}" if found else f"there is nothing at {path}"
        return "it holds"


def compiled(wanted: str | Mapping[str, JsonMatcher]) -> JsonTests:
    """The tests of `json={path: wanted}`; a path by itself wants something to be there.

    Raises:
        ScriptError: a path that is none.
    """
    tests = {wanted: PRESENT} if isinstance(wanted, str) else wanted
    return JsonTests(tuple((path, finder(path), value) for path, value in tests.items()))


@cache
def finder(path: str) -> _Finder:
    """What a path finds in a JSON value, as a list.

    Raises:
        ScriptError: it is no path.
    """
    from jsonpath import JSONPathEnvironment, JSONPathError  # noqa: PLC0415 - loaded for scripts that hold a path

    try:
        query = JSONPathEnvironment(strict=True).compile(path)
    except JSONPathError as error:  # its str() may fail itself
        raise ScriptError(
            f"{path!r} is no JSON path: {error.args[0] if error.args else type(error).__name__}. "
            "A path begins with $, as in '$.metadata.tier' or '$.tools[*].function.name'."
        ) from None
    return query.findall


def _holds(wanted: JsonMatcher, found: list[Any]) -> bool:
    if isinstance(wanted, _Presence):
        return bool(found) == wanted.is_wanted
    return any(value_holds(wanted, value) for value in found)


def value_holds(wanted: JsonMatcher, value: object) -> bool:
    """Whether a JSON value is as wanted, inside of lists and objects, too: their length and names count."""
    if isinstance(wanted, re.Pattern | Contains):
        return isinstance(value, str) and text_holds(wanted, value)
    if isinstance(wanted, Exactly):
        return json_equal(wanted.value, value)
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return wanted.keys() == value.keys() and all(value_holds(one, value[name]) for name, one in wanted.items())
    if isinstance(wanted, list | tuple) and isinstance(value, list | tuple):
        return len(wanted) == len(value) and all(map(value_holds, wanted, value))
    return bool(wanted(value)) if callable(wanted) else json_equal(wanted, value)


def _shown(value: object) -> str:
    text = named(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 80
"""Characters of a value that a message shows."""
