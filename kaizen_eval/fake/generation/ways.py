"""The ways to fulfil a schema's combining keywords: `anyOf`, `allOf`, `if` and their like, multiplied out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaizen_eval.fake.generation.document import referred
from kaizen_eval.fake.generation.merge import Schema, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ways"]

_MOST = 32
"""So many ways are kept: the first ones."""


def ways(schema: Schema, document: Schema, opened: tuple[str, ...] = ()) -> list[Schema]:
    """Schemas without combining keywords; what fits one of them is likely to fit the schema, but has to be checked.

    `not` stays as it is, `oneOf` is taken for `anyOf`. `opened` are the references that led here.
    """
    if not isinstance(schema, dict):
        return [schema] if schema else []

    def inner(part: Schema, *uris: str) -> list[Schema]:
        return ways(part, document, (*opened, *uris))

    found: list[Schema] = [{keyword: value for keyword, value in schema.items() if keyword not in _OPENED}]
    for keyword in ("$ref", "$dynamicRef"):
        if keyword in schema:
            uri = schema[keyword]
            found = _both(found, [] if uri in opened else inner(referred(document, uri), uri))
    for options in _options(schema, inner):
        found = _both(found, options)
    return found


_OPENED = frozenset(
    ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"),
)


def _options(schema: dict[str, Any], inner: Callable[[Schema], list[Schema]]) -> Iterator[list[Schema]]:
    """For each combining keyword the schemas of which one is to be fulfilled."""
    for part in schema.get("allOf", ()):
        yield inner(part)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            yield [way for branch in schema[keyword] for way in inner(branch)]
    if "if" in schema:
        yield _both(inner(schema["if"]), inner(schema.get("then", True))) + inner(schema.get("else", True))
    for name, part in sorted(schema.get("dependentSchemas", {}).items(), key=lambda item: item[0]):
        if name in schema.get("properties", ()) or name in schema.get("required", ()):
            yield inner(part)


def _both(some: list[Schema], others: list[Schema]) -> list[Schema]:
    both = [merged(one, other) for one in some for other in others[:_MOST]]
    return [schema for schema in both if schema is not False][:_MOST]
