"""Fault: the base of everything that a provider does wrong on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.latency import Latency
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.messages import ChatRequest

__all__ = ["Asked", "Fault", "check_text"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fault may know of the attempt that it meets."""

    request_id: str
    now: float
    """Seconds since the epoch, by the run's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; what its fields mean stands in `kaizen_eval.fake.faults`."""

    name: ClassVar[str]
    """As in `.fail(name)`, the journal and the table of exchanges."""

    is_of_streams: ClassVar[bool] = False
    """Whether only a stream can go wrong this way; other requests pass such a fault's rule by."""
    spoils: ClassVar[bool] = False
    """Whether the model speaks, and then its words or the response go wrong; see `misspeak` and `spoil`."""

    latency: Latency | float | None = None
    """Instead of the fake's own; a number is in seconds."""

    def __post_init__(self) -> None:
        if self.latency is not None:
            Latency.of(self.latency)
        self.check()

    def check(self) -> None:
        """Refuse, with a ScriptError, details that cannot work."""

    def play(self, asked: Asked) -> WireEvent | Reply:
        """What the client meets; not asked of a fault that spoils."""
        raise NotImplementedError

    def given(self) -> Reply | None:
        """What the model says before it is spoiled; None where that is made up."""
        return None

    def misspeak(self, reply: Reply, request: ChatRequest) -> Reply:  # noqa: ARG002 - most faults spoil no words
        """What becomes of the model's words, before they are counted and written.

        Raises:
            ScriptError: these words cannot go wrong in this way.
        """
        return reply

    def spoil(self, answer: Answer) -> WireEvent:
        """What becomes of the response that the model's words would have made."""
        return answer


def check_text(fault: Fault, name: str, value: object, *, or_none: bool = False) -> None:
    """Refuse, with a ScriptError, a detail that is no text."""
    if not isinstance(value, str) and not (or_none and value is None):
        raise ScriptError(f"{fault.name} takes a text as {name}, not {value!r}.")
