"""How a type is built: the members of a union, the class behind it, its name."""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any

__all__ = ["bare", "members", "type_name"]


def members(annotation: Any) -> list[Any]:
    """The members of a union, nested ones included; of any other type, itself."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [member for part in typing.get_args(annotation) for member in members(part)]
    return [annotation]


def bare(annotation: Any) -> Any:
    """The class behind a type: without Annotated, NewType, alias or parameters."""
    if isinstance(annotation, typing.NewType):
        return bare(annotation.__supertype__)
    if hasattr(annotation, "__value__"):  # a TypeAliasType: python's own and typing_extensions' are two classes
        return bare(annotation.__value__)
    if typing.get_origin(annotation) is Annotated:
        return bare(typing.get_args(annotation)[0])
    return typing.get_origin(annotation) or annotation


def type_name(annotation: Any) -> str:
    """As one would write it: `list[Order]`, without modules."""
    if annotation is ...:
        return "..."
    arguments = typing.get_args(annotation)
    if not arguments:
        return annotation.__name__ if isinstance(annotation, type) else str(annotation).removeprefix("typing.")
    if typing.get_origin(annotation) is Annotated:
        return type_name(arguments[0])
    if typing.get_origin(annotation) is typing.Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if len(parts := members(annotation)) > 1:
        return " | ".join("None" if part is types.NoneType else type_name(part) for part in parts)
    return f"{bare(annotation).__name__}[{', '.join(map(type_name, arguments))}]"
