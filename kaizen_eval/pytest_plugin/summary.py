"""The terminal summary: what the tests of this pytest run asked the fake LLM, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from kaizen_eval.pytest_plugin.options import ON_VIRTUAL_TIME

__all__ = ["brief", "lines", "write"]

_NONE: Mapping[str, int] = MappingProxyType({})
_DONE = {"verify": ("verified", "with")}
_RECORDED = ("recorded", "from")


def write(terminal: pytest.TerminalReporter, found: Sequence[pytest.TestReport], *, skipped: Mapping[str, int]) -> None:
    """One section; a single line with -q, nothing with -qq.

    Args:
        terminal: where to.
        found: the reports of tests that ran.
        skipped: how many did not, by what they lacked.
    """
    figures = [report.kaizen for report in found]
    seconds = sum(report.duration for report in found)
    if terminal.verbosity < -1:
        return
    if terminal.verbosity < 0:
        terminal.write_line(brief(figures, seconds, skipped=skipped))
        return
    terminal.write_sep("=", "kaizen")
    for line in lines(figures, seconds, skipped=skipped):
        terminal.write_line(line)


def brief(figures: Sequence[Mapping[str, Any]], seconds: float, *, skipped: Mapping[str, int] = _NONE) -> str:
    """The line of -q."""
    time = f"{_time(figures, seconds, in_full=False)}{_unneeded(figures, 'needed')}"
    ran = [_counts(figures, "attempts"), *_skipped(skipped), time] if figures else _skipped(skipped)
    return f"kaizen: {', '.join(ran)}"


def lines(figures: Sequence[Mapping[str, Any]], seconds: float, *, skipped: Mapping[str, int] = _NONE) -> list[str]:
    """The section's lines; `seconds` is how long the tests really took."""
    if not figures:
        return _skipped(skipped)
    return [
        _counts(figures, "runs", "calls", "attempts", "tokens") + _doors(figures),
        *_faults(figures),
        *_cassettes(figures),
        *_skipped(skipped),
        f"{_time(figures, seconds, in_full=True)}{_unneeded(figures, 'was needed')}",
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


def _cassettes(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    used = {path: cassette for one in figures for path, cassette in one["cassettes"].items()}
    of_use = [cassette for cassette in used.values() if cassette["played"] or cassette["asked"]]
    live = sorted({cassette["service"] for cassette in used.values() if cassette["mode"] == "live"} - {""})
    told = [f"{_count(len(of_use), 'cassettes')}: {', '.join(_exchanges(of_use))}"] if of_use else []
    return [*told, *(f"asked live: {service}" for service in live)]


def _exchanges(cassettes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What was replayed, then what was asked of whom."""
    played = _sum(cassettes, "played")
    if played:
        yield f"{_count(played, 'exchanges')} replayed"
    asked: Counter[tuple[str, str]] = Counter()
    for cassette in cassettes:
        done, link = _DONE.get(cassette["mode"], _RECORDED)
        asked[done, f"{link} {cassette['service'] or 'what the tests ask themselves'}"] += cassette["asked"]
    for (done, service), number in sorted(asked.items()):
        if number:
            yield f"{_count(number, 'exchanges')} {done} {service}"
    reworded = _sum(cassettes, "reworded")
    if reworded:
        yield f"{_count(reworded, 'answers')} in other words than recorded"


def _skipped(tests: Mapping[str, int]) -> list[str]:
    return [f"{_count(number, 'tests')} skipped for want of {lacked}" for lacked, number in sorted(tests.items())]


def _time(figures: Sequence[Mapping[str, Any]], seconds: float, *, in_full: bool) -> str:
    virtual = [one for one in figures if one["elapsed"] is not None]
    if not virtual:
        return f"{seconds:.2f} s on the real clock{_waits(figures, in_full=in_full)}"
    real = len(figures) - len(virtual)
    also = f" and {_count(real, 'tests')} on the real clock" if real else ""
    elapsed = _seconds(_sum(virtual, "elapsed"))
    return f"{elapsed} of virtual time{_waits(virtual, in_full=in_full)}{also} in {seconds:.2f} s"


def _waits(figures: Sequence[Mapping[str, Any]], *, in_full: bool) -> str:
    waits = _sum(figures, "waits") if in_full else 0
    return f" ({_seconds(waits)} of it between attempts)" if waits else ""


def _unneeded(figures: Sequence[Mapping[str, Any]], verb: str) -> str:
    """Only where it is true."""
    if any(one["network"] for one in figures):
        return ""
    served = any(one["door"] is not None and one["door"] not in ON_VIRTUAL_TIME for one in figures)
    return f"; no key or network {verb}" if served else f"; no key, network or server {verb}"


def _sum(figures: Iterable[Mapping[str, Any]], name: str) -> Any:
    return sum(one[name] for one in figures)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun if number != 1 else noun.removesuffix('s')}"


def _seconds(seconds: float) -> str:
    """To the millisecond, without zeros at the end."""
    return f"{seconds:,.3f}".rstrip("0").rstrip(".") + " s"
