"""When a session has become too long, and which of its turns are then summed up."""

from __future__ import annotations

from dataclasses import dataclass

from kaizen_eval.checks import optional, whole
from kaizen_eval.core.summary import summary_of
from kaizen_eval.errors import ConfigError
from kaizen_eval.memory.base import Turn
from kaizen_eval.memory.fitting import newest_within, tokens_of

__all__ = ["SummaryLimits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryLimits:
    """How long a session may become. A summary counts as a turn."""

    max_turns: int | None = None
    max_tokens: int | None = None
    keep: int | None = None
    """How many of the newest turns are never summed up for their number; None means half of `max_turns`."""

    def __post_init__(self) -> None:
        optional(whole, "max_turns", self.max_turns, least=1)
        optional(whole, "max_tokens", self.max_tokens, least=1)
        optional(whole, "keep", self.keep, least=0)
        if self.max_turns is None and self.max_tokens is None:
            raise ConfigError("SummaryMemory needs max_turns, max_tokens or both: it sums up what is beyond.")
        if self.max_turns is not None and self.keep is not None and self.keep >= self.max_turns:
            raise ConfigError(
                f"keep must be less than max_turns ({self.max_turns}), as the summary takes a place, not {self.keep}."
            )

    def beyond(self, turns: tuple[Turn, ...], *, model: str | None) -> tuple[Turn, ...]:
        """The oldest turns, with the summary before them if there is one, that are to be summed up next.

        Empty when the session is not too long, or holds nothing but what is kept. Not more at a time than twice what a
        session may hold, so that whoever sums them up can read them.
        """
        if not self._exceeded(turns, model):
            return ()
        old = turns[: len(turns) - self._kept(turns[_first(turns) :], model)]
        return self._portion(old, model) if len(old) > _first(old) else ()

    def _exceeded(self, turns: tuple[Turn, ...], model: str | None) -> bool:
        if self.max_turns is not None and len(turns) > self.max_turns:
            return True
        return self.max_tokens is not None and len(newest_within(turns, self.max_tokens, model=model)) < len(turns)

    def _kept(self, turns: tuple[Turn, ...], model: str | None) -> int:
        """How many of the newest stay: at most half of the tokens; the newest one, unless it alone is too long."""
        keep = self.max_turns // 2 if self.keep is None and self.max_turns is not None else self.keep
        newest = turns if keep is None else turns[len(turns) - min(keep, len(turns)) :]
        if self.max_tokens is not None:
            half = newest_within(newest, self.max_tokens // 2, model=model)
            newest = half or newest_within(newest[-1:], self.max_tokens, model=model)
        return len(newest)

    def _portion(self, old: tuple[Turn, ...], model: str | None) -> tuple[Turn, ...]:
        """At least one turn beside the summary."""
        tokens = 0
        for place, turn in enumerate(old):
            tokens += 0 if self.max_tokens is None else tokens_of(turn, model=model)
            if self._is_portion(place, tokens) and place > _first(old):
                return old[:place]
        return old

    def _is_portion(self, turns: int, tokens: int) -> bool:
        if self.max_turns is not None and turns >= 2 * self.max_turns:
            return True
        return self.max_tokens is not None and tokens > 2 * self.max_tokens


def _first(turns: tuple[Turn, ...]) -> int:
    """Where the turns begin: after the summary."""
    return int(bool(turns) and summary_of(turns[0]) is not None)
