"""Run the benchmarks and show figures beside bounds: `make bench`, or `python benchmarks/run.py [NAME …]`."""

from __future__ import annotations

import importlib
import sys

from measure import Row
from rich.console import Console
from rich.table import Table

__all__ = ["main"]

GROUPS = ("imports", "agents", "parts", "plugin")


def main(names: list[str]) -> int:
    """Exit 1 when a figure is above its bound, 2 for an unknown group."""
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
        bound = "" if row.bound is None else f"≤ {row.bound:g} {row.unit}"
        verdict = "" if row.bound is None else ("kept" if row.kept else "ABOVE")
        table.add_row(row.name, f"{row.value:.3g} {row.unit}", bound, verdict, row.beside)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
