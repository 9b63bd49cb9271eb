"""What a field of a request may hold, refused in the words of the real service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kaizen_eval.fake.wire.errors import Rejection

__all__ = [
    "Check",
    "anything",
    "array_too_long",
    "at",
    "either",
    "flag",
    "items",
    "missing",
    "nullable",
    "number",
    "one_of",
    "record",
    "refused_value",
    "table",
    "tagged",
    "text",
    "text_map",
    "unknown",
    "unspoken",
    "whole",
    "wrong_type",
]

Check = Callable[[str, Any], None]
"""Of a path such as `input[0].content` and the value there; raises Rejection for one that is not taken."""
_ARTICLED = {str: "a string", bool: "a boolean", int: "an integer", float: "a decimal number", list: "an array"}


def at(path: str, name: str) -> str:
    """The path of a field; the whole body has the empty one."""
    return f"{path}.{name}" if path else name


def unknown(path: str) -> Rejection:
    return Rejection(f"Unknown parameter: '{path}'.", param=path, code="unknown_parameter")


def missing(path: str) -> Rejection:
    return Rejection(f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def wrong_type(path: str, expected: str, value: object) -> Rejection:
    return Rejection(
        f"Invalid type for '{path}': expected {expected}, but got {_kind(value)} instead.",
        param=path,
        code="invalid_type",
    )


def refused_value(path: str, value: object, supported: tuple[str, ...]) -> Rejection:
    return Rejection(
        f"Invalid value: '{value}'. Supported values are: {_listed(supported)}.", param=path, code="invalid_value"
    )


def array_too_long(path: str, length: int, most: int) -> Rejection:
    return Rejection(
        f"Invalid '{path}': array too long. Expected an array with maximum length {most}, but got an array with length "
        f"{length} instead.",
        param=path,
        code="array_above_max_length",
    )


def anything(path: str, value: object) -> None:
    """Takes whatever comes."""


def text(*, longest: int | None = None) -> Check:
    """A string, of so many characters at most."""

    def check(path: str, value: object) -> None:
        if not isinstance(value, str):
            raise wrong_type(path, "a string", value)
        if longest is not None and len(value) > longest:
            raise Rejection(
                f"Invalid '{path}': string too long. Expected a string with maximum length {longest}, but got a string "
                f"with length {len(value)} instead.",
                param=path,
                code="string_above_max_length",
            )

    return check


def flag(path: str, value: object) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong_type(path, "a boolean", value)


def whole(least: int | None = None, most: int | None = None) -> Check:
    """An integer within bounds."""

    def check(path: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(path, "an integer", value)
        _within(path, value, least, most, "integer")

    return check


def number(least: float | None = None, most: float | None = None) -> Check:
    """Any number within bounds."""

    def check(path: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(path, "a decimal", value)
        _within(path, value, least, most, "decimal")

    return check


def one_of(*values: str) -> Check:
    """One of these strings."""

    def check(path: str, value: object) -> None:
        if not isinstance(value, str):
            raise wrong_type(path, f"one of {_listed(values, 'or')}", value)
        if value not in values:
            raise refused_value(path, value, values)

    return check


def items(check_one: Check, *, least: int = 0, most: int | None = None, of: str = "objects") -> Check:
    """An array, each of whose items is taken by another check."""

    def check(path: str, value: object) -> None:
        if not isinstance(value, list):
            raise wrong_type(path, f"an array of {of}", value)
        if len(value) < least:
            raise Rejection(
                f"Invalid '{path}': empty array. Expected an array with minimum length {least}, but got an empty array "
                "instead.",
                param=path,
                code="empty_array",
            )
        for place, item in enumerate(value):
            check_one(f"{path}[{place}]", item)
        if most is not None and len(value) > most:
            raise array_too_long(path, len(value), most)

    return check


def table(path: str, value: object) -> None:
    """Any JSON object."""
    if not isinstance(value, Mapping):
        raise wrong_type(path, "an object", value)


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(path: str, value: object) -> None:
        if not isinstance(value, Mapping):
            raise wrong_type(path, "an object", value)
        for name in required:
            if name not in value:
                raise missing(at(path, name))
        for name, held in value.items():
            if name not in known:
                raise unknown(at(path, name))
            known[name](at(path, name), held)

    return check


def tagged(checks: Mapping[str, Check], *, tag: str = "type") -> Check:
    """An object that says in one field what it is."""

    def check(path: str, value: object) -> None:
        if not isinstance(value, Mapping):
            raise wrong_type(path, "an object", value)
        if tag not in value:
            raise missing(at(path, tag))
        kind = value[tag]
        if not isinstance(kind, str):
            raise wrong_type(at(path, tag), "a string", kind)
        if kind not in checks:
            raise refused_value(at(path, tag), kind, tuple(checks))
        checks[kind](path, value)

    return check


def text_map(*, most: int, longest_name: int, longest: int) -> Check:
    """An object of strings: at most so many, of so many characters."""
    short = text(longest=longest)

    def check(path: str, value: object) -> None:
        if not isinstance(value, Mapping):
            raise wrong_type(path, f"a {path.rpartition('.')[2]} object", value)
        if len(value) > most:
            raise Rejection(
                f"Invalid '{path}': too many properties. Expected an object with at most {most} properties, but got an "
                f"object with {len(value)} properties instead.",
                param=path,
                code="object_above_max_properties",
            )
        for name, held in value.items():
            if len(name) > longest_name:
                raise _long_name(path, name, longest_name)
            short(at(path, name), held)

    return check


def _long_name(path: str, name: str, longest: int) -> Rejection:
    return Rejection(
        f"Invalid property name in '{path}': '{name[:3]}...{name[-3:]}' is too long. Expected a string with maximum "
        f"length {longest}, but got a string with length {len(name)} instead.",
        param=at(path, name),
        code="property_name_above_max_length",
    )


def either(expected: str, checks: Mapping[type, Check]) -> Check:
    """A value of one of several JSON types, each with its own check."""

    def check(path: str, value: object) -> None:
        for kind, check_kind in checks.items():
            if isinstance(value, kind):
                check_kind(path, value)
                return
        raise wrong_type(path, expected, value)

    return check


def nullable(check_value: Check) -> Check:
    """The same, or null."""

    def check(path: str, value: object) -> None:
        if value is not None:
            check_value(path, value)

    return check


def unspoken(what: str) -> Check:
    """A field that the real service takes and the fake does not; null and false say nothing and pass."""

    def check(path: str, value: object) -> None:
        if value is not None and value is not False:
            raise Rejection(
                f"The fake LLM does not speak '{path}' ({what}); leave it out.",
                param=path,
                code="unsupported_parameter",
                is_unspoken=True,
            )

    return check


def _within(path: str, value: float, least: float | None, most: float | None, kind: str) -> None:
    if least is not None and not value >= least:
        raise Rejection(
            f"Invalid '{path}': {kind} below minimum value. Expected a value >= {least}, but got {value} instead.",
            param=path,
            code=f"{kind}_below_min_value",
        )
    if most is not None and not value <= most:
        raise Rejection(
            f"Invalid '{path}': {kind} above maximum value. Expected a value <= {most}, but got {value} instead.",
            param=path,
            code=f"{kind}_above_max_value",
        )


def _kind(value: object) -> str:
    return "null" if value is None else _ARTICLED.get(type(value), "an object")


def _listed(values: tuple[str, ...], word: str = "and") -> str:
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return f" {word} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {word} {quoted[-1]}"
