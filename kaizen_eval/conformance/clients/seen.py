"""Seen: what could be seen of a client while it met a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kaizen_eval.conformance.clients.plan import Plan, Terms
from kaizen_eval.conformance.tried import Tried, asked_alike
from kaizen_eval.fake import Exchange

__all__ = ["Ended", "Played", "Seen"]

Ended = Literal["by itself", "timeout", "deadline", "attempts", "output", "interrupt"]
"""What ended a command: itself; or that it ran too long, or long after its deadline, asked the same too often, printed
too much, or went on after an interrupt.
"""
_SHORT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One command that ran once. Moments are on the clock of the exchanges."""

    plan: Plan
    terms: Terms
    exchanges: tuple[Exchange, ...]
    attempts: tuple[Tried, ...]
    """The exchanges that were not refused, beside what they mean."""
    exit_code: int | None
    """None where it was ended; below 0 where a signal ended it."""
    ended: Ended
    began_ns: int
    """When the command was started."""
    exited_ns: int
    interrupted_ns: int | None = None
    stdout: str = ""
    stderr: str = ""

    @property
    def calls(self) -> tuple[tuple[Tried, ...], ...]:
        """The attempts by what was asked, whatever came of each."""
        return asked_alike(self.attempts)

    @property
    def has_answer(self) -> bool:
        """Whether the command says so."""
        return self.exit_code == 0

    @property
    def is_cut_short(self) -> bool:
        """Whether it might have gone on."""
        return self.ended not in {"by itself", "interrupt"}

    def came_out(self) -> str:
        """How it ended and what it said, as the end of a sentence."""
        if self.exit_code is None:
            return f"was ended: {_WHY[self.ended].format(seconds=self.terms.timeout)}"
        if self.has_answer:
            return f"exited with 0 and printed {_short(self.stdout) or 'nothing'}"
        said = _short(_last_line(self.stderr))
        return f"exited with {self.exit_code}: {said}" if said else f"exited with {self.exit_code}, without a word"


_WHY = {
    "timeout": "it still ran after {seconds:g} s",
    "deadline": "its deadline was long over",
    "attempts": "it asked the same again and again",
    "output": "it printed more than 16 MiB",
    "interrupt": "it went on after the signal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One plan, and what was seen of each of its copies."""

    plan: Plan
    seen: tuple[Seen, ...]

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.seen)


def _last_line(text: str) -> str:
    return text.rstrip().rpartition("\n")[2]


def _short(text: str) -> str:
    """Quoted; empty where there is nothing but blanks."""
    text = text.strip()
    return repr(text if len(text) <= _SHORT else f"{text[:_SHORT]}…") if text else ""
