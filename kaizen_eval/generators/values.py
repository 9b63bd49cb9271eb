"""Inputs and outputs that fit a signature."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.fake.generate import from_schema
from kaizen_eval.signatures import Signature

__all__ = ["inputs", "outputs"]

_keys = st.integers(0, 2**16).map(str)


def inputs(signature: type[Signature]) -> SearchStrategy[dict[str, Any]]:
    """Inputs that `bind` takes, typed."""
    schema = signature.input_schema()
    return _keys.map(lambda key: signature.bind(from_schema(schema, key)))


def outputs(signature: type[Signature]) -> SearchStrategy[dict[str, Any]]:
    """Outputs that `check` takes, typed."""
    schema = signature.output_schema()
    return _keys.map(lambda key: signature.check_json(from_schema(schema, key)))
