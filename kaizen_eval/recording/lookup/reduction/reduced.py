"""Reduced: what tells one request from others, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from kaizen_eval.recording.exchange import RecordedRequest
from kaizen_eval.recording.lookup.reduction.content import content_of
from kaizen_eval.recording.lookup.reduction.generated_ids import GeneratedId, Renumbering
from kaizen_eval.recording.lookup.reduction.ignored_paths import IgnoredPaths, ignored_paths

__all__ = ["Reduced", "reduced"]


class Reduced(NamedTuple):
    """What tells a request from others."""

    method: str
    path: str
    """Ids in it as `<resp_1>`."""
    query: tuple[tuple[str, str | GeneratedId], ...]
    """Sorted."""
    is_streamed: bool
    kind: str
    """Of the body; see `Content`."""
    value: Any
    """What the body says: dicts, lists, texts, `Number`, `Bytes`, `GeneratedId`, True, False, None."""


def reduced(request: RecordedRequest, ignore: Sequence[str] = ()) -> Reduced:
    """The request without what is ignored, and with its generated ids numbered.

    Raises:
        ConfigError: a path of `ignore` is none.
    """
    ignored = ignored_paths(ignore)
    kind, value = content_of(request)
    is_streamed = isinstance(value, dict) and (value.get("stream") is True or value.get("stream") == "true")
    if ignored.body:
        ignored.remove_from(value)
    numbers = Renumbering()
    path = numbers.path(request.path)
    query = _query(request, ignored, numbers)
    if kind == "JSON":
        numbers.within(value)
    return Reduced(request.method, path, query, is_streamed, kind, value)


def _query(
    request: RecordedRequest, ignored: IgnoredPaths, numbers: Renumbering
) -> tuple[tuple[str, str | GeneratedId], ...]:
    """Sorted by name, not by value: ids are to be met in the same order, whatever they are."""
    kept = [pair for pair in request.query if pair[0] not in ignored.query]
    return tuple((name, numbers.field(name, value)) for name, value in sorted(kept))
