"""What is said of a reply that does not fit: what came, where, and what was expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from kaizen_eval.llm.parsing.strict import decode
from kaizen_eval.signatures.words import place

__all__ = ["misfits", "nothing_found", "problems", "shown"]

_SHOWN = 60
_NAMED = 3
_EXPECTED: Mapping[str, str] = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "finite_number": "a finite number",
    "float_type": "a number",
    "int_from_float": "an integer",
    "int_type": "an integer",
    "list_type": "a list",
    "model_attributes_type": "an object",
    "model_type": "an object",
    "none_required": "null",
    "set_type": "a list",
    "string_type": "a string",
    "tuple_type": "a list",
}


def misfits(name: str, error: ValidationError) -> str:
    """One sentence for a reply whose values do not fit: the first problems, by their path."""
    return f"The reply does not fit {name}: {problems(error)}."


def problems(error: ValidationError) -> str:
    """The first of them, by their path, and how many more there are."""
    found = error.errors(include_url=False)
    told = "; ".join(_problem(problem) for problem in found[:_NAMED])
    rest = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{told}{rest}"


def nothing_found(name: str, fields: Collection[str], text: str) -> str:
    """One sentence for a reply in which no object with our fields can be read for certain."""
    expected = f"expected one whole JSON object with {', '.join(fields)}"
    return f"The reply does not fit {name}: {expected}, got {shown(text)}{_flaw(text)}."


def _flaw(text: str) -> str:
    """What strict JSON has against a text that sets out to be JSON."""
    if not text.startswith(("{", "[", '"')):
        return ""
    try:
        decode(text)
    except ValueError as error:
        return f" ({error})"
    return ""


def shown(value: object) -> str:
    """`repr`, shortened in the middle."""
    return _shortened(repr(_shortened(value) if isinstance(value, str) else value))


def _shortened(text: str) -> str:
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN + 6 else f"{text[:half]} … {text[-half:]}"


def _problem(problem: Mapping[str, Any]) -> str:
    path = place(problem["loc"])
    match problem["type"]:
        case "missing":
            return f"{path} is missing"
        case "extra_forbidden":
            return f"{path} was not asked for"
        case "literal_error" | "enum":
            expected = problem["ctx"]["expected"]
        case kind:
            expected = _EXPECTED.get(kind, "")
    if not expected:
        return f"{path}: {problem['msg'][0].lower()}{problem['msg'][1:]}, got {shown(problem['input'])}"
    return f"{path}: expected {expected}, got {shown(problem['input'])}"
