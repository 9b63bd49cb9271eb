"""What has become of an evaluation, as people read it in a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many, percent
from kaizen_eval.cli.evaluate import words
from kaizen_eval.cli.evaluate.failing import FailingCase
from kaizen_eval.cli.evaluate.finished import Finished
from kaizen_eval.cli.evaluate.gates import Exit
from kaizen_eval.cli.output import console, legible, show

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from kaizen_eval.evals.comparison import Comparison

__all__ = ["show_finished"]

_PIPE_WIDTH = 100
_NARROW = 60
"""Columns below which names stand above what is said of them."""
_STYLES = {Exit.PASS: "bold green", Exit.INCONCLUSIVE: "bold yellow"}


def show_finished(finished: Finished, options: argparse.Namespace) -> None:
    screen = console(options, pipe_width=_PIPE_WIDTH)
    if options.quiet:
        show(screen, _verdict(finished))
        return
    show(screen, _figures_of(finished, screen.width))
    if finished.comparison is not None:
        _compared(finished.comparison, options)
    show(screen, _end(finished))


def _figures_of(finished: Finished, width: int) -> Iterator[RenderableType]:
    """What is long goes first: the verdict is what a terminal shows at the end."""
    summary = finished.summary
    if finished.failing:
        yield from _failing(finished, width)
    if summary.scorers:
        yield _scorers(finished)
    if summary.tags:
        yield _tags(finished)
    yield _figures(finished)
    yield ""


def _compared(comparison: Comparison, options: argparse.Namespace) -> None:
    from kaizen_eval.cli.compare.screen import show_comparison  # noqa: PLC0415 - only where there is a baseline

    show_comparison(comparison, argparse.Namespace(**vars(options), flips=options.failing))
    print()


def _end(finished: Finished) -> Iterator[RenderableType]:
    for notice in finished.notices:
        yield _wrapped(_text(("note: ", "yellow"), legible(notice)))
    yield from _verdict(finished)
    for line in _next(finished):
        yield _text((line, "dim"))


def _verdict(finished: Finished) -> Iterator[RenderableType]:
    verdict, summary = finished.verdict, finished.summary
    yield _wrapped(_text((words.head(finished.manifest, summary), "bold")))
    if summary.cases and not summary.is_whole:
        yield _wrapped(_text((words.left_out(summary), "yellow")))
    for ruling in verdict.rulings:
        yield _wrapped(_text((f"{ruling.word}: ", _STYLES.get(ruling.code, "bold red")), legible(ruling.reason)))


def _failing(finished: Finished, width: int) -> Iterator[RenderableType]:
    is_narrow = width < _NARROW
    table = _table(None if is_narrow else ("case", "", "why"))
    for case in finished.failing:
        told = _told(case)
        head = _text((legible(case.id), "bold"), "  ", (case.what, "red"))
        if is_narrow:
            table.add_row(_joined([head, *told, _text("")]))
        else:
            table.add_row(_text((legible(case.id), "bold")), _text((case.what, "red")), _joined(told))
    yield table
    more = finished.failing_count - len(finished.failing)
    if more:
        yield _wrapped(_text((f"and {many(more, 'more case')}: --failing N shows more of them.", "dim")))


def _told(case: FailingCase) -> list[Text]:
    lines = [_text(case.reason)] if case.reason else []
    for field, wanted, came in case.differs:
        name = legible(field)
        lines.append(_text((f"{name} expected  ", "dim"), (wanted, "green")))
        lines.append(_text((f"{' ' * len(name)} got       ", "dim"), (came, "red")))
    return lines


def _scorers(finished: Finished) -> Table:
    has_crashed = any(scorer.crashed for scorer in finished.summary.scorers)
    table = _table(("scorer", "mean", "passed", *(["crashed"] if has_crashed else [])), right=1)
    for scorer in finished.summary.scorers:
        mean = "" if scorer.mean is None else f"{scorer.mean:.3f}"
        passed = "nothing to judge" if scorer.is_silent else f"{scorer.passed:,} of {scorer.scored:,}"
        cells = [legible(scorer.name), mean, passed]
        table.add_row(*cells, *([f"{scorer.crashed:,}"] if has_crashed and scorer.crashed else []))
    return table


def _tags(finished: Finished) -> Table:
    table = _table(("tag", "passed", "rate", "95 %"), right=1)
    for tag in finished.summary.tags:
        low, high = (f"{100 * end:.0f}" for end in (tag.rate.low, tag.rate.high))
        rate = f"{'≥ ' if tag.rate.unjudged else ''}{percent(tag.rate.value)}"
        table.add_row(legible(tag.tag), f"{tag.passed:,} of {tag.trials:,}", rate, f"{low} to {high}")
    return table


def _figures(finished: Finished) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 - only who looks at it needs to draw

    grid = Table.grid(padding=(0, 2), pad_edge=False)
    grid.add_column(style="dim", no_wrap=True)
    for name, told in words.figures(finished.summary, finished.seconds, is_virtual=finished.manifest.is_deterministic):
        grid.add_row(name, told)
    return grid


def _next(finished: Finished) -> Iterator[str]:
    """What to do."""
    is_offline = finished.summary.outside and finished.manifest.cassette_hash is None  # a cassette says the same again
    if finished.again and (finished.stopped is not None or finished.summary.missing or is_offline):
        yield f"Go on: {finished.again}"
    if finished.manifest.shard is not None:
        yield "When all parts are done: kaizen-eval merge PART … -o WHOLE"
    yield f"Look at it: kaizen-eval report {legible(finished.folder)} -o report.html"


def _table(columns: tuple[str, ...] | None, *, right: int | None = None) -> Table:
    """`right`: the first column of numbers."""
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    if columns is None:
        table = Table.grid()
        table.add_column(overflow="fold")
        return table
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(columns):
        is_number = right is not None and place >= right
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table


def _text(*parts: str | tuple[str, str]) -> Text:
    from rich.text import Text  # noqa: PLC0415 - as above

    return Text.assemble(*parts, overflow="fold")


def _joined(lines: list[Text]) -> Text:
    from rich.text import Text  # noqa: PLC0415 - as above

    return Text("\n").join(lines)


def _wrapped(text: Text) -> RenderableType:
    """Broken between words, where a line by itself would not be."""
    from rich.padding import Padding  # noqa: PLC0415 - as above

    return Padding(text, 0)
