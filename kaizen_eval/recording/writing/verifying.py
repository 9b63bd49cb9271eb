"""What a verified cassette shows: which answers have another shape now, and which have only other words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kaizen_eval.recording.comparison import ABSENT, Difference
from kaizen_eval.recording.comparison.drift import response_differences
from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.verdict import Drift
from kaizen_eval.recording.writing.recorder import Verified

__all__ = ["Drifts", "drifts_of"]


class Drifts(NamedTuple):
    shapes: tuple[Drift, ...]
    """What programs would notice."""
    words: tuple[Drift, ...]
    """Where all that differs is what the model says."""


def drifts_of(verified: Iterable[Verified]) -> Drifts:
    found = [Drift(both.recorded, tuple(_differences(both.recorded, both.now))) for both in verified]
    found = [one for one in found if one.differences]
    in_words = [all(difference.is_words for difference in one.differences) for one in found]
    return Drifts(
        tuple(one for one, is_words in zip(found, in_words, strict=True) if not is_words),
        tuple(one for one, is_words in zip(found, in_words, strict=True) if is_words),
    )


def _differences(recorded: Exchange, now: Exchange) -> list[Difference]:
    was_left = recorded.was_left or now.was_left
    found = list(response_differences(recorded.response, now.response, words=True, was_left=was_left))
    error, error_now = _error(recorded), _error(now)
    if error != error_now and not was_left:
        found.append(Difference("failure", error, error_now))
    return found


def _error(exchange: Exchange) -> str:
    return ABSENT if exchange.failure is None else exchange.failure.error
