"""What an agent takes when it is a tool: its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import InputError, SignatureDefinitionError
from kaizen_eval.signatures import AnySignature, InputField, Signature
from kaizen_eval.signatures.schema import strict_schema

__all__ = ["AgentParameters", "Request"]


class Request(Signature):
    """What an agent without a signature takes."""

    request: str = InputField(description="What it shall do, with everything that it must know for that")


class AgentParameters:
    """The inputs of a signature, as the parameters of a tool.

    The model is held to their schema (strict mode) where none of them may be left out: strict mode knows no defaults.
    """

    def __init__(self, signature: type[Signature]) -> None:
        self._signature = Request if signature is AnySignature else signature
        plain = self._signature.input_schema()
        strict = _strict(plain, self._signature)
        self.strict = strict is not None
        self.schema: Mapping[str, Any] = plain if strict is None else strict

    def fit(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """As they are: the run takes their JSON form."""
        try:
            self._signature.bind(arguments)
        except InputError as error:
            raise ValueError(str(error).removesuffix(".")) from error
        return dict(arguments)


def _strict(plain: Mapping[str, Any], signature: type[Signature]) -> Mapping[str, Any] | None:
    if not all(field.required for field in signature.input_fields.values()):
        return None
    try:
        return strict_schema(plain, signature.name)
    except SignatureDefinitionError:
        return None
