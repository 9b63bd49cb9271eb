"""What is measured of a trial, and which way is better."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from kaizen_eval.evals.log.values import plain
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["SPENDING", "UNANSWERED", "Better", "Measure", "digest", "judged", "measure", "spent"]

Better = Literal["higher", "lower"]

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode

SPENDING = {"cost": "USD", "latency": "ms", "tokens": "tokens", "attempts": "attempts"}
"""What a trial takes, with its unit: less is better, and it is known of trials without an answer, too."""
UNANSWERED = frozenset({Outcome.TASK_ERROR, Outcome.TIMEOUT, Outcome.BUDGET_EXCEEDED})
"""The agent gave no answer: whatever is judged counts as 0, and is told apart."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of each trial."""

    name: str
    """`score`, `passed`, a scorer's name, `cost`, `latency`, `tokens` or `attempts`; a scorer whose name is one of the
    others is `scorer:` and its name.
    """
    better: Better = "higher"
    unit: str = ""
    """Empty where it goes from 0 to 1."""

    @property
    def is_judged(self) -> bool:
        return not self.unit

    @property
    def sign(self) -> int:
        """1 where more is better, −1 where less is."""
        return 1 if self.better == "higher" else -1


def measure(name: str) -> Measure:
    unit = SPENDING.get(name, "")
    return Measure(name, "lower" if unit else "higher", unit)


def judged(record: TrialRecord) -> Iterator[tuple[str, float | None]]:
    """How good its answer is, by each measure; None where a scorer crashed; nothing where there is no answer."""
    if record.outcome in UNANSWERED or record.outcome is Outcome.NOT_RUN:
        return
    has_crashed = record.outcome is Outcome.SCORER_ERROR
    yield "passed", None if has_crashed else float(record.outcome is Outcome.PASSED)
    if record.scores or has_crashed:
        yield "score", None if has_crashed else record.score
    yield from _by_scorer(record)


def _by_scorer(record: TrialRecord) -> Iterator[tuple[str, float | None]]:
    """Scorers of one name count as their mean."""
    by_name: dict[str, list[float | None]] = {}
    for each in record.scores:
        by_name.setdefault(each.scorer, []).append(each.value)
    for name, values in by_name.items():
        known = [value for value in values if value is not None]
        yield _metric(name), sum(known) / len(known) if len(known) == len(values) else None


def _metric(scorer: str) -> str:
    return f"scorer:{scorer}" if scorer in SPENDING or scorer in {"score", "passed"} else scorer


def spent(record: TrialRecord) -> Iterator[tuple[str, float | None]]:
    """What it took; None where nobody knows."""
    if record.outcome is Outcome.NOT_RUN:
        return
    cost = record.answer.cost
    yield "cost", None if cost is None else float(cost)
    yield "latency", round(record.answer.ms, 3)
    yield "tokens", float(record.answer.usage.total)
    yield "attempts", float(len(record.answer.attempts))


def digest(value: Any) -> str:
    """Eight bytes, as text: the same for the same value, whether it is in memory or was read from a log."""
    text = _encode(plain(value))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
