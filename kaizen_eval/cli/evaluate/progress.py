"""How far an evaluation is: a bar on a terminal, else a line every few seconds; on stderr, in nobody's way."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kaizen_eval.cli.evaluate.counts import Counts
from kaizen_eval.cli.output import legible
from kaizen_eval.evals.happening import Happening, Reporter, Started, StillRunning, Stopping, TrialEnded

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Lines", "progress", "told_at_once"]

_EVERY = 5.0
"""Seconds between two lines."""
_SEEN = 0.1
"""Seconds between two looks at a bar."""
_MOST_NAMED = 3
"""Trials that still run."""


def told_at_once(line: str, options: argparse.Namespace) -> None:
    """For what has no progress to show."""
    if not options.quiet:
        print(line, file=sys.stderr, flush=True)


@contextmanager
def progress(options: argparse.Namespace) -> Iterator[Reporter]:
    if options.quiet:
        yield _Nothing()
    elif not sys.stderr.isatty():
        yield Lines(lambda line: print(line, file=sys.stderr, flush=True))
    else:
        with _drawn(options) as bar:
            yield bar


@contextmanager
def _drawn(options: argparse.Namespace) -> Iterator[Reporter]:
    from rich.console import Console  # noqa: PLC0415 - only a terminal is drawn on
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - as above

    is_plain = options.no_color or bool(os.environ.get("NO_COLOR"))
    console = Console(stderr=True, no_color=is_plain, markup=False, highlight=False, emoji=False)
    width = max(4, min(40, console.width // 5))
    columns = (BarColumn(bar_width=width), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as drawn:
        yield _Bar(drawn, room=console.width - width - 2)


class _Nothing:
    def on_happening(self, happening: Happening) -> None:
        pass


class Lines:
    """For a log of CI: a line every few seconds, and whatever is out of the ordinary."""

    def __init__(self, tell: Callable[[str], object], *, now: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._now = tell, now
        self._counts = Counts()
        self._told = 0.0

    def on_happening(self, happening: Happening) -> None:
        now = self._now()
        if isinstance(happening, Started):
            self._counts.begin(happening, now)
            self._told = now
        elif isinstance(happening, TrialEnded):
            self._counts.add(happening.record)
        for line in _remarks(happening):
            self._tell(line)
        if now - self._told >= _EVERY:
            self._told = now
            self._tell(self._counts.line(now))


class _Bar:
    def __init__(self, drawn: Progress, *, room: int) -> None:
        self._drawn, self._room = drawn, room
        self._task = drawn.add_task("", total=None)
        self._counts = Counts()
        self._shown = 0.0

    def on_happening(self, happening: Happening) -> None:
        now = time.monotonic()
        if isinstance(happening, Started):
            self._counts.begin(happening, now)
        elif isinstance(happening, TrialEnded):
            self._counts.add(happening.record)
        for line in _remarks(happening):
            self._drawn.console.print(line)
        if now - self._shown >= _SEEN:
            self._shown = now
            self._show(now)

    def _show(self, now: float) -> None:
        text = self._counts.line(now, room=self._room)
        self._drawn.update(self._task, completed=self._counts.done, total=self._counts.planned, description=text)


def _remarks(happening: Happening) -> Iterator[str]:
    """What a user wants to hear at once."""
    if isinstance(happening, Started) and happening.done:
        yield f"{happening.done:,} of {happening.planned:,} trials were done before."
    if isinstance(happening, Started) and happening.dropped:
        yield "The last line of the log was torn: its trial runs again."
    elif isinstance(happening, Stopping):
        yield f"Stopping: {legible(happening.reason)}"
    elif isinstance(happening, StillRunning):
        yield f"Nothing has ended for a while. Still running: {_running(happening)}"


def _running(happening: StillRunning) -> str:
    told = [
        f"{legible(str(trial))} ({seconds:.0f} s{legible(f', {waits}') if waits else ''})"
        for trial, seconds, waits in happening.trials[:_MOST_NAMED]
    ]
    more = len(happening.trials) - len(told)
    return "; ".join([*told, *([f"{more:,} more"] if more else [])])
