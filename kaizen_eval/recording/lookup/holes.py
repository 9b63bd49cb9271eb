"""Holes: what was redacted in a recorded request fits whatever another machine, which redacts less, sends there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kaizen_eval.recording.exchange import RecordedRequest
from kaizen_eval.recording.lookup.reduction import Reduced, reduced
from kaizen_eval.recording.lookup.reduction.exact_json import Number
from kaizen_eval.recording.lookup.reduction.generated_ids import GeneratedId
from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["fits", "fits_holes", "fits_text", "has_holes"]

_REDACTED = REDACTED.encode()
_FILLING = (int, Number, GeneratedId)
"""What a hole that is all of a text fits besides texts."""


def has_holes(request: RecordedRequest) -> bool:
    """Whether something of it was redacted; headers aside."""
    said = request.body.glimpse
    told = [request.path, *(value for _, value in request.query)]
    return (REDACTED in said if isinstance(said, str) else _REDACTED in said) or any(REDACTED in text for text in told)


def fits_holes(recorded: RecordedRequest, asked: RecordedRequest, *, ignore: Sequence[str] = ()) -> bool:
    """Whether what is asked is what was recorded, but for what was redacted there.

    Each placeholder of `recorded` stands for one or more characters; one that is all of a text, also for a
    number or an id.
    """
    return fits(reduced(recorded, ignore), reduced(asked, ignore))


def fits(recorded: Reduced, asked: Reduced) -> bool:
    """See `fits_holes`."""
    return (
        (recorded.method, recorded.is_streamed, recorded.kind) == (asked.method, asked.is_streamed, asked.kind)
        and fits_text(recorded.path, asked.path)
        and _fits([[*pair] for pair in recorded.query], [[*pair] for pair in asked.query])
        and _fits(recorded.value, asked.value)
    )


def _fits(recorded: Any, asked: Any) -> bool:
    if recorded == REDACTED and type(asked) in _FILLING:
        return True
    if type(recorded) is not type(asked):
        return False
    if isinstance(recorded, str):
        return fits_text(recorded, asked)
    if isinstance(recorded, dict):
        return recorded.keys() == asked.keys() and all(_fits(value, asked[name]) for name, value in recorded.items())
    if isinstance(recorded, list):
        return len(recorded) == len(asked) and all(map(_fits, recorded, asked))
    return bool(recorded == asked)


def fits_text(recorded: str, asked: str) -> bool:
    """Whether a text is what was recorded, with something in place of each placeholder.

    Takes for each kept part its first place behind the one before: if any places will do, those will.
    """
    if REDACTED not in recorded:
        return recorded == asked
    first, *middle, last = recorded.split(REDACTED)
    if not asked.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = asked.find(part, place + 1)
        if found < 0:
            return False
        place = found + len(part)
    return len(asked) - len(last) > place and asked.endswith(last)
