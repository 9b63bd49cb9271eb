"""How long the fake takes to answer: to its first token, and for each token."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kaizen_eval.errors import ScriptError

__all__ = ["NO_LATENCY", "Latency", "seconds_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds on the event loop's clock. A fault without a reply takes `first` alone."""

    first: float = 0.0
    """To the first token."""
    per_token: float = 0.0
    """For each token of the reply."""

    def __post_init__(self) -> None:
        for name in ("first", "per_token"):
            seconds_of(f"Latency's {name}", getattr(self, name))

    @classmethod
    def of(cls, value: Latency | float) -> Latency:
        """A plain number is the whole time to the reply, however long it is."""
        return value if isinstance(value, cls) else cls(first=seconds_of("latency", value))

    def seconds(self, tokens: int) -> float:
        """To the end of a reply of so many tokens."""
        return self.first + self.per_token * tokens


def seconds_of(name: str, value: object) -> float:
    """The value, if it is a number of seconds.

    Raises:
        ScriptError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ScriptError(f"{name} takes a number of seconds, 0 or more, not {value!r}.")
    return value


NO_LATENCY = Latency()
