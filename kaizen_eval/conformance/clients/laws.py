"""The laws that a client must keep."""

from __future__ import annotations

from dataclasses import dataclass

from kaizen_eval.conformance.clients import judgements
from kaizen_eval.conformance.clients.judgements import Judgement

__all__ = ["LAWS", "ClientLaw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLaw:
    """One law."""

    id: str
    sentence: str
    lapse: str
    """What it is called when a client does not keep it."""
    judge: Judgement


LAWS: tuple[ClientLaw, ...] = (
    ClientLaw(
        id="retry.budget",
        sentence="A question is not asked again and again.",
        lapse="retry storm",
        judge=judgements.each(judgements.budget),
    ),
    ClientLaw(
        id="retry.waits",
        sentence="A client that nobody told how long to wait does not ask again at once.",
        lapse="no backoff",
        judge=judgements.each(judgements.pauses),
    ),
    ClientLaw(
        id="retry.jitter",
        sentence="Clients that fail together do not come back together.",
        lapse="no jitter",
        judge=judgements.jitter,
    ),
    ClientLaw(
        id="retry.retry-after",
        sentence="What Retry-After says is waited for.",
        lapse="Retry-After ignored",
        judge=judgements.each(judgements.retry_after),
    ),
    ClientLaw(
        id="retry.permanent",
        sentence="What will not pass is not asked again.",
        lapse="permanent error repeated",
        judge=judgements.each(judgements.permanent),
    ),
    ClientLaw(
        id="retry.success-once",
        sentence="What was answered is not asked again.",
        lapse="success repeated",
        judge=judgements.each(judgements.success_once),
    ),
    ClientLaw(
        id="retry.attempts",
        sentence="What may pass is tried again.",
        lapse="gives up too early",
        judge=judgements.each(judgements.attempts),
    ),
    ClientLaw(
        id="timeout.deadline",
        sentence="Nothing outlives the deadline.",
        lapse="deadline overrun",
        judge=judgements.each(judgements.deadline),
    ),
    ClientLaw(
        id="timeout.cancels-the-request",
        sentence="A client that is interrupted ends its request.",
        lapse="cancelled late",
        judge=judgements.each(judgements.cancels),
    ),
    ClientLaw(
        id="answer.given",
        sentence="An answer that came is given.",
        lapse="answer lost",
        judge=judgements.each(judgements.given),
    ),
    ClientLaw(
        id="answer.error",
        sentence="An error is not taken for an answer.",
        lapse="error taken for an answer",
        judge=judgements.none_taken(),
    ),
    ClientLaw(
        id="answer.cut-stream",
        sentence="A stream that was cut is not taken for an answer.",
        lapse="truncated stream accepted",
        judge=judgements.none_taken(stream=True),
    ),
    ClientLaw(
        id="answer.cut-body",
        sentence="A body that was cut is not taken for an answer.",
        lapse="truncated body accepted",
        judge=judgements.none_taken(stream=False),
    ),
    ClientLaw(
        id="answer.html",
        sentence="A page in HTML is not taken for an answer, whatever its status.",
        lapse="HTML with 200 accepted",
        judge=judgements.none_taken(),
    ),
    ClientLaw(
        id="answer.empty",
        sentence="Nothing is not taken for an answer.",
        lapse="empty reply accepted",
        judge=judgements.none_taken(),
    ),
    ClientLaw(
        id="answer.length",
        sentence="A reply that was cut at the token limit is not taken for an answer.",
        lapse="`length` taken for an answer",
        judge=judgements.none_taken(),
    ),
    ClientLaw(
        id="answer.refusal",
        sentence="A refusal, or what was withheld, is not taken for an answer.",
        lapse="refusal taken for an answer",
        judge=judgements.none_taken(),
    ),
)
"""In the order in which they are told."""
