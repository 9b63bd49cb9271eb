"""A comparison as people read it in a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaizen_eval.cli.compare import words
from kaizen_eval.cli.output import console, legible, show
from kaizen_eval.evals.comparison import Comparison, Flip, Verdict

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["show_comparison"]

_PIPE_WIDTH = 100
_NARROW = 76
"""Columns that the table needs, with short names."""
_STYLES = {Verdict.PASS: "bold green", Verdict.FAIL: "bold red", Verdict.INCONCLUSIVE: "bold yellow"}
_CHANGES = {"lost": "red", "won": "green", "changed": "yellow"}


def show_comparison(comparison: Comparison, options: argparse.Namespace) -> None:
    screen = console(options, pipe_width=_PIPE_WIDTH)
    show(screen, _parts(comparison, options, screen.width))


def _parts(comparison: Comparison, options: argparse.Namespace, width: int) -> Iterator[RenderableType]:
    """The verdict first, and last what would decide it."""
    yield _verdict(comparison)
    if options.quiet:
        return
    yield ""
    yield _sides(comparison)
    for differs in comparison.differs:
        yield _wrapped(f"{differs.what}: {differs.a} → {differs.b}", "dim")
    yield ""
    yield _table(comparison, is_narrow=width < _NARROW)
    yield ""
    if words.legend(comparison):
        yield _wrapped(words.legend(comparison), "dim")
    yield from _flips(comparison, options.flips)
    if comparison.notes or comparison.advice:
        yield ""
    yield from (_wrapped(f"note: {note}") for note in comparison.notes)
    if comparison.advice:
        yield _wrapped("What would decide it:", "bold")
        yield from (_wrapped(f"- {sentence}") for sentence in comparison.advice)


def _verdict(comparison: Comparison) -> RenderableType:
    from rich.padding import Padding  # noqa: PLC0415 - only who looks at it needs to draw
    from rich.text import Text  # noqa: PLC0415 - as above

    verdict = comparison.verdict
    return Padding(Text.assemble((verdict.value, _STYLES[verdict]), f"  {legible(comparison.why)}"), 0)


def _sides(comparison: Comparison) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table.grid(padding=(0, 2))
    for letter, place, what in words.sides(comparison):
        table.add_row(letter, legible(place), legible(what))
    return table


def _table(comparison: Comparison, *, is_narrow: bool) -> RenderableType:
    """In a narrow terminal only the differences."""
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("metric", overflow="fold", style="cyan")
    for name in ("B - A", "interval") if is_narrow else ("A", "B", "B - A", "interval", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for finding, (name, *means, difference, limits, verdict) in zip(
        comparison.findings, words.rows(comparison), strict=True
    ):
        told = Text(verdict, "" if finding.verdict is None else _STYLES[finding.verdict])
        if is_narrow:
            table.add_row(legible(name), difference, limits, told)
        else:
            table.add_row(legible(name), *means, difference, limits, words.p_value(finding), told)
    return table


def _flips(comparison: Comparison, most: int) -> Iterator[RenderableType]:
    head = words.flips_head(comparison)
    if not head:
        return
    yield ""
    yield _wrapped(f"{head}.", "bold")
    for flip in comparison.flips[:most]:
        yield from _flip(flip)
    hidden = len(comparison.flips) - most
    if hidden > 0 and most:
        yield _wrapped(f"… and {hidden:,} more (--flips N)", "dim")


def _flip(flip: Flip) -> Iterator[RenderableType]:
    from rich.padding import Padding  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    what = f"  ({', '.join(flip.what)})" if flip.change == "changed" and flip.what else ""
    yield Padding(Text.assemble((flip.change, _CHANGES[flip.change]), f"  {legible(flip.case)}{what}"), 0)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for letter, value, why in words.versions(flip):
        table.add_row(letter, legible(f"{value}: {why}" if why else value))
    yield Padding(table, (0, 0, 0, 2))


def _wrapped(sentence: str, style: str = "") -> RenderableType:
    """Broken between words, where a line by itself would not be."""
    from rich.padding import Padding  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    return Padding(Text(legible(sentence), style=style), 0)
