"""What a self-test has found: proofs, what the reference breaks, laws that nothing is caught by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kaizen_eval.conformance.selftest.book import Book
from kaizen_eval.conformance.selftest.proof import Proof
from kaizen_eval.conformance.selftest.trial import Trial

__all__ = ["SelfTest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """All trials, and what follows from them."""

    book: Book
    seeds: Sequence[int]
    trials: Sequence[Trial]
    seconds: float

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """Of the mutants that were tried, in the book's order."""
        by_mutant: dict[str, list[Trial]] = {mutant.id: [] for mutant in self.book.mutants}
        for trial in self.trials:
            by_mutant.get(trial.subject, []).append(trial)
        return tuple(Proof(mutant, by_mutant[mutant.id]) for mutant in self.book.mutants if by_mutant[mutant.id])

    @property
    def false_alarms(self) -> tuple[Trial, ...]:
        """Laws that the reference breaks, or that fail with it."""
        name = self.book.reference.name
        return tuple(trial for trial in self.trials if trial.subject == name and trial.verdict in {"violated", "error"})

    @property
    def idle(self) -> tuple[str, ...]:
        """Laws that no mutant was caught by; none where no mutant was tried."""
        proofs = self.proofs
        return tuple(
            law.id for law in self.book.laws if proofs and not any(proof.complains(law.id) for proof in proofs)
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What must be mended, a sentence each; laws that are idle are no problem yet."""
        alarms = (
            f"The reference breaks {trial.law} (seed {trial.seed}): {trial.reason}" for trial in self.false_alarms
        )
        return (*alarms, *(problem for proof in self.proofs for problem in proof.problems()))

    def as_data(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "mutants": [_row(proof) for proof in self.proofs],
            "idle_laws": list(self.idle),
            "also": {proof.mutant.id: list(proof.also) for proof in self.proofs if proof.also},
            "false_alarms": [
                {"law": trial.law, "seed": trial.seed, "reason": trial.reason} for trial in self.false_alarms
            ],
            "problems": list(self.problems),
            "laws": len(self.book.laws),
            "seeds": list(self.seeds),
            "seconds": round(self.seconds, 1),
        }


def _row(proof: Proof) -> dict[str, Any]:
    return {
        "id": proof.mutant.id,
        "law": proof.mutant.breaks,
        "killed": proof.by is not None,
        "by": proof.by,
        "reason": proof.reason,
    }
