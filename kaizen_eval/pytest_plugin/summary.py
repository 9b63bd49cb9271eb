"""The terminal summary: what the tests of this pytest run asked the fake LLM, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

__all__ = ["brief", "lines", "write"]


def write(terminal: pytest.TerminalReporter, found: Sequence[pytest.TestReport]) -> None:
    """One section; a single line with -q, nothing with -qq."""
    figures = [report.kaizen for report in found]
    seconds = sum(report.duration for report in found)
    if terminal.verbosity < -1:
        return
    if terminal.verbosity < 0:
        terminal.write_line(brief(figures, seconds))
        return
    terminal.write_sep("=", "kaizen")
    for line in lines(figures, seconds):
        terminal.write_line(line)


def brief(figures: Sequence[Mapping[str, Any]], seconds: float) -> str:
    """The line of -q."""
    asked = _counts(figures, "attempts")
    elapsed = _seconds(_sum(figures, "elapsed"))
    return f"kaizen: {asked}, {elapsed} of virtual time in {seconds:.2f} s{_unneeded(figures, 'needed')}"


def lines(figures: Sequence[Mapping[str, Any]], seconds: float) -> list[str]:
    """The section's lines; `seconds` is how long the tests really took."""
    return [
        _counts(figures, "runs", "calls", "attempts", "tokens") + _doors(figures),
        *_faults(figures),
        f"{_time(figures, seconds)}{_unneeded(figures, 'was needed')}",
    ]


def _counts(figures: Sequence[Mapping[str, Any]], *names: str) -> str:
    counts = {"tests": len(figures)} | {name: _sum(figures, name) for name in names}
    return ", ".join(_count(number, name) for name, number in counts.items() if number)


def _doors(figures: Iterable[Mapping[str, Any]]) -> str:
    doors = sorted({one["door"] for one in figures} - {None})
    return f"; door{'s' if len(doors) > 1 else ''} {', '.join(doors)}" if doors else ""


def _faults(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    total: Counter[str] = Counter()
    for one in figures:
        total.update(one["faults"])
    faults = ", ".join(f"{name} {count}" for name, count in sorted(total.items()))
    return [f"faults: {faults}"] if faults else []


def _time(figures: Sequence[Mapping[str, Any]], seconds: float) -> str:
    elapsed, waits = _sum(figures, "elapsed"), _sum(figures, "waits")
    waited = f" ({_seconds(waits)} of it between attempts)" if waits else ""
    return f"{_seconds(elapsed)} of virtual time{waited} in {seconds:.2f} s"


def _unneeded(figures: Iterable[Mapping[str, Any]], verb: str) -> str:
    """Only where it is true."""
    return "" if any(one["network"] for one in figures) else f"; no key, network or server {verb}"


def _sum(figures: Iterable[Mapping[str, Any]], name: str) -> Any:
    return sum(one[name] for one in figures)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number != 1 else noun.removesuffix('s')}"


def _seconds(seconds: float) -> str:
    """To the millisecond, without zeros at the end."""
    return f"{seconds:,.3f}".rstrip("0").rstrip(".") + " s"
