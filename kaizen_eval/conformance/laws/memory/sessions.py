"""Laws of what a request shows of its session: the last turns, in order, and nothing of anybody else."""

from __future__ import annotations

from hypothesis import strategies as st

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import law
from kaizen_eval.conformance.laws.memory.conversations import conversations, mark_of, sayings
from kaizen_eval.conformance.laws.memory.remembered import remembered
from kaizen_eval.conformance.laws.memory.shown import marks_in, require_shown, whose
from kaizen_eval.conformance.laws.own_requests import asked_in
from kaizen_eval.conformance.observation import Outcome
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.violation import Violation, require
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.fake import BadRequest, HangBeforeHeaders, Length, Malformed, Refusal, ServerError

__all__ = ["BOUNDED", "EQUAL_TURNS", "FAILED_TURNS", "NO_SESSION", "ORDER", "SESSIONS", "SESSIONS_TOGETHER", "TURNS"]

_SESSIONS = "guide: Execution with Memory, Session-Based Memory"
_TURNS = "guide: Execution with Memory, Multi-Turn Conversations"
_ONCE = {"retries": 0, "output_retries": 0, "timeout": 5.0, "request_timeout": 3.0}
_FAULTS = (BadRequest(), Malformed(kind="html_page"), Refusal(), Length(), ServerError(), HangBeforeHeaders())


@law(
    "memory.turns",
    "The first request of a run holds exactly the last `max_turns` turns of its session, in order.",
    source=_TURNS,
    situations=lambda subject: st.booleans().flatmap(
        lambda letters: conversations(subject, ("ann", "bob"), letters=letters)
    ),
)
def TURNS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    require_shown(seen, remembered(seen))


@law(
    "memory.equal-turns",
    "Turns that are equal are as many turns as there were: none is left out for another.",
    source=_TURNS,
    situations=lambda subject: conversations(subject, ("ann",), most=6, alike=True),
)
def EQUAL_TURNS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    require_shown(seen, remembered(seen))


@law(
    "memory.order",
    "Runs of one session that are asked for together have their turns one after the other: none is lost or overtaken.",
    source=_TURNS,
    situations=lambda subject: conversations(subject, ("ann", "bob"), together=True, script=sayings(), most=5),
)
def ORDER(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    require_shown(seen, remembered(seen))


@law(
    "memory.sessions",
    "No request of a session holds anything of another one.",
    source=_SESSIONS,
    situations=lambda subject: conversations(subject, ("ann", "bob", "cleo"), most=6),
)
def SESSIONS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    _require_apart(lab, situation)


@law(
    "memory.sessions-together",
    "Sessions that run at the same time do not mix.",
    source="guide: Async Execution",
    situations=lambda subject: conversations(subject, ("ann", "bob"), together=True, script=sayings(least=4)),
)
def SESSIONS_TOGETHER(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    _require_apart(lab, situation)


@law(
    "memory.no-session",
    "A run without a session is shown nothing of other runs, and no other run is shown anything of it.",
    source=_SESSIONS,
    situations=lambda subject: conversations(subject, (None, "ann"), most=5),
)
def NO_SESSION(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    _require_apart(lab, situation)


@law(
    "memory.failed-turns",
    "A run that failed, timed out or was cancelled leaves nothing in its session, and takes nothing from it.",
    source="guide: Result Handling, Error Handling",
    situations=lambda subject: conversations(
        subject,
        ("ann", "ann", "bob"),
        least=3,
        most=14,
        script=sayings(*_FAULTS, least=3),
        config=_ONCE,
        cancel_after=(None, None, 0.5),
    ),
)
def FAILED_TURNS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    require_shown(seen, remembered(seen))


@law(
    "memory.bounded",
    "Of at most `max_sessions` sessions the last `max_turns` turns are remembered; the least recently used goes first.",
    source=_SESSIONS,
    situations=lambda subject: st.sampled_from([2, 1, 2, 2]).flatmap(
        lambda most: conversations(subject, ("ann", "bob", "cleo"), most=16, config={"max_sessions": most})
    ),
)
def BOUNDED(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    kept: list[int] = []

    async def count(agent: BaseAgent, outcome: Outcome) -> None:
        if outcome.ask.session is not None:
            kept.append(len(tuple(await agent.memory.load(outcome.ask.session))))

    seen = lab.play(situation, between=count)
    turns, sessions = situation.config["max_turns"], situation.config["max_sessions"]
    most = max(kept, default=0)
    require(most <= turns, f"Its memory holds {most} turns of one session; max_turns allows {turns}.", seen)
    try:
        require_shown(seen, remembered(seen))
    except Violation as violation:
        raise Violation(f"With max_sessions={sessions}: {violation}", seen) from None


def _require_apart(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for place, outcome in enumerate(seen.outcomes):
        session = outcome.ask.session
        mine = {mark_of(other.ask) for other in seen.outcomes if session is not None and other.ask.session == session}
        for exchange in asked_in(seen, outcome):
            for mark in marks_in(exchange.request):
                told = f"A request of ask {place + 1} ({'no session' if session is None else f'session {session!r}'})"
                own = mark == mark_of(outcome.ask)
                require(own or mark in mine, f"{told} holds {whose(seen, mark, place)}.", seen)
