"""Signatures at random, to try a harness with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.generators.declared import Declared, DeclaredField, Question, declared
from kaizen_eval.generators.making.fitting import brief
from kaizen_eval.generators.models import Address, Color, Order, Person, Point
from kaizen_eval.signatures import Signature
from kaizen_eval.signatures.fields import MISSING

__all__ = ["Question", "random_signatures", "signatures"]

_NAMES = ("Task", "Summarize", "Review", "Plan", "Extract")
_INSTRUCTIONS = (
    "Answer the question.",
    "",
    "Do as asked.\n\nBe brief, and say so when you do not know.",
    'Take "care": {braces} and \\ are part of the text.',
)
_DESCRIPTIONS = ("", "What it is about.", "In the user's own words.")
_MAYBE = st.booleans()

_KINDS: Mapping[str, tuple[Any, tuple[tuple[str, Any], ...]]] = {
    "text": (str, ()),
    "count": (int, ()),
    "share": (float, ()),
    "sure": (bool, ()),
    "title": (str, (("min_length", 1), ("max_length", 40))),
    "code": (str, (("pattern", "^[A-Z]{2}[0-9]{3}$"),)),
    "age": (int, (("ge", 0), ("le", 150))),
    "score": (float, (("ge", 0.0), ("lt", 1.0))),
    "level": (Literal["low", "medium", "high"], ()),
    "rank": (Literal[1, 2, 3], ()),
    "tags": (list[str], (("max_length", 5),)),
    "numbers": (list[int], (("min_length", 1),)),
    "counts": (dict[str, int], ()),
    "day": (dt.date, ()),
    "moment": (dt.datetime, ()),
    "limit": (int | None, (("ge", 1),)),
    "note": (str | None, ()),
    "either": (int | str, ()),
    "color": (Color, ()),
    "point": (Point, ()),
    "address": (Address, ()),
    "person": (Person, ()),
    "people": (list[Person], (("max_length", 3),)),
    "order": (Order, ()),
}
"""A field's name, type and limits; the simplest first."""
_DEFAULTS: Mapping[str, tuple[Any, ...]] = {
    "text": ("", "plain"),
    "count": (0,),
    "share": (0.5,),
    "sure": (False, True),
    "title": ("Untitled",),
    "age": (18,),
    "level": ("low",),
    "tags": ([], ["new"]),
    "counts": ({},),
    "day": (dt.date(2024, 2, 29),),
    "limit": (None, 10),
    "note": (None, ""),
    "color": (Color.RED,),
}

_names = brief(st.sampled_from([*_KINDS]))  # as it is, what is unique would be drawn by place, which shrinks badly
_few = st.lists(_names, unique=True, max_size=3)
_many = st.lists(_names, unique=True, max_size=9)


def signatures() -> SearchStrategy[type[Signature]]:
    """Up to five inputs and four outputs of many kinds; the simplest takes a `question` and gives an `answer`.

    The same declaration is the same class each time. All of its types can be written as source.
    """
    return st.just(Question) | random_signatures()


@st.composite
def random_signatures(draw: DrawFn) -> type[Signature]:
    names = draw(_few | _many)
    split = draw(st.integers(max(0, len(names) - 4), min(5, len(names))))
    return declared(
        Declared(
            draw(st.sampled_from(_NAMES)),
            draw(st.sampled_from(_INSTRUCTIONS)),
            tuple(draw(_field(name)) for name in names[:split]),
            tuple(draw(_field(name)) for name in names[split:]),
        )
    )


@st.composite
def _field(draw: DrawFn, name: str) -> DeclaredField:
    annotation, limits = _KINDS[name]
    default = MISSING
    if name in _DEFAULTS and draw(_MAYBE):
        default = draw(st.sampled_from(_DEFAULTS[name]))
    return DeclaredField(name, annotation, default, limits, draw(st.sampled_from(_DESCRIPTIONS)))
