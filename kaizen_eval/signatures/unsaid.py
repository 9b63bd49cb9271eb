"""What strict mode has no keyword for, said as a pattern or in the description; and how to read it back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["restored", "said"]

_KEYWORDS = (
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "formatMinimum",
    "formatExclusiveMinimum",
    "formatMaximum",
    "formatExclusiveMaximum",
    "uniqueItems",
)
"""What may be left unsaid."""
_SENTENCE = "Must also fit the JSON Schema "
_MOST_COUNTED = 1_000
"""Larger bounds make automata that are slow to build, or refused."""
_VALUES = frozenset({"const", "default", "enum", "examples"})
"""Keywords that hold values, not schemas."""

_LENGTHS = re.compile(r"\^\[\\s\\S\]\{(\d+),(\d*)\}\$")
_SAID = re.compile(rf"(?:^|\n){re.escape(_SENTENCE)}(\{{.*\}})\Z")


def said(schema: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of `schema` that are not `kept`: lengths as a pattern where it has none, others in the description.

    A pattern binds what a model may write; the description only asks for it.
    """
    rest = {word: schema[word] for word in _KEYWORDS if word in schema and word not in kept}
    if rest.get("format") == "binary":  # bytes: any text will do
        del rest["format"]
    words: dict[str, Any] = {}
    if not {"pattern", "format"} & kept.keys() and "pattern" not in rest:
        words = _lengths(rest)
    if rest:
        sentence = _SENTENCE + json.dumps(rest, ensure_ascii=False)
        words["description"] = "\n".join(filter(None, [schema.get("description"), sentence]))
    return words


def restored(schema: Any) -> Any:
    """The schema, of whatever origin, with keywords for what `said` says."""
    if isinstance(schema, list):
        return [restored(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {word: value if word in _VALUES else restored(value) for word, value in schema.items()}
    return _with_lengths(_with_sentence(inner))


def _lengths(rest: dict[str, Any]) -> dict[str, str]:
    """A pattern for the lengths, which are taken out of `rest`."""
    counted = [word for word in ("minLength", "maxLength") if rest.get(word, _MOST_COUNTED + 1) <= _MOST_COUNTED]
    if not counted:
        return {}
    low, high = (rest.pop(word) if word in counted else None for word in ("minLength", "maxLength"))
    if not low and high is None:
        return {}
    return {"pattern": rf"^[\s\S]{{{low or 0},{'' if high is None else high}}}$"}


def _with_sentence(schema: dict[str, Any]) -> dict[str, Any]:
    description = schema.get("description")
    found = _SAID.search(description) if isinstance(description, str) else None
    if found is None or (words := _object(found[1])) is None:
        return schema
    rest = {word: value for word, value in schema.items() if word != "description"}
    text = found.string[: found.start()]
    return {**rest, **({"description": text} if text else {}), **words}


def _object(text: str) -> dict[str, Any] | None:
    """None where somebody else wrote what is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return {word: value[word] for word in _KEYWORDS if word in value}


def _with_lengths(schema: dict[str, Any]) -> dict[str, Any]:
    pattern = schema.get("pattern")
    found = _LENGTHS.fullmatch(pattern) if isinstance(pattern, str) else None
    if found is None:
        return schema
    lengths = {"minLength": max(int(found[1]), schema.get("minLength", 0))}
    if found[2]:
        lengths["maxLength"] = min(int(found[2]), schema.get("maxLength", int(found[2])))
    return {word: value for word, value in schema.items() if word != "pattern"} | lengths
