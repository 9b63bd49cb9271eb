"""Plan: what a client meets while its command runs once; and Terms: what is expected of every client."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from kaizen_eval.errors import ConfigError
from kaizen_eval.fake import FakeLLM, Fault
from kaizen_eval.fake.timing.latency import Latency

__all__ = ["Plan", "Terms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is expected of the client, whatever it meets."""

    least: int = 2
    """Attempts of one question that it should make while what it meets may pass."""
    most: int = 10
    """Attempts of one question that it may make in all."""
    deadline: float | None = None
    """Seconds from its first request in which its command should end; None: nobody said."""
    timeout: float = 30.0
    """Seconds after which its command is ended."""

    def __post_init__(self) -> None:
        if self.deadline is not None and not 0 < self.deadline < self.timeout:
            raise ConfigError(
                f"--deadline takes seconds above 0 and below --timeout, which is {self.timeout:g}; not "
                f"{self.deadline:g}."
            )

    @classmethod
    def of(cls, *, attempts: int | None = None, deadline: float | None = None, timeout: float = 30.0) -> Terms:
        """With `attempts`, exactly so many are expected where nothing but failures come."""
        if attempts is None:
            return cls(deadline=deadline, timeout=timeout)
        return cls(least=attempts, most=attempts, deadline=deadline, timeout=timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Plain data."""

    name: str
    does: str
    """What the client meets, as a sentence."""
    laws: tuple[str, ...]
    """Ids of the laws that it can show."""
    fault: Fault | None = None
    """None: every request is answered."""
    passes: bool = False
    """Whether the fault is over after as many requests as a client must bear: one, unless `Terms.least` says more."""
    seconds: float = 0.0
    """To every answer."""
    interrupt: signal.Signals | None = None
    """Sent to the command while its request waits."""
    copies: int = 1
    """Commands that run side by side, each against a fake of its own."""
    needs_deadline: bool = False
    """Whether it shows nothing unless it is known when the client should give up."""

    def fake(self, terms: Terms) -> FakeLLM:
        """A new one that plays it."""
        fake = FakeLLM(latency=Latency(first=self.seconds))
        fake.forgive_misses()  # what a client asks is what is judged
        times = max(1, terms.least - 1)
        if self.fault is not None and not (self.passes and terms.least == 1):
            handle = fake.fail(self.fault)
            if self.passes:
                handle.times(times)
        return fake
