"""Values that are looked at before they are used, and drawn again when they do not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.generators.making.drawn import hashed

__all__ = ["Misfit", "brief", "checked", "read"]

T = TypeVar("T")

_TRIES = 4


class Misfit(Exception):
    """This draw led to where nothing fits."""


def brief(strategy: SearchStrategy[T]) -> SearchStrategy[T]:
    """The same, shown as a few words: hypothesis writes a strategy down whenever a value is given up."""

    @st.composite
    def values(draw: DrawFn) -> T:
        return draw(strategy)

    return values()


def checked(
    strategy: SearchStrategy[Any], fits: Callable[[Any], bool], otherwise: Callable[[Source], Any]
) -> SearchStrategy[Any]:
    """Values that fit; where none is soon found, what is made `otherwise`, which raises ScriptError or fits."""

    @st.composite
    def values_that_fit(draw: DrawFn) -> Any:
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

    return values_that_fit()


def read(draw: DrawFn, strategy: SearchStrategy[Any], reader: Callable[[Any], T]) -> T:
    """What the reader makes of a value; where it raises Misfit several times over, the example is given up."""
    for _ in range(_TRIES):
        try:
            return reader(draw(strategy))
        except Misfit:
            continue
    return reject()
