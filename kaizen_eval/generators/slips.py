"""JSON values in which one thing is wrong, with what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.errors import NothingFits
from kaizen_eval.fake.generation.checks import broken_words, negated
from kaizen_eval.fake.generation.document import referred
from kaizen_eval.generators.making.fitting import Misfit
from kaizen_eval.generators.making.texts import texts
from kaizen_eval.generators.schemas import unread

__all__ = ["Slip", "slips"]

_DEEPEST = 3
"""Levels down to which values are made wrong inside."""
_NESTING = frozenset({"properties", "items", "prefixItems", "additionalProperties", "required", "propertyNames"})
_OPPOSITES = {
    "formatMinimum": "formatExclusiveMaximum",
    "formatExclusiveMinimum": "formatMaximum",
    "formatMaximum": "formatExclusiveMinimum",
    "formatExclusiveMaximum": "formatMinimum",
}
_REASONS: Mapping[str, str] = {
    "anyOf": "of none of its types",
    "const": "another value than the only one",
    "contains": "without an item that must be there",
    "enum": "none of the listed values",
    "exclusiveMaximum": "not below its upper bound",
    "exclusiveMinimum": "not above its lower bound",
    "maxItems": "too many items",
    "maxLength": "too long",
    "maxProperties": "too many entries",
    "maximum": "above its maximum",
    "minItems": "too few items",
    "minLength": "too short",
    "minProperties": "too few entries",
    "minimum": "below its minimum",
    "multipleOf": "no multiple",
    "oneOf": "of none of its types",
    "pattern": "not of its pattern",
    "type": "of the wrong type",
    "uniqueItems": "with an item twice",
}


class Slip(NamedTuple):
    value: Any
    place: str
    """Within the value: "lines[0].count"; empty for the value itself."""
    reason: str


def slips(schema: Any, document: Mapping[str, Any]) -> list[SearchStrategy[Slip]]:
    """One strategy for each way in which a value of the schema can be wrong; `document` holds its definitions."""
    return [*_Slips(document).of(schema, 0)]


class _Slips:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._definitions = {"$defs": document["$defs"]} if "$defs" in document else {}

    def of(self, schema: Any, depth: int) -> Iterator[SearchStrategy[Slip]]:
        if not isinstance(schema, dict):
            return
        if "$ref" in schema:
            schema = {**schema, **referred(self._document, schema["$ref"])}
            del schema["$ref"]
        yield from self._negated(schema)
        yield from self._moments(schema)
        if depth < _DEEPEST:
            yield from self._fields(schema, depth)
            yield from self._items(schema, depth)
            yield from self._entries(schema, depth)
            for branch in schema.get("anyOf", ()):
                if isinstance(branch, dict) and not {"properties", "items", "$ref"}.isdisjoint(branch):
                    yield from self._inside(branch, depth)

    def _inside(self, branch: dict[str, Any], depth: int) -> Iterator[SearchStrategy[Slip]]:
        """What is wrong within one of several types; whether it fits another of them is seen by who uses it."""
        yield from (found.filter(_is_inside) for found in self.of(branch, depth + 1))

    def _negated(self, schema: dict[str, Any]) -> Iterator[SearchStrategy[Slip]]:
        """Of all that fits the negated schema, each branch for itself, so that none is rare."""
        own = {word: value for word, value in schema.items() if word not in _NESTING}
        whole = {**own, **self._definitions}
        try:
            wrong = negated(whole)
        except ValueError:  # it has no canonical form
            return
        judge = _reasons(whole)
        for branch in wrong.get("anyOf", [wrong]) if isinstance(wrong, dict) else ():
            found = self._valid(branch)
            if found is not None:
                yield found.map(judge)

    def _moments(self, schema: dict[str, Any]) -> Iterator[SearchStrategy[Slip]]:
        """Of formats the negated schema knows nothing."""
        if schema.get("type") != "string" or "format" not in schema:
            return
        about = f"no {schema['format']}"
        yield texts(0, 100).map(lambda text: Slip(text, "", about))
        for word, opposite in _OPPOSITES.items():
            if word in schema:
                found = self._valid({"type": "string", "format": schema["format"], opposite: schema[word]})
                if found is not None:
                    yield found.map(lambda text: Slip(text, "", "out of its bounds"))

    def _fields(self, schema: dict[str, Any], depth: int) -> Iterator[SearchStrategy[Slip]]:
        whole = self._valid(schema)
        if whole is None or "properties" not in schema:
            return
        for name, part in schema["properties"].items():
            for slip in self.of(part, depth + 1):
                yield st.tuples(whole, slip).map(_replaced(name))
        for name in schema.get("required", ()):
            yield whole.map(_without(name))
        if schema.get("additionalProperties", True) is False:
            yield whole.map(_with_unknown)

    def _items(self, schema: dict[str, Any], depth: int) -> Iterator[SearchStrategy[Slip]]:
        whole = self._valid(schema)
        if whole is None or schema.get("type") != "array":
            return
        for slip in self.of(schema.get("items"), depth + 1):
            yield st.tuples(whole, slip).map(_at_the_end)
        for place, part in enumerate(schema.get("prefixItems", ())):
            for slip in self.of(part, depth + 1):
                yield st.tuples(whole, slip).map(_at(place))

    def _entries(self, schema: dict[str, Any], depth: int) -> Iterator[SearchStrategy[Slip]]:
        whole = self._valid(schema)
        if whole is None or "properties" in schema or "propertyNames" in schema:
            return
        for slip in self.of(schema.get("additionalProperties"), depth + 1):
            yield st.tuples(whole, slip).map(_replaced("entry"))

    def _valid(self, schema: dict[str, Any]) -> SearchStrategy[Any] | None:
        try:
            return unread({**self._definitions, **schema})
        except NothingFits:
            return None


def _reasons(schema: dict[str, Any]) -> Callable[[Any], Slip]:
    words_of = broken_words(schema)

    def judged(value: Any) -> Slip:
        words = words_of(value)
        if not words:
            raise Misfit
        return Slip(value, "", _REASONS.get(words[0], f"not as {words[0]!r} asks"))

    return judged


def _is_inside(slip: Slip) -> bool:
    return bool(slip.place)


def _replaced(name: str) -> Callable[[tuple[dict[str, Any], Slip]], Slip]:
    def replaced(found: tuple[dict[str, Any], Slip]) -> Slip:
        whole, slip = found
        return Slip({**whole, name: slip.value}, f".{name}{slip.place}", slip.reason)

    return replaced


def _without(name: str) -> Callable[[dict[str, Any]], Slip]:
    def without(whole: dict[str, Any]) -> Slip:
        return Slip({key: value for key, value in whole.items() if key != name}, f".{name}", "missing")

    return without


def _with_unknown(whole: dict[str, Any]) -> Slip:
    return Slip({**whole, "unheard_of": ""}, ".unheard_of", "unknown")


def _at_the_end(found: tuple[list[Any], Slip]) -> Slip:
    whole, slip = found
    items = whole[:-1]
    return Slip([*items, slip.value], f"[{len(items)}]{slip.place}", slip.reason)


def _at(place: int) -> Callable[[tuple[list[Any], Slip]], Slip]:
    def at(found: tuple[list[Any], Slip]) -> Slip:
        whole, slip = found
        if place >= len(whole):
            raise Misfit
        return Slip([*whole[:place], slip.value, *whole[place + 1 :]], f"[{place}]{slip.place}", slip.reason)

    return at
