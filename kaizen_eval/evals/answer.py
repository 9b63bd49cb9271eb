"""What an agent answered in one trial, and all that was said on the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kaizen_eval.messages import Usage

__all__ = ["Answer", "AnsweredTurn", "SeenAttempt", "SeenTool"]

_NOTHING = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAttempt:
    """One request to a model and what came of it."""

    agent: str
    """The agent's id; an agent may call others."""
    call: int
    """Which call of its run, from 1."""
    attempt: int
    """Which attempt of the call, from 1."""
    at: float
    """Milliseconds from the trial's start to the request."""
    ms: float
    model: str | None = None
    messages: tuple[Mapping[str, Any], ...] = ()
    """What was asked, in the shape of OpenAI's `messages`."""
    text: str | None = None
    """What was answered; None where nothing came."""
    tool_calls: tuple[Mapping[str, str], ...] = ()
    """What was called instead: id, name, arguments (JSON text, as the model wrote it)."""
    finish_reason: str | None = None
    refusal: str | None = None
    usage: Usage | None = None
    """None when the provider did not say."""
    cost: Decimal | None = None
    """USD; None when unknown."""
    error: str | None = None
    """The class name of what the attempt raised; None after a success."""
    message: str | None = None
    """What it said."""
    first_token_ms: float | None = None
    """From the request to the first words of a streamed reply."""
    waited_ms: float | None = None
    """What was waited after it before the next attempt; None where there was none."""
    tier: int | None = None
    """How much repair the reply needed, from 1 (none); None where it did not fit, or was not read."""
    misfit: str | None = None
    """Why the reply does not fit the signature; None where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTool:
    """One tool call, executed or not."""

    agent: str
    call: int
    """Which call of the model asked for it, from 1."""
    tool: str
    id: str
    arguments: str
    """JSON text, as the model wrote it."""
    at: float
    """Milliseconds from the trial's start."""
    ms: float
    result: str | None = None
    """What the model was told of it, as it read it; None where it was told nothing, or of an error."""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredTurn:
    """One run: its outputs and what it cost. A run that failed has no outputs, and still cost something."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    at: float = 0.0
    """Milliseconds from the trial's start."""
    ms: float = 0.0
    usage: Usage = _NOTHING
    cost: Decimal | None = Decimal(0)
    """USD, of all attempts, those of agents that it called as tools included; None when one's is unknown."""
    attempts: tuple[SeenAttempt, ...] = ()
    """In order of their starts; empty where the task is no agent."""
    tools: tuple[SeenTool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What scorers look at."""

    turns: tuple[AnsweredTurn, ...]
    """One for each turn of the case that was asked; the last may have failed."""
    ms: float = 0.0
    """The whole trial, without scoring."""

    def __getitem__(self, field: str) -> Any:
        """`answer["city"]`: an output of the last turn."""
        return self.outputs[field]

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Of the last turn."""
        return self.turns[-1].outputs if self.turns else {}

    @property
    def attempts(self) -> tuple[SeenAttempt, ...]:
        return tuple(attempt for turn in self.turns for attempt in turn.attempts)

    @property
    def tools(self) -> tuple[SeenTool, ...]:
        return tuple(tool for turn in self.turns for tool in turn.tools)

    @property
    def usage(self) -> Usage:
        return sum((turn.usage for turn in self.turns), _NOTHING)

    @property
    def cost(self) -> Decimal | None:
        """USD; None when that of a turn is unknown."""
        total = Decimal(0)
        for turn in self.turns:
            if turn.cost is None:
                return None
            total += turn.cost
        return total
