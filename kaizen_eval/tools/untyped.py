"""Parameters that are declared as a JSON Schema."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import ToolDefinitionError
from kaizen_eval.signatures.words import place

__all__ = ["SchemaParameters"]

_NAMED = 3
_LONGEST = 200


class SchemaParameters:
    """Sent as they are given. References to other documents are refused: nothing is fetched."""

    strict = False

    def __init__(self, tool: str, schema: object) -> None:
        from jsonschema_rs import ValidationError, validator_for  # noqa: PLC0415 - most tools have type hints

        if not isinstance(schema, Mapping) or schema.get("type") != "object":
            raise ToolDefinitionError(
                f"The tool {tool!r} has parameters that are no JSON Schema of an object: {schema!r}. "
                "Write {'type': 'object', 'properties': {…}}."
            )
        own = {"properties": {}, **copy.deepcopy(dict(schema))}  # which services want, however empty
        self.schema: Mapping[str, Any] = own
        try:
            self._validator = validator_for(own, offline=True)
        except ValidationError as error:
            where = "/".join(["#", *map(str, error.instance_path)])
            raise ToolDefinitionError(
                f"The tool {tool!r} has parameters that are no JSON Schema: at {where}, {error.message}."
            ) from error

    def fit(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        given = dict(arguments)
        problems = [_problem(error) for error in self._validator.iter_errors(given)]
        if problems:
            more = [f"and {len(problems) - _NAMED} more"] if len(problems) > _NAMED else []
            raise ValueError("; ".join([*problems[:_NAMED], *more]))
        return given


def _problem(error: Any) -> str:
    where, message = place(error.instance_path), str(error.message)
    told = message if len(message) <= _LONGEST else f"{message[:_LONGEST]} …"
    return f"{where}: {told}" if where else told
