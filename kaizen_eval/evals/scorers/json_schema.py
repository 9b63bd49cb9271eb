"""JSON Schema: the answer has the shape that a schema describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, ClassVar

from kaizen_eval.checks import flag
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.scorers.compared import RIGHT, Comparing, Mark
from kaizen_eval.evals.scorers.json_values import json_value
from kaizen_eval.evals.scorers.wording import shown, together

__all__ = ["JsonSchema"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSchema(Comparing):
    """1 where the value fits, else 0. Draft 2020-12, unless the schema names another; nothing is fetched for it."""

    kind: ClassVar[str] = "json_schema"
    about: ClassVar[str] = "schema"
    takes_mapping: ClassVar[bool] = True

    schema: Mapping[str, Any] | bool
    in_text: bool = False
    """Whether the value is a text that holds JSON."""
    _validator: Any = _field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        flag("in_text of json_schema", self.in_text)
        object.__setattr__(self, "_validator", _validator(self.schema))
        Comparing.__post_init__(self)

    def wanted(self) -> Any:
        return self.schema

    def compared(self, expected: Any, came: Any) -> Mark:  # noqa: ARG002 - what is expected is the schema
        value = json_value(dict(came) if isinstance(came, Mapping) else came)
        if self.in_text:
            try:
                value = json.loads(value)
            except (TypeError, ValueError, RecursionError) as error:
                return Mark(0.0, f"{shown(came)} is no JSON ({error})")
        wrong = sorted(map(_said, self._validator.iter_errors(value)))
        return Mark(0.0, together(wrong)) if wrong else RIGHT


def _validator(schema: object) -> Any:
    import jsonschema_rs  # noqa: PLC0415 - a library that only this scorer needs

    if not isinstance(schema, Mapping | bool):
        raise ConfigError(f"schema of json_schema must be a JSON Schema, a mapping, not {schema!r}.")
    try:
        return jsonschema_rs.validator_for(dict(schema) if isinstance(schema, Mapping) else schema, offline=True)
    except (ValueError, jsonschema_rs.ValidationError) as error:
        said = getattr(error, "message", str(error))
        raise ConfigError(f"schema of json_schema is no JSON Schema: {said}") from None


def _said(error: Any) -> str:
    at = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
    return f"{error.message}{at and f' at {at}'}"
