"""A check's report as people read it in a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaizen_eval.cli.check import tables
from kaizen_eval.cli.check.words import bad, diagram, effort, figures, head, regression
from kaizen_eval.cli.output import console, legible, show
from kaizen_eval.conformance.checking import CheckReport, LawReport

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["show_report"]

_PIPE_WIDTH = 100
_STYLES = {"worse": "red", "different": "yellow"}


def show_report(report: CheckReport, seconds: float, options: argparse.Namespace) -> None:
    screen = console(options, pipe_width=_PIPE_WIDTH)
    show(screen, _parts(report, seconds, screen.width, options))
    if options.update_baseline and report.measured is not None:
        print(f"The baseline {legible(options.baseline)} was written.")
    elif options.baseline is not None and report.measured is None:
        print("The figures were not measured, as not every law could be judged.")


def _parts(report: CheckReport, seconds: float, width: int, options: argparse.Namespace) -> Iterator[RenderableType]:
    """What is long goes first: the verdict is what a terminal shows at the end."""
    from rich.text import Text  # noqa: PLC0415 - as above

    for law in bad(report):
        yield from _violation(law, width)
    if options.verbose:
        yield from tables.of_laws(report)
    if not options.quiet and report.counts.keys() - {"stopped", "not judged"}:
        yield tables.of_groups(report)
    if figures(report):
        yield from _figures(report)
    for notice in report.notices:
        yield Text.assemble(("note: ", "yellow"), legible(notice))
    is_good = report.is_kept and not report.is_regressed
    yield Text(legible(head(report)), style="bold green" if is_good else "bold red")
    if regression(report):
        yield Text(regression(report), style="bold red" if report.is_regressed else "")
    yield Text(f"{effort(report, seconds)}.", style="dim")


def _violation(law: LawReport, width: int) -> Iterator[RenderableType]:
    from rich.rule import Rule  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    yield Rule(Text(f"{law.id}: {law.verdict}", style="bold red"), align="left", style="red")
    yield _wrapped(legible(law.reason), style="bold")
    yield ""
    yield _wrapped(f"The law: {law.sentence} ({law.source})")
    shown = diagram(law, width)
    if shown:
        yield ""
        yield from (Text(line, style="cyan") for line in shown.splitlines())
    if law.test:
        yield ""
        yield Text("As a test:" if law.verdict == "violated" else "The situation, as a test:")
        yield ""
        yield from map(Text, legible(law.test).rstrip().splitlines())
    yield ""


def _wrapped(words: str, style: str = "") -> RenderableType:
    """Broken between words, where a line by itself would not be."""
    from rich.padding import Padding  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    return Padding(Text(words, style=style), 0)


def _figures(report: CheckReport) -> Iterator[RenderableType]:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="baseline", title_justify="left", title_style="bold")
    for name in ("situation", "figure", "accepted", "now", ""):
        table.add_column(name, overflow="fold")
    for *cells, direction in figures(report):
        table.add_row(*map(legible, cells), Text(direction, style=_STYLES.get(direction, "green")))
    yield table
