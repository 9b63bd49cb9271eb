"""Laws that every strategy must keep, and the check that holds one against them."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law, law  # at once: a module is named `law` as well, and would go before it
from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.conformance.for_pytest import StrategyConformance
    from kaizen_eval.conformance.given_tool import GivenTool
    from kaizen_eval.conformance.judging import Ruling, judge
    from kaizen_eval.conformance.keeping import assert_keeps
    from kaizen_eval.conformance.lab import Lab
    from kaizen_eval.conformance.laws import LAWS
    from kaizen_eval.conformance.mutant import Mutant
    from kaizen_eval.conformance.mutants import MUTANTS
    from kaizen_eval.conformance.observation import Observation, Outcome
    from kaizen_eval.conformance.situation import Ask, Situation
    from kaizen_eval.conformance.subject import REFERENCE, Subject
    from kaizen_eval.conformance.violation import NotApplicable, Violation, require

__all__ = [
    "LAWS",
    "MUTANTS",
    "REFERENCE",
    "Ask",
    "GivenTool",
    "Lab",
    "Law",
    "Mutant",
    "NotApplicable",
    "Observation",
    "Outcome",
    "Ruling",
    "Situation",
    "StrategyConformance",
    "Subject",
    "Violation",
    "assert_keeps",
    "judge",
    "law",
    "require",
]

_HOMES = {
    "LAWS": "laws",
    "MUTANTS": "mutants",
    "REFERENCE": "subject",
    "Ask": "situation",
    "Ruling": "judging",
    "GivenTool": "given_tool",
    "Lab": "lab",
    "Mutant": "mutant",
    "NotApplicable": "violation",
    "Observation": "observation",
    "Outcome": "observation",
    "Situation": "situation",
    "StrategyConformance": "for_pytest",
    "Subject": "subject",
    "Violation": "violation",
    "assert_keeps": "keeping",
    "judge": "judging",
    "require": "violation",
}


if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
