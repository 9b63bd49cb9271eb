"""Meter: attempts are counted by their call, and only what was heard first counts as first."""

from __future__ import annotations

from kaizen_eval.metrics.meter import Attempt, Call, Meter


def attempt(call: int, number: int) -> Attempt:
    return Attempt(call=call, number=number, ms=1.0, model="m", usage=None, cost=None, error=None)


def test_attempts_belong_to_their_call():
    made = [attempt(1, 1), attempt(2, 1), attempt(1, 2)]
    meter = Meter()
    for one in made:
        meter.add(one)
    assert (meter.attempts, [meter.attempts_of(call) for call in (1, 2, 3)]) == (3, [2, 1, 0])
    assert meter.calls == (Call(number=1, attempts=(made[0], made[2])), Call(number=2, attempts=(made[1],)))


def test_of_what_is_heard_only_the_first_counts():
    meter = Meter()
    heard = [meter.first_token_ms]
    for ms in (0.0, 7.0):
        meter.begin_to_hear(ms)
        heard.append(meter.first_token_ms)
    assert heard == [None, 0.0, 0.0]
