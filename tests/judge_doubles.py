"""Commands that were never run: what could have been seen of them, written by hand."""

from __future__ import annotations

from dataclasses import replace

from kaizen_eval.conformance.clients.plan import Plan, Terms
from kaizen_eval.conformance.clients.plans import plans_named
from kaizen_eval.conformance.clients.seen import Seen
from kaizen_eval.conformance.tried import Tried
from kaizen_eval.errors import KaizenError
from kaizen_eval.fake import Exchange
from kaizen_eval.messages import ChatRequest, Message

START = 1_000_000_000_000


def moment(seconds: float) -> int:
    """On the clock of the exchanges, that many seconds after the first request."""
    return START + round(seconds * 1e9)


def attempt(at, error: KaizenError | None = None, *, ends=None, question="q", stream=False, outcome=None) -> Tried:
    """One that began and ended so many seconds after the first; an answer unless there is an error."""
    exchange = Exchange(
        number=1,
        request=ChatRequest(model="gpt-4o", messages=(Message("user", question),), stream=stream),
        outcome=outcome or ("reply" if error is None else "fault"),
        error=None if error is None else type(error).__name__,
        text="Paris" if error is None else "",
        rule="generated",
        usage=None,
        started_ns=moment(at),
        ended_ns=moment(at if ends is None else ends),
        question=question.encode(),
        door="server",
    )
    return Tried(exchange, error)


def seen(*attempts: Tried, plan: str | Plan = "clean", exited=None, interrupted=None, **fields) -> Seen:
    """These attempts of a command that exited with 0 at their end, unless the fields say otherwise."""
    attempts = tuple(
        replace(each, exchange=replace(each.exchange, number=number)) for number, each in enumerate(attempts, start=1)
    )
    last_ns = max((each.exchange.ended_ns or 0 for each in attempts), default=START)
    usual = {"exit_code": 0, "ended": "by itself", "terms": Terms(), "began_ns": START}
    return Seen(
        plan=plans_named([plan])[0] if isinstance(plan, str) else plan,
        exchanges=tuple(each.exchange for each in attempts),
        attempts=attempts,
        exited_ns=last_ns if exited is None else moment(exited),
        interrupted_ns=None if interrupted is None else moment(interrupted),
        **usual | fields,
    )
