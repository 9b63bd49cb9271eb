"""Inputs and outputs that fit a signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import pydantic
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.generators.making.fitting import Misfit, read
from kaizen_eval.generators.schemas import unread
from kaizen_eval.signatures import Signature

__all__ = ["inputs", "inputs_of", "outputs", "outputs_of"]


def inputs(signature: type[Signature]) -> SearchStrategy[dict[str, Any]]:
    """Inputs that `bind` takes, typed: dates, models and enums, not their JSON. Those with a default may be left out.

    Raises:
        NothingFits: no value can be found for a field.
    """
    _of_inputs(signature)
    return inputs_of(signature)


def outputs(signature: type[Signature]) -> SearchStrategy[dict[str, Any]]:
    """Outputs that `check` takes, typed as for `inputs`.

    Raises:
        NothingFits: no value can be found for a field.
    """
    _of_outputs(signature)
    return outputs_of(signature)


@st.composite
def inputs_of(draw: DrawFn, signature: type[Signature]) -> dict[str, Any]:
    return read(draw, _of_inputs(signature), _typed(signature.bind_json))


@st.composite
def outputs_of(draw: DrawFn, signature: type[Signature]) -> dict[str, Any]:
    return read(draw, _of_outputs(signature), _typed(signature.check_json))


@lru_cache(maxsize=256)
def _of_inputs(signature: type[Signature]) -> SearchStrategy[Any]:
    return unread(signature.input_schema())


@lru_cache(maxsize=256)
def _of_outputs(signature: type[Signature]) -> SearchStrategy[Any]:
    return unread(signature.output_schema())


def _typed(fit: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def typed(made: dict[str, Any]) -> dict[str, Any]:
        """Of what was made, without the defaults of what was left out."""
        try:
            fitted = fit(made)
        except pydantic.ValidationError as error:  # the type asks for more than its schema says
            raise Misfit from error
        return {name: fitted[name] for name in fitted if name in made}

    return typed
