"""Columns of a CSV file: where in a case their cells stand, how they are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import jiter

from kaizen_eval.evals.dataset.case_parts import LIMIT_KEYS
from kaizen_eval.evals.dataset.fitting import Fitting
from kaizen_eval.suggestion import suggestion

__all__ = ["Column", "UnknownColumn", "column_of"]

_PLAIN = ("id", "tags", "cluster", "scorers")
_FIELDS = {"input": "inputs", "expected": "expected"}
"""Prefixes of columns that are fields, with the part of a case in which they stand."""


class UnknownColumn(ValueError):
    """No column of a dataset is named so; its message is a sentence."""


class Column(NamedTuple):
    path: tuple[str, ...]
    """Where in a case its cells stand: ("inputs", "question")."""
    read: Callable[[str], Any]
    """The value of a cell that is not empty."""


def column_of(name: str, fitting: Fitting) -> Column:
    """The column of this name.

    Raises:
        UnknownColumn: there is none, or more than one.
    """
    prefix, dot, field = name.partition(".")
    if dot and field and prefix in _FIELDS and fitting.takes(_FIELDS[prefix], field):
        return _field(_FIELDS[prefix], field, fitting)
    if dot and prefix == "limits" and field in LIMIT_KEYS:
        return Column(("limits", field), _json_or_text)
    part = fitting.part_of(name)
    if name in _PLAIN and part is not None:
        kind = "input" if part == "inputs" else "expected"
        raise UnknownColumn(
            f"the column {name!r} may be the case's or a field's: name it {kind}.{name} for the field, or case.{name}."
        )
    if name.removeprefix("case.") in _PLAIN:
        name = name.removeprefix("case.")
        return Column((name,), _READ.get(name, str))
    if part is not None:
        return _field(part, name, fitting)
    raise UnknownColumn(_unknown(name, fitting))


def _field(part: str, name: str, fitting: Fitting) -> Column:
    return Column((part, name), lambda cell: _value(cell, lambda value: fitting.fits(part, name, value)))


def _value(cell: str, fits: Callable[[Any], bool]) -> Any:
    """The text where that fits, else its value as JSON: 3 is a number only where a number belongs."""
    if fits(cell):
        return cell
    return _json_or_text(cell)


def _json_or_text(cell: str) -> Any:
    text = cell.strip()
    try:
        return jiter.from_json((text.lower() if text in _FLAGS else text).encode(), allow_inf_nan=False)
    except ValueError:
        return cell


_FLAGS = frozenset({"True", "TRUE", "False", "FALSE"})


def _tags(cell: str) -> list[str]:
    return [tag for part in re.split("[;,]", cell) if (tag := part.strip())]


_READ: dict[str, Callable[[str], Any]] = {"tags": _tags, "scorers": _json_or_text}


def _unknown(name: str, fitting: Fitting) -> str:
    fields = [each for names in fitting.fields().values() for each in names]
    own = [*_PLAIN, *(f"limits.{key}" for key in LIMIT_KEYS)]
    if fitting.signature is None:
        return (
            f"the column {name!r} is none of {', '.join(own)}. A field is input.{name} or expected.{name}, unless a "
            f"signature says which of them: Dataset.load(…, signature=…)."
        )
    prefixed = [f"{kind}.{each}" for kind, part in _FIELDS.items() for each in fitting.fields()[part]]
    near = suggestion(name, [*own, *fields, *prefixed])
    return f"{fitting.signature.__name__} has no field {name!r}{near} Columns are: {', '.join([*fields, *own])}."
