"""Fault: the base of everything that a provider does wrong on purpose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.timing.latency import AnyLatency, Latency
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.messages import ChatRequest
from kaizen_eval.suggestion import suggestion

__all__ = ["Asked", "Fault", "Spoiler", "check_choice", "check_count", "check_text"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fault may know of the attempt that it meets."""

    request_id: str
    now: float
    """Seconds since the epoch, by the run's clock."""
    key: str = ""
    """What is drawn for it depends on: the same in each run, also where ids are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; what its fields mean stands in `kaizen_eval.fake.faults`."""

    name: ClassVar[str]
    """As in `.fail(name)`, the journal and the table of exchanges."""

    is_billed: ClassVar[bool] = True
    """Whether whoever meets it learns what the words cost, of a fault that spoils."""
    is_of_streams: ClassVar[bool] = False
    """Whether only a stream can go wrong this way; other requests pass such a fault's rule by."""
    is_of_words: ClassVar[bool] = False
    """Whether only a model that speaks can go wrong this way; at other endpoints such a fault's rule is passed by."""
    spoils: ClassVar[bool] = False
    """Whether the model speaks, and then its words or the response go wrong; see `misspeak` and `spoil`."""

    latency: AnyLatency | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiler(Fault):
    """The base of the faults that happen to what the model says, or to the response that holds it."""

    spoils: ClassVar[bool] = True

    reply: Reply | str | Mapping[str, Any] | None = None
    """What the model says; None: what it says without any rule."""

    def check(self) -> None:
        self.given()

    def given(self) -> Reply | None:
        match self.reply:
            case None | Reply():
                return self.reply
            case str():
                return Reply(self.reply)
            case Mapping():
                return Reply(data=dict(self.reply))
        raise ScriptError(f"{self.name} takes a text, a dict or a Reply as reply, not {self.reply!r}.")


def check_text(fault: Fault, name: str, value: object, *, or_none: bool = False) -> None:
    """Refuse, with a ScriptError, a detail that is no text."""
    if not isinstance(value, str) and not (or_none and value is None):
        raise ScriptError(f"{fault.name} takes a text as {name}, not {value!r}.")


def check_count(fault: Fault, name: str, value: object, *, least: int = 0) -> None:
    """Refuse, with a ScriptError, a detail that is no whole number from `least`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ScriptError(f"{fault.name} takes a whole number from {least} as {name}, not {value!r}.")


def check_choice(fault: Fault, name: str, value: object, choices: Collection[str]) -> None:
    """Refuse, with a ScriptError, a detail that is none of these words."""
    if not isinstance(value, str) or value not in choices:
        hint = suggestion(value, list(choices)) if isinstance(value, str) else "."
        raise ScriptError(f"{fault.name} has no {name} {value!r}{hint} It is one of: {', '.join(choices)}.")
