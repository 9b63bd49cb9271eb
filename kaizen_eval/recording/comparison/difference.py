"""What differs between a recorded request and one that is asked, by field path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaizen_eval.recording.comparison import ABSENT, Difference, value_differences
from kaizen_eval.recording.comparison.drift import response_differences
from kaizen_eval.recording.comparison.showing import shown
from kaizen_eval.recording.exchange import RecordedRequest
from kaizen_eval.recording.lookup.holes import fits_text
from kaizen_eval.recording.lookup.reduction import Reduced, reduced

__all__ = ["Difference", "differences", "reduced_differences", "response_differences"]


def differences(
    recorded: RecordedRequest, asked: RecordedRequest, *, ignore: Sequence[str] = ()
) -> tuple[Difference, ...]:
    """Everything for which the two have different keys; none if they have the same, or if `asked` fits the holes.

    Raises:
        ConfigError: a path of `ignore` is none.
    """
    return reduced_differences(reduced(recorded, ignore), reduced(asked, ignore))


def reduced_differences(recorded: Reduced, asked: Reduced) -> tuple[Difference, ...]:
    return (*_heads(recorded, asked), *_bodies(recorded, asked))


def _heads(recorded: Reduced, asked: Reduced) -> Iterator[Difference]:
    if recorded.method != asked.method:
        yield Difference("method", recorded.method, asked.method)
    if not fits_text(recorded.path, asked.path):
        yield Difference("path", recorded.path, asked.path)
    one, other = _by_name(recorded), _by_name(asked)
    for name in dict.fromkeys([*one, *other]):
        if name not in one or name not in other:
            yield Difference(f"?{name}", _values(one.get(name)), _values(other.get(name)))
        else:
            yield from value_differences(*_alone(one[name], other[name]), f"?{name}")


def _by_name(request: Reduced) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for name, value in request.query:
        found.setdefault(name, []).append(value)
    return found


def _values(values: list[object] | None) -> str:
    if values is None:
        return ABSENT
    return shown(values[0] if len(values) == 1 else values)


def _alone(one: list[object], other: list[object]) -> tuple[object, object]:
    return (one[0], other[0]) if len(one) == len(other) == 1 else (one, other)


def _bodies(recorded: Reduced, asked: Reduced) -> Iterator[Difference]:
    if recorded.kind != asked.kind:
        yield Difference("body", _kind(recorded), _kind(asked))
        return
    yield from value_differences(recorded.value, asked.value)
    if recorded.is_streamed != asked.is_streamed and not _tells_stream(recorded, asked):
        yield Difference("stream", shown(recorded.is_streamed), shown(asked.is_streamed))


def _tells_stream(*requests: Reduced) -> bool:
    """Whether the flag stands in a body, and is told with it: it counts also where it is ignored."""
    return any("stream" in request.value for request in requests)


def _kind(request: Reduced) -> str:
    return "nothing" if request.kind == "nothing" else f"{request.kind}: {shown(request.value)}"
