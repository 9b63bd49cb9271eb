"""How a figure has changed over evaluations of the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kaizen_eval.errors import UsageError
from kaizen_eval.evals.log.values import plain
from kaizen_eval.evals.runs.run_row import RunRow
from kaizen_eval.suggestion import suggestion

__all__ = ["METRICS", "Key", "Trend", "key_of", "sparkline", "trends", "value_of"]

METRICS = ("pass_rate", "score", "cost", "tokens", "latency", "seconds")
"""Besides the names of scorers."""
_BARS = "▁▂▃▄▅▆▇█"


class Key(NamedTuple):
    """Evaluations that share it asked the same of the same: what differs between them is the code, and chance."""

    dataset: str
    dataset_hash: str
    task: str
    strategy: str | None
    model: str | None
    cassette_hash: str | None
    shard: str | None
    scorers: str
    """As JSON, with their settings."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Oldest first."""

    key: Key
    runs: tuple[RunRow, ...]
    values: tuple[float | None, ...]
    """Of each; None where it is unknown."""

    @property
    def changes(self) -> tuple[float | None, ...]:
        """Of each, from the one before it whose value is known."""
        found: list[float | None] = []
        before = None
        for value in self.values:
            found.append(_difference(before, value))
            before = before if value is None else value
        return tuple(found)


def _difference(before: float | None, value: float | None) -> float | None:
    return None if before is None or value is None else value - before


def key_of(run: RunRow) -> Key:
    alike = {name: getattr(run, name) for name in Key._fields if name != "scorers"}
    return Key(**alike, scorers=json.dumps(plain(run.scorers), sort_keys=True))


def trends(runs: Sequence[RunRow], metric: str) -> list[Trend]:
    """Of all that are complete and were judged to the end, one for each key; what was evaluated last comes last.

    Raises:
        UsageError: no evaluation has such a figure.
    """
    complete = [run for run in runs if run.state == "complete" and not run.unjudged]
    _refuse_unknown(complete, metric)
    groups: dict[Key, list[RunRow]] = {}
    for run in complete:
        group = groups.pop(key_of(run), [])
        groups[key_of(run)] = [*group, run]
    return [Trend(key, tuple(group), tuple(value_of(run, metric) for run in group)) for key, group in groups.items()]


def value_of(run: RunRow, metric: str) -> float | None:
    """None where it is unknown, or the evaluation has no such scorer."""
    value = getattr(run, metric) if metric in METRICS else run.means.get(metric)
    return None if value is None else float(value)


def sparkline(values: Sequence[float | None]) -> str:
    """A sign for each value, from the least to the greatest of them; a blank where it is unknown."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return "".join(" " if value is None else _bar(value, low, high) for value in values)


def _bar(value: float, low: float, high: float) -> str:
    if high == low:
        return _BARS[len(_BARS) // 2]
    return _BARS[round((value - low) / (high - low) * (len(_BARS) - 1))]


def _refuse_unknown(runs: Sequence[RunRow], metric: str) -> None:
    names = [*METRICS, *sorted({name for run in runs for name in run.means} - {*METRICS})]
    if metric not in names:
        raise UsageError(
            f"No evaluation has a figure {metric!r}{suggestion(metric, names)} There are: {', '.join(names)}."
        )
