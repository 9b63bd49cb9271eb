"""Two answers of a model: what they are made of, by field path, and apart from it, what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kaizen_eval.recording.comparison.showing import parted, shown, shown_at
from kaizen_eval.recording.comparison.values import Difference
from kaizen_eval.recording.lookup.reduction.exact_json import Number, parsed
from kaizen_eval.recording.lookup.reduction.ignored_paths import joined

__all__ = ["NOISE", "answer_differences", "kind_of"]

NOISE = frozenset(
    {
        "call_id",
        "completed_at",
        "created",
        "created_at",
        "id",
        "item_id",
        "obfuscation",
        "previous_response_id",
        "response_id",
        "service_tier",
        "signature",
        "encrypted_content",
        "system_fingerprint",
        "x_groq",
    }
)
"""Fields whose values differ each time, or come and go."""
_CODES = frozenset(
    {"code", "finish_reason", "index", "model", "name", "object", "reason", "role", "status", "stop_reason", "type"}
)
"""Fields that programs act on: another value is another answer, not other words."""
_OF_WORDS = frozenset({"annotations", "bytes", "logprobs", "top_logprobs", "tokens", "citations"})
"""Fields whose lists are as long as what is said, so that only their first elements are held side by side."""


def answer_differences(recorded: Any, now: Any, path: str = "", field: str = "") -> Iterator[Difference]:
    """Two JSON values of a service."""
    if field in NOISE:
        return
    if kind_of(recorded) != kind_of(now):
        yield Difference(path or "body", shown(recorded), shown(now))
    elif isinstance(recorded, dict):
        yield from _fields(recorded, now, path, field)
    elif isinstance(recorded, list):
        yield from _lists(recorded, now, path, field)
    elif isinstance(recorded, str):
        yield from _texts(recorded, now, path, field)
    elif field in _CODES and recorded != now:
        yield Difference(path, shown(recorded), shown(now))
    elif isinstance(recorded, bool) and recorded != now:
        yield Difference(path, shown(recorded), shown(now), is_words=True)


def kind_of(value: Any) -> str:
    """The JSON type: `1` and `1.0` are both numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float() | Number():
            return "number"
        case _:
            return type(value).__name__


def _fields(recorded: dict[str, Any], now: dict[str, Any], path: str, field: str) -> Iterator[Difference]:
    for name in dict.fromkeys([*recorded, *now]):
        below = joined(path, name)
        if name in recorded and name in now:
            yield from answer_differences(recorded[name], now[name], below, _below(field, name))
        elif name not in NOISE:
            yield Difference(below, shown_at(recorded, name), shown_at(now, name))


def _below(field: str, name: str) -> str:
    """What a field counts as: within what is as long as the words, all lists are."""
    return field if field in _OF_WORDS and name not in NOISE else name


def _lists(recorded: list[Any], now: list[Any], path: str, field: str) -> Iterator[Difference]:
    shortest = min(len(recorded), len(now))
    compared = min(shortest, 1) if field in _OF_WORDS else shortest
    for place in range(compared):
        yield from answer_differences(recorded[place], now[place], joined(path, place), field)
    if field in _OF_WORDS or len(recorded) == len(now):
        return
    if shortest and not isinstance(recorded[0], dict):
        yield Difference(path, f"a list of {len(recorded)}", f"a list of {len(now)}")
        return
    for place in range(shortest, max(len(recorded), len(now))):
        yield Difference(joined(path, place), shown_at(recorded, place), shown_at(now, place))


def _texts(recorded: str, now: str, path: str, field: str) -> Iterator[Difference]:
    if recorded == now:
        return
    if field in _CODES:
        yield Difference(path, shown(recorded), shown(now))
        return
    one, other = _held(recorded), _held(now)
    if type(one) is not type(other):
        yield Difference(path, shown(recorded), shown(now))
    elif one is not None:
        yield from _said(one, other, path)
    if field not in _OF_WORDS:
        yield Difference(path, *parted(recorded, now), is_words=True)


def _held(text: str) -> Any:
    """The object or array that a text is, such as a tool's arguments and structured outputs; None where it is none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return parsed(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return None


def _said(recorded: Any, now: Any, path: str) -> Iterator[Difference]:
    """JSON that a model writes: its fields and types are held side by side; values and lengths are words."""
    if kind_of(recorded) != kind_of(now):
        yield Difference(path, shown(recorded), shown(now))
    elif isinstance(recorded, dict):
        for name in dict.fromkeys([*recorded, *now]):
            if name in recorded and name in now:
                yield from _said(recorded[name], now[name], joined(path, name))
            else:
                yield Difference(joined(path, name), shown_at(recorded, name), shown_at(now, name))
    elif isinstance(recorded, list) and recorded and now:
        yield from _said(recorded[0], now[0], joined(path, 0))
