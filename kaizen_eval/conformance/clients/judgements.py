"""What the laws of clients look at: the attempts of each question, and how the command ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from kaizen_eval.conformance.clients.seen import Seen
from kaizen_eval.conformance.exchanges import (
    Lapse,
    cancelled_late,
    gave_up_early,
    not_paused,
    outlives,
    permanent_repeated,
    retry_after_ignored,
    success_repeated,
    taken_for_answer,
    too_many,
    waits,
)
from kaizen_eval.conformance.tried import Tried
from kaizen_eval.conformance.violation import NotApplicable

__all__ = [
    "EARLY",
    "LATE",
    "PAUSE",
    "Judgement",
    "Noticed",
    "attempts",
    "budget",
    "cancels",
    "deadline",
    "each",
    "given",
    "jitter",
    "none_taken",
    "pauses",
    "permanent",
    "retry_after",
    "success_once",
]

EARLY = 0.05
"""Seconds by which a real client may come too early after `Retry-After`."""
LATE = 1.0
"""Seconds by which a real client may be too late after its deadline, or after a signal."""
PAUSE = 0.05
"""Seconds that it must wait at least before each retry, on average, where nobody told it how long."""
_FEW, _PAUSE_OF_FEW = 3, 0.01
"""Of so many retries or fewer less will do, as jitter may draw little."""
_SPREAD = 0.02
"""Seconds between the waits of several clients, or of them the share of `_SHARE`, that are no jitter but chance."""
_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class Noticed:
    """A lapse, and where it was seen."""

    lapse: Lapse
    seen: Seen


Judgement = Callable[[Sequence[Seen]], tuple[Noticed, ...]]
"""Of all copies of a plan; raises NotApplicable where nothing could be seen."""


def each(judge: Callable[[Seen], Iterable[Lapse]]) -> Judgement:
    def judged(copies: Sequence[Seen]) -> tuple[Noticed, ...]:
        if not any(seen.attempts for seen in copies):
            raise NotApplicable("it asked nothing")
        return tuple(Noticed(lapse, seen) for seen in copies for lapse in judge(seen))

    return judged


def budget(seen: Seen) -> Iterable[Lapse]:
    lapses = [lapse for call in seen.calls for lapse in too_many(call, seen.terms.most)]
    ended = " It was ended there." if seen.ended == "attempts" else ""
    return [replace(lapse, text=f"{lapse.text}{ended}") for lapse in lapses]


def attempts(seen: Seen) -> Iterable[Lapse]:
    if seen.is_cut_short:
        raise NotApplicable(f"it {seen.came_out()}")
    calls = [call for call in seen.calls if not _has_shown(call[-1])]
    _some(calls, "the stream had begun to show its words")
    calls = [call for call in calls if _has_time(call[-1], seen)]
    _some(calls, "its deadline was near")
    return [lapse for call in calls for lapse in gave_up_early(call, seen.terms.least)]


def permanent(seen: Seen) -> Iterable[Lapse]:
    _some(any(not (each.is_answer or each.may_repeat) for each in seen.attempts), "it met nothing that will not pass")
    return [lapse for call in seen.calls for lapse in permanent_repeated(call)]


def success_once(seen: Seen) -> Iterable[Lapse]:
    _some(any(each.is_answer for each in seen.attempts), "it was not answered")
    return [lapse for call in seen.calls for lapse in success_repeated(call)]


def retry_after(seen: Seen) -> Iterable[Lapse]:
    _some(any(_is_told(before) for call in seen.calls for before in call[:-1]), "it did not ask again")
    return [lapse for call in seen.calls for lapse in retry_after_ignored(call, tolerance=EARLY)]


def pauses(seen: Seen) -> Iterable[Lapse]:
    calls = [call for call in seen.calls if len(call) > 2]
    _some(calls, "it did not ask the same three times")
    return [lapse for call in calls for lapse in not_paused(call, _pauses(len(call) - 1))]


def jitter(copies: Sequence[Seen]) -> tuple[Noticed, ...]:
    """Of all waits that each of them made, some n-th one must differ."""
    calls = [max(seen.calls, key=len, default=()) for seen in copies]
    rows = list(zip(*(waits(call) for call in calls), strict=False))
    _some(len(rows) > 1, "they did not all ask the same three times")
    _some(sum(map(sum, rows)) > PAUSE * len(rows) * len(copies), "they did not wait")
    if any(max(row) - min(row) > max(_SPREAD, _SHARE * max(row)) for row in rows):
        return ()
    text = (
        f"{len(copies)} clients that failed together came back together: they waited "
        f"{'; '.join(' and '.join(f'{wait:.3f} s' for wait in row) for row in rows)}."
    )
    shown = tuple(each.exchange for each in calls[0])
    return (Noticed(Lapse("retry.jitter", text, shown), copies[0]),)


def deadline(seen: Seen) -> Iterable[Lapse]:
    seconds = seen.terms.deadline or 0.0
    deadline_ns = seen.attempts[0].exchange.started_ns + round(seconds * 1e9)
    ended = " It was ended there." if seen.ended == "deadline" else ""
    lapses = [
        replace(lapse, text=f"{lapse.text}{ended}") for lapse in outlives(seen.attempts, deadline_ns, tolerance=LATE)
    ]
    late = (seen.exited_ns - deadline_ns) / 1e9
    if lapses or late <= LATE:
        return lapses
    how = "still ran" if seen.is_cut_short else "ended"
    text = f"The command {how} {seconds + late:.1f} s after its first request; the deadline was {seconds:g} s."
    return (Lapse("timeout.deadline", text, tuple(each.exchange for each in seen.attempts)),)


def cancels(seen: Seen) -> Iterable[Lapse]:
    if seen.interrupted_ns is None:
        raise NotApplicable("its request did not wait")
    return cancelled_late(seen.attempts, seen.interrupted_ns, tolerance=LATE)


def given(seen: Seen) -> Iterable[Lapse]:
    last = seen.attempts[-1]
    if not last.is_answer or seen.is_cut_short:
        raise NotApplicable("it was not answered")
    if seen.has_answer:
        return ()
    text = f"Exchange {last.exchange.number} was an answer, and the command {seen.came_out()}."
    return (Lapse("answer.given", text, (last.exchange,)),)


def none_taken(*, stream: bool | None = None) -> Judgement:
    """What is no answer is not taken for one; with `stream`, only in streams or only outside of them."""

    def judge(seen: Seen) -> Iterable[Lapse]:
        met = [each for each in seen.attempts if stream in {None, each.exchange.request.stream} and not each.is_answer]
        _some(met, _NONE_MET[stream])
        if seen.is_cut_short:
            raise NotApplicable(f"it {seen.came_out()}")
        lapses = taken_for_answer(seen.attempts, answered=seen.has_answer)
        return [replace(lapse, text=f"{lapse.text} The command {seen.came_out()}.") for lapse in lapses]

    return each(judge)


_NONE_MET = {
    None: "it did not meet it",
    True: "it asked for no stream",
    False: "it asked for a stream",
}


def _pauses(retries: int) -> float:
    """Seconds of all waits together that are the least."""
    return round(retries * (_PAUSE_OF_FEW if retries <= _FEW else PAUSE), 6)


def _has_shown(attempt: Tried) -> bool:
    """Whether some of a stream's words had come: who has shown them cannot begin again."""
    return attempt.exchange.request.stream and attempt.exchange.outcome == "connection_cut"


def _has_time(attempt: Tried, seen: Seen) -> bool:
    """Whether there was time for another attempt, counted from the command's beginning."""
    if seen.terms.deadline is None or attempt.is_answer:
        return True
    spent = ((attempt.exchange.ended_ns or seen.exited_ns) - seen.began_ns) / 1e9
    return spent + (attempt.retry_after or 0.0) + LATE < seen.terms.deadline


def _is_told(attempt: Tried) -> bool:
    return attempt.retry_after is not None


def _some(there: object, why: str) -> None:
    if not there:
        raise NotApplicable(why)
