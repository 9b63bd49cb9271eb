"""Compiles a recording: each exchange becomes a rule of a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.file import Recording
from kaizen_eval.recording.script.conditions import Asked, conditions_of
from kaizen_eval.recording.script.sayings import saying_of
from kaizen_eval.recording.script.scene import scene_of
from kaizen_eval.recording.settings import Pace

__all__ = ["Compiled", "compiled"]

_Rule = dict[str, Any]


class Compiled(NamedTuple):
    rules: tuple[_Rule, ...]
    """In the order sent, as they stand in a script file."""
    skipped: tuple[Exchange, ...]
    """Those that the fake has no endpoint for, or whose requests it refuses by itself."""


def compiled(recording: Recording, *, pace: Pace = "recorded") -> Compiled:
    """The rules that say again what was recorded.

    Identical requests are answered in the order sent, and from then on as the last of them was. What the fake answers
    without a script, such as embeddings, is left to it, unless it failed.

    Args:
        recording: of any endpoint.
        pace: "recorded" for replies that take as long as they took.
    """
    asked, skipped = list[Asked](), list[Exchange]()
    for exchange in recording.exchanges:
        scene = scene_of(exchange.request)
        if scene is None:
            skipped.append(exchange)
        elif not scene.inquiry.operation and scene.inquiry.endpoint != "models":
            asked.append(Asked(exchange, scene.inquiry))
    return Compiled(tuple(_rules(asked, pace)), tuple(skipped))


def _rules(asked: Sequence[Asked], pace: Pace) -> Iterator[_Rule]:
    whens = conditions_of(asked)
    names = [json.dumps(when, sort_keys=True) for when in whens]
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    for place, (one, name) in enumerate(zip(asked, names, strict=True)):
        alike = places[name]
        if not all(_is_left_to_the_fake(asked[other]) for other in alike):
            rule = {"when": whens[place], **_saying(one, pace)}
            yield rule if place == alike[-1] else {**rule, "times": 1}


def _saying(one: Asked, pace: Pace) -> _Rule:
    return {"reply": {"generated": True}} if _is_left_to_the_fake(one) else saying_of(one.exchange, pace=pace)


def _is_left_to_the_fake(one: Asked) -> bool:
    """Whether it answers this by itself, as well as a script could."""
    exchange = one.exchange
    succeeded = exchange.response is not None and exchange.response.status < 400 and exchange.failure is None
    return succeeded and not one.inquiry.speaks
