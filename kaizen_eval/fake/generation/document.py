"""Finds what a `$ref` names within one schema document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kaizen_eval.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["definitions_of", "referred"]


def referred(document: Any, uri: str) -> Any:
    """The schema at `#`, `#/a/pointer` or `#anchor`, or the one with that `$id`; ScriptError when there is none."""
    if uri.startswith("#/"):
        return _pointed(document, uri)
    for schema in _schemas(document):
        anchors = (schema.get("$anchor"), schema.get("$dynamicAnchor"))
        if schema.get("$id") == uri or (uri.startswith("#") and uri[1:] in anchors):
            return schema
    if uri == "#":
        return document
    raise ScriptError(f"the schema refers to {uri!r}, which it does not hold; put it under '$defs'")


def definitions_of(document: Any) -> dict[str, Any] | None:
    """What a part of the document takes along to stand by itself; None when references would lose their meaning."""
    for schema in _schemas(document):
        uri = schema.get("$ref", "#/$defs/")
        if "$id" in schema or "$dynamicRef" in schema or not str(uri).startswith(("#/$defs/", "#/definitions/")):
            return None
    return {key: document[key] for key in ("$defs", "definitions") if isinstance(document, dict) and key in document}


def _pointed(document: Any, uri: str) -> Any:
    found = document
    for part in unquote(uri).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key) if isinstance(found, list) else key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise ScriptError(f"the schema refers to {uri!r}, which it does not hold") from None
    return found


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document, the outer ones first."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _schemas(inner)
