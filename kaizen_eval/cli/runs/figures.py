"""How the figures of evaluations are written in tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kaizen_eval.amounts import duration, milliseconds, money, percent
from kaizen_eval.evals.log.values import plain
from kaizen_eval.evals.runs.run_row import RunRow

__all__ = ["as_fields", "figure", "moment", "state"]

_UNITS: dict[str, Callable[[float], str]] = {
    "pass_rate": percent,
    "cost": lambda value: money(Decimal(str(value))),
    "tokens": "{:,.0f}".format,
    "latency": milliseconds,
    "seconds": duration,
}


def figure(metric: str, value: float | Decimal | None) -> str:
    """With its unit; "?" where it is unknown. Scores have none."""
    if value is None:
        return "?"
    return _UNITS[metric](float(value)) if metric in _UNITS else f"{value:.3f}"


def moment(created: str) -> str:
    """To the minute, in UTC."""
    return f"{datetime.fromisoformat(created).astimezone(UTC):%Y-%m-%d %H:%M}" if created else ""


def state(row: RunRow) -> str:
    """Empty where all is well."""
    if row.state in {"incomplete", "running"}:
        return f"{row.state} ({row.done:,} of {row.trials:,})"
    if row.state == "complete":
        return f"not judged ({row.unjudged:,} of {row.trials:,})" if row.unjudged else ""
    return row.state


def as_fields(row: RunRow, root: str) -> dict[str, Any]:
    """For programs."""
    fields = {name: getattr(row, name) for name in RunRow.__slots__}
    cost = None if row.cost is None else format(row.cost, "f")
    return {
        **plain(fields),
        "scorers": [plain(spec) for spec in row.scorers],
        "cost": cost,
        "folder": str(Path(root, row.folder)),
    }
