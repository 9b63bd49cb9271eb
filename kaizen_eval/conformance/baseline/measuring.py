"""Measures a subject: every stock situation, played once."""

from __future__ import annotations

from kaizen_eval.conformance.baseline.baseline import Baseline
from kaizen_eval.conformance.baseline.figures import Figures, figures
from kaizen_eval.conformance.baseline.stock import stock
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation

__all__ = ["measure"]


def measure(subject: Subject, *, seed: int = 0) -> Baseline:
    """The subject's figures; the same seed and the same code give the same."""
    lab = Lab(subject)
    situations = {name: _figures(lab, each) for name, each in stock(subject, seed=seed).items()}
    return Baseline(subject=subject.name, seed=seed, situations=situations)


def _figures(lab: Lab, situation: Situation) -> Figures:
    """A run without an end has figures, too: those until it stood still."""
    try:
        return figures(lab.play(situation))
    except Violation as violation:
        if violation.seen is None:
            raise
        return figures(violation.seen)
