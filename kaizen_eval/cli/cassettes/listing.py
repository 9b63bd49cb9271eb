"""`kaizen-eval cassettes list`: which cassettes there are, and what each holds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.opened import Opened, opened_all
from kaizen_eval.cli.cassettes.options import Commands, add_command, add_paths
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.recording.conversation.contents import size

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

__all__ = ["add_to", "age"]

_SUMMARY = "list cassettes: calls, tokens, cost, age, models"
_DETAILS = "One that is corrupt is a row that says so, and makes the exit code 1."
_ANY_WIDTH = 10_000
_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Its fields are those of the JSON."""

    path: str
    kind: str
    """ "cassette", "vcrpy", or "unreadable"."""
    bytes: int
    calls: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: str | None = None
    """Exact; None where it is unknown."""
    models: tuple[str, ...] = ()
    recorded_at: str | None = None
    age_s: int | None = None
    problem: str | None = None
    line: int | None = None


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "list", _SUMMARY, _DETAILS, parents=parents)
    add_paths(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    now = datetime.now(UTC)
    rows = [_row(one, now) for one in opened_all(options.paths)]
    if options.json:
        as_json({"cassettes": [_fields(row) for row in rows], "totals": _totals(rows)})
    else:
        screen = console(options)
        show(screen, _drawn(rows, screen))
    return int(any(row.problem for row in rows))


def _row(one: Opened, now: datetime) -> _Row:
    if one.recording is None:
        kind = "vcrpy" if one.is_stock else "unreadable"
        return _Row(path=str(one.path), kind=kind, bytes=len(one.data), problem=one.problem or None, line=one.line)
    header = one.recording.header
    totals = header.totals
    return _Row(
        path=str(one.path),
        kind="cassette",
        bytes=len(one.data),
        calls=totals.exchanges,
        prompt_tokens=totals.prompt_tokens,
        completion_tokens=totals.completion_tokens,
        cost_usd=None if totals.cost_usd is None else format(totals.cost_usd, "f"),
        models=header.models,
        recorded_at=header.recorded_at.isoformat().replace("+00:00", "Z"),
        age_s=int((now - header.recorded_at).total_seconds()),
    )


def _fields(row: _Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _Row.__slots__}


def _totals(rows: Sequence[_Row]) -> dict[str, Any]:
    costs = [row.cost_usd for row in rows if row.kind == "cassette"]
    return {
        "cassettes": len(costs),
        "calls": sum(row.calls or 0 for row in rows),
        "prompt_tokens": sum(row.prompt_tokens or 0 for row in rows),
        "completion_tokens": sum(row.completion_tokens or 0 for row in rows),
        "cost_usd": None if None in costs else format(sum(map(Decimal, filter(None, costs)), Decimal(0)), "f"),
        "bytes": sum(row.bytes for row in rows),
        "problems": sum(row.problem is not None for row in rows),
    }


def _drawn(rows: Sequence[_Row], screen: Console) -> list[RenderableType]:
    if not rows:
        return ["There are no cassettes here."]
    table = _table(rows, with_models=True)
    needed = screen.measure(table, options=screen.options.update(max_width=_ANY_WIDTH)).maximum
    if needed <= screen.width:
        return [table, *_problems(rows), _sum(rows)]
    models = sorted({model for row in rows for model in row.models})
    told = [f"models: {legible(', '.join(models))}"] if models else []
    return [_table(rows, with_models=False), *_problems(rows), *told, _sum(rows)]


def _table(rows: Sequence[_Row], *, with_models: bool) -> Table:
    from rich import box  # noqa: PLC0415 - only who looks at it needs to draw
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("cassette", style="cyan", overflow="fold")
    for name in ("calls", "tokens", "cost", "size", "age"):
        table.add_column(name, justify="right", no_wrap=True)
    if with_models:
        table.add_column("models", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row)[: len(table.columns)])
    return table


def _cells(row: _Row) -> tuple[str, ...]:
    if row.kind != "cassette":
        calls = "vcrpy" if row.kind == "vcrpy" else "?"
        return legible(row.path), calls, "", "", size(row.bytes), "", ""
    tokens = (row.prompt_tokens or 0) + (row.completion_tokens or 0)
    return (
        legible(row.path),
        f"{row.calls:,}",
        f"{tokens:,}",
        _dollars(row.cost_usd),
        size(row.bytes),
        age(timedelta(seconds=row.age_s or 0)),
        legible(", ".join(row.models)),
    )


def _problems(rows: Sequence[_Row]) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - as above

    return [
        Text.assemble(
            (legible(row.path if row.line is None else f"{row.path}:{row.line}"), "red"), f": {legible(row.problem)}"
        )
        for row in rows
        if row.problem
    ]


def _sum(rows: Sequence[_Row]) -> str:
    totals = _totals(rows)
    tokens = totals["prompt_tokens"] + totals["completion_tokens"]
    parts = [
        many(totals["cassettes"], "cassette"),
        many(totals["calls"], "call"),
        many(tokens, "token"),
        "cost unknown" if totals["cost_usd"] is None else _dollars(totals["cost_usd"]),
        size(totals["bytes"]),
    ]
    if others := sum(row.kind == "vcrpy" for row in rows):
        parts.append(f"{others} of vcrpy: kaizen-eval cassettes convert")
    if totals["problems"]:
        parts.append(many(totals["problems"], "problem"))
    return ", ".join(parts)


def _dollars(cost: str | None) -> str:
    if cost is None:
        return "?"
    amount = Decimal(cost)
    return "$0" if not amount else f"${amount:.4f}" if amount >= Decimal("0.0001") else "<$0.0001"


def age(passed: timedelta) -> str:
    """In the largest unit that fits: "3 d", "5 h", "12 min", "now"."""
    seconds = max(0, int(passed.total_seconds()))
    for length, unit in _STEPS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now"
