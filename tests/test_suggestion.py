"""What an unknown name was probably meant to be."""

from __future__ import annotations

import pytest

from kaizen_eval.suggestion import nearest, suggestion

NAMES = ["timeout", "topK", "seed"]


@pytest.mark.parametrize(("slip", "meant"), [("timeuot", "timeout"), ("TopK", "topK"), ("budget", None)])
def test_a_slip_of_the_pen_or_of_case_is_understood(slip, meant):
    assert nearest(slip, NAMES) == meant


def test_a_refusal_ends_with_the_name_that_was_meant_or_with_its_full_stop():
    assert [suggestion(name, NAMES) for name in ("sede", "budget")] == ["; did you mean 'seed'?", "."]
