"""The judgements of retries and time limits over exchanges, whoever asked: pure, and with a tolerance for real time.

Each function takes exchanges as `tried` gives them, and returns its lapses, none where all is well. `attempts` are
those of one call, as `Journal.calls` groups them: `[tried(call, said) for call in journal.calls]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from kaizen_eval.conformance.tried import Tried, asked_alike, tried
from kaizen_eval.fake import Exchange

__all__ = [
    "Attempts",
    "Lapse",
    "Tried",
    "asked_alike",
    "cancelled_late",
    "ceiling",
    "gave_up_early",
    "not_paused",
    "outlives",
    "permanent_repeated",
    "retry_after_ignored",
    "success_repeated",
    "taken_for_answer",
    "too_many",
    "tried",
    "waited_too_long",
    "waits",
]

Attempts = Sequence[Tried]
_ROUNDING = 0.001
"""Seconds: HTTP clients round what they wait for to milliseconds."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """One thing that a client has done wrong."""

    law: str
    """The id of the law that it breaks."""
    text: str
    """What was expected and what happened, in figures."""
    exchanges: tuple[Exchange, ...]
    """In which it shows, in order."""


def waits(attempts: Attempts) -> tuple[float, ...]:
    """Seconds between the end of each attempt and the beginning of the next, rounded to 1 µs."""
    return tuple(_wait(before, after) for before, after in pairwise(attempts))


def too_many(attempts: Attempts, most: int, *, law: str = "retry.budget") -> tuple[Lapse, ...]:
    """More attempts of one call than its client may make: a storm of retries."""
    if len(attempts) <= most:
        return ()
    text = f"{_counted(len(attempts), 'attempt')} of one call; {most} allowed. They met: {_outcomes(attempts)}."
    return (_lapse(law, text, attempts),)


def gave_up_early(attempts: Attempts, least: int, *, law: str = "retry.attempts") -> tuple[Lapse, ...]:
    """A call that was given up although its last attempt may be repeated, and there were fewer than `least`."""
    if not attempts or len(attempts) >= least or not attempts[-1].may_repeat:
        return ()
    text = (
        f"Gave up after {_counted(len(attempts), 'attempt')} of one call, the last of which met "
        f"{attempts[-1].exchange.outcome}, which may pass; {least} expected."
    )
    return (_lapse(law, text, attempts),)


def permanent_repeated(attempts: Attempts, *, law: str = "retry.permanent") -> tuple[Lapse, ...]:
    """The same was asked again after what will not pass, or after `x-should-retry: false`.

    Give it all that was asked alike (`asked_alike`), as the journal takes a question after a refusal for a new call.
    """
    return tuple(
        _lapse(law, f"{_said(before)} will not pass, and the same was asked again: {after}.", (before, after))
        for before, after in _in_turn(attempts)
        if not (before.is_answer or before.may_repeat)
    )


def success_repeated(attempts: Attempts, *, law: str = "retry.success-once") -> tuple[Lapse, ...]:
    """The same was asked again after an answer that could be used, and paid for twice.

    Give it all that was asked alike (`asked_alike`): after an answer the journal begins a new call. What was asked
    before the answer was out is no repetition.
    """
    return tuple(
        _lapse(law, f"{_said(before)} was an answer, and the same was asked again: {after}.", (before, after))
        for before, after in _in_turn(attempts)
        if before.is_answer
    )


def retry_after_ignored(
    attempts: Attempts,
    *,
    tolerance: float = _ROUNDING,
    slack: float | None = None,
    law: str = "retry.retry-after",
) -> tuple[Lapse, ...]:
    """An attempt began before the provider's `Retry-After` had passed.

    Needs what the fake was told to say, for `tried`, as the journal does not hold it.

    Args:
        attempts: of one call.
        tolerance: seconds by which a client may come too early.
        slack: seconds by which it may come too late; None: as late as it likes.
        law: which is broken.
    """
    return tuple(
        _lapse(law, text, (before, after))
        for before, after in pairwise(attempts)
        if (text := _not_kept(before, _wait(before, after), tolerance, slack))
    )


def waited_too_long(
    attempts: Attempts, *, base: float, cap: float, tolerance: float = _ROUNDING, law: str = "retry.waits"
) -> tuple[Lapse, ...]:
    """A wait of its client's own choice beyond min(cap, base * 2 ** n) seconds, n from 0."""
    lapses = []
    for failed, (before, after) in enumerate(pairwise(attempts), start=1):
        seconds, most = _wait(before, after), ceiling(failed, base=base, cap=cap)
        if before.retry_after is None and seconds > most + tolerance:
            bound = f"at most {_figure(most)} s, min(cap={cap:g}, base={base:g} * 2 ** {failed - 1})"
            text = f"Waited {_figure(seconds)} s after failure {failed} ({before.exchange.outcome}); {bound} expected."
            lapses.append(_lapse(law, text, (before, after)))
    return tuple(lapses)


def not_paused(attempts: Attempts, least: float, *, law: str = "retry.waits") -> tuple[Lapse, ...]:
    """All waits of its client's own choice together took less than `least` seconds: it does not back off at all."""
    own = [_wait(before, after) for before, after in pairwise(attempts) if before.retry_after is None]
    if not own or sum(own) >= least:
        return ()
    text = f"Waited {_figure(sum(own))} s in all before {_counted(len(own), 'retry', 'retries')}; {least:g} s expected."
    return (_lapse(law, text, attempts),)


def outlives(
    attempts: Attempts, deadline_ns: int, *, tolerance: float = 0.0, law: str = "timeout.deadline"
) -> tuple[Lapse, ...]:
    """Exchanges that began or went on after the deadline, which is told on their own clock; one call's, or all."""
    return tuple(
        _lapse(law, f"{_said(attempt)} {what} the deadline.", (attempt,))
        for attempt in attempts
        if (what := _late(attempt.exchange, deadline_ns, tolerance))
    )


def cancelled_late(
    attempts: Attempts, given_up_ns: int, *, tolerance: float = 0.0, law: str = "timeout.cancels-the-request"
) -> tuple[Lapse, ...]:
    """Requests that were still open after their client had given up: nobody reads the answer that is paid for."""
    return tuple(
        _lapse(law, f"{_said(attempt)} was open {_still(attempt, given_up_ns)} its client gave up.", (attempt,))
        for attempt in attempts
        if attempt.exchange.ended_ns is None or (attempt.exchange.ended_ns - given_up_ns) / 1e9 > tolerance
    )


def taken_for_answer(
    attempts: Attempts, *, answered: bool, law: str = "signature.unusable-replies"
) -> tuple[Lapse, ...]:
    """The client says that it has its answer, and the last attempt of the call was none: cut, refused, or HTML."""
    if not answered or not attempts or attempts[-1].is_answer:
        return ()
    last = attempts[-1]
    text = f"{_said(last)} was no answer ({type(last.error).__name__}: {last.error}), and was taken for one."
    return (_lapse(law, text, (last,)),)


def ceiling(failed: int, *, base: float, cap: float) -> float:
    """The longest wait after so many failures."""
    return min(cap, base * 2.0 ** min(failed - 1, 1000))


def _not_kept(before: Tried, seconds: float, tolerance: float, slack: float | None) -> str | None:
    told = before.retry_after
    if told is None:
        return None
    is_late = slack is not None and seconds > told + slack
    if seconds >= told - tolerance and not is_late:
        return None
    return f"Waited {_figure(seconds)} s after {before}; Retry-After asked for {_figure(told)} s."


def _in_turn(attempts: Attempts) -> Iterator[tuple[Tried, Tried]]:
    """Each that was over, and the first that began after it."""
    for place, before in enumerate(attempts):
        ended_ns = before.exchange.ended_ns
        after = (later for later in attempts[place + 1 :] if ended_ns is not None)
        following = next((later for later in after if later.exchange.started_ns >= (ended_ns or 0)), None)
        if following is not None:
            yield before, following


def _late(exchange: Exchange, deadline_ns: int, tolerance: float) -> str | None:
    if (began := (exchange.started_ns - deadline_ns) / 1e9) > tolerance:
        return f"began {_figure(began)} s after"
    if exchange.ended_ns is None:
        return "is still open after"
    ended = (exchange.ended_ns - deadline_ns) / 1e9
    return f"went on for {_figure(ended)} s after" if ended > tolerance else None


def _still(attempt: Tried, given_up_ns: int) -> str:
    ended_ns = attempt.exchange.ended_ns
    return "for ever after" if ended_ns is None else f"for {_figure((ended_ns - given_up_ns) / 1e9)} s after"


def _wait(before: Tried, after: Tried) -> float:
    ended_ns = before.exchange.ended_ns
    return round((after.exchange.started_ns - (ended_ns or after.exchange.started_ns)) / 1e9, 6)


def _lapse(law: str, text: str, attempts: Iterable[Tried]) -> Lapse:
    return Lapse(law, text, tuple(attempt.exchange for attempt in attempts))


def _said(attempt: Tried) -> str:
    text = str(attempt)
    return text[0].upper() + text[1:]


def _outcomes(attempts: Attempts) -> str:
    """In order, each run of the same once."""
    runs = [(name, len(list(run))) for name, run in groupby(attempt.exchange.outcome for attempt in attempts)]
    return ", ".join(name if count == 1 else f"{count} times {name}" for name, count in runs)


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _figure(seconds: float) -> str:
    return f"{round(seconds, 6):g}" if abs(seconds) < 1000 else f"{round(seconds, 6)}"
