"""What the validator of JSON Schemas knows: does a value fit, and why not; canonical forms; what contradicts itself.

It is loaded by the first schema that needs it; plain ones do not. It never fetches a schema from the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaizen_eval.fake.generation.merge import Schema

__all__ = ["accepts", "broken_words", "canonical", "negated", "unsatisfiable"]

_DRAFT = 20
"""2020-12, as jsonschema_rs counts drafts."""


def accepts(schema: Schema) -> Callable[[Any], bool]:
    """Whether a value fits the schema. Raises ScriptError when the schema is no valid one."""
    from jsonschema_rs import ValidationError, validator_for  # noqa: PLC0415 - see the module's docstring

    try:
        return validator_for(schema, offline=True).is_valid
    except ValidationError as error:
        place = "/".join(["#", *map(str, error.instance_path)])
        raise ScriptError(f"no reply can be made for this JSON Schema: at {place}, {error.message}") from error


def broken_words(schema: Schema) -> Callable[[Any], list[str]]:
    """The keywords of a schema that a value does not fit: "minimum", "pattern"."""
    from jsonschema_rs import validator_for  # noqa: PLC0415 - see the module's docstring

    errors_of = validator_for(schema, offline=True).iter_errors
    return lambda value: [str(error.schema_path[-1]) for error in errors_of(value) if error.schema_path]


def canonical(schema: Schema) -> Schema:
    """The same schema with its combining keywords multiplied out. Raises ValueError where there is no such form."""
    from jsonschema_rs import canonicalize  # noqa: PLC0415 - see the module's docstring

    return canonicalize(schema, draft=_DRAFT, offline=True).to_json_schema()


def negated(schema: Schema) -> Schema | bool:
    """What everything fits that does not fit the schema. Raises ValueError where there is no such form."""
    from jsonschema_rs import canonicalize  # noqa: PLC0415 - see the module's docstring

    return canonicalize(schema, draft=_DRAFT, offline=True).negate().to_json_schema()


def unsatisfiable(schema: Schema) -> list[str]:
    """JSON pointers to the parts that are why no value fits; none where that cannot be proved."""
    from jsonschema_rs.canonical import find_unsatisfiable  # noqa: PLC0415 - see the module's docstring

    try:
        parts = set(find_unsatisfiable(schema, draft=_DRAFT, offline=True))
    except ValueError:  # it has no canonical form
        return []
    return sorted(parts - {""} or {""}) if "" in parts else []
