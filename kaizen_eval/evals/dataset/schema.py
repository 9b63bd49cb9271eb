"""The JSON Schema of a dataset file, by which editors complete cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kaizen_eval.evals.scorers import KINDS

if TYPE_CHECKING:
    from kaizen_eval.signatures import Signature

__all__ = ["dataset_schema"]

_Schema = dict[str, Any]

_LANGUAGE = "https://json-schema.org/draft/2020-12/schema"
_WORD = {"type": ["string", "integer", "null"], "pattern": r"\S"}
_REFERENCE = "#/$defs/"
_VALUES = frozenset({"const", "default", "enum", "examples"})
"""Keywords that hold values, not schemas."""
_LIMITS = {
    "attempts": (
        {"type": ["integer", "null"], "minimum": 1},
        "Requests to the model, repeated ones included.",
    ),
    "tokens": ({"type": ["integer", "null"], "minimum": 1}, "Prompt and completion, of all attempts."),
    "cost": ({"type": ["number", "string", "null"], "minimum": 0}, "USD."),
    "seconds": ({"type": ["number", "null"], "exclusiveMinimum": 0}, "Of one trial."),
}


def dataset_schema(signature: type[Signature] | None) -> _Schema:
    """Of a YAML file, whole; a line of a JSONL file is `#/$defs/case`. Without a signature fields may be any."""
    inputs, expected, definitions = _fields(signature)
    return {
        "$schema": _LANGUAGE,
        "title": "A dataset" if signature is None else f"A dataset for {signature.__name__}",
        "type": ["object", "array"],
        "properties": _header(),
        "required": ["cases"],
        "additionalProperties": False,
        "items": {"$ref": "#/$defs/case"},
        "minItems": 1,
        "$defs": {
            "case": _case(),
            "turn": _object({"inputs": _part("inputs"), "expected": _part("expected")}, required=["inputs"]),
            "inputs": {"description": "What is asked, by input field.", **inputs},
            "expected": {"description": "What should come, by output field; others are not looked at.", **expected},
            "limits": _limits(),
            **definitions,
        },
    }


def _scorers() -> _Schema:
    """One, or several."""
    scorer: list[_Schema] = [
        {"enum": list(KINDS), "description": "A scorer of kaizen-eval."},
        {"type": "string", "pattern": ":", "description": "One of your own: module:Name."},
        {"type": "object", "minProperties": 1, "maxProperties": 1, "description": "A scorer with its settings."},
    ]
    return {"anyOf": [{"type": "array", "items": {"anyOf": scorer}}, {"type": "null"}, *scorer]}


def _header() -> _Schema:
    return {
        "name": {"type": "string", "pattern": r"\S", "description": "What it is called; else the file's name."},
        "signature": {"type": "string", "pattern": ":", "description": "module:Name of the Signature."},
        "scorers": {"description": "What judges the answers; else exact match.", **_scorers()},
        "cases": {"type": "array", "items": {"$ref": "#/$defs/case"}, "minItems": 1},
    }


def _case() -> _Schema:
    properties = {
        "id": {**_WORD, "description": "Unique; else made of what is asked and expected."},
        "inputs": _part("inputs"),
        "expected": _part("expected"),
        "turns": {
            "type": "array",
            "items": {"$ref": "#/$defs/turn"},
            "minItems": 1,
            "description": "Of a session: asked one after the other, instead of inputs and expected.",
        },
        "tags": {
            "type": ["array", "null"],
            "items": {"type": "string", "pattern": r"\S"},
            "description": "Results are also told by tag.",
        },
        "cluster": {**_WORD, "description": "Of cases that resemble each other, such as questions on one document."},
        "limits": _part("limits"),
        "scorers": {"description": "Of this case alone, beside those of all.", **_scorers()},
    }
    alone = {"required": ["turns"], "not": {"anyOf": [{"required": ["inputs"]}, {"required": ["expected"]}]}}
    return _object(properties) | {"oneOf": [{"required": ["inputs"]}, alone]}


def _limits() -> _Schema:
    properties = {name: {**of, "description": about} for name, (of, about) in _LIMITS.items()}
    return _object(properties) | {"type": ["object", "null"]}


def _object(properties: Mapping[str, Any], *, required: list[str] | None = None) -> _Schema:
    schema: _Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return schema if required is None else schema | {"required": required}


def _part(name: str) -> _Schema:
    return {"$ref": f"{_REFERENCE}{name}"}


def _fields(signature: type[Signature] | None) -> tuple[_Schema, _Schema, _Schema]:
    """Of inputs, of what is expected, and what both refer to."""
    if signature is None:
        return {"type": "object"}, {}, {}
    inputs, of_inputs = _moved(signature.input_schema(), "inputs")
    outputs, of_outputs = _moved(signature.output_schema(), "expected")
    return inputs, _some(outputs), of_inputs | of_outputs


def _moved(schema: _Schema, part: str) -> tuple[_Schema, _Schema]:
    """The schema and its definitions, under names that the other's cannot have."""
    definitions = schema.pop("$defs", {})
    schema.pop("title", None)
    named = {f"{part}.{name}": _renamed(each, part) for name, each in definitions.items()}
    return _renamed(schema, part), named


def _renamed(schema: Any, part: str) -> Any:
    if isinstance(schema, list):
        return [_renamed(item, part) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {word: value if word in _VALUES else _renamed(value, part) for word, value in schema.items()}
    reference = found.get("$ref")
    if isinstance(reference, str):
        found["$ref"] = f"{_REFERENCE}{part}.{reference.removeprefix(_REFERENCE)}"
    return found


def _some(outputs: _Schema) -> _Schema:
    """Any of the outputs; of a single one, its value alone will do."""
    partial = {word: value for word, value in outputs.items() if word != "required"}
    fields = outputs.get("properties", {})
    alone = [*fields.values()] if len(fields) == 1 else []
    return {"anyOf": [partial, *alone, {"type": "null"}]}
