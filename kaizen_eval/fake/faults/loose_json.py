"""Writes JSON as models do who have not read its grammar: other quotes, none at all, commas too many."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Hand", "as_yaml", "dumps", "is_plain_word", "single_quoted"]

_Quoting = Callable[[str], str]
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z ]*[A-Za-z]|[A-Za-z]")
_OTHER_MEANING = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off", "nan", "infinity", "undefined"})


def dumps(value: object) -> str:
    """Proper JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def is_plain_word(text: str) -> bool:
    """Whether it says the same without quotes."""
    return bool(_PLAIN_WORD.fullmatch(text)) and text.lower() not in _OTHER_MEANING


def single_quoted(text: str, apostrophe: str = "'") -> str:
    inner = dumps(text)[1:-1].replace('\\"', '"').replace("'", apostrophe)
    return f"'{inner}'"


def _as_json(value: object) -> str:
    return dumps(value)


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes."""

    key: _Quoting = dumps
    text: _Quoting = dumps
    word: Callable[[object], str] = _as_json
    """For true, false, null and numbers."""
    before_close: str = ""
    """After the last item of a list or object that has any."""
    keep: Mapping[str, str] = field(default_factory=dict)
    """Values of the outermost object that are written as given here."""

    def write(self, value: Mapping[str, Any]) -> str:
        """The outermost object."""
        items = [f"{self.key(name)}: {self.keep.get(name) or self._value(item)}" for name, item in value.items()]
        return self._enclosed("{}", items)

    def _value(self, value: object) -> str:
        match value:
            case str():
                return self.text(value)
            case list():
                return self._enclosed("[]", [self._value(item) for item in value])
            case dict():
                return self._enclosed("{}", [f"{self.key(name)}: {self._value(item)}" for name, item in value.items()])
            case _:
                return self.word(value)

    def _enclosed(self, brackets: str, items: list[str]) -> str:
        return brackets[0] + ", ".join(items) + (self.before_close if items else "") + brackets[1]


def as_yaml(values: Mapping[str, Any]) -> str:
    """Lines of `name: value`; a list of texts has a line for each."""
    return "\n".join(line for name, value in values.items() for line in _yaml_lines(name, value))


def _yaml_lines(name: str, value: object) -> list[str]:
    if isinstance(value, list):
        return [f"{name}:", *(f"- {_yaml_value(item)}" for item in value)] if value else [f"{name}: []"]
    return [f"{name}: {_yaml_value(value)}"]


def _yaml_value(value: object) -> str:
    return value if isinstance(value, str) and is_plain_word(value) else dumps(value)
