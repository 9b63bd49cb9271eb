"""Deadline: of a run and the runs inside of it the earlier one counts, and remaining time runs out."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import RunTimeout
from kaizen_eval.resilience.clock import VirtualClock
from kaizen_eval.resilience.deadline import Deadline

seconds = st.integers(1, 3600)


@given(outer=seconds, waited=seconds, inner=seconds)
def test_of_two_deadlines_the_earlier_always_counts(outer, waited, inner):
    async def made():
        given_from_outside = Deadline(outer)
        await asyncio.sleep(waited)
        deadline = Deadline(inner, inherited=given_from_outside)
        return deadline.seconds, deadline.remaining()

    left = min(outer - waited, inner)
    assert VirtualClock().run(made()) == pytest.approx((left, left), abs=1e-6)


def test_an_inherited_deadline_ends_a_run_at_its_moment():
    async def run():
        outside = Deadline(5)
        await asyncio.sleep(2)
        async with Deadline(60, inherited=outside).enforced():
            await asyncio.sleep(59)

    clock = VirtualClock()
    with pytest.raises(RunTimeout, match=r"^The run did not finish within its timeout of 3 s\.$"):
        clock.run(run())
    assert clock.elapsed == 5
