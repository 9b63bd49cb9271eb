"""Templates: `{{inputs.x}}` and `{{node.field}}` in texts, what they refer to, and what they come to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from kaizen_eval.errors import WorkflowError
from kaizen_eval.workflow.reaching import reached
from kaizen_eval.workflow.written import written

__all__ = ["RESERVED", "Reference", "filled", "parts", "references"]

RESERVED = ("inputs", "item", "index")
"""What templates can refer to beside nodes."""

_OPENING = re.compile(r"\{\{+")
_INSIDE = re.compile(r"\s*(?P<path>[\w-]+(?:\.[\w@$/:-]+)*)\s*\}\}")
_END = re.compile(r"\}\}|$")


@dataclass(frozen=True, slots=True)
class Reference:
    """One template."""

    node: str
    """The id, or one of RESERVED."""
    path: tuple[str, ...]
    text: str
    """As it is written, with its braces."""


def references(value: object) -> tuple[Reference, ...]:
    """Those in a text, or at any depth of dicts, lists and tuples; what is more than these is left alone.

    Raises:
        WorkflowError: a text has `{{` where no template is.
    """
    if isinstance(value, str):
        return tuple(part for part in parts(value) if isinstance(part, Reference)) if "{{" in value else ()
    return tuple(reference for inner in _inner(value) for reference in references(inner))


def _inner(value: object) -> Iterator[object]:
    if type(value) in (dict, MappingProxyType):
        yield from value.values()  # type: ignore[attr-defined]  # a mapping
    elif type(value) in (list, tuple):
        yield from value  # type: ignore[misc]  # a list or tuple


def filled(value: Any, scope: Mapping[str, Any]) -> Any:
    """The value with what its templates refer to; containers that can hold templates are new ones.

    A text that is one template alone becomes the value itself, whatever its type.

    Raises:
        InputError: the scope holds no such thing; it says what there is.
    """
    if isinstance(value, str):
        return _filled_text(value, scope) if "{{" in value else value
    if type(value) in (dict, MappingProxyType):
        return {name: filled(inner, scope) for name, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(filled(inner, scope) for inner in value)
    return value


def _filled_text(text: str, scope: Mapping[str, Any]) -> Any:
    found = parts(text)
    if len(found) == 1 and isinstance(found[0], Reference):
        return _value(found[0], scope)
    return "".join(part if isinstance(part, str) else written(_value(part, scope)) for part in found)


def _value(reference: Reference, scope: Mapping[str, Any]) -> Any:
    return reached(reference.node, reference.path, scope, reference.text)


@lru_cache(maxsize=4096)
def parts(text: str) -> tuple[str | Reference, ...]:
    """The text cut at its templates, `{{{{` unescaped.

    Raises:
        WorkflowError: at which character `{{` begins no template.
    """
    found: list[str | Reference] = []
    plain, place = "", 0
    while opening := _OPENING.search(text, place):
        escaped, rest = divmod(len(opening[0]), 4)
        plain += text[place : opening.start()] + "{{" * escaped + "{" * (rest % 2)
        place = opening.end()
        if rest >= 2:
            reference, end = _reference(text, place)
            found += [plain, reference] if plain else [reference]
            plain, place = "", end
    plain += text[place:]
    return (*found, plain) if plain or not found else tuple(found)


def _reference(text: str, start: int) -> tuple[Reference, int]:
    inside = _INSIDE.match(text, start)
    if inside is None:
        end = _END.search(text, start)
        shown = text[start - 2 : end.end() if end else None]
        raise WorkflowError(
            f"{shown!r} at character {start - 1} is no template: write {{{{inputs.name}}}} or {{{{node.field}}}}, "
            "parts of a path divided by dots; for braces as they are, write four for two."
        )
    node, *path = inside["path"].split(".")
    return Reference(node, tuple(path), text[start - 2 : inside.end()]), inside.end()
