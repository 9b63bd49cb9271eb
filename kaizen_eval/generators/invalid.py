"""Inputs and outputs that are well-formed, and wrong in one field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.errors import InputError, NothingFits, ReplyDoesNotFit
from kaizen_eval.generators.making.fitting import Misfit, brief, read
from kaizen_eval.generators.slips import Slip, slips
from kaizen_eval.generators.values import inputs, outputs
from kaizen_eval.signatures import Signature

__all__ = ["Invalid", "invalid_inputs", "invalid_inputs_of", "invalid_outputs", "invalid_outputs_of"]


@dataclass(frozen=True, slots=True)
class Invalid:
    """What `bind` or `check` refuses, for one reason."""

    values: dict[str, Any]
    """All other fields fit."""
    field: str
    """Which one is wrong, missing or unknown."""
    reason: str
    """"missing", "unknown", or what is wrong, and where within the field: "lines[0].count: below its minimum"."""


def invalid_inputs(signature: type[Signature]) -> SearchStrategy[Invalid]:
    """Inputs that `bind` refuses: each is wrong in one field, whose value is JSON where it is wrong in itself.

    Raises:
        NothingFits: it takes whatever is given.
    """
    _input_ways(signature)
    return invalid_inputs_of(signature)


def invalid_outputs(signature: type[Signature]) -> SearchStrategy[Invalid]:
    """Outputs that `check` refuses, as for `invalid_inputs`. Written as JSON they are replies that must not pass,
    but for unknown fields, which are left out of a reply's outputs.

    Raises:
        NothingFits: it takes whatever is given.
    """
    _output_ways(signature)
    return invalid_outputs_of(signature)


@st.composite
def invalid_inputs_of(draw: DrawFn, signature: type[Signature]) -> Invalid:
    return read(draw, _input_ways(signature), _refused(signature.bind))


@st.composite
def invalid_outputs_of(draw: DrawFn, signature: type[Signature]) -> Invalid:
    return read(draw, _output_ways(signature), _refused(signature.check))


@lru_cache(maxsize=256)
def _input_ways(signature: type[Signature]) -> SearchStrategy[Invalid]:
    return _ways(signature, signature.input_schema(), inputs(signature))


@lru_cache(maxsize=256)
def _output_ways(signature: type[Signature]) -> SearchStrategy[Invalid]:
    return _ways(signature, signature.output_schema(), outputs(signature))


def _ways(
    signature: type[Signature], schema: Mapping[str, Any], valid: SearchStrategy[dict[str, Any]]
) -> SearchStrategy[Invalid]:
    fields = schema.get("properties", {})
    ways = [valid.map(_without(name)) for name in schema.get("required", ())]
    if schema.get("additionalProperties", True) is False:
        ways.append(st.tuples(valid, _unknown_names(fields)).map(_with_unknown))
    for name, part in fields.items():
        wrong = slips(part, schema)
        if wrong:
            ways.append(st.tuples(valid, brief(st.one_of(wrong))).map(_with_slip(name)))
    if not ways:
        raise NothingFits(f"{signature.name} takes whatever is given: nothing can be wrong with it.")
    return brief(st.one_of(ways))


def _unknown_names(fields: Mapping[str, Any]) -> SearchStrategy[str]:
    """Misspelled ones, too."""
    names = ["unheard_of", *(f"{name}s" for name in fields), *(name.upper() for name in fields)]
    return st.sampled_from([name for name in names if name not in fields])


def _without(name: str) -> Callable[[dict[str, Any]], Invalid]:
    def without(values: dict[str, Any]) -> Invalid:
        return Invalid({key: value for key, value in values.items() if key != name}, name, "missing")

    return without


def _with_unknown(found: tuple[dict[str, Any], str]) -> Invalid:
    values, name = found
    return Invalid({**values, name: ""}, name, "unknown")


def _with_slip(name: str) -> Callable[[tuple[dict[str, Any], Slip]], Invalid]:
    def with_slip(found: tuple[dict[str, Any], Slip]) -> Invalid:
        values, slip = found
        place = slip.place.removeprefix(".")
        return Invalid({**values, name: slip.value}, name, f"{place}: {slip.reason}" if place else slip.reason)

    return with_slip


def _refused(fit: Callable[[Mapping[str, Any]], Any]) -> Callable[[Invalid], Invalid]:
    def refused(made: Invalid) -> Invalid:
        """What fits after all is drawn again: a type may take more than its schema says."""
        try:
            fit(deepcopy(made.values))
        except (InputError, ReplyDoesNotFit):
            return replace(made)  # hypothesis shows a new object by its repr, and a known one by how it was made
        raise Misfit

    return refused
