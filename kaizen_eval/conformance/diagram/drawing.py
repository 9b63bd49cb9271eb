"""Draws moments: time on the left, a line for each ask, what happened on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaizen_eval.conformance.diagram.moment import Kind, Moment

__all__ = ["drawn"]

_MOST_TRACKS = 10
_MOST_ROWS = 60
_SIGNS: Mapping[Kind, str] = {
    "ask": "┬",
    "request": "├→",
    "answer": "├←",
    "exchange": "├─",
    "wait": "┆",
    "tool": "├",
    "end": "┴",
    "left": " ",
}


def drawn(moments: Sequence[Moment], *, width: int = 80) -> str:
    """Several lines, none longer than `width`."""
    asks = sorted({moment.ask for moment in moments if moment.ask is not None})
    tracks = asks if len(asks) <= _MOST_TRACKS else []
    times = _times(moments)
    column = max([len("time (s)"), *map(len, times)])
    head = f"{'time (s)':>{column}}"
    if len(tracks) > 1:
        head += "  " + " ".join(str(ask) for ask in tracks)
    rows = [
        f"{time:>{column}}  {_tracks(moments, place, tracks)}{_text(moments[place], tracks)}"
        for place, time in enumerate(times)
    ]
    return "\n".join(_cut(row.rstrip(), width) for row in [head, *_fewer(rows)])


def _times(moments: Sequence[Moment]) -> list[str]:
    """Seconds, to the millisecond unless one needs more, their points below each other."""
    blank = "" if all(moment.at_ns % 1_000_000 == 0 for moment in moments) else "   "
    return [_time(moment.at_ns, blank) if moment.kind != "wait" else "" for moment in moments]


def _time(at_ns: int, blank: str) -> str:
    return f"{at_ns / 1e9:,.3f}{blank}" if at_ns % 1_000_000 == 0 else f"{at_ns / 1e9:,.6f}"


def _tracks(moments: Sequence[Moment], place: int, tracks: Sequence[int]) -> str:
    """A sign for the moment in its track, and a stroke in each other that is open."""
    if not tracks:
        return f"{_SIGNS[moments[place].kind]:<2} "
    return "".join(_track(moments, place, ask) for ask in tracks) + " "


def _track(moments: Sequence[Moment], place: int, ask: int) -> str:
    moment = moments[place]
    if moment.ask == ask:
        return f"{_SIGNS[moment.kind]:<2}"
    begun = any(each.ask == ask for each in moments[:place])
    is_open = begun and any(each.ask == ask for each in moments[place + 1 :])
    return "│ " if is_open else "  "


def _text(moment: Moment, tracks: Sequence[int]) -> str:
    return moment.text if tracks or moment.ask is None else f"{moment.ask}: {moment.text}"


def _fewer(rows: list[str]) -> list[str]:
    if len(rows) <= _MOST_ROWS:
        return rows
    half = _MOST_ROWS // 2
    return [*rows[:half], f"… {len(rows) - 2 * half} more", *rows[-half:]]


def _cut(row: str, width: int) -> str:
    return row if len(row) <= width else row[: width - 1] + "…"
