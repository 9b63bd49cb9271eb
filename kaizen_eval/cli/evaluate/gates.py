"""What must hold of an evaluation, and the exit code that tells whether it does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from kaizen_eval.amounts import many, percent
from kaizen_eval.cli.evaluate.words import interval
from kaizen_eval.errors import CassetteMiss
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.outside import outside
from kaizen_eval.evals.summary import Summary
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Exit", "Outside", "Ruling", "Verdict", "under", "verdict"]


_ANSWERED = {Outcome.PASSED, Outcome.FAILED, Outcome.SCORER_ERROR}
_SENTENCE = re.compile(r".{1,200}?(?:[.!?](?= |$)|$)")
"""The first, where it is not too long."""


class Exit(IntEnum):
    """Exit codes of `eval`."""

    PASS = 0
    REGRESSION = 1
    USAGE = 2
    INFRASTRUCTURE = 3
    INCONCLUSIVE = 4


_FIRST = (Exit.INFRASTRUCTURE, Exit.USAGE, Exit.REGRESSION, Exit.INCONCLUSIVE, Exit.PASS)
"""Which one counts where there are several: of what was not judged to the end nothing is concluded."""
_WORDS = {
    Exit.PASS: "PASS",
    Exit.REGRESSION: "FAIL",
    Exit.USAGE: "REFUSED",
    Exit.INFRASTRUCTURE: "INCOMPLETE",
    Exit.INCONCLUSIVE: "INCONCLUSIVE",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is concluded, and why in one sentence."""

    code: Exit
    reason: str

    @property
    def word(self) -> str:
        return _WORDS[self.code]


@dataclass(frozen=True, slots=True)
class Verdict:
    rulings: Sequence[Ruling]
    """At least one; the one that counts first."""

    @property
    def code(self) -> Exit:
        return self.rulings[0].code


def verdict(rulings: Iterable[Ruling]) -> Verdict:
    """All of them, the one that counts first."""
    ordered = sorted(rulings, key=lambda ruling: _FIRST.index(ruling.code))
    return Verdict(
        ordered
        or [Ruling(Exit.PASS, "all was run and judged; of the figures nothing is asked (--fail-under, --baseline).")]
    )


def under(summary: Summary, least: float) -> Ruling:
    """Whether the rate on these cases reaches what is asked; that is a fact, whatever other cases would give."""
    rate = summary.rate
    if not rate.cases:
        return Ruling(Exit.PASS, "no case is in this part.")
    told = f"{percent(rate.value)} ({interval(rate)}) passed"
    if rate.value >= least:
        return Ruling(Exit.PASS, f"{told}: at least the {percent(least)} that are asked for.")
    return Ruling(Exit.REGRESSION, f"{told}: less than the {percent(least)} that are asked for (--fail-under).")


class Outside:
    """Counts failures that say nothing of the agent: no key, no network, a cassette without the answer."""

    def __init__(self) -> None:
        self._types: Counter[str] = Counter()
        self._first = ""
        self._answered = 0

    def add(self, record: TrialRecord) -> None:
        self._answered += record.outcome in _ANSWERED
        kind = outside(record)
        if kind and record.failure is not None:
            self._types[kind] += 1
            self._first = self._first or record.failure.message

    def rulings(self, summary: Summary, stopped: str | None) -> Iterator[Ruling]:
        """`stopped`: why before its end."""
        ran = summary.trials - summary.missing
        if self._types:
            yield Ruling(Exit.INFRASTRUCTURE, self._told())
        elif ran and not self._answered:
            yield Ruling(Exit.INFRASTRUCTURE, "no trial came to an answer: nothing was judged.")
        if summary.missing:
            why = "" if stopped is None else f" Stopped: {stopped}"
            yield Ruling(Exit.INFRASTRUCTURE, f"{many(summary.missing, 'planned trial')} did not run.{why}")
        crashed = summary.outcomes[Outcome.SCORER_ERROR]
        if crashed:
            yield Ruling(Exit.INFRASTRUCTURE, f"{many(crashed, 'answer')} could not be scored: a scorer crashed.")

    def _told(self) -> str:
        kinds = ", ".join(f"{name} ({count:,})" for name, count in self._types.most_common())
        first = _SENTENCE.match(" ".join(self._first.split()))
        said = f" {first[0]}" if first else ""
        if CassetteMiss.__name__ in self._types:
            said += " Record what is missing: --mode record-missing."
        return f"{many(self._types.total(), 'trial')} failed for reasons outside of the agent: {kinds}.{said}"
