"""StreamFault: the base of the faults that only streams can have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults.base import Fault, Spoiler, check_choice, check_count
from kaizen_eval.fake.faults.contents import Again
from kaizen_eval.fake.faults.streams.events import events_of
from kaizen_eval.fake.timing.distributions import seconds_of
from kaizen_eval.fake.wire.events import Answer, Ending, Piece, WireEvent

__all__ = ["After", "Cut", "StreamFault", "check_every"]

_CUTS = ("cut", "reset", "complete")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFault(Spoiler):
    """Events of a good stream go in, and others come out."""

    is_of_streams: ClassVar[bool] = True

    def spoil(self, answer: Answer) -> WireEvent:
        return replace(answer, body=Again(lambda: self.events(events_of(answer))), ending=self.ends())

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        """What becomes of the events of a good stream."""
        return events

    def ends(self) -> Ending:
        return "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class After(StreamFault):
    """Goes wrong after some events."""

    after: int = 1
    """Events that come as they should."""

    def check(self) -> None:
        Spoiler.check(self)
        check_count(self, "after", self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut(StreamFault):
    """Ends too early."""

    is_billed: ClassVar[bool] = False

    ending: Literal["cut", "reset", "complete"] = "cut"
    """Closed, torn down, or in order, as if it were all there is."""

    def check(self) -> None:
        Spoiler.check(self)
        check_choice(self, "ending", self.ending, _CUTS)

    def ends(self) -> Ending:
        return self.ending


def check_every(fault: Fault, every: object) -> None:
    """Refuse, with a ScriptError, events that all come at once and never end."""
    if not seconds_of(f"{fault.name}'s every", every):
        raise ScriptError(f"{fault.name} takes more than 0 seconds as every, not {every!r}.")
