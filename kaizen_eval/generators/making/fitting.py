"""Values that are looked at before they are used, and drawn again when they do not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.generators.making.drawn import hashed

__all__ = ["Misfit", "checked", "read"]

_TRIES = 4


class Misfit(Exception):
    """This draw led to where nothing fits."""


def checked(
    strategy: SearchStrategy[Any], fits: Callable[[Any], bool], otherwise: Callable[[Source], Any]
) -> SearchStrategy[Any]:
    """Values that fit; where none is soon found, what is made `otherwise`, which raises ScriptError or fits."""
    return _checked(strategy, fits, otherwise)


@st.composite
def _checked(
    draw: DrawFn, strategy: SearchStrategy[Any], fits: Callable[[Any], bool], otherwise: Callable[[Source], Any]
) -> Any:
    for _ in range(_TRIES):
        try:
            value = draw(strategy)
        except Misfit:
            continue
        if fits(value):
            return value
    try:
        return otherwise(hashed(draw))
    except ScriptError as error:
        raise Misfit from error


@st.composite
def read(draw: DrawFn, strategy: SearchStrategy[Any], reader: Callable[[Any], Any]) -> Any:
    """What the reader makes of a value; where it raises Misfit several times over, the example is given up."""
    for _ in range(_TRIES):
        try:
            return reader(draw(strategy))
        except Misfit:
            continue
    return reject()
