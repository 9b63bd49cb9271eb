"""Comparing two evaluations, whatever they hold."""

from __future__ import annotations

from evaluations_written import written

from kaizen_eval.evals import Verdict, compare


def test_an_evaluation_is_no_worse_than_itself():
    one = written([1.0, 0.0, 0.5])
    found = compare(one, one)
    assert (found.verdict, found.deciding[0].difference, found.flips) == (Verdict.PASS, 0.0, ())
