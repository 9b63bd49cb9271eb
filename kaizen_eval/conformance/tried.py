"""Tried: an exchange beside what it meant to its client, by the provider's own tables of errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from kaizen_eval import errors
from kaizen_eval.errors import (
    AttemptTimeout,
    KaizenError,
    OutputError,
    OutputTruncated,
    ProviderError,
    ReplyDoesNotFit,
    UsageError,
)
from kaizen_eval.fake import Exchange, Fault, Reply
from kaizen_eval.fake.faults.base import Asked
from kaizen_eval.fake.journal.exchange import CANCELLED
from kaizen_eval.fake.wire.events import Answer
from kaizen_eval.llm.translate import status_error
from kaizen_eval.llm.usable import refuse_unusable
from kaizen_eval.messages import ChatReply
from kaizen_eval.resilience.retry import may_retry

__all__ = ["Tried", "asked_alike", "tried"]


@dataclass(frozen=True, slots=True)
class Tried:
    """One exchange, and what its client was to make of it."""

    exchange: Exchange
    error: KaizenError | None = None
    """What our own client raises for it; None for a reply that can be used."""

    @property
    def may_repeat(self) -> bool:
        """Whether the same may be asked once more: after what may pass, and after a reply that does not fit."""
        if isinstance(self.error, ProviderError):
            return may_retry(self.error)
        return isinstance(self.error, OutputError) and not isinstance(self.error, OutputTruncated)

    @property
    def retry_after(self) -> float | None:
        """Seconds that the provider asked to be waited for; None where it did not say."""
        return self.error.retry_after if isinstance(self.error, ProviderError) else None

    @property
    def is_answer(self) -> bool:
        """Whether it was a reply that can be used."""
        return self.error is None

    def __str__(self) -> str:
        return f"exchange {self.exchange.number} ({self.exchange.outcome})"


def tried(
    exchanges: Iterable[Exchange], said: Callable[[Exchange], object] = lambda _: None, *, epoch: float = 0.0
) -> tuple[Tried, ...]:
    """Each of them beside what it meant.

    Args:
        exchanges: of the journal; those that were refused mean what their error says.
        said: what the fake was told to say in an exchange: its Fault or Reply, and anything else where there was none.
            Without it, what an exchange met is known from its journal, but no `Retry-After` and no `x-should-retry`.
        epoch: seconds since 1970 when the clock of the exchanges stood at 0, as dates in `Retry-After` are held
            against it: `wall_time() - now_ns() / 1e9`, taken where the fake runs.
    """
    return tuple(Tried(exchange, _error(exchange, said(exchange), epoch)) for exchange in exchanges)


def asked_alike(attempts: Iterable[Tried]) -> tuple[tuple[Tried, ...], ...]:
    """The same by what was asked, and in which run, or else session: in the order asked, whatever came of each."""
    places: dict[object, int] = {}
    for attempt in (attempts := tuple(attempts)):
        places.setdefault(_asked(attempt), len(places))
    ordered = sorted(attempts, key=lambda attempt: places[_asked(attempt)])
    return tuple(tuple(group) for _, group in groupby(ordered, key=_asked))


def _asked(attempt: Tried) -> object:
    exchange = attempt.exchange
    return (exchange.asker.run_id or exchange.session_id, exchange.question)


def _error(exchange: Exchange, said: object, epoch: float) -> KaizenError | None:
    if CANCELLED in {exchange.outcome, _LEFT.get(exchange.error or "")}:
        return AttemptTimeout(f"The client left after {exchange.seconds} s.")
    if exchange.error is None:
        return _unusable(exchange, said)
    kind = getattr(errors, exchange.error, None)
    if not isinstance(kind, type) or not issubclass(kind, KaizenError):
        return UsageError(f"The fake raised {exchange.error}.")
    return _advice(exchange, said, epoch) or kind(f"The provider's fault {exchange.outcome}.")


_LEFT = {"CancelledError": CANCELLED, "GeneratorExit": CANCELLED}
"""How the journal names a client that left while it was being answered."""


def _advice(exchange: Exchange, said: object, epoch: float) -> ProviderError | None:
    """The error with what the response's headers say; None where there was no such response."""
    if not isinstance(said, Fault) or said.spoils or exchange.outcome != said.name:
        return None
    played = said.play(Asked("", _wall(exchange.started_ns, epoch)))
    if not isinstance(played, Answer) or played.status < 400 or not isinstance(played.body, bytes):
        return None
    now_ns = exchange.started_ns if exchange.ended_ns is None else exchange.ended_ns
    error = status_error(played.status, dict(played.headers), played.body, now=_wall(now_ns, epoch))
    return error if isinstance(error, ProviderError) else None


def _wall(ns: int, epoch: float) -> float:
    """To the microsecond, as virtual time tells it: a date in `Retry-After` is rounded up to a second from there."""
    return epoch + round(ns / 1e9, 6)


def _unusable(exchange: Exchange, said: object) -> KaizenError | None:
    """Why what came as it should is no answer after all, if so."""
    reply = _reply(exchange, said)
    try:
        refuse_unusable(reply, exchange.request)
    except KaizenError as error:
        return error
    return None if exchange.outcome == "reply" or not _is_of_words(said) else ReplyDoesNotFit(f"It {exchange.outcome}.")


def _is_of_words(said: object) -> bool:
    return isinstance(said, Fault) and said.is_of_words


def _reply(exchange: Exchange, said: object) -> ChatReply:
    if isinstance(said, Fault) and not said.spoils and exchange.outcome == said.name:
        said = said.play(Asked("", 0))
    if isinstance(said, Reply):
        return ChatReply(
            text=said.text, tool_calls=said.tool_calls, finish_reason=said.finish_reason, refusal=said.refusal
        )
    return ChatReply(text=exchange.text, tool_calls=exchange.tool_calls)
