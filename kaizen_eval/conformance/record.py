"""What was played, written down so that two plays can be compared: each request as it goes out, and each result."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.llm.wire import encode_request
from kaizen_eval.messages import ChatRequest

__all__ = ["difference", "record", "requests_of", "result_of", "written"]

_SHOWN = 60
"""Characters that are shown before and after the first that differs."""


def record(seen: Observation) -> list[str]:
    """A line for each request, in the order asked, and one for each result."""
    requests = [f"request {each.number}: {written(each.request)}" for each in seen.exchanges]
    results = [f"result of ask {place}: {result_of(each, seen)}" for place, each in enumerate(seen.outcomes, 1)]
    return requests + results


def written(request: ChatRequest) -> str:
    """The body that is sent, in the order in which it is."""
    return json.dumps(encode_request(request), ensure_ascii=False, default=repr)


def requests_of(seen: Observation, outcome: Outcome) -> Counter[str]:
    """How often each was made, in the run and in runs inside of it."""
    return Counter(written(each.request) for each in seen.exchanges_of(outcome))


def result_of(outcome: Outcome, seen: Observation, *, with_time: bool = True) -> str:
    """The outputs and what they cost, or the class of what was raised."""
    if outcome.result is None:
        return "nothing" if outcome.error is None else type(outcome.error).__name__
    kinds = ("_tokens", "_cost", "_attempts", "_timing")[: 4 if with_time else 3]
    costs = {kind: outcome.result.get(kind) for kind in kinds}
    return f"{_outputs(outcome, seen)} {json.dumps(costs, default=repr)}"


def difference(one: str, other: str) -> tuple[str, str]:
    """Where two texts begin to differ, of each a part."""
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return _part(one, place), _part(other, place)


def _outputs(outcome: Outcome, seen: Observation) -> str:
    """As JSON: what has no order of its own, such as a set, has one there."""
    try:
        values: dict[str, Any] = seen.situation.signature.outputs_to_json(outcome.outputs)
    except Exception:  # noqa: BLE001 - outputs that do not fit the signature are another law's affair
        values = outcome.outputs
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=repr)


def _part(text: str, place: int) -> str:
    start, end = max(0, place - _SHOWN), place + _SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
