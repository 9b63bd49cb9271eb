"""A table of exchanges as plain text: when, which session, what was asked, what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from io import StringIO

from kaizen_eval.fake.journal.exchange import CANCELLED, Exchange

__all__ = ["table"]

_WIDTH = 120
_MOST = 40
"""Rows that are shown; of more, those in the middle are left out."""
_SESSION = 20
_ASKED = 44
_OUTCOME = 34


def table(exchanges: Sequence[Exchange], *, marked: Collection[int] = ()) -> str:
    """`marked` are the numbers of exchanges to point at; `when` is in seconds since the first exchange."""
    if not exchanges:
        return "The fake was not asked anything."
    from rich import box, console  # noqa: PLC0415 - only a failing assertion draws a table
    from rich.table import Table  # noqa: PLC0415 - only a failing assertion draws a table

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "#", "when (s)", "session", "asked", "outcome"):
        drawn.add_column(name, justify="right" if name in ("#", "when (s)") else "left", no_wrap=True)
    for row in _rows(exchanges, marked):
        drawn.add_row(*row)
    out = StringIO()
    console.Console(file=out, width=_WIDTH, color_system=None, markup=False, emoji=False, highlight=False).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines() if line.strip())


def _rows(exchanges: Sequence[Exchange], marked: Collection[int]) -> list[tuple[str, ...]]:
    start = min(exchange.started_ns for exchange in exchanges)
    rows = [_row(exchange, start, marked) for exchange in exchanges]
    if len(rows) <= _MOST:
        return rows
    half = _MOST // 2
    left_out = f"… {len(rows) - _MOST} more"
    told = [row for row in rows[half:-half] if row[0]]
    return [*rows[:half], ("", "", "", "", left_out, ""), *told, *rows[-half:]]


def _row(exchange: Exchange, start: int, marked: Collection[int]) -> tuple[str, ...]:
    return (
        "→" if exchange.number in marked else "",
        str(exchange.number),
        f"{(exchange.started_ns - start) / 1e9:.3f}",
        _line(exchange.session_id or "-", _SESSION),
        _line(_asked(exchange), _ASKED),
        _line(_outcome(exchange), _OUTCOME),
    )


def _asked(exchange: Exchange) -> str:
    return exchange.asked if exchange.refused is None else exchange.refused.asked or exchange.asked


def _outcome(exchange: Exchange) -> str:
    if exchange.refused is not None:
        return f"{exchange.outcome}: {exchange.refused}"
    if exchange.error is not None:
        says_all = exchange.outcome in {exchange.error, CANCELLED}
        return exchange.outcome if says_all else f"{exchange.outcome}: {exchange.error}"
    said = f": {exchange.text}" if exchange.text else ""
    return exchange.outcome + said


def _line(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
