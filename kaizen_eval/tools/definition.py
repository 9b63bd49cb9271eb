"""Tool: a function that a model may call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self, get_args

from kaizen_eval.checks import flag, number, one_of, optional, text_or_none, whole
from kaizen_eval.errors import ConfigError, ToolDefinitionError
from kaizen_eval.tools.approval import Approve, approver
from kaizen_eval.tools.parameters import Parameters
from kaizen_eval.tools.reading import description_of, name_of, parameters_of, refuse_uncallable
from kaizen_eval.tools.typed import TypedParameters
from kaizen_eval.tools.untyped import SchemaParameters

__all__ = ["OnError", "Tool"]

OnError = Literal["tell", "raise"]
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Tool:
    """A function with what the model is told of it, and how it is executed. Called, it is the function.

    Args:
        function: plain or `async def`; a plain one is executed in a thread of its own.
        name: the function's own unless given.
        description: the first paragraph of its docstring unless given.
        parameters: a JSON Schema, or what has one and checks by itself; read from the type hints unless given.
        timeout: seconds for one execution; the run's own timeout counts in any case.
        on_error: "tell" the model what went wrong, or "raise" ToolFailed.
        idempotent: False: never executed twice for one call id within a run, whatever is tried again.
        requires_approval: True, and `approve` is asked before each execution; or who is to be asked.
        approve: takes an Approval and says True, False, or why not; it may be `async def`.
        max_result_chars: a longer result is an error.

    Raises:
        ToolDefinitionError: the function cannot be a tool as it is, or a setting cannot work.
    """

    def __init__(  # noqa: PLR0913 - all that makes one tool another
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | Parameters | None = None,
        timeout: float | None = None,
        on_error: OnError = "tell",
        idempotent: bool = True,
        requires_approval: bool | Approve = False,
        approve: Approve | None = None,
        max_result_chars: int = 100_000,
    ) -> None:
        refuse_uncallable(function)
        self.function = function
        self.name = _checked_name(name_of(function) if name is None else name)
        _check_settings(self.name, description, timeout, on_error, idempotent, max_result_chars)
        self.description = description_of(function) if description is None else description
        self.timeout = timeout
        self.on_error = on_error
        self.idempotent = idempotent
        self.approve = approver(self.name, requires_approval, approve)
        self.max_result_chars = max_result_chars
        self._parameters = _parameters(self.name, function, parameters)

    @classmethod
    def of(cls, thing: object) -> Self:
        """A Tool as it is; a function as a tool."""
        return thing if isinstance(thing, cls) else cls(thing)  # type: ignore[arg-type]  # what is no function is refused there

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON Schema that the model is told."""
        return self._parameters.schema

    @property
    def strict(self) -> bool:
        """Whether the service holds the model to the schema (OpenAI's strict mode)."""
        return self._parameters.strict

    @property
    def definition(self) -> Mapping[str, Any]:
        """An entry of OpenAI's `tools`."""
        described = {"description": self.description} if self.description else {}
        strict = {"strict": True} if self.strict else {}
        function = {"name": self.name, **described, "parameters": self.parameters, **strict}
        return {"type": "function", "function": function}

    def fit(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the function is called with.

        Raises:
            ValueError: naming the parameters that do not fit, in words for the model.
        """
        return self._parameters.fit(arguments)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Tool({self.name})"


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ToolDefinitionError(
            f"{name!r} cannot be the name of a tool: 1 to 64 letters (a-z), digits, '_' and '-'. Give name=."
        )
    return name


def _check_settings(  # noqa: PLR0913, PLR0917 - each is checked by itself
    name: str, description: object, timeout: object, on_error: object, idempotent: object, max_result_chars: object
) -> None:
    try:
        text_or_none("description", description)
        optional(number, "timeout", timeout, above=0)
        one_of("on_error", on_error, get_args(OnError))
        flag("idempotent", idempotent)
        whole("max_result_chars", max_result_chars, least=1)
    except ConfigError as error:
        raise ToolDefinitionError(f"The tool {name!r} cannot work: {error}") from error


def _parameters(name: str, function: Callable[..., Any], declared: Mapping[str, Any] | Parameters | None) -> Parameters:
    if declared is None:
        return TypedParameters(name, parameters_of(name, function))
    return declared if isinstance(declared, Parameters) else SchemaParameters(name, declared)
