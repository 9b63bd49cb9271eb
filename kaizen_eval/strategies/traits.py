"""Traits: what a strategy says of itself, so that laws know what may be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kaizen_eval.checks import optional, whole

__all__ = ["Traits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """A small declaration; what is not declared is not held against a strategy more strictly than it must be.

    Raises:
        ConfigError: `calls_per_run` is no whole number from 1.
    """

    calls_per_run: int | None = None
    """Calls of the model in a run in which nothing fails; None where that varies."""
    is_stateless: bool = True
    """Whether runs leave nothing behind in it: what one gives does not depend on others, before it or beside it."""
    recovers: bool = False
    """Whether a run may succeed although one of its calls has failed for good."""
    calls_tools: bool = False
    """Whether it offers the agent's tools to the model, and executes what the model calls."""
    exempt: Mapping[str, str] = field(default_factory=dict)
    """By the id of a law: why it cannot apply. The law is reported as not applicable, with these words."""

    def __post_init__(self) -> None:
        optional(whole, "traits.calls_per_run", self.calls_per_run, least=1)
