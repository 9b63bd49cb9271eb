"""Assertions over a trajectory; each failure shows it as a numbered list, with what differs first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NoReturn

from kaizen_eval.fake.journal.made_call import MadeCall
from kaizen_eval.fake.journal.wanted_calls import Order, ToolMatcher, difference, wanted_calls

__all__ = ["not_called", "not_called_before", "tools_called"]

__tracebackhide__ = True  # pytest then points at the test's line


def tools_called(made: Sequence[MadeCall], calls: Iterable[ToolMatcher], order: Order, whose: str = "") -> None:
    wanted = wanted_calls(calls, where="assert_tools_called")
    differs = difference(wanted, made, order)
    if differs is not None:
        what = f"Tool calls{whose} are not as wanted (order {order!r}). {differs.what}."
        _fail(what, *_list("wanted", [(str(one), "") for one in wanted], differs.wanted), *_calls(made, differs.made))


def not_called(made: Sequence[MadeCall], call: ToolMatcher, whose: str = "") -> None:
    [unwanted] = wanted_calls([call], where="assert_tool_not_called")
    at = next((at for at, one in enumerate(made) if unwanted.holds(one)), None)
    if at is not None:
        _fail(f"{unwanted} was called{whose}: call {at + 1}.", *_calls(made, at))


def not_called_before(made: Sequence[MadeCall], call: ToolMatcher, first: ToolMatcher, whose: str = "") -> None:
    """Each session, and each run without one, is judged by itself."""
    late, early = wanted_calls([call, first], where="assert_not_called_before")
    for strand in _strands(made):
        at = next((at for at, one in enumerate(strand) if early.holds(one) or late.holds(one)), None)
        if at is not None and not early.holds(strand[at]):
            never = "" if any(map(early.holds, strand)) else ", which is never called"
            _fail(f"{late} was called{whose} before {early}{never}: call {at + 1}.", *_calls(strand, at))


def _strands(made: Sequence[MadeCall]) -> list[list[MadeCall]]:
    strands: dict[object, list[MadeCall]] = {}
    for call in made:
        strands.setdefault(call.strand, []).append(call)
    return list(strands.values())


def _calls(made: Sequence[MadeCall], marked: int | None) -> list[str]:
    return _list("called", [(str(call), call.where) for call in made], marked)


def _list(title: str, rows: Sequence[tuple[str, str]], marked: int | None) -> list[str]:
    """Numbered; of a long one, what stands around the row that is pointed at."""
    if not rows:
        return [f"{title}: nothing"]
    begin = max(0, min((marked or 0) - _MOST // 2, len(rows) - _MOST))
    shown = range(begin, min(begin + _MOST, len(rows)))
    width = max(len(_cut(rows[at][0])) for at in shown)
    lines = [f"  {'→' if at == marked else ' '} {at + 1:>3}  {_row(*rows[at], width)}" for at in shown]
    before, after = begin, len(rows) - begin - len(lines)
    return [f"{title}:", *_more(before), *lines, *_more(after)]


def _row(what: str, where: str, width: int) -> str:
    return f"{_cut(what):{width}}  {_cut(where)}".rstrip()


def _more(count: int) -> list[str]:
    return [f"         … {count} more"] if count else []


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def _fail(what: str, *lines: str) -> NoReturn:
    raise AssertionError("\n".join([what, "", *lines]))


_MOST = 40
"""Calls that are shown."""
_WIDTH = 76
"""Characters of one, its arguments included, and of what came of it."""
