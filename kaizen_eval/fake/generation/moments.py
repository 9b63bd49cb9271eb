"""Dates, times and durations within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from kaizen_eval.fake.generation.nodes import Never

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["BOUNDS", "Moments", "any_moment", "moments"]

BOUNDS = frozenset(("formatMinimum", "formatExclusiveMinimum", "formatMaximum", "formatExclusiveMaximum"))

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_YEAR = 365 * _DAY
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_UNITS = tuple(timedelta(seconds=seconds) for seconds in (31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60, 1))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A format as a scale of microseconds."""

    read: Callable[[str], int]
    write: Callable[[int], str]
    least: int
    most: int
    """The scale's ends."""
    steps: tuple[int, ...]
    """What values are multiples of: the first one that lies within the bounds."""
    reach: int
    """How far values stray from the only bound that there is."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Texts for the multiples of a step."""

    write: Callable[[int], str]
    first: int
    last: int
    step: int
    least: int
    most: int
    finest: int
    """The multiples of it between least and most are all that the bounds allow."""

    def make(self, source: Source) -> str:
        return self.write(source.between(self.first, self.last) * self.step)

    def height(self) -> float:
        return 0


def moments(schema: Mapping[str, Any], path: str) -> Node | None:
    """The node for a schema of moments with bounds; None for every other schema, and for bounds that are no moments."""
    kind = _KINDS.get(schema.get("format", ""))
    if kind is None or BOUNDS.isdisjoint(schema):
        return None
    try:
        low, high = _window(schema, kind)
        least, most = _bounds(schema, kind)
    except (OverflowError, TypeError, ValueError):  # validators pass over these keywords, whatever they hold
        return None
    for step in kind.steps:
        first, last = -(-low // step), high // step
        if first <= last:
            return Moments(kind.write, first, last, step, least, most, kind.steps[-1])
    return Never(path)


def any_moment(name: str) -> Moments | None:
    """All moments of a format; None for a format that has none."""
    kind = _KINDS.get(name)
    if kind is None:
        return None
    step, finest = kind.steps[0], kind.steps[-1]
    return Moments(kind.write, -(-kind.least // step), kind.most // step, step, kind.least, kind.most, finest)


def _window(schema: Mapping[str, Any], kind: _Kind) -> tuple[int, int]:
    """The bounds; where there is but one, what lies near it."""
    lows, highs = _ends(schema, kind)
    low = max(lows, default=min(highs, default=0) - kind.reach)
    high = min(highs, default=low + kind.reach)
    return max(low, kind.least), min(high, kind.most)


def _bounds(schema: Mapping[str, Any], kind: _Kind) -> tuple[int, int]:
    lows, highs = _ends(schema, kind)
    return max([*lows, kind.least]), min([*highs, kind.most])


def _ends(schema: Mapping[str, Any], kind: _Kind) -> tuple[list[int], list[int]]:
    finest = kind.steps[-1]
    lows = [kind.read(schema["formatMinimum"])] if "formatMinimum" in schema else []
    if "formatExclusiveMinimum" in schema:
        lows.append(kind.read(schema["formatExclusiveMinimum"]) + finest)
    highs = [kind.read(schema["formatMaximum"])] if "formatMaximum" in schema else []
    if "formatExclusiveMaximum" in schema:
        highs.append(kind.read(schema["formatExclusiveMaximum"]) - finest)
    return lows, highs


def _since_epoch(moment: datetime) -> int:
    """A moment without a zone is taken for UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _midnight(text: str) -> int:
    return _since_epoch(datetime.combine(date.fromisoformat(text), time()))


def _of_day(text: str) -> int:
    read = time.fromisoformat(text)
    return ((read.hour * 60 + read.minute) * 60 + read.second) * _SECOND + read.microsecond


def _lasting(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration")
    sign, *counts = found.groups()
    length = sum((unit * float(count) for unit, count in zip(_UNITS, counts, strict=True) if count), timedelta())
    return (length // timedelta(microseconds=1)) * (-1 if sign else 1)


def _duration(micros: int) -> str:
    """In days, and minutes if those are whole, else seconds."""
    days, rest = divmod(abs(micros), _DAY)
    seconds, fraction = divmod(rest, _SECOND)
    date_part = f"{days}D" if days else ""
    if fraction or seconds % 60:
        time_part = f"T{seconds}.{fraction:06}S" if fraction else f"T{seconds}S"
    else:
        time_part = f"T{seconds // 60}M" if seconds or not days else ""
    return f"{'-' if micros < 0 else ''}P{date_part}{time_part}"


def _timed(spec: str, zone: str) -> _Kind:
    """A time of the day, or a moment."""
    daily = spec == "time"

    def write(micros: int) -> str:
        moment = _moment(micros).replace(tzinfo=None)
        return (moment.time() if daily else moment).isoformat() + zone

    if daily:
        return _Kind(_of_day, write, 0, _DAY - 1, (60 * _SECOND, _SECOND, 1), _DAY)
    return _Kind(lambda text: _since_epoch(datetime.fromisoformat(text)), write, _FIRST, _LAST, (_SECOND, 1), _YEAR)


_FIRST, _LAST = _since_epoch(datetime.min), _since_epoch(datetime.max)  # noqa: DTZ901 - without a zone: taken for UTC
_LONGEST = timedelta.max // timedelta(days=1) * _DAY
_KINDS = {
    "date": _Kind(_midnight, lambda micros: _moment(micros).date().isoformat(), _FIRST, _LAST, (_DAY,), _YEAR),
    "time": _timed("time", "Z"),
    "time-local": _timed("time", ""),
    "date-time": _timed("date-time", "Z"),
    "date-time-local": _timed("date-time", ""),
    "duration": _Kind(_lasting, _duration, -_LONGEST, _LONGEST, (60 * _SECOND, _SECOND, 1), 90 * 60 * _SECOND),
}
