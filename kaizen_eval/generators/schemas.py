"""Values that fit a JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from math import inf
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.errors import NothingFits, ScriptError
from kaizen_eval.fake.generation.plan import Tried, planned
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.generators.making.fitting import checked, read
from kaizen_eval.generators.making.shapes import Shapes
from kaizen_eval.signatures.unsaid import restored

__all__ = ["from_json_schema", "unread"]


def from_json_schema(schema: Mapping[str, Any] | bool) -> SearchStrategy[Any]:  # noqa: FBT001 - true and false are JSON Schemas
    """JSON values that fit a schema of draft 2020-12, those that programs stumble over among them.

    It is compiled as for the fake's replies. What it refers to must be inside it: nothing is fetched.

    Raises:
        NothingFits: it is no JSON Schema, contradicts itself, or none of the values that were tried fits it.
    """
    strategy = unread(schema)

    @st.composite
    def values_of_schema(draw: DrawFn) -> Any:
        return read(draw, strategy, _as_it_is)

    return values_of_schema()


def unread(schema: Mapping[str, Any] | bool) -> SearchStrategy[Any]:  # noqa: FBT001 - as above
    """As `from_json_schema`, to be read by one who looks at the values anyway: drawing may raise Misfit."""
    try:
        return _made(json.dumps(schema, default=dict))
    except (TypeError, ValueError) as error:
        if isinstance(error, NothingFits):
            raise
        raise NothingFits(f"A JSON Schema is plain JSON, and this one is not: {error}.") from error


@lru_cache(maxsize=256)
def _made(schema: str) -> SearchStrategy[Any]:
    try:
        return _planned(restored(json.loads(schema)))
    except ScriptError as error:
        raise NothingFits(
            f"No values can be generated for the JSON Schema: {_reason(error)}. Mend it there; or generate values of a "
            f"wider one, and filter them."
        ) from error


def _reason(error: ScriptError) -> str:
    """In the fake's words, without those about replies."""
    text = str(error).removeprefix("no reply can be made for this JSON Schema: ")
    return text.partition("; script a reply")[0].rstrip(".")


def _planned(schema: Any) -> SearchStrategy[Any]:
    plan, shapes = planned(schema), Shapes()
    if not isinstance(plan, Tried):
        if plan.height() == inf:
            plan.make(Source.of("probe"))
        return shapes.of(plan, 0)
    plan.make(Source.of("probe"))
    return checked(st.one_of([shapes.of(node, 0) for node in plan.nodes]), plan.fits, plan.make)


def _as_it_is(value: Any) -> Any:
    return value
