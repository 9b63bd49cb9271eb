"""Ids that a service makes up anew each time, numbered by their first appearance."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

__all__ = ["GeneratedId", "Renumbering"]

_PREFIXES = (
    "call|chatcmpl|ci|cmpl|fc|fco|gen|mcp|mcpl|mcpr|msg|resp|rs|run|srvtoolu|step|tool|toolresult|tooluse|toolu|ws"
)
_GENERATED = re.compile(rf"({_PREFIXES})[_-][A-Za-z0-9_-]{{4,}}")
_IN_A_PATH = re.compile(rf"({_PREFIXES})[_-](?:[A-Za-z0-9_-]{{16,}}|(?=[a-zA-Z_-]*\d)[A-Za-z0-9_-]{{4,}})")
"""More like chance than like a word: `call_center` is the name of an endpoint."""
_FIELDS = frozenset(
    {
        "approval_request_id",
        "call_id",
        "id",
        "item_id",
        "message_id",
        "previous_response_id",
        "response_id",
        "run_id",
        "tool_call_id",
        "tool_use_id",
    }
)
"""Fields that hold ids. All other texts are what somebody said, also when they look like one."""
_CARRIERS = frozenset({"content", "input", "items", "message", "messages", "output", "tool_calls", "tool_outputs"})
"""Fields within which there may be ids; not so what users make up: arguments, metadata, schemas."""
_OF_LISTS = frozenset({"input", "output"})
"""They carry ids where they are lists: as an object they are a tool's arguments, or what it gave."""
_NAMES = _FIELDS | _CARRIERS


@dataclass(frozen=True, slots=True)
class GeneratedId:
    """An id that is one and the same within a request, and any other in the next."""

    prefix: str
    number: int
    """From 1, by first appearance; fields are looked through in the order of their names."""
    text: str = field(compare=False)
    """As it came."""

    def __str__(self) -> str:
        return f"<{self.prefix}_{self.number}>"


class Renumbering:
    """The numbers of one request's ids: the path's first, then those of fields."""

    def __init__(self) -> None:
        self._ids: dict[str, GeneratedId] = {}

    def path(self, path: str) -> str:
        """The path with its ids as `<resp_1>`, which no path can hold otherwise."""
        if not re.search(_PREFIXES, path):
            return path.replace("<", "%3C")
        return "/".join(str(self._id(part, _IN_A_PATH) or part.replace("<", "%3C")) for part in path.split("/"))

    def field(self, name: str, value: str) -> str | GeneratedId:
        """The value of a field: an id where both look like one."""
        return (self._id(value, _GENERATED) or value) if name in _FIELDS else value

    def within(self, value: Any) -> None:
        """Put numbered ids in their places in a JSON value."""
        if type(value) is list:
            for item in value:
                if type(item) is dict or type(item) is list:
                    self.within(item)
        elif type(value) is dict:
            for name in sorted(_NAMES.intersection(value)):
                self._within_field(value, name)

    def _within_field(self, owner: dict[str, Any], name: str) -> None:
        inner = owner[name]
        kind = type(inner)
        if kind is str:
            if name in _FIELDS:
                owner[name] = self.field(name, inner)
        elif kind is list or (kind is dict and name not in _OF_LISTS):
            self.within(inner)

    def _id(self, text: str, pattern: re.Pattern[str]) -> GeneratedId | None:
        if text in self._ids:  # whatever is one in a path is one in a field
            return self._ids[text]
        found = pattern.fullmatch(text)
        if found is None:
            return None
        new = self._ids[text] = GeneratedId(found[1], len(self._ids) + 1, text)
        return new
