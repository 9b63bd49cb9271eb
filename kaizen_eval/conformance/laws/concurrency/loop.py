"""The law that the event loop is never blocked: how far real time runs ahead of a clock that stands still.

While a situation is played, time is virtual: nothing that waits as it should takes any. So each step of a task, from
one await to the next, may take no real time but what its thread computes. Real time in which the thread did not compute
(a sleep, a socket, a disk, a lock) is time in which every other run of the process stands still; so is computing for
long. A busy machine gives its cores to others in the midst of any step: where the thread did not give its core away by
itself, that counts as nothing (see `steps`). And what happens by chance hardly happens in the midst of the same step
again and again: a step that looks blocked is played again, and counts by its shortest time of all plays.
"""

from __future__ import annotations

from hypothesis import strategies as st

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import law
from kaizen_eval.conformance.laws.concurrency.runs import runs, troubled
from kaizen_eval.conformance.laws.plain import plain_asks, plain_signature
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.steps import Step, Steps
from kaizen_eval.conformance.violation import Violation

__all__ = ["LOOP"]

_PLAYS = 6
_MOST_IDLE_NS = 10_000_000
_MOST_CPU_NS = 100_000_000
"""As asyncio itself calls a callback slow."""


@law(
    "concurrency.loop",
    "No run ever blocks the event loop: what waits, awaits, and what computes for long does so in a thread.",
    source="guide: Async Execution, AsyncSingleShotStrategy (Default)",
    situations=lambda subject: runs(
        subject,
        least=1,
        most=2,
        script=troubled(),
        signatures=st.just(plain_signature(subject)),
        asks=plain_asks,
    ),
)
def LOOP(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    shortest: list[Step] = []
    for play in range(_PLAYS):
        steps = Steps()
        seen = lab.play(situation, tasks=steps.task)
        shortest = [_shorter(*pair) for pair in zip(shortest, steps.steps, strict=False)] if play else steps.steps
        if not any(map(_blocks, shortest)):
            return
    worst = max(shortest, key=lambda step: (_blocks(step), step.idle_ns + step.cpu_ns))
    computes = worst.cpu_ns >= _MOST_CPU_NS
    doing, seconds = ("computed", worst.cpu_ns / 1e9) if computes else ("waited", worst.idle_ns / 1e9)
    raise Violation(
        f"A step of {worst.task} held the event loop for {seconds:.2g} s of real time, in which it {doing} without an "
        f"await, while virtual time stood still: in each of {_PLAYS} plays.",
        seen,
    )


def _blocks(step: Step) -> bool:
    return step.idle_ns >= _MOST_IDLE_NS or step.cpu_ns >= _MOST_CPU_NS


def _shorter(one: Step, other: Step) -> Step:
    return Step(one.task, min(one.idle_ns, other.idle_ns), min(one.cpu_ns, other.cpu_ns))
