"""Proof: whether a mutant is caught by its law, for the stated reason, with every seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.selftest.trial import Trial

__all__ = ["Proof"]


@dataclass(frozen=True, slots=True)
class Proof:
    """All trials of one mutant."""

    mutant: Mutant
    trials: Sequence[Trial]

    @property
    def by(self) -> str | None:
        """The law that caught it: its own, where that complained with every seed."""
        own, others = self._own, self._complaining_others()
        if own and all(trial.verdict == "violated" for trial in own):
            return self.mutant.breaks
        return others[0].law if others else None

    @property
    def reason(self) -> str:
        """The complaint of the law that caught it; with no such law, what its own law said."""
        by = self.mutant.breaks if self.by is None else self.by
        missed = next((trial.reason for trial in self._own if self.by is not None and self._lacks(trial)), None)
        return missed or next((trial.reason for trial in self.trials if trial.law == by and trial.reason), "")

    @property
    def also(self) -> tuple[str, ...]:
        """Other laws that complained, with whatever seed."""
        return tuple(dict.fromkeys(trial.law for trial in self._complaining_others()))

    def complains(self, law: str) -> bool:
        return any(trial.law == law and trial.verdict == "violated" for trial in self.trials)

    def problems(self) -> Iterator[str]:
        """What is wrong with this proof: one sentence, of the first seed with which something is."""
        bad = next((trial for trial in self._own if trial.verdict != "violated" or self._lacks(trial)), None)
        if bad is None:
            return
        name = f"{self.mutant.id} (seed {bad.seed})"
        others = [trial.law for trial in self._complaining_others() if trial.seed == bad.seed]
        if bad.verdict == "violated":
            lacking = ", ".join(repr(word) for word in self.mutant.words if word not in bad.reason)
            yield f"{name} is caught for another reason: {bad.law} complains without {lacking}: {bad.reason}"
        elif bad.verdict == "error":
            yield f"{name} cannot be tried: {bad.law} fails with {bad.reason}"
        elif others:
            yield f"{name} is caught by other laws alone, not by {bad.law}{_why(bad)}: {', '.join(others)}."
        else:
            yield f"{name} survives: {bad.law} does not complain{_why(bad)}."

    @property
    def _own(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.law == self.mutant.breaks]

    def _complaining_others(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.law != self.mutant.breaks and trial.verdict == "violated"]

    def _lacks(self, trial: Trial) -> bool:
        return trial.verdict == "violated" and any(word not in trial.reason for word in self.mutant.words)


def _why(trial: Trial) -> str:
    return f" (not applicable: {trial.reason})" if trial.verdict == "not applicable" else ""
