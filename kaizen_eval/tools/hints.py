"""What the type hints of a function mean, names local to the functions around it included."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kaizen_eval.errors import ToolDefinitionError

__all__ = ["Hints"]


class Hints:
    """The hints of one function, each evaluated when it is asked for: a return type may be anything."""

    def __init__(self, function: Callable[..., Any]) -> None:
        inner = inspect.unwrap(function)
        self._annotations: Mapping[str, Any] = getattr(inner, "__annotations__", {})
        self._globals: dict[str, Any] = getattr(inner, "__globals__", {})
        self._locals = _enclosing(inner) | _closed_over(inner)

    def __contains__(self, name: str) -> bool:
        return name in self._annotations

    def of(self, where: str, name: str) -> Any:
        """The type of a parameter; one that is text is evaluated.

        Raises:
            ToolDefinitionError: it is none, or not known here.
        """
        holder = types.SimpleNamespace(__annotations__={name: self._annotations[name]})
        try:
            return typing.get_type_hints(holder, self._globals, self._locals, include_extras=True)[name]
        except NameError as error:
            raise ToolDefinitionError(
                f"{where} has the type {self._annotations[name]!r}, and {error.name!r} is not known where the function "
                "is made; import or define it before, and not under TYPE_CHECKING."
            ) from error
        except (SyntaxError, TypeError, AttributeError) as error:
            raise ToolDefinitionError(
                f"{where} has {self._annotations[name]!r} as its type, which is none: {error}."
            ) from error


def _closed_over(function: Callable[..., Any]) -> dict[str, Any]:
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    return {} if code is None or cells is None else dict(_set(zip(code.co_freevars, cells, strict=True)))


def _set(cells: Iterator[tuple[str, types.CellType]]) -> Iterator[tuple[str, Any]]:
    for name, cell in cells:
        try:
            yield name, cell.cell_contents
        except ValueError:  # a name that has no value yet
            continue


def _enclosing(function: Callable[..., Any]) -> dict[str, Any]:
    """What is known in the functions and classes around it that still run: that is where tools are made."""
    known: dict[str, Any] = {}
    frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - documented, and the one way to ask
    while frame is not None:
        if frame.f_globals is getattr(function, "__globals__", None) and _is_around(frame.f_code, function):
            known = dict(frame.f_locals) | known
        frame = frame.f_back
    return known


def _is_around(code: types.CodeType, function: Callable[..., Any]) -> bool:
    return function.__qualname__.startswith(f"{code.co_qualname}.")
