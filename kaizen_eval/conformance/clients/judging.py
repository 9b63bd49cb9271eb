"""Judges a command: a rehearsal, then every plan side by side, then every law over what was seen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from kaizen_eval.conformance.clients.laws import LAWS, ClientLaw
from kaizen_eval.conformance.clients.plan import Plan, Terms
from kaizen_eval.conformance.clients.plans import CLEAN
from kaizen_eval.conformance.clients.playing import Serve, play, together
from kaizen_eval.conformance.clients.rehearsal import refuse_unfit
from kaizen_eval.conformance.clients.report import Held, Report, Ruling
from kaizen_eval.conformance.clients.seen import Played
from kaizen_eval.conformance.violation import NotApplicable
from kaizen_eval.fake import FakeLLM

__all__ = ["judge_command", "rulings"]

_AT_ONCE = 1 + (os.cpu_count() or 1)
"""Plans that are played at the same time: more would wait for a processor, and their deadlines would not wait."""


async def judge_command(
    command: Sequence[str],
    plans: Sequence[Plan],
    terms: Terms,
    *,
    told: Callable[[Plan], object] = lambda _: None,
    serve: Serve = FakeLLM.serve,
) -> Report:
    """Play the plans, and judge what was seen.

    Args:
        command: what to run; "{base_url}" in it stands for the fake's URL.
        plans: those that show nothing without a deadline are left out where there is none.
        terms: what is expected.
        told: called with each plan that is over.
        serve: puts a fake behind a port.

    Raises:
        UsageError: the command cannot be judged.
    """
    began = monotonic()
    rehearsal = await play(CLEAN, command, terms, serve=serve)
    refuse_unfit(rehearsal.seen[0])
    due = [plan for plan in plans if terms.deadline is not None or not plan.needs_deadline]
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(plan: Plan) -> Played:
        if plan == CLEAN:
            played = rehearsal
        else:
            async with room:
                played = await play(plan, command, terms, serve=serve)
        told(plan)
        return played

    longest_first = sorted(due, key=lambda plan: not plan.needs_deadline)
    by_plan = {played.plan.name: played for played in await together(one(plan) for plan in longest_first)}
    seen = tuple(by_plan[plan.name] for plan in due)
    return Report(
        command=tuple(command),
        terms=terms,
        played=seen,
        left_out=tuple(plan for plan in plans if plan not in due),
        rulings=rulings(seen),
        seconds=monotonic() - began,
    )


def rulings(played: Iterable[Played]) -> tuple[Ruling, ...]:
    """Each law over all that was seen."""
    played = tuple(played)
    return tuple(
        Ruling(law=law, held=tuple(_held(law, each) for each in played if law.id in each.plan.laws)) for law in LAWS
    )


def _held(law: ClientLaw, played: Played) -> Held:
    try:
        noticed = law.judge(played.seen)
    except NotApplicable as why:
        return Held(plan=played.plan, verdict="not shown", why=str(why))
    return Held(plan=played.plan, verdict="violated" if noticed else "kept", noticed=noticed)
