"""What is said of a request that a cassette has no answer for: the nearest recorded ones, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kaizen_eval.recording.comparison import Difference
from kaizen_eval.recording.comparison.conversing import parting, summary
from kaizen_eval.recording.comparison.ranking import Likest, likest
from kaizen_eval.recording.comparison.volatile import advice
from kaizen_eval.recording.exchange import Exchange, RecordedRequest
from kaizen_eval.recording.lookup.key import key_of
from kaizen_eval.recording.lookup.reduction import Reduced, reduced

__all__ = ["miss_message"]

_MOST = 3
"""Recorded requests that are told."""
_MOST_DIFFERENCES = (6, 3, 3)
"""Of each of them."""
_MOST_SLOTS = 5
_OF_STREAMS = {"stream", "stream_options"}
"""The fields of a request that make its answer a stream."""


def miss_message(  # noqa: PLR0913 - all that the one who reads it needs to know
    asked: RecordedRequest,
    *,
    path: str,
    exchanges: Sequence[Exchange],
    used: Collection[tuple[str, int]],
    command: str,
    lane: str = "",
    ignore: Sequence[str] = (),
) -> str:
    """Several lines: what was asked, the three nearest recorded requests, where they part, and what to do.

    Args:
        asked: redacted.
        path: of the cassette.
        exchanges: all that it holds.
        used: lanes and slots of those that were given out.
        command: what records it again.
        lane: in which it was asked.
        ignore: as the keys were made with.
    """
    this = reduced(asked, ignore)
    found = likest(asked, exchanges, used=used, ignore=ignore, most=_MOST)
    repeated = _repeated(asked, exchanges, lane, ignore)
    told = repeated or _elsewhere(found, lane)
    lines = [
        _head(path, lane, is_empty=not exchanges, is_used_up=bool(repeated)),
        f"  {_request(asked, this)}",
        *([told] if told else _nearest(found, this, len(exchanges), used)),
        *_what_to_do(found, this, command, told),
    ]
    return "\n".join(lines)


def _head(path: str, lane: str, *, is_empty: bool, is_used_up: bool) -> str:
    holds = "is empty: it holds nothing" if is_empty else "has nothing left" if is_used_up else "holds nothing"
    return f"{path} {holds} for this request{_in_lane(lane)}:"


def _in_lane(lane: str) -> str:
    return f" in lane {lane!r}" if lane else ""


def _request(asked: RecordedRequest, this: Reduced) -> str:
    told = summary(this.value)
    return f"{asked.method} {asked.path}{', ' if told else ''}{told}"


def _repeated(asked: RecordedRequest, exchanges: Sequence[Exchange], lane: str, ignore: Sequence[str]) -> str:
    key = key_of(asked, lane=lane, ignore=ignore)
    same = [one for one in exchanges if one.key == key]
    if not same:
        return ""
    times = {1: "once", 2: "twice"}.get(len(same), f"{len(same)} times")
    return f"It was recorded {times} ({_slots(same)}), and is asked once more than that."


def _elsewhere(found: Sequence[Likest], lane: str) -> str:
    """Whether the very request is there, but in other lanes."""
    same = [one for like in found if not like.differences for one in like.exchanges if one.lane != lane]
    if not same:
        return ""
    here = f"in lane {lane!r}" if lane else "in no lane"
    return f"The same request was recorded as {_slots(same)}, and is asked {here}: see where lanes are set."


def _nearest(found: Sequence[Likest], this: Reduced, number: int, used: Collection[tuple[str, int]]) -> Iterator[str]:
    if not found:
        return
    yield f"Nearest of {number} recorded {'request' if number == 1 else 'requests'}:"
    for place, (like, most) in enumerate(zip(found, _MOST_DIFFERENCES, strict=False), 1):
        yield f"  {place}. {_slots(like.exchanges)} ({_use(like.exchanges, used)})"
        yield from _differences(_telling(like.differences), most)
        if place == 1 and like.reduced.path == this.path and (told := parting(like.reduced.value, this.value)):
            yield f"     {told}"


def _telling(differences: Sequence[Difference]) -> Sequence[Difference]:
    """For another endpoint, nothing else is worth telling."""
    return [one for one in differences if one.path == "path"] or differences


def _differences(differences: Sequence[Difference], most: int) -> Iterator[str]:
    for one in differences[:most]:
        yield f"     {one.path}"
        yield f"       recorded  {one.recorded}"
        yield f"       asked     {one.asked}"
    if len(differences) > most:
        yield f"     … and {len(differences) - most} more"


def _use(exchanges: Sequence[Exchange], used: Collection[tuple[str, int]]) -> str:
    number = sum((one.lane, one.slot) in used for one in exchanges)
    if number == len(exchanges):
        return "used already"
    return f"{number} of {len(exchanges)} used already" if number else "not used yet"


def _slots(exchanges: Sequence[Exchange]) -> str:
    """`exchange 3`, `exchanges 1 and 4`, `exchange 2 in lane 'a'`."""
    names = [f"{one.slot}{_in_lane(one.lane)}" for one in exchanges]
    if len(names) == 1:
        return f"exchange {names[0]}"
    if len(names) > _MOST_SLOTS:
        names = [*names[: _MOST_SLOTS - 1], f"{len(names) - _MOST_SLOTS + 1} more"]
    return f"exchanges {', '.join(names[:-1])} and {names[-1]}"


def _streamed(like: Likest, this: Reduced) -> str:
    """What to say where nothing but the stream tells them apart."""
    is_all = all(one.path in _OF_STREAMS for one in like.differences)
    if not is_all or like.reduced.is_streamed == this.is_streamed:
        return ""
    was, is_now = ("as a stream", "whole") if like.reduced.is_streamed else ("whole", "as a stream")
    return f"It was answered {was}, and is asked for {is_now}: run and run_stream are recorded each for itself."


def _what_to_do(found: Sequence[Likest], this: Reduced, command: str, told: str) -> Iterator[str]:
    if found and not told:
        hints = _streamed(found[0], this), advice(found[0].differences, this.value)
        yield from filter(None, hints)
    yield f"If the request is as it should be, record again: {command}" if found else f"Record it: {command}"
