"""Signature: what an agent takes and what it gives back, declared as a class."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic_core import to_jsonable_python

from kaizen_eval.errors import InputError, ReplyDoesNotFit
from kaizen_eval.signatures.fields import Field
from kaizen_eval.signatures.json_form import JSON_SCALARS, in_order
from kaizen_eval.signatures.meta import SignatureMeta
from kaizen_eval.signatures.record import Misfit
from kaizen_eval.signatures.words import shown

__all__ = ["AnySignature", "Signature"]


class Signature(metaclass=SignatureMeta):
    """Declare a task: fields as `question: str = InputField()`, the instructions as the docstring.

    The class itself serves, as does an instance of it: neither has any state. `name` and `instructions` may be names
    of fields as well, as may every other name that is no method of this class.
    """

    input_fields: ClassVar[Mapping[str, Field]]
    output_fields: ClassVar[Mapping[str, Field]]
    """Never empty: without an OutputField, runs return `response`."""
    free_text: ClassVar[bool]
    """Whether `response` is the only output and was not declared: plain prose is then a legal reply."""

    @classmethod
    def bind(cls, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs, typed, with defaults, in the order of the fields; deep copies, so the caller's stay as they are.

        Raises:
            InputError: with every problem at once.
        """
        return cls._inputs.fit(_copied(cls.__name__, inputs))

    @classmethod
    def bind_json(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """As `bind`, for values decoded from JSON: strictly as JSON, where "3" is no int and a date is a text.

        Raises:
            pydantic.ValidationError: each error's `loc` starts with the field's name.
        """
        return cls._inputs.fit_json(data)

    @classmethod
    def check(cls, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs, typed, with defaults, in the order of the fields. Objects in it are not copied.

        Raises:
            ReplyDoesNotFit: with every problem at once.
        """
        return cls._outputs.fit(outputs)

    @classmethod
    def check_json(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """As `check`, for values decoded from JSON: strictly as JSON, where "3" is no int and a date is a text.

        Raises:
            pydantic.ValidationError: each error's `loc` starts with the field's name.
        """
        return cls._outputs.fit_json(data)

    @classmethod
    def input_misfits(cls, inputs: Mapping[str, Any], *, partial: bool = False) -> list[Misfit]:
        """What `bind` would refuse, each with the field that it is about; with `partial`, inputs may be missing."""
        return cls._inputs.misfits(inputs, partial=partial)

    @classmethod
    def output_misfits(cls, outputs: Mapping[str, Any]) -> list[Misfit]:
        """What `check` would refuse of some of the outputs: those that are missing are no misfits."""
        return cls._outputs.misfits(outputs, partial=True)

    @classmethod
    def input_schema(cls) -> dict[str, Any]:
        """JSON Schema of the inputs; the caller's own copy."""
        return cls._inputs.schema()

    @classmethod
    def output_schema(cls) -> dict[str, Any]:
        """JSON Schema of the outputs; the caller's own copy."""
        return cls._outputs.schema()

    @classmethod
    def strict_output_schema(cls) -> dict[str, Any]:
        """The output schema as OpenAI's strict mode takes it: every property required, nothing open.

        Lengths are said as a pattern; for what else strict mode has no keyword (uniqueness, bounds of dates, lengths
        beside a pattern) the description asks.

        Raises:
            SignatureDefinitionError: naming the path that strict mode cannot express.
        """
        return cls._outputs.strict_schema()

    @classmethod
    def inputs_to_json(cls, bound: Mapping[str, Any]) -> dict[str, Any]:
        """JSON-able values for a prompt."""
        return _jsonable(bound, InputError, f"{cls.__name__}'s inputs")

    @classmethod
    def outputs_to_json(cls, checked: Mapping[str, Any]) -> dict[str, Any]:
        """JSON-able values, as a model would have written them."""
        return _jsonable(checked, ReplyDoesNotFit, f"{cls.__name__}'s outputs")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class AnySignature(Signature):  # no docstring: it would be the instructions
    @classmethod
    def bind(cls, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Copies of whatever inputs are given."""
        return _copied(cls.__name__, inputs)

    @classmethod
    def bind_json(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        return _copied(cls.__name__, data)

    @classmethod
    def input_misfits(cls, inputs: Mapping[str, Any], *, partial: bool = False) -> list[Misfit]:  # noqa: ARG003 - any fit
        return []

    @classmethod
    def input_schema(cls) -> dict[str, Any]:
        return {"type": "object"}


def _copied(owner: str, inputs: object) -> dict[str, Any]:
    if not isinstance(inputs, Mapping) or not all(isinstance(name, str) for name in inputs):
        raise InputError(f"{owner}'s inputs are a mapping of names to values, not {shown(inputs)}.")
    return {name: value if type(value) in JSON_SCALARS else _copy(owner, name, value) for name, value in inputs.items()}


def _copy(owner: str, name: str, value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except (TypeError, RecursionError, copy.Error) as error:
        raise InputError(
            f"{owner}'s input {name!r} cannot be copied: {error}. Give plain data, not {shown(value)}."
        ) from error


def _jsonable(values: Mapping[str, Any], error: type[InputError | ReplyDoesNotFit], what: str) -> dict[str, Any]:
    try:
        jsonable: dict[str, Any] = to_jsonable_python(in_order(dict(values)), inf_nan_mode="strings")
    except ValueError as problem:
        raise error(f"{what} hold a value that has no JSON form: {problem}") from problem
    return jsonable
