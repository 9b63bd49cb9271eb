"""Values that say what the schema asks in another form: `"3"` for 3, `POSITIVE` for positive, "a" for ["a"].

Exact or nothing: what could mean two things stays as it came, and is refused by the check that follows.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kaizen_eval.llm.parsing.names import fold, resembling
from kaizen_eval.llm.parsing.strict import decode

__all__ = ["Conformer", "without_surplus"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,3})?")
_SEVERAL = re.compile(r"[,;|\n]|\band\b|\s/\s|^\s*[-*•]|[\[{(]")
_NOTHING = frozenset({"", "-", "none", "null", "nil", "na", "n/a", "empty", "nothing", "[]", "unknown"})


def without_surplus(data: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """Only our fields; all of it when something else may be one of our fields, misspelled."""
    surplus = data.keys() - set(fields)
    absent = set(fields) - data.keys()
    if not surplus or resembling({fold(key) for key in surplus}, {fold(name) for name in absent}):
        return data
    return {key: value for key, value in data.items() if key not in surplus}


class Conformer:
    """Brings JSON values into the form that one JSON Schema asks for."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    def conform(self, data: object) -> Any:
        """The value with every fix that can mean one thing only; a new object, equal when there is nothing to fix."""
        return self._value(data, self._schema)

    def _value(self, value: Any, schema: Mapping[str, Any]) -> Any:
        schema = self._resolved(schema, value)
        if "enum" in schema or "const" in schema:
            return _choice(value, schema.get("enum", [schema.get("const")]))
        fix = self._fixes().get(schema.get("type", ""))
        return value if fix is None else fix(value, schema)

    def _fixes(self) -> Mapping[str, Callable[[Any, Mapping[str, Any]], Any]]:
        return {
            "array": self._array,
            "boolean": _boolean,
            "integer": _integer,
            "number": _number,
            "object": self._object,
            "string": _string,
        }

    def _resolved(self, schema: Mapping[str, Any], value: object) -> Mapping[str, Any]:
        """The schema behind `$ref` and Optional; one that asks nothing where a union leaves a choice."""
        while True:
            if "$ref" in schema:
                schema = self._schema["$defs"][schema["$ref"].rpartition("/")[2]]
            elif "anyOf" in schema or "oneOf" in schema:
                branches = [b for b in schema.get("anyOf", schema.get("oneOf", ())) if b.get("type") != "null"]
                if value is None or len(branches) != 1:
                    return {}
                schema = branches[0]
            else:
                return schema

    def _object(self, value: Any, schema: Mapping[str, Any]) -> Any:
        members = _decoded(value, dict)
        if not isinstance(members, dict):
            return value
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties")
        members = _respelled(members, properties)
        if others is False:
            members = without_surplus(members, properties)
        fallback = others if isinstance(others, dict) else {}
        return {key: self._value(member, properties.get(key, fallback)) for key, member in members.items()}

    def _array(self, value: Any, schema: Mapping[str, Any]) -> Any:
        items = schema.get("items", {})
        elements = _decoded(value, list)
        if not isinstance(elements, list):
            return self._single(value, items)
        prefix = schema.get("prefixItems", [])
        schemas = [*prefix, *[items] * (len(elements) - len(prefix))]
        return [self._value(element, schema) for element, schema in zip(elements, schemas, strict=False)] + elements[
            len(schemas) :
        ]

    def _single(self, value: Any, items: Mapping[str, Any]) -> Any:
        """A list of one, unless the text may itself be a list or stand for an empty one."""
        if value is None or not items or (isinstance(value, str) and not _is_one_thing(value)):
            return value
        if isinstance(value, dict) and "properties" not in self._resolved(items, value):
            return value
        return [self._value(value, items)]


def _is_one_thing(text: str) -> bool:
    return text.strip().casefold() not in _NOTHING and _SEVERAL.search(text) is None


def _decoded(value: Any, kind: type) -> Any:
    """A string that is JSON of the kind asked for, decoded; everything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        decoded = decode(value)
    except ValueError:
        return value
    return decoded if isinstance(decoded, kind) else value


def _respelled(members: dict[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Keys as the schema spells them, where a key is a field's name in another spelling."""
    names = _unique((fold(name), name) for name in properties if name not in members)
    renamed = _unique((names[fold(key)], key) for key in members if key not in properties and fold(key) in names)
    spelling = {key: name for name, key in renamed.items()}
    return {spelling.get(key, key): value for key, value in members.items()}


def _choice(value: Any, options: list[Any]) -> Any:
    """The option that is meant, tried from the least change to the largest: spaces, case, punctuation, separators."""
    if not isinstance(value, str) or value in options:
        return value
    for simplified in _SIMPLER:
        meant = _unique((simplified(str(option)), option) for option in options if option is not None)
        if simplified(value) in meant:
            return meant[simplified(value)]
    return value


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs whose key comes once, as a dict."""
    found: dict[str, Any] = {}
    twice: set[str] = set()
    for key, value in pairs:
        if key in found:
            twice.add(key)
        found[key] = value
    return {key: value for key, value in found.items() if key and key not in twice}


def _bare(text: str) -> str:
    return text.strip().strip(".,;:!\"'`*").strip().casefold()


_SIMPLER: tuple[Callable[[str], str], ...] = (
    str.strip,
    lambda text: text.strip().casefold(),
    _bare,
    lambda text: re.sub(r"[\s_-]+", " ", _bare(text)),
)


def _integer(value: Any, _: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _number(value: Any, _: Mapping[str, Any]) -> Any:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        return value
    number = float(value)
    return number if math.isfinite(number) else value


def _boolean(value: Any, _: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().casefold(), value)
    return value


def _string(value: Any, schema: Mapping[str, Any]) -> Any:
    """An integer is the same text with or without quotes; a float is not (0.90)."""
    if isinstance(value, int) and not isinstance(value, bool) and "format" not in schema and abs(value) < 10**300:
        return json.dumps(value)
    return value
