"""Run the benchmarks and show figures beside bounds: `make bench`, or `python benchmarks/run.py [NAME …]`."""

from __future__ import annotations

import importlib
import sys

from measure import Row
from rich.console import Console
from rich.table import Table

__all__ = ["main"]

GROUPS = (
    "imports",
    "agents",
    "tools",
    "run_streams",
    "memory",
    "parts",
    "awkward",
    "generators",
    "plugin",
    "server",
    "cassettes",
    "evals",
    "report",
    "workflow",
)


def main(names: list[str]) -> int:
    """Exit 1 when a figure is not within its bound, 2 for an unknown group."""
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"No benchmarks called {', '.join(unknown)}; there are: {', '.join(GROUPS)}.", file=sys.stderr)
        return 2
    found = [row for name in names or GROUPS for row in importlib.import_module(name).rows()]
    Console(width=140).print(_table(found))
    return 0 if all(row.kept for row in found) else 1


def _table(rows: list[Row]) -> Table:
    table = Table("what", "measured", "bound", "", "beside")
    for row in rows:
        table.add_row(row.name, f"{_written(row.value)} {row.unit}", _bound(row), _verdict(row), row.beside)
    return table


def _bound(row: Row) -> str:
    if row.at_least is not None:
        return f"≥ {_written(row.at_least)} {row.unit}"
    return "" if row.bound is None else f"≤ {_written(row.bound)} {row.unit}"


def _verdict(row: Row) -> str:
    if row.bound is None and row.at_least is None:
        return ""
    return "kept" if row.kept else "ABOVE" if row.at_least is None else "BELOW"


def _written(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
