"""Difference: where two values are not the same, and what stands there in each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kaizen_eval.recording.comparison.alignment import aligned
from kaizen_eval.recording.comparison.showing import ABSENT, parted, shown
from kaizen_eval.recording.lookup.holes import fits_text
from kaizen_eval.recording.lookup.key import text_of
from kaizen_eval.recording.lookup.reduction.ignored_paths import joined

__all__ = ["Difference", "value_differences"]

_WHOLE = "body"
"""The path of what has no fields."""


class Difference(NamedTuple):
    """One thing that differs, in words."""

    path: str
    """`messages[3].content`, `?api-version`, `path`; it can be ignored by that name if it lies in body or query."""
    recorded: str
    """JSON, cut where it is long; `absent` without quotes for nothing."""
    asked: str
    """Of a response: what came now."""
    is_words: bool = False
    """Of a response: whether only what is said differs, not what it is made of."""


def value_differences(recorded: Any, asked: Any, path: str = "") -> Iterator[Difference]:
    """What differs between two values, by field, in their order.

    Places in a list are those of `asked`; of what it lacks, those of `recorded`.
    """
    if type(recorded) is dict and type(asked) is dict:
        yield from _fields(recorded, asked, path)
    elif type(recorded) is list and type(asked) is list:
        yield from _elements(recorded, asked, path)
    elif type(recorded) is str and type(asked) is str:
        if not fits_text(recorded, asked):
            yield Difference(path or _WHOLE, *parted(recorded, asked))
    elif type(recorded) is not type(asked) or recorded != asked:
        yield Difference(path or _WHOLE, shown(recorded), shown(asked))


def _fields(recorded: dict[str, Any], asked: dict[str, Any], path: str) -> Iterator[Difference]:
    for name, value in recorded.items():
        if name in asked:
            yield from value_differences(value, asked[name], joined(path, name))
        else:
            yield Difference(joined(path, name), shown(value), ABSENT)
    for name, value in asked.items():
        if name not in recorded:
            yield Difference(joined(path, name), ABSENT, shown(value))


def _elements(recorded: list[Any], asked: list[Any], path: str) -> Iterator[Difference]:
    texts = [text_of(item) for item in recorded], [text_of(item) for item in asked]
    for one, other in aligned(recorded, asked, texts):
        if other is None:
            assert one is not None  # noqa: S101 - one of both is always there
            yield Difference(joined(path, one), shown(recorded[one]), ABSENT)
        elif one is None:
            yield Difference(joined(path, other), ABSENT, shown(asked[other]))
        elif texts[0][one] != texts[1][other]:
            yield from value_differences(recorded[one], asked[other], joined(path, other))
