"""Types as the source of an annotation."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union

from kaizen_eval.conformance.written.layout import laid
from kaizen_eval.conformance.written.names import Names, NotWritable

__all__ = ["annotation"]


def annotation(kind: Any, names: Names) -> str:
    """Raises NotWritable for what has no such form."""
    if kind is None or kind is type(None):
        return "None"
    if kind is ...:
        return "..."
    if kind is Any:
        return names.imported("typing", "Any", Any)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is not None:
        return _parted(origin, arguments, names)
    if isinstance(kind, type):
        return names.name(kind)
    raise NotWritable(f"the type {kind!r}")


def _parted(origin: Any, arguments: tuple[Any, ...], names: Names) -> str:
    if origin in {Union, types.UnionType}:
        return " | ".join(annotation(each, names) for each in arguments)
    if origin is Literal:
        return f"{names.imported('typing', 'Literal', Literal)}[{_values(arguments, names)}]"
    if origin is Annotated:
        said = f"{annotation(arguments[0], names)}, {_values(arguments[1:], names)}"
        return f"{names.imported('typing', 'Annotated', Annotated)}[{said}]"
    if origin is Callable:
        raise NotWritable("a function")
    inside = ", ".join(annotation(each, names) for each in arguments) or "()"
    return f"{_name(origin, names)}[{inside}]"


def _name(origin: Any, names: Names) -> str:
    for form in ("Required", "NotRequired"):
        if origin is getattr(typing, form):
            return names.imported("typing", form, origin)
    return names.name(origin)


def _values(values: tuple[Any, ...], names: Names) -> str:
    return ", ".join(laid(names.node(value)) for value in values)
