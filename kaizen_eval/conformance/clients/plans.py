"""The plans by name."""

from __future__ import annotations

import signal
from collections.abc import Sequence

from kaizen_eval.conformance.clients.plan import Plan
from kaizen_eval.errors import UsageError
from kaizen_eval.fake.faults import body, connection, delivery, reply, status
from kaizen_eval.fake.faults.streams import cuts
from kaizen_eval.suggestion import suggestion

__all__ = ["CLEAN", "PLANS", "plans_named"]

_AFTER_ALL = ("retry.attempts", "retry.success-once", "answer.given")
"""What a fault that passes shows."""
_FOR_GOOD = ("retry.permanent", "retry.budget", "answer.error")
"""What an error that does not pass shows."""
_FAILING = ("retry.attempts", "retry.budget", "answer.error")
"""What a service that is down shows."""

CLEAN = Plan(
    name="clean", does="Every request is answered at once.", laws=("retry.success-once", "retry.budget", "answer.given")
)

PLANS: tuple[Plan, ...] = (
    CLEAN,
    Plan(
        name="slow",
        does="Every request is answered after a second.",
        seconds=1.0,
        laws=("retry.success-once", "answer.given"),
    ),
    Plan(
        name="rate-limit",
        does="429 with Retry-After: 1, then an answer.",
        fault=status.RateLimit(retry_after=1),
        passes=True,
        laws=("retry.retry-after", *_AFTER_ALL),
    ),
    Plan(
        name="unavailable-until",
        does="503 with a date in Retry-After, one to two seconds ahead, then an answer.",
        fault=status.ServiceUnavailable(retry_after=1, retry_after_date=True),
        passes=True,
        laws=("retry.retry-after", *_AFTER_ALL),
    ),
    Plan(
        name="server-error",
        does="500, then an answer.",
        fault=status.ServerError(),
        passes=True,
        laws=_AFTER_ALL,
    ),
    Plan(
        name="bad-gateway",
        does="502 with a gateway's page, then an answer.",
        fault=status.BadGateway(),
        passes=True,
        laws=_AFTER_ALL,
    ),
    Plan(
        name="reset",
        does="The connection is reset before any response, then an answer.",
        fault=connection.ConnectionReset(),
        passes=True,
        laws=_AFTER_ALL,
    ),
    Plan(
        name="cut-body",
        does="200 and half the body, then the connection is closed; the next request is answered.",
        fault=delivery.ConnectionCut(),
        passes=True,
        laws=("answer.cut-body", "answer.cut-stream", *_AFTER_ALL),
    ),
    Plan(
        name="rate-limit-storm",
        does="429 with Retry-After: 1, whatever is asked.",
        fault=status.RateLimit(retry_after=1),
        laws=("retry.retry-after", *_FAILING),
    ),
    Plan(
        name="server-errors",
        does="500, whatever is asked.",
        fault=status.ServerError(),
        laws=("retry.waits", *_FAILING),
    ),
    Plan(
        name="resets",
        does="The connection is reset, whatever is asked.",
        fault=connection.ConnectionReset(),
        laws=("retry.waits", *_FAILING),
    ),
    Plan(
        name="herd",
        does="Three clients at the same time, each answered with 500, whatever it asks.",
        fault=status.ServerError(),
        copies=3,
        laws=("retry.jitter",),
    ),
    Plan(name="bad-request", does="400, whatever is asked.", fault=status.BadRequest(), laws=_FOR_GOOD),
    Plan(name="unauthorized", does="401, whatever is asked.", fault=status.Authentication(), laws=_FOR_GOOD),
    Plan(name="not-found", does="404, whatever is asked.", fault=status.NotFound(), laws=_FOR_GOOD),
    Plan(
        name="quota",
        does="429 with code insufficient_quota, whatever is asked: no waiting helps.",
        fault=status.InsufficientQuota(),
        laws=_FOR_GOOD,
    ),
    Plan(
        name="html",
        does="200 with a page in HTML, whatever is asked.",
        fault=body.HtmlReply(),
        laws=("answer.html", "retry.budget"),
    ),
    Plan(
        name="empty-body",
        does="200 with nothing, whatever is asked.",
        fault=body.EmptyBody(),
        laws=("answer.empty", "retry.budget"),
    ),
    Plan(
        name="truncated",
        does="200 with half a body that ends in order, whatever is asked.",
        fault=body.TruncatedJson(),
        laws=("answer.cut-body", "answer.cut-stream", "retry.budget"),
    ),
    Plan(
        name="stream-cut",
        does="A stream that ends in order after its third event, whenever one is asked for.",
        fault=cuts.StreamCut(after=3, ending="complete"),
        laws=("answer.cut-stream", "retry.budget"),
    ),
    Plan(
        name="stream-closed",
        does="A stream whose connection is closed after its third event, whenever one is asked for.",
        fault=cuts.StreamCut(after=3),
        laws=("answer.cut-stream", "retry.budget"),
    ),
    Plan(
        name="length",
        does="A reply that is cut at the token limit, finish reason length, whatever is asked.",
        fault=reply.Length(text="The capital of"),
        laws=("answer.length", "retry.budget"),
    ),
    Plan(
        name="refusal",
        does="A refusal, whatever is asked.",
        fault=reply.Refusal(),
        laws=("answer.refusal", "retry.budget"),
    ),
    Plan(
        name="content-filter",
        does="A reply that is withheld, finish reason content_filter, whatever is asked.",
        fault=reply.ContentFilter(),
        laws=("answer.refusal", "retry.budget"),
    ),
    Plan(
        name="empty",
        does="A reply without text, whatever is asked.",
        fault=reply.Empty(),
        laws=("answer.empty", "retry.budget"),
    ),
    Plan(
        name="interrupt",
        does="No response; after 0.3 s the command is sent SIGINT, as Ctrl-C does.",
        fault=connection.HangBeforeHeaders(),
        interrupt=signal.SIGINT,
        laws=("timeout.cancels-the-request",),
    ),
    Plan(
        name="terminate",
        does="No response; after 0.3 s the command is sent SIGTERM.",
        fault=connection.HangBeforeHeaders(),
        interrupt=signal.SIGTERM,
        laws=("timeout.cancels-the-request",),
    ),
    Plan(
        name="hang",
        does="No response, for as long as the client waits.",
        fault=connection.HangBeforeHeaders(),
        needs_deadline=True,
        laws=("timeout.deadline",),
    ),
    Plan(
        name="drip",
        does="200, and then a byte of the body every 0.4 s: something always comes.",
        fault=delivery.SlowBody(pace=0.4),
        needs_deadline=True,
        laws=("timeout.deadline",),
    ),
    Plan(
        name="long-wait",
        does="429 with Retry-After: 3600, whatever is asked.",
        fault=status.RateLimit(retry_after=3600),
        needs_deadline=True,
        laws=("timeout.deadline", "answer.error"),
    ),
)
"""In the order in which they are told."""


def plans_named(names: Sequence[str]) -> tuple[Plan, ...]:
    """Those of these names, in the table's order; all for none.

    Raises:
        UsageError: there is none of a name.
    """
    known = [plan.name for plan in PLANS]
    for name in names:
        if name not in known:
            raise UsageError(
                f"There is no plan {name!r}{suggestion(name, known)} `kaizen-eval judge --list` shows them all."
            )
    return tuple(plan for plan in PLANS if not names or plan.name in names)
