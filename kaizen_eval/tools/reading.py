"""What a function tells of itself: its name, its description, its parameters."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

import pydantic.fields

from kaizen_eval.errors import ToolDefinitionError
from kaizen_eval.signatures.fields import Field
from kaizen_eval.tools.docstring import told
from kaizen_eval.tools.hints import Hints
from kaizen_eval.tools.typed import REQUIRED, Parameter

__all__ = ["description_of", "name_of", "parameters_of", "refuse_uncallable", "underlying"]

_UNFIT = {
    inspect.Parameter.VAR_POSITIONAL: "takes any number of values (*{name}); a model gives arguments by name",
    inspect.Parameter.VAR_KEYWORD: "takes any names (**{name}); a model has to be told what there is",
    inspect.Parameter.POSITIONAL_ONLY: "cannot be given by name; take the '/' out of the function's head",
}


def refuse_uncallable(function: object) -> None:
    """Whatever is no function, or is one that gives its result piece by piece."""
    if isinstance(function, type):
        raise ToolDefinitionError(f"The class {function.__name__} is no tool; give a function, or a bound method.")
    if not callable(function):
        raise ToolDefinitionError(f"A tool is a function or a Tool, not {function!r}.")
    if inspect.isgeneratorfunction(underlying(function)) or inspect.isasyncgenfunction(underlying(function)):
        raise ToolDefinitionError(f"{function!r} is a generator, and a tool has one result: return a list.")


def underlying(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function within partials and callable objects."""
    inner = _within_partials(function)
    return inner if inspect.isroutine(inner) else type(inner).__call__


def name_of(function: Callable[..., Any]) -> str:
    inner = _within_partials(function)
    name = inner.__name__ if inspect.isroutine(inner) else type(inner).__name__
    if name == "<lambda>":
        raise ToolDefinitionError("A lambda has no name that a model could call; write a function, or give name=.")
    return str(name)


def description_of(function: Callable[..., Any]) -> str:
    return told(_docstring(function)).description


def parameters_of(tool: str, function: Callable[..., Any]) -> list[Parameter]:
    """What the model may give; what a partial has given already is none of its business.

    Raises:
        ToolDefinitionError: naming the first parameter that a model cannot give, or whose type is not said.
    """
    bound = _bound_names(function)
    hints = Hints(underlying(function))
    descriptions = told(_docstring(function)).parameters
    return [
        _parameter(tool, declared, hints, descriptions)
        for declared in _declared(tool, function)
        if declared.name not in bound
    ]


def _declared(tool: str, function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return [*inspect.signature(function).parameters.values()]
    except ValueError as error:
        raise ToolDefinitionError(
            f"The tool {tool!r} does not tell its parameters: {error}. Give parameters=."
        ) from error


def _bound_names(function: Callable[..., Any]) -> frozenset[str]:
    names: set[str] = set()
    while isinstance(function, functools.partial):
        names |= function.keywords.keys()
        function = function.func
    return frozenset(names)


def _docstring(function: Callable[..., Any]) -> str | None:
    inner = _within_partials(function)
    if inspect.isroutine(inner):
        return inner.__doc__
    return type(inner).__call__.__doc__ or type(inner).__doc__


def _within_partials(function: Callable[..., Any]) -> Callable[..., Any]:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _parameter(tool: str, declared: inspect.Parameter, hints: Hints, descriptions: Mapping[str, str]) -> Parameter:
    name = declared.name
    where = f"The parameter {name!r} of the tool {tool!r}"
    if declared.kind in _UNFIT:
        raise ToolDefinitionError(f"{where} {_UNFIT[declared.kind].format(name=name)}.")
    if name not in hints:
        raise ToolDefinitionError(f"{where} has no type hint; {_advice(name)}")
    annotation = hints.of(where, name)
    default = _default(where, declared)
    return Parameter(name, annotation, default, _described(annotation) or descriptions.get(name, ""))


def _default(where: str, declared: inspect.Parameter) -> Any:
    if declared.default is inspect.Parameter.empty:
        return REQUIRED
    if isinstance(declared.default, pydantic.fields.FieldInfo | Field):
        raise ToolDefinitionError(
            f"{where} has a Field as its default, which the function would be called with; write "
            f"`{declared.name}: Annotated[…, Field(…)]`, and the default after '='."
        )
    return declared.default


def _advice(name: str) -> str:
    if name in {"self", "cls"}:
        return "give the method of an object, Tool(thing.method); `@tool` cannot stand over a method."
    return f"write what it takes, such as `{name}: str`."


def _described(annotation: Any) -> str:
    """What `Annotated` says: a text, a `Doc`, or the description of a pydantic `Field`."""
    if typing.get_origin(annotation) is not Annotated:
        return ""
    return next(_texts(typing.get_args(annotation)[1:]), "")


def _texts(metadata: tuple[Any, ...]) -> Iterator[str]:
    for item in metadata:
        for text in (item, getattr(item, "documentation", None), getattr(item, "description", None)):
            if isinstance(text, str):
                yield text
