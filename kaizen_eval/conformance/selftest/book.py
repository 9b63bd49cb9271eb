"""Book: the laws, and what they are proved by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws import LAWS
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants import MUTANTS
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.errors import UsageError
from kaizen_eval.suggestion import suggestion

__all__ = ["SHIPPED", "Book"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All that a self-test is about.

    Raises:
        UsageError: two of a kind have one id, or a mutant breaks what is no law.
    """

    laws: Sequence[Law]
    mutants: Sequence[Mutant]
    reference: Subject = REFERENCE

    def __post_init__(self) -> None:
        _refuse_twice("laws", [law.id for law in self.laws])
        _refuse_twice("mutants", [mutant.id for mutant in self.mutants])
        for mutant in self.mutants:
            if mutant.breaks not in self.by_id:
                end = suggestion(mutant.breaks, self.by_id)
                raise UsageError(f"The mutant {mutant.id!r} is to break {mutant.breaks!r}, which is no law{end}")

    @property
    def by_id(self) -> Mapping[str, Law]:
        return {law.id: law for law in self.laws}

    def mutant(self, mutant_id: str) -> Mutant:
        return next(mutant for mutant in self.mutants if mutant.id == mutant_id)


def _refuse_twice(what: str, ids: Sequence[str]) -> None:
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise UsageError(f"Two {what} have one id: {', '.join(twice)}.")


SHIPPED = Book(laws=LAWS, mutants=MUTANTS)
