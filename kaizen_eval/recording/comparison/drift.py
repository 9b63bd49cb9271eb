"""What a service answers otherwise than it was recorded: what answers are made of, and apart from it, their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.recording.comparison import ABSENT, Difference
from kaizen_eval.recording.comparison.answers import answer_differences
from kaizen_eval.recording.comparison.events import event_differences
from kaizen_eval.recording.comparison.showing import parted, shown
from kaizen_eval.recording.conversation.streams import assembled, events
from kaizen_eval.recording.exchange import RecordedResponse, media_type
from kaizen_eval.recording.lookup.reduction.content import text_or_bytes
from kaizen_eval.recording.lookup.reduction.exact_json import parsed

__all__ = ["response_differences"]

_STREAM = "text/event-stream"


def response_differences(
    recorded: RecordedResponse | None, now: RecordedResponse | None, *, words: bool = False, was_left: bool = False
) -> tuple[Difference, ...]:
    """How an answer of now differs from the recorded one: status, media type, fields gone, new or of another type,
    and the codes that programs act on, such as `finish_reason` and the name of a called tool.

    Not told is what differs each time: ids, times, fingerprints, token counts, the values of vectors.

    Args:
        recorded: None where no response came.
        now: likewise.
        words: tell also where only what the model says differs, marked by `is_words`.
        was_left: one of them was not read to its end: what it may lack for that is not told, nor are words.
    """
    found = _differences(recorded, now, was_left=was_left)
    return tuple(one for one in found if words or not one.is_words)


def _differences(
    recorded: RecordedResponse | None, now: RecordedResponse | None, *, was_left: bool
) -> Iterator[Difference]:
    if recorded is None or now is None:
        if recorded is not now:
            yield Difference("response", _status(recorded), _status(now))
    elif recorded.status != now.status:
        yield Difference("status", _status(recorded), _status(now))
    elif (one := media_type(recorded.headers)) != (other := media_type(now.headers)):
        yield Difference("content-type", one or ABSENT, other or ABSENT)
    elif one == _STREAM:
        yield from _streams(recorded.body.data, now.body.data, was_left=was_left)
    elif not was_left:
        yield from _bodies(recorded.body.data, now.body.data)


def _status(response: RecordedResponse | None) -> str:
    """The status, with what the service says went wrong."""
    if response is None:
        return ABSENT
    said = _value(response.body.data)
    error = said.get("error") if isinstance(said, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else error
    told = f": {shown(message)}" if isinstance(message, str) and response.status >= 400 else ""
    return f"{response.status}{told}"


def _bodies(recorded: bytes, now: bytes) -> Iterator[Difference]:
    one, other = _value(recorded), _value(now)
    are_json = [isinstance(value, dict | list) for value in (one, other)]
    if all(are_json):
        yield from answer_differences(one, other)
    elif any(are_json):
        yield Difference("body", shown(one), shown(other))
    elif isinstance(one, str) and isinstance(other, str) and one != other:
        yield Difference("body", *parted(one, other), is_words=True)
    elif one != other:
        yield Difference("body", shown(one), shown(other), is_words=True)


def _value(data: bytes) -> Any:
    """JSON, else the text, else the bytes."""
    try:
        return parsed(data)
    except ValueError:
        return text_or_bytes(data)


def _streams(recorded: bytes, now: bytes, *, was_left: bool) -> Iterator[Difference]:
    """Their events by what they are made of, and what they amount to by its codes and words."""
    one, other = events(recorded), events(now)
    yield from event_differences(one, other, was_left=was_left)
    if was_left:
        return
    if (end := _end(recorded)) != (end_now := _end(now)):
        yield Difference("events", end, end_now)
    whole, whole_now = assembled(one), assembled(other)
    if whole is not None and whole_now is not None:
        found = answer_differences(whole, whole_now)
        yield from (one for one in found if ABSENT not in {one.recorded, one.asked})


def _end(data: bytes) -> str:
    return "[DONE]" if data.rstrip().endswith(b"data: [DONE]") else ABSENT
