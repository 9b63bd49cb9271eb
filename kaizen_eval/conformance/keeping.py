"""`assert_keeps`: one law in one situation, as a test writes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws import LAWS
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject_of import subject_of
from kaizen_eval.conformance.telling import told
from kaizen_eval.conformance.violation import NotApplicable, Violation
from kaizen_eval.errors import UsageError
from kaizen_eval.suggestion import suggestion

__all__ = ["assert_keeps", "law_of"]

__tracebackhide__ = True  # pytest then points at the test's line


def assert_keeps(law: str | Law, subject: Any, situation: Situation) -> None:
    """Play the situation, and look whether the law holds in it.

    Args:
        law: the id of one of LAWS, such as "retry.waits", or a Law of your own.
        subject: a Subject, a strategy, a class of agents, or `factory(config, **parts)`.
        situation: what to play.

    Raises:
        Violation: it does not hold; an AssertionError that tells the law, what was seen, and every exchange.
        NotApplicable: the law has nothing to say of this subject, or in this situation.
        UsageError: there is no such law.
    """
    __tracebackhide__ = True
    judged, held = law if isinstance(law, Law) else law_of(law), subject_of(subject)
    objection = held.traits.exempt.get(judged.id) or judged.objection(held.traits)
    if objection is not None:
        raise NotApplicable(f"{judged.id} does not apply to {held.name}: {objection}")
    try:
        _outside_of_loops(lambda: judged.judge(Lab(held), situation))
    except Violation as violation:
        raise Violation(told(judged, held, violation), violation.seen) from None


def _outside_of_loops(play: Callable[[], None]) -> None:
    """In an async test the loop of this thread is taken, and its time is real."""
    __tracebackhide__ = True
    if asyncio._get_running_loop() is None:  # noqa: SLF001 - asks without raising, and is documented
        play()
    else:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(play).result()


def law_of(law_id: str) -> Law:
    """The law of this id.

    Raises:
        UsageError: there is none.
    """
    known = {each.id: each for each in LAWS}
    if law_id not in known:
        groups = ", ".join(dict.fromkeys(each.group for each in LAWS))
        raise UsageError(f"There is no law {law_id!r}{suggestion(law_id, known)} The groups of laws are: {groups}.")
    return known[law_id]
