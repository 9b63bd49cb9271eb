"""The calls of one reply, such that a service takes them back: each with an id of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from kaizen_eval.messages import ToolCall

__all__ = ["repeatable"]


def repeatable(calls: Collection[ToolCall], *, call: int) -> tuple[ToolCall, ...]:
    """A call that stands there twice stands there once; an id that is empty or taken gives way to a new one.

    Args:
        calls: as the model made them.
        call: the number of the model's call, so that no new id comes twice in a run.
    """
    given = {asked.id for asked in calls}
    found: dict[str, ToolCall] = {}
    for position, asked in enumerate(dict.fromkeys(calls), start=1):
        free = asked.id
        if not free or free in found:
            free = f"{free or 'call'}_{call}_{position}"
            while free in given or free in found:
                free += "_"
        found[free] = asked if free == asked.id else replace(asked, id=free)
    return tuple(found.values())
