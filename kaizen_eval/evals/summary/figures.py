"""The figures of a summary, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.messages import Usage

__all__ = ["UNJUDGED", "Latency", "Rate", "Reliability", "ScorerFigures", "Summary", "TagFigures"]

_NOTHING = Usage()
UNJUDGED = (Outcome.SCORER_ERROR, Outcome.NOT_RUN)
"""Nobody knows whether such a trial would have passed, nor of one that failed outside of the agent. An error of the
agent's own, a time or a budget that was used up is known: it was asked, and there is no good answer.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many of all planned trials passed, and between what that lies for cases like these."""

    value: float
    """At least: a trial of which nobody knows counts as one that did not pass."""
    low: float
    """Lower end of the Wilson interval (95 %) over cases, as if no unjudged trial would pass."""
    high: float
    """Its upper end, as if each would."""
    cases: int
    """A case with repeats is one piece of evidence, not several."""
    unjudged: int = 0
    """Trials that say nothing, neither passed nor not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What repeats tell, for each k up to their number: means over cases, from the unbiased estimators."""

    pass_at: Mapping[int, float]
    """Of k tries, at least one passes."""
    pass_all: Mapping[int, float]
    """Of k tries, each passes: pass^k."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerFigures:
    """What one scorer said, over all trials."""

    name: str
    mean: float | None
    """Of its scores; None where it gave none."""
    scored: int
    passed: int
    crashed: int
    """Trials in which it raised: they are in no mean."""
    usage: Usage = _NOTHING
    """What it took itself, apart from the answers that it judged."""
    cost: Decimal | None = Decimal(0)
    """USD, the same; None where that of a trial is unknown."""

    @property
    def is_silent(self) -> bool:
        """Whether it found nothing to judge, in any trial that has an answer."""
        return not self.scored and not self.crashed


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFigures:
    """The cases that share a tag; a case with two tags is in both."""

    tag: str
    trials: int
    """Planned."""
    passed: int
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long trials took, in milliseconds: those with an answer, or with an error of their own."""

    mean: float
    p50: float
    p90: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Every planned trial is in it once, whatever became of it."""

    cases: int
    repeats: int
    outcomes: Mapping[Outcome, int]
    """Of every kind, in their order; the sum is what was planned."""
    outside: int
    """Of the task errors, those that say nothing of the agent: no key, no network."""
    unscored: int
    """Of those that passed, trials in which no scorer found anything to judge."""
    rate: Rate
    score: float | None
    """Mean of the trials that could be scored; None where none could."""
    scorers: tuple[ScorerFigures, ...]
    tags: tuple[TagFigures, ...]
    reliability: Reliability | None
    """None where each case was tried once."""
    attempts: int
    """Requests to models that were seen: those of agents. What else asks models is not seen, nor its tokens."""
    usage: Usage
    cost: Decimal | None
    """USD; None where that of a trial is unknown, or where something ran and no request was seen."""
    known_cost: Decimal
    """USD, of the trials whose cost is known."""
    unpriced: int
    """Trials whose cost is unknown."""
    latency: Latency | None
    """None where nothing ran."""

    @property
    def trials(self) -> int:
        """Planned."""
        return self.cases * self.repeats

    @property
    def passed(self) -> int:
        return self.outcomes[Outcome.PASSED]

    @property
    def missing(self) -> int:
        """Planned trials that have no record, or one that says that they were not run."""
        return self.outcomes[Outcome.NOT_RUN]

    @property
    def is_whole(self) -> bool:
        """Whether it is known of each planned trial whether it passes."""
        return not self.rate.unjudged
