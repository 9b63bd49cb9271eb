"""A table of exchanges as plain text: when, which session, what was asked, what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from io import StringIO
from itertools import takewhile

from kaizen_eval.fake.journal.exchange import CANCELLED, Exchange
from kaizen_eval.messages import Message

__all__ = ["table"]

_WIDTH = 130
_MOST = 40
"""Rows that are shown; of more, those in the middle are left out."""
_SESSION = 20
_AGENT = 14
_ASKED = 44
_ASKED_BY_SEVERAL = 26
_OUTCOME = 34


def table(exchanges: Sequence[Exchange], *, marked: Collection[int] = ()) -> str:
    """`marked` are the numbers of exchanges to point at; `when` is in seconds since the first exchange."""
    if not exchanges:
        return "The fake was not asked anything."
    from rich import box, console  # noqa: PLC0415 - only a failing assertion draws a table
    from rich.table import Table  # noqa: PLC0415 - only a failing assertion draws a table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    is_alone = len({exchange.agent_id for exchange in exchanges}) == 1
    names = ("", "#", "when (s)", "session", "agent", "asked", "outcome")
    for name in names[:4] + names[4 + is_alone :]:
        drawn.add_column(name, justify="right" if name in ("#", "when (s)") else "left", no_wrap=True)
    for row in _rows(exchanges, marked, asked=_ASKED if is_alone else _ASKED_BY_SEVERAL):
        drawn.add_row(*row[:4], *row[4 + is_alone :])
    out = StringIO()
    console.Console(file=out, width=_WIDTH, color_system=None, markup=False, emoji=False, highlight=False).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines() if line.strip())


def _rows(exchanges: Sequence[Exchange], marked: Collection[int], *, asked: int) -> list[tuple[str, ...]]:
    start = min(exchange.started_ns for exchange in exchanges)
    rows = [_row(exchange, start, marked, asked) for exchange in exchanges]
    if len(rows) <= _MOST:
        return rows
    half = _MOST // 2
    left_out = f"… {len(rows) - _MOST} more"
    told = [row for row in rows[half:-half] if row[0]]
    return [*rows[:half], ("", "", "", "", "", left_out, ""), *told, *rows[-half:]]


def _row(exchange: Exchange, start: int, marked: Collection[int], asked: int) -> tuple[str, ...]:
    return (
        "→" if exchange.number in marked else "",
        str(exchange.number),
        f"{(exchange.started_ns - start) / 1e9:.3f}",
        _line(exchange.session_id or "-", _SESSION),
        _line(exchange.agent_id or "-", _AGENT),
        _line(_asked(exchange), asked),
        _line(_outcome(exchange), _OUTCOME),
    )


def _asked(exchange: Exchange) -> str:
    """The last user message, or what tools gave since."""
    if exchange.refused is not None:
        return exchange.refused.asked or exchange.asked
    return ", ".join(_given(exchange.request.messages)) or exchange.asked


def _given(messages: Sequence[Message]) -> list[str]:
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    last = takewhile(lambda message: message.role == "tool", reversed(messages))
    return [f"{names.get(message.tool_call_id or '', 'tool')} → {message.content}" for message in last][::-1]


def _outcome(exchange: Exchange) -> str:
    if exchange.refused is not None:
        return f"{exchange.outcome}: {exchange.refused}"
    if exchange.error is not None:
        says_all = exchange.outcome in {exchange.error, CANCELLED}
        return exchange.outcome if says_all else f"{exchange.outcome}: {exchange.error}"
    said = _said(exchange)
    return f"{exchange.outcome}: {said}" if said else exchange.outcome


def _said(exchange: Exchange) -> str:
    """Which tools are called, of one with what; else the words."""
    calls = exchange.tool_calls
    if len(calls) > 1:
        return f"→ {', '.join(call.name for call in calls)}"
    return f"→ {calls[0].name}({calls[0].arguments})" if calls else exchange.text


def _line(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
