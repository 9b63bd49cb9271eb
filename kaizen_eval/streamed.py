"""What the reader of a run's stream gets while the run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kaizen_eval.events import Event

__all__ = ["PartialOutputs", "Restarted", "Sink", "TextDelta"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta(Event):
    """The next piece of what the model says."""

    call: int
    """Which call of the run, from 1."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialOutputs(Event):
    """The outputs as far as they are known, each fitting its field; told when there is more than before."""

    call: int
    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted(Event):
    """What this call has said so far is void: it is asked again. Only with `restart=True`."""

    call: int
    attempt: int
    """The attempt that failed; of a reply that does not fit, its last one."""
    error: str
    """The class name of what was raised."""


class Sink(Protocol):
    """Where a run puts what its reader shall see."""

    restart: bool
    """Whether a call may be asked again although its reader has seen some of it."""

    async def put(self, event: Event) -> None:
        """Returns once the reader has taken it."""
        ...
